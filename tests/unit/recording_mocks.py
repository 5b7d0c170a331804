"""Runs components without an engine and records what they register.

Pulumi's mocks see type, name, inputs and provider; options such as `retain_on_delete` and dependencies are only in the
request that the SDK sends, so that is recorded too.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi.runtime import mocks, rpc
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.settings import configure
from pulumi.runtime.stack import run_in_stack

# As Pulumi's own executor does: a program that fails leaves tasks behind whose exceptions nobody asks for.
logging.getLogger("asyncio").setLevel(logging.CRITICAL)

SECRET = "4dabf18193072939515e22adb298388d"


@dataclass(frozen=True)
class Registered:
    """One resource as registered: ints of its inputs are floats, as everywhere on Pulumi's wire."""

    type: str
    name: str
    parent: str
    inputs: dict[str, Any]
    depends_on: tuple[str, ...]
    retained: bool
    provider: str
    read: bool = False
    known_as: tuple[str, ...] = ()
    """What its state is found by: `PARENT'S TYPE$TYPE::NAME` of itself, then of its aliases."""


@dataclass
class Recording:
    """What a program registered, in order, its component outputs and its stack outputs."""

    resources: list[Registered] = field(default_factory=list[Registered])
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])

    def only(self, suffix: str) -> Registered:
        """The one resource whose type ends so."""
        [found] = [each for each in self.resources if each.type.endswith(suffix)]
        return found

    def names(self, suffix: str) -> list[str]:
        """The names of all resources whose type ends so."""
        return [each.name for each in self.resources if each.type.endswith(suffix)]

    def types(self) -> set[str]:
        """All types, without the stack's own."""
        return {each.type for each in self.resources} - {"pulumi:pulumi:Stack"}

    def exports(self) -> dict[str, Any]:
        """The stack's outputs."""
        [outputs] = [out for urn, out in self.outputs.items() if urn.split("::")[2] == "pulumi:pulumi:Stack"]
        return outputs


State = Callable[[str, str, dict[str, Any]], dict[str, Any]]


class _Monitor(mocks.MockMonitor):
    def __init__(self, answers: mocks.Mocks, recording: Recording) -> None:
        super().__init__(answers)
        self.recording = recording
        self._aliases: dict[str, list[str]] = {}

    def SupportsFeature(self, request: resource_pb2.SupportsFeatureRequest) -> Any:  # noqa: N802 - the SDK's name
        # To an engine that does not know them, the SDK sends aliases as whole URNs, those by parents too.
        return resource_pb2.SupportsFeatureResponse(hasSupport=request.id not in {"outputValues", "aliasSpecs"})

    def RegisterResource(self, request: resource_pb2.RegisterResourceRequest) -> Any:  # noqa: N802 - the SDK's name
        self._record(request, request.object, retained=request.retainOnDelete)
        return super().RegisterResource(request)

    def ReadResource(self, request: resource_pb2.ReadResourceRequest) -> Any:  # noqa: N802 - the SDK's name
        self._record(request, request.properties, read=True)
        return super().ReadResource(request)

    def RegisterResourceOutputs(self, request: resource_pb2.RegisterResourceOutputsRequest) -> Any:  # noqa: N802
        self.recording.outputs[request.urn] = rpc.deserialize_properties(request.outputs)
        return super().RegisterResourceOutputs(request)

    def _record(self, request: Any, inputs: Any, retained: bool = False, read: bool = False) -> None:
        self.recording.resources.append(
            Registered(
                type=request.type,
                name=request.name,
                parent=_last(request.parent),
                inputs=rpc.deserialize_properties(inputs, keep_unknowns=True),
                depends_on=tuple(map(_last, sorted(request.dependencies))),
                retained=retained,
                provider=_last(request.provider.rpartition("::")[0]),
                read=read,
                known_as=self._known_as(request, () if read else request.aliasURNs),
            )
        )

    def _known_as(self, request: Any, aliases: Sequence[str]) -> tuple[str, ...]:
        urn = self.make_urn(request.parent, request.type, request.name)
        names = [_short(each) for each in (urn, *aliases)]
        for alias in self._aliases.get(request.parent, ()):
            # As the engine does (pkg/resource/deploy, inheritedChildAlias): children go by their parents' aliases too.
            kind, _, before = alias.rpartition("::")
            parent = request.parent.rpartition("::")[2]
            name = request.name
            name = f"{before}{name.removeprefix(parent)}" if name.startswith(parent) else name
            names.append(_short_form(f"{kind}${request.type}", name))
        self._aliases[urn] = names[1:]
        return tuple(dict.fromkeys(names))


def _last(urn: str) -> str:
    """`type::name` of a URN."""
    kind, _, name = urn.rpartition("::")
    return f"{kind.rpartition('::')[2].rpartition('$')[2]}::{name}" if urn else ""


def _short(urn: str) -> str:
    """A URN without its stack and project, and of its parents only the nearest: the mocks know no more."""
    kind, _, name = urn.removeprefix("urn:pulumi:").split("::", 2)[2].rpartition("::")
    return _short_form(kind, name)


def _short_form(kind: str, name: str) -> str:
    types = [each for each in kind.split("$") if each != "pulumi:pulumi:Stack" or each == kind]
    return f"{'$'.join(types[-2:])}::{name}"


class Engine(mocks.MockEngine):
    """The mocks' engine, which knows no version of its own."""

    def __init__(self, refusal: str = "") -> None:
        super().__init__(None)
        self.refusal = refusal

    def RequirePulumiVersion(self, _request: Any) -> None:  # noqa: N802 - the SDK's name
        if self.refusal:
            raise RuntimeError(self.refusal)


class _Answers(mocks.Mocks):
    def __init__(self, state: State) -> None:
        self.state = state

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        return args.resource_id or f"{args.name}-id", self.state(args.typ, args.name, dict(args.inputs))

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[Any, Any], None]:
        raise AssertionError(f"the program calls {args.token}")


def _as_given(_type: str, _name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    return inputs


def record(
    program: Callable[[], object],
    *,
    stack_name: str = "test",
    preview: bool = False,
    config: Mapping[str, str] | None = None,
    state: State = _as_given,
    engine: Engine | None = None,
) -> Recording:
    """What `program` registers. `state` gives what a resource becomes: (type, name, inputs) -> outputs."""
    recording = Recording()
    monitor = _Monitor(_Answers(state), recording)

    async def main() -> None:
        configure(
            mocks.MockSettings(
                monitor=monitor,
                engine=engine or Engine(),
                project="alertpath",
                stack=stack_name,
                organization="organization",
                dry_run=preview,
                outputs=set(),
                feature_support={},
            )
        )
        pulumi.runtime.set_all_config(dict(config or {}))
        await run_in_stack(lambda: _nothing(program()))

    # A context of its own: Pulumi keeps its settings, the stack among them, in context variables.
    contextvars.copy_context().run(asyncio.run, main())
    return recording


def _nothing(_: object) -> None:
    return None
