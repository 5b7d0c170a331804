"""Who wrote last what is not the stack's, and what to do about it: somebody may have rolled back on purpose.

Source: Kubernetes 1.37, server-side apply: `metadata.managedFields` holds for each manager all that it applied last.
"""

from __future__ import annotations

from alertpath.cluster.expected import Expected
from alertpath.cluster.observed import Manager, part
from alertpath.cluster.steps.words import applied
from alertpath.delivery.manifests.common import FIELD_MANAGER_ANNOTATION, field_manager

_CHANGED = "the stack's files have changed since"


def blamed(expected: Expected, last: Manager | None) -> tuple[str, str]:
    """The likely cause of a difference and what to do, by who wrote last (None: not known)."""
    if last is None:
        return f"{_CHANGED} they were applied", applied(expected, restored=True)
    if _is_pulumi(expected, last):
        return f"{_CHANGED} `pulumi up` at {last.when}", applied(expected)
    own = last.name == field_manager(expected.stack)
    if expected.stack.settings.delivery == "files" and not own and not last.name.startswith("kubectl"):
        return f"{_CHANGED} {last.name} wrote it at {last.when}, or that is not Argo CD", applied(expected)
    who = f"somebody else under the stack's name {last.name}" if own else last.name
    on_purpose = "if that was on purpose (a rollback by docs/break-glass.md), first revert the change in Git"
    return (
        f"last written by {who} at {last.when}, not by the stack",
        f"{on_purpose}: the next update undoes what is there; if not, {applied(expected, restored=True)}",
    )


def _is_pulumi(expected: Expected, last: Manager) -> bool:
    """Not so what `kubectl` applied under the same name, as in docs/break-glass.md: it lacks Pulumi's annotation."""
    annotations = part(part(last.fields, "f:metadata"), "f:annotations")
    return last.name == field_manager(expected.stack) and f"f:{FIELD_MANAGER_ANNOTATION}" in annotations
