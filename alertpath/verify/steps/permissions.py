"""Everything may be read. What may not be is told with the rule that allows it; the rest is looked at all the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from alertpath.verify.expected import Expected
from alertpath.verify.observed import Observed, Part
from alertpath.verify.outcomes import Outcome, failed, ok, warning
from alertpath.verify.steps.base import Step

# Without these, everything important can still be told.
_HELPFUL: Final[frozenset[Part]] = frozenset(("namespace", "namespaces", "operator", "store", "alertmanager-configs"))


def _look(expected: Expected, observed: Observed) -> Iterator[Outcome]:  # noqa: ARG001 - every step is given both
    subject = f"cluster {observed.where}".strip()
    told: set[str] = set()
    # What matters first, should one reason stand for several parts.
    for part, unread in sorted(observed.unread.items(), key=lambda each: each[0] in _HELPFUL):
        if unread.why in told:
            continue
        told.add(unread.why)
        mend = f"give this user a Role with the rule {unread.rule}" if unread.rule else "ask again; look at its logs"
        cause = "this user lacks the permission" if unread.rule else "the API server has a problem of its own"
        yield (warning if part in _HELPFUL else failed)(subject, unread.why, cause, mend)
    if not observed.unread:
        yield ok(subject, "everything can be read")


STEP: Final = Step("permissions", "everything may be read", _look, (), ("access",))
