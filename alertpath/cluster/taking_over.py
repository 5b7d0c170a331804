"""Changes of ownership before an update: other managers let go of the stack's fields, and what is gone is made again.

No content changes: an update then finds every object there and no conflict. It is done by the program, in an update
alone, after `preflight` has refused nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from alertpath.cluster import ownership
from alertpath.cluster.api import Resource
from alertpath.cluster.client import Api, Refused
from alertpath.delivery.manifests.common import Manifest

_JSON_PATCH: Final = "application/json-patch+json"
_APPLY: Final = "application/apply-patch+yaml"
_CHANGED_MEANWHILE: Final = (409, 422)
_TRIES: Final = 5


def take_over(api: Api, resource: Resource, declared: Manifest, own: str) -> None:
    """Has `own` own the declared fields of a live object, and nobody else. Raises Refused, Unreachable.

    An object that is not there, or whose declared fields nobody else owns, is left as it is.
    """
    path = resource.path(declared["metadata"].get("namespace"), declared["metadata"]["name"])
    for attempt in range(_TRIES):
        try:
            metadata = cast("Mapping[str, Any]", api.get(path)["metadata"])
        except Refused as error:
            if error.code == 404:
                return
            raise
        managed = cast("Sequence[Mapping[str, Any]]", metadata.get("managedFields") or ())
        entries = ownership.transferred(declared, managed, own)
        if entries is None:
            return
        changes = [
            {"op": "replace", "path": "/metadata/managedFields", "value": entries},
            {"op": "replace", "path": "/metadata/resourceVersion", "value": metadata["resourceVersion"]},
        ]
        try:
            api.patch(path, changes, _JSON_PATCH, {"fieldManager": own})
        except Refused as error:
            if error.code not in _CHANGED_MEANWHILE or attempt == _TRIES - 1:
                raise
        else:
            return


def make(api: Api, resource: Resource, manifest: Manifest, own: str) -> None:
    """Applies an object that is not there, as the manager `own`. Raises Refused, Unreachable."""
    path = resource.path(manifest["metadata"].get("namespace"), manifest["metadata"]["name"])
    api.patch(path, manifest, _APPLY, {"fieldManager": own, "force": "true"})
