"""What a step of `alertpath verify` found: never with a credential in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, final

from alertpath.documents.redaction import redact

Status = Literal["ok", "failed", "warning", "skipped"]
STATUSES: Final[tuple[Status, ...]] = ("failed", "warning", "skipped", "ok")
"""The worst first."""


@final
@dataclass(frozen=True, slots=True)
class Outcome:
    """One thing found: what it is about (`Secret monitoring/alertmanager-main`) and what was seen.

    `cause`: the likely one; `mend`: what to do about it. `step`: the step that found it, which the runner fills in.
    `passes`: by itself within minutes, if all is well.
    """

    status: Status
    subject: str
    message: str
    cause: str = ""
    mend: str = ""
    step: str = ""
    passes: bool = False

    def redacted(self, step: str) -> Outcome:
        """The same of a step, without anything that looks like a credential."""
        subject, message, cause, mend = map(redact, (self.subject, self.message, self.cause, self.mend))
        return Outcome(self.status, subject, message, cause, mend, step, self.passes)


def ok(subject: str, message: str) -> Outcome:
    """All is well."""
    return Outcome("ok", subject, message)


def failed(subject: str, message: str, cause: str, mend: str) -> Outcome:
    """Something is wrong, and somebody may not be told of an alert, or more is open than should be."""
    return Outcome("failed", subject, message, cause, mend)


def warning(subject: str, message: str, cause: str = "", mend: str = "", *, passes: bool = False) -> Outcome:
    """Something may become wrong, cannot be told for certain, or is not over yet (`passes`)."""
    return Outcome("warning", subject, message, cause, mend, passes=passes)


def skipped(subject: str, why: str, mend: str = "") -> Outcome:
    """Not looked at, or a mere consequence of something else."""
    return Outcome("skipped", subject, why, mend=mend)


def any_failed(outcomes: Iterable[Outcome]) -> bool:
    """Whether there is a failure."""
    return any(outcome.status == "failed" for outcome in outcomes)
