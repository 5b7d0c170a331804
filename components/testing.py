"""Tests of programs that use these components, without an engine, on Pulumi's public mocks: docs/components.md.

made = declared(lambda: NetworkPolicy("egress", {"configuration": text}))
assert made.one("NetworkPolicy").inputs["spec"]["policyTypes"] == ["Egress"]
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast, final

import pulumi
from pulumi.runtime import mocks, settings

_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
State = Callable[[str, str, dict[str, Any]], dict[str, Any]]


@final
@dataclass(frozen=True)
class Declared:
    """A resource as the program declared it. `inputs`: plain, `secrets`: the names of those that are secrets."""

    type: str
    name: str
    inputs: Mapping[str, Any]
    secrets: frozenset[str]
    provider: str


@final
@dataclass(frozen=True)
class Program:
    """What a program declared, in order, and what it returned, its outputs known."""

    resources: list[Declared] = field(default_factory=list[Declared])
    returned: list[Any] = field(default_factory=list[Any])

    def all(self, kind: str) -> list[Declared]:
        """The resources whose type ends so: `Secret`, `core/v1:Secret`, `components:NetworkPolicy`."""
        return [each for each in self.resources if each.type == kind or each.type.endswith((f":{kind}", f"/{kind}"))]

    def one(self, kind: str) -> Declared:
        """The one object of this kind; of a component and its object of one name, the object. Raises LookupError."""
        found = [each for each in self.all(kind) if not each.type.startswith("alertpath:")] or self.all(kind)
        if len(found) != 1:
            there = ", ".join(f"{each.type} {each.name}" for each in self.resources)
            raise LookupError(f"{len(found)} resources of type {kind}; declared are: {there}")
        return found[0]


def _as_given(_type: str, _name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    return inputs


def _as_asked(_: object) -> None:
    pass


def declared(
    program: Callable[[], object],
    *,
    state: State = _as_given,
    project: str = "test",
    stack: str = "test",
    preview: bool = False,
) -> Program:
    """Runs `program` and waits for all that it declares. What it raises, this raises.

    `state`: what a resource becomes, or a function answers: (type, name, inputs) -> outputs.
    Default: what it was given.
    """
    made = Program()

    def run() -> None:
        pulumi.runtime.set_mocks(_Mocks(made.resources, state), project=project, stack=stack, preview=preview)
        # What a program asks by `pulumi.require_pulumi_version`; the SDK's mocks (3.272) do not know it.
        cast("Any", settings.get_engine()).RequirePulumiVersion = _as_asked
        test = cast("Callable[[Callable[[], object]], Callable[[], None]]", cast("Any", pulumi.runtime).test)
        test(lambda: pulumi.Output.from_input(cast("Any", program())).apply(made.returned.append))()

    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        # A context of its own: Pulumi keeps its settings, the stack among them, in context variables.
        contextvars.copy_context().run(run)
    finally:
        loop.close()
        asyncio.set_event_loop(None)
    return made


@final
class _Mocks(mocks.Mocks):
    def __init__(self, resources: list[Declared], state: State) -> None:
        self._resources = resources
        self._state = state

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        given = cast("dict[str, Any]", cast("Any", args).inputs)
        hidden = frozenset(name for name, value in given.items() if _is_secret(value))
        plain = {name: _plain(value) for name, value in given.items()}
        self._resources.append(Declared(args.typ, args.name, plain, hidden, args.provider or ""))
        return args.resource_id or f"{args.name}-id", self._state(args.typ, args.name, plain)

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        return self._state(args.token, "", cast("dict[str, Any]", cast("Any", args).args)), None


def _is_secret(value: object) -> bool:
    return isinstance(value, dict) and _SIGNATURE in value


def _plain(value: Any) -> Any:
    return value["value"] if _is_secret(value) else value
