"""Everything may be read. What may not be is told with the rule that allows it; the rest is looked at all the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from alertpath.cluster.expected import Expected
from alertpath.cluster.observed import Observed, Part, Permission, Unread
from alertpath.cluster.outcomes import Outcome, failed, ok, warning
from alertpath.cluster.steps.base import Step
from alertpath.output.alert_classes import listed

# Without these, everything important can still be told.
_HELPFUL: Final[frozenset[Part]] = frozenset(("namespace", "namespaces", "operator", "store", "alertmanager-configs"))


def _look(expected: Expected, observed: Observed) -> Iterator[Outcome]:  # noqa: ARG001 - every step is given both
    subject = f"cluster {observed.where}".strip()
    told: set[str] = set()
    alike: dict[tuple[bool, Permission | str], list[Unread]] = {}
    # What matters first, should one reason stand for several parts.
    for part, unread in sorted(observed.unread.items(), key=lambda each: each[0] in _HELPFUL):
        for each in unread:
            if each.why not in told:
                told.add(each.why)
                kind = replace(each.permission, names=()) if each.permission else each.why
                alike.setdefault((part in _HELPFUL, kind), []).append(each)
    for (helpful, _), unread in alike.items():
        yield (warning if helpful else failed)(subject, *_told(unread))
    if not observed.unread:
        yield ok(subject, "everything can be read")


def _told(unread: Sequence[Unread]) -> tuple[str, str, str]:
    """What cannot be read, the cause and what to do, of objects of one kind: one rule can grant them all."""
    why = unread[0].why
    missing = [each.permission for each in unread if each.permission]
    if not missing:
        return why, "the API server has a problem of its own", "ask again; look at its logs"
    names = tuple(name for permission in missing for name in permission.names)
    others = f"; nor may it read {listed(names[1:])}" if len(names) > 1 else ""
    all_of_them = replace(missing[0], names=names)
    mend = f"give this user a {all_of_them.role} with the rule {all_of_them.rule}"
    return f"{why}{others}", "this user lacks the permission", mend


STEP: Final = Step("permissions", "everything may be read", _look, (), ("access",))
