"""What a step of `alertpath verify` is, and how one failure keeps others from being told that only follow from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import final

from alertpath.cluster.expected import Expected
from alertpath.cluster.observed import Observed, Part
from alertpath.cluster.outcomes import Outcome, skipped

Look = Callable[[Expected, Observed], Iterable[Outcome]]


@final
@dataclass(frozen=True, slots=True)
class Step:
    """One question. `look` answers it from what was read, and only that.

    `needs`: the parts that must have been read. `after`: steps whose failure would explain what this one finds.
    """

    id: str
    title: str
    look: Look
    needs: tuple[Part, ...] = ()
    after: tuple[str, ...] = ()


def follow(steps: Sequence[Step], expected: Expected, observed: Observed) -> list[Outcome]:
    """What the steps find, in their order; each step is there with one outcome at least."""
    titles = {step.id: step.title for step in steps}
    blocked: dict[str, str] = {}
    found: list[Outcome] = []
    for step in steps:
        cause = next((blocked[other] for other in step.after if other in blocked), "")
        unread = next((observed.unread[part][0] for part in step.needs if part in observed.unread), None)
        if cause:
            blocked[step.id] = cause
            outcomes = [skipped(step.title, f"not looked at, because this does not hold: {titles[cause]}")]
        elif unread is not None:
            outcomes = [skipped(step.title, f"cannot be read: {unread.why}")]
        else:
            outcomes = list(step.look(expected, observed))
        if any(outcome.status == "failed" for outcome in outcomes):
            blocked[step.id] = step.id
        found += [outcome.redacted(step.id) for outcome in outcomes]
    return found
