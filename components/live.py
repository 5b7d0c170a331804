"""What an update meets in its cluster, told before it changes anything, and mended by the same update.

Pulumi compares what is declared with its own state, and sees nothing of what others did since. So the program reads the
live objects first (`alertpath.cluster.preflight`): a preview says what was found, an update refuses what would leave
nobody told. An object that somebody changed, took over or removed gets a new mark (`common.MARK_ANNOTATION`), by which
Pulumi updates it in its turn; right before that its fields are taken over, or it is made again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast, final

import pulumi
from pulumi.runtime import mocks, settings

from alertpath.alertmanager.durations import parse_go
from alertpath.cluster import taking_over, unmounting, waiting
from alertpath.cluster.api import resource
from alertpath.cluster.client import Api, Refused, Unreachable, connect
from alertpath.cluster.expected import Expected
from alertpath.cluster.observing import read_before
from alertpath.cluster.preflight import Key, Preflight, preflight
from alertpath.compiling.compile import Compiled
from alertpath.delivery.manifests.common import FIELD_MANAGER_ANNOTATION, MARK_ANNOTATION, Manifest, field_manager
from alertpath.delivery.manifests.credentials import DONE
from alertpath.documents.redaction import redact
from alertpath.inputs.stack import Stack
from components.cluster import PATIENCE

# To connect, and to answer: a preview does not wait for a cluster that is not there.
_SECONDS: Final = (3, 10)
_IGNORED: Final = f'metadata.annotations["{MARK_ANNOTATION}"]'


@final
class LiveFacts:
    """The preflight of a stack, and what follows from it for each of its objects."""

    def __init__(self, expected: Expected, found: Preflight, api: Api | None) -> None:
        self.found: Final = found
        self._expected = expected
        self._api = api

    @classmethod
    def read(cls, stack: Stack, compiled: Compiled, kubeconfig: str | None) -> LiveFacts:
        """Reads the cluster of the stack's settings. Never raises: what is not known is not known."""
        expected = Expected(stack, compiled)
        if isinstance(settings.get_monitor(), mocks.MockMonitor):
            return cls(expected, Preflight(unknown="there is no cluster in tests with mocks"), None)
        cluster = stack.settings.cluster
        try:
            api = connect(kubeconfig or cluster.kubeconfig, cluster.context, _SECONDS)
        except Unreachable as error:
            return cls(expected, Preflight(unknown=str(error)), None)
        return cls(expected, preflight(expected, read_before(expected, api)), api)

    def tell(self) -> None:
        """Says what was found. Raises RunError where an update must not begin."""
        found, preview = self.found, pulumi.runtime.is_dry_run()
        refusals = "\n".join(
            f"  {each.subject}: {each.message}\n    likely cause: {each.cause}\n    mend: {each.mend}"
            for each in found.refusals
        )
        if refusals and not preview:
            raise pulumi.RunError(redact(f"nothing was changed, because alerts would go nowhere:\n{refusals}"))
        if refusals:
            pulumi.log.warn(redact(f"`pulumi up` will refuse this, because alerts would go nowhere:\n{refusals}"))
        for touched in found.touched.values():
            pulumi.log.warn(redact(str(touched)))
        if preview:
            for warning in found.warnings:
                pulumi.log.warn(redact(warning))
            for note in found.notes:
                pulumi.log.info(redact(note))
            if found.unknown:
                pulumi.log.info(
                    redact(f"the cluster is not known here ({found.unknown}): what others changed there is not shown")
                )

    def transformation(self, args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        """Has Pulumi update what was found touched; a transformation of all resources of the stack."""
        metadata = cast("Mapping[str, Any]", args.props.get("metadata") or {})
        annotations = cast("Mapping[str, Any]", metadata.get("annotations") or {})
        if not args.type_.startswith("kubernetes:") or FIELD_MANAGER_ANNOTATION not in annotations:
            return None
        kind = args.type_.rpartition(":")[2].removesuffix("Patch")
        key = (kind, str(metadata["name"]))
        if key not in self.found.marks:
            ignored = pulumi.ResourceOptions(ignore_changes=[_IGNORED])
            return pulumi.ResourceTransformationResult(args.props, pulumi.ResourceOptions.merge(args.opts, ignored))
        mark: object = self.found.marks[key]
        if mark is None:
            return None
        opts = args.opts
        if key in self.found.touched:
            if pulumi.runtime.is_dry_run():
                # Not known yet: so the provider does not try it on the cluster, where others own the fields still.
                mark = pulumi.UNKNOWN
            opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(hooks=self._hooks(key)))
        marked = {**metadata, "annotations": {**annotations, MARK_ANNOTATION: mark}}
        return pulumi.ResourceTransformationResult({**args.props, "metadata": marked}, opts)

    def waited(self, after: Sequence[pulumi.Input[Any]], *, again: bool) -> pulumi.Output[None]:
        """Known once the controllers have made the Secrets of what was applied; else it raises RunError.

        `after`: known once it was applied. `again`: as in `waiting.wait`.
        """

        async def wait(_: object) -> None:
            if self._api is None or pulumi.runtime.is_dry_run():
                return
            seconds = parse_go(PATIENCE) / 1000
            left = await asyncio.to_thread(waiting.wait, self._api, self._made_by_controllers, seconds, again=again)
            if left:
                kinds = {each["metadata"]["name"]: each["kind"] for each in self._made_by_controllers}
                told = "; ".join(
                    f"{self._expected.subject(kinds[name], name)} is not synchronised: {why}"
                    for name, why in left.items()
                )
                rest = "everything else was delivered" if again else "mounts and configuration were not changed"
                mend = f"`alertpath verify --stack {self._expected.stack.name}` says what to do"
                raise pulumi.RunError(redact(f"{told}; {rest}; {mend}"))

        return pulumi.Output.all(*after).apply(wait)

    @property
    def nothing_to_mount(self) -> bool:
        """Whether the live Alertmanager mounts what the stack needs, and nothing that it does not."""
        key = ("Alertmanager", self._expected.name)
        return key in self.found.marks and key not in self.found.touched and self.found.mounts == self._expected.mounted

    def unmounted(self, delivered: pulumi.Input[Any]) -> pulumi.Output[None]:
        """Takes from the live Alertmanager what only the configuration before has needed, once `delivered` is known."""

        async def unmount(_: object) -> None:
            if self._api is not None and not pulumi.runtime.is_dry_run():
                for line in await asyncio.to_thread(unmounting.unmount, self._api, self._expected):
                    pulumi.log.info(redact(line))

        return pulumi.Output.from_input(delivered).apply(unmount)

    @property
    def _made_by_controllers(self) -> list[Manifest]:
        return [each for each in self._expected.declared if each["kind"] in DONE]

    def _hooks(self, key: Key) -> pulumi.ResourceHookBinding:
        async def mend(args: pulumi.ResourceHookArgs) -> None:
            manifest = cast("dict[str, Any]", await pulumi.Output.from_input(cast("Any", args.new_inputs)).future())
            await asyncio.to_thread(self._mend, key, manifest)

        return pulumi.ResourceHookBinding(before_create=[mend], before_update=[mend])

    def _mend(self, key: Key, inputs: Mapping[str, Any]) -> None:
        """Right before the provider applies `inputs`: nobody else owns them, and there is an object to update."""
        if self._api is None:
            return
        manifest = {**inputs, "kind": key[0]}
        own, kind = field_manager(self._expected.stack), resource(manifest["apiVersion"], key[0])
        try:
            if self.found.touched[key].absent:
                taking_over.make(self._api, kind, manifest, own)
            else:
                taking_over.take_over(self._api, kind, manifest, own)
        except (Refused, Unreachable) as error:
            raise pulumi.RunError(redact(f"{self.found.touched[key].subject} cannot be restored: {error}")) from None
