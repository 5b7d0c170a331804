"""Templates that Go does not compile."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.alertmanager.template_faults import template_faults
from alertpath.checks.base import Hit, check
from alertpath.checks.subject import Subject
from alertpath.documents.places import Spot


def hits(subject: Subject, *, undefined: bool) -> Iterator[Hit]:
    """Templates that nobody defines, or all other faults, in template files and in receivers' texts."""
    for fault in template_faults(subject.config, subject.templates or {}, subject.alertmanager):
        if (fault.kind == "undefined") is not undefined:
            continue
        if fault.file:
            spot = subject.template_spot(fault.file) if subject.template_spot else Spot(fault.file, fault.line)
            yield Hit(spot, f"{fault.file}, line {fault.line}: {fault.message}", mend=fault.mend)
        else:
            yield Hit(fault.place, fault.message, fault.text, mend=fault.mend)


def _run(subject: Subject) -> Iterator[Hit]:
    yield from hits(subject, undefined=False)


CHECK = check(
    _run,
    id="AP109",
    name="template-fault",
    severity="error",
    summary="A template does not compile: an action is not closed, or a function or variable does not exist.",
    why="A broken template file keeps Alertmanager from loading anything; a broken text of a receiver loses each of "
    "its notifications, and no other tool looks before. Whether fields exist and arguments fit is not decided here.",
    mend="correct the template; functions: https://prometheus.io/docs/alerting/latest/notifications/",
)
