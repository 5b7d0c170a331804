"""Waits until a controller has made a Secret of what is declared now, not of what was declared before.

Source: External Secrets 0.19 (`pkg/controllers/externalsecret/util`): `status.syncedResourceVersion` is GENERATION-HASH
of what was synchronised last. Sealed Secrets 0.27 (`pkg/apis/sealedsecrets/v1alpha1/types.go`):
`status.observedGeneration`. The condition alone may still be that of the object before it changed.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

from alertpath.cluster.api import resource
from alertpath.cluster.client import Api, Refused, Unreachable
from alertpath.cluster.observed import Object, condition, part
from alertpath.delivery.manifests.common import Manifest
from alertpath.delivery.manifests.credentials import DONE

_PERIOD: Final = 0.5


def unfinished(kind: str, live: Object) -> str:
    """Why the Secret of an ExternalSecret or SealedSecret is not what it says now; "": it is."""
    said = condition(live, DONE[kind])
    if said is None:
        return "no controller has looked at it"
    if said.get("status") != "True":
        return f"{said.get('reason', '')}: {said.get('message', '')}".strip(": ")
    return "" if _took_last_change(kind, live) else "its controller has not taken its last change"


def was_finished(kind: str, live: Object) -> bool:
    """Whether a controller has made the Secret of it as it is declared, even if it cannot read the source now."""
    synced = part(live, "status").get("syncedResourceVersion")
    return not unfinished(kind, live) or (kind == "ExternalSecret" and bool(synced) and _took_last_change(kind, live))


def _took_last_change(kind: str, live: Object) -> bool:
    status, generation = part(live, "status"), part(live, "metadata").get("generation")
    if kind == "ExternalSecret":
        synced = str(status.get("syncedResourceVersion") or "")
        return not synced or synced.startswith(f"{generation}-")
    return bool(status.get("observedGeneration", generation) == generation)


def wait(api: Api, manifests: Sequence[Manifest], seconds: float, *, again: bool) -> dict[str, str]:
    """Waits until each is finished; those that are not after so many seconds, by name, and why.

    `again`: a controller that has made the Secret before must be able to do so now, too.
    """
    end = time.monotonic() + seconds
    left = {each["metadata"]["name"]: (each, "") for each in manifests}
    while left:
        for name, (manifest, _) in list(left.items()):
            if why := _look(api, manifest, again=again):
                left[name] = (manifest, why)
            else:
                del left[name]
        if not left or time.monotonic() >= end:
            break
        time.sleep(_PERIOD)
    return {name: why for name, (_, why) in left.items()}


def _look(api: Api, manifest: Manifest, *, again: bool) -> str:
    kind, metadata = manifest["kind"], manifest["metadata"]
    try:
        live = api.get(resource(manifest["apiVersion"], kind).path(metadata["namespace"], metadata["name"]))
    except Refused as error:
        # Who may not look is not kept from updating.
        return "" if error.code == 403 else error.message
    except Unreachable as error:
        return str(error)
    return "" if not again and was_finished(kind, live) else unfinished(kind, live)
