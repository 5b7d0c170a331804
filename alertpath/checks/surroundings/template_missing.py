"""Templates that are used and not defined."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from alertpath.checks.base import Hit, Spot, check
from alertpath.checks.subject import Subject
from alertpath.go_template_names import BUILT_IN
from alertpath.go_templates import parse
from alertpath.yamlfile import texts


def _run(subject: Subject) -> Iterator[Hit]:
    if subject.templates is None:
        return
    parsed = {name: parse(text, subject.alertmanager) for name, text in subject.templates.items()}
    known = {*BUILT_IN, *parsed, *(name for each in parsed.values() for name, _ in each.defines)}
    for file, each in parsed.items():
        for name, line in each.uses:
            if name not in known:
                spot = subject.template_spot(file) if subject.template_spot else Spot(file, line)
                yield Hit(spot, f"{file}, line {line}: no template {name} is defined", mend=_close(name, known))
    for place, _, _, entry in subject.integrations():
        for at, text in texts(entry, place):
            found = parse(text, subject.alertmanager)
            own = {name for name, _ in found.defines}
            for name, _ in found.uses:
                if name not in known and name not in own:
                    yield Hit(at, f"no template {name} is defined", mend=_close(name, known))


def _close(name: str, known: set[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {close[0]}?" if close else ""


CHECK = check(
    _run,
    id="AP110",
    name="template-missing",
    severity="error",
    summary="A receiver or template uses a template that no file defines.",
    why="The notification fails when it is rendered, at the moment when it is needed; Alertmanager loads it "
    "all the same.",
    mend="define it, add the file that does to `templates`, or correct the name",
)
