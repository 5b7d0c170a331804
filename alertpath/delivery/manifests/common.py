"""What every object of a stack has in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from alertpath.inputs.stack import Stack

Manifest = dict[str, Any]
# https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
LABELS: Final = {"app.kubernetes.io/managed-by": "alertpath"}
# What Pulumi calls itself when it applies an object; without it, it draws a random name for each. A stack that lets go
# of an object and comes back to it, or patches it, would then be in conflict with itself. One name for each stack, so
# that two stacks with the same object are in conflict.
FIELD_MANAGER_ANNOTATION: Final = "pulumi.com/patchFieldManager"
# When an update last restored or took over an object that somebody else had changed. Pulumi looks at its own state
# alone: by a new value it updates the object although nothing else of what is declared has changed.
MARK_ANNOTATION: Final = "alertpath/restored"
MANAGERS: Final = "alertpath-"
"""What the field managers of stacks begin with."""


def is_ours(live: Mapping[str, Any]) -> bool:
    """Whether a stack has made this live object."""
    metadata = cast("Mapping[str, Any]", live.get("metadata") or {})
    labels = cast("Mapping[str, str]", metadata.get("labels") or {})
    return LABELS.items() <= labels.items()


def field_manager(stack: Stack) -> str:
    """The server-side apply manager of what the stack applies."""
    return f"{MANAGERS}{stack.name}"


def manifest(api_version: str, kind: str, namespace: Any, name: str, **content: Any) -> Manifest:
    """An object of this kind with the project's labels; without a namespace where the kind has none.

    `namespace` and the values of `content` may be such as a program only knows later: they are put in as they are.
    """
    metadata: dict[str, Any] = {"name": name}
    if namespace is not None:
        metadata["namespace"] = namespace
    metadata["labels"] = dict(LABELS)
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **content}


def namespace(stack: Stack) -> Manifest | None:
    """The Namespace of all objects, where the stack creates it."""
    settings = stack.settings.namespace
    return manifest("v1", "Namespace", None, settings.name) if settings.create else None
