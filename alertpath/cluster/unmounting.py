"""Takes a Secret out of the pods once no configuration needs it any more, by the update that has made it so.

The configuration that the operator gives to the pods decides, not what was delivered: it may have refused that.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final, cast

from alertpath.cluster.api import ALERTMANAGER, SECRET
from alertpath.cluster.client import Api, Refused, Unreachable
from alertpath.cluster.expected import Expected
from alertpath.cluster.observed import part, secret, spec
from alertpath.cluster.taking_over import make
from alertpath.compiling.compile import CONFIGURATION
from alertpath.delivery.manifests import alertmanager
from alertpath.delivery.manifests.common import FIELD_MANAGER_ANNOTATION, MARK_ANNOTATION, field_manager
from alertpath.inputs.credentials import MOUNT
from alertpath.output.alert_classes import listed

_SECONDS: Final = 30
_PERIOD: Final = 0.5


def unmount(api: Api, expected: Expected) -> list[str]:
    """Unmounts what is not needed; what to tell. Where it may not look, or not yet, everything stays mounted."""
    try:
        return list(_unmount(api, expected))
    except (Refused, Unreachable) as error:
        return [f"{expected.alertmanager}: what is not needed any more stays mounted: {error}"]


def _unmount(api: Api, expected: Expected) -> Iterator[str]:
    live = api.get(ALERTMANAGER.path(expected.namespace, expected.name))
    mounted = cast("list[str]", spec(live).get("secrets") or [])
    left = alertmanager.mounts_beside(expected.stack, live)
    gone = sorted(set(mounted) - set(left))
    annotations = part(part(live, "metadata"), "annotations")
    # Without the note nobody knows what is needed.
    if not gone or annotations.get(alertmanager.NEEDED_ANNOTATION) != ",".join(expected.mounted):
        return
    if not _unused(api, expected, gone):
        yield (
            f"{expected.alertmanager} mounts {listed(gone)} until the next update: the operator gives the pods a "
            "configuration that needs it"
        )
        return
    patch = alertmanager.mounts_patch(expected.stack)
    patch["spec"]["secrets"] = left
    # What the same manager has applied before, or it would be removed.
    kept = {name: annotations[name] for name in (FIELD_MANAGER_ANNOTATION, MARK_ANNOTATION) if name in annotations}
    patch["metadata"] = {**patch["metadata"], "annotations": kept}
    make(api, ALERTMANAGER, patch, field_manager(expected.stack))
    yield f"{expected.alertmanager} no longer mounts {listed(gone)}: pods restart, one after the other"


def _unused(api: Api, expected: Expected, secrets: list[str]) -> bool:
    end = time.monotonic() + _SECONDS
    while any(f"{MOUNT}/{name}/" in _generated(api, expected) for name in secrets):
        if time.monotonic() >= end:
            return False
        time.sleep(_PERIOD)
    return True


def _generated(api: Api, expected: Expected) -> str:
    """What the operator gives to the pods; "": it has made nothing."""
    try:
        found = api.get(SECRET.path(expected.namespace, f"alertmanager-{expected.name}-generated"))
    except Refused as error:
        if error.code == 404:
            return ""
        raise
    read = secret(found)
    return (read.text(CONFIGURATION) if read else None) or ""
