"""What an update meets in its cluster, told before it changes anything, and mended by the same update.

Pulumi compares what is declared with its own state, and sees nothing of what others did since. So the program reads the
live objects first (`alertpath.cluster.preflight`): a preview says what was found, an update refuses what would leave
nobody told. An object that somebody changed, took over or removed gets a new mark (`common.MARK_ANNOTATION`), by which
Pulumi updates it in its turn; right before that its fields are taken over, or it is made again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final, cast, final

import pulumi
from pulumi.runtime import mocks, settings

from alertpath.cluster import taking_over
from alertpath.cluster.api import resource
from alertpath.cluster.client import Api, Refused, Unreachable, connect
from alertpath.cluster.expected import Expected
from alertpath.cluster.observing import read_before
from alertpath.cluster.preflight import Key, Preflight, preflight
from alertpath.compiling.compile import Compiled
from alertpath.delivery.manifests.common import FIELD_MANAGER_ANNOTATION, MARK_ANNOTATION, field_manager
from alertpath.documents.redaction import redact
from alertpath.inputs.stack import Stack

# To connect, and to answer: a preview does not wait for a cluster that is not there.
_SECONDS: Final = (3, 10)
_IGNORED: Final = f'metadata.annotations["{MARK_ANNOTATION}"]'


@final
class LiveFacts:
    """The preflight of a stack, and what follows from it for each of its objects."""

    def __init__(self, stack: Stack, found: Preflight, api: Api | None) -> None:
        self.found: Final = found
        self._stack = stack
        self._api = api

    @classmethod
    def read(cls, stack: Stack, compiled: Compiled, kubeconfig: str | None) -> LiveFacts:
        """Reads the cluster of the stack's settings. Never raises: what is not known is not known."""
        if isinstance(settings.get_monitor(), mocks.MockMonitor):
            return cls(stack, Preflight(unknown="there is no cluster in tests with mocks"), None)
        cluster, expected = stack.settings.cluster, Expected(stack, compiled)
        try:
            api = connect(kubeconfig or cluster.kubeconfig, cluster.context, _SECONDS)
        except Unreachable as error:
            return cls(stack, Preflight(unknown=str(error)), None)
        return cls(stack, preflight(expected, read_before(expected, api)), api)

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
        own, kind = field_manager(self._stack), resource(manifest["apiVersion"], key[0])
        try:
            if self.found.touched[key].absent:
                taking_over.make(self._api, kind, manifest, own)
            else:
                taking_over.take_over(self._api, kind, manifest, own)
        except (Refused, Unreachable) as error:
            raise pulumi.RunError(redact(f"{self.found.touched[key].subject} cannot be restored: {error}")) from None
