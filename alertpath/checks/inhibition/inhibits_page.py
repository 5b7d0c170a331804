"""Inhibition that silences pages."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.checks.base import Hit, check
from alertpath.checks.conditions import Conditions, implies, possible
from alertpath.checks.inhibition.equal_never_holds import never
from alertpath.checks.subject import Subject, is_technical


def _run(subject: Subject) -> Iterator[Hit]:
    paging = [route for route in subject.routes if subject.pages(route.receiver)]
    critical = (subject.critical,) if subject.knows_critical else ()
    for index, rule in enumerate(subject.config.inhibit_rules):
        target = (*rule.target, *critical)
        if not possible(rule.source) or not possible(target) or never(rule) or is_technical(rule.target):
            continue
        for route in paging:
            page = (*target, *route.path)
            # What fulfils both sides is silenced only by what fulfils the source alone.
            spared = implies(page, rule.source) and implies(rule.source, rule.target)
            if not spared and possible(page) and subject.taken(route, *target) is not None:
                yield Hit(("inhibit_rules", index), "it can silence critical alerts that page", _words(page))
                break


def _words(conditions: Conditions) -> str:
    return " and ".join(dict.fromkeys(map(str, conditions)))


CHECK = check(
    _run,
    id="AP302",
    name="inhibits-page",
    severity="warning",
    summary="An inhibition rule can silence a critical alert that pages.",
    why="The page does not come, and nobody sees why: inhibited alerts leave no trace in the channels.",
    mend="add severity!='critical' to the target, or say in a comment why this page may be silent",
)
