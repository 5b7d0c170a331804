"""Templates that nothing uses."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.alertmanager.go_templates import parse
from alertpath.alertmanager.template_faults import BUILT_IN
from alertpath.checks.base import Hit, check
from alertpath.checks.subject import Subject
from alertpath.documents.places import Spot
from alertpath.documents.yaml_file import texts


def _run(subject: Subject) -> Iterator[Hit]:
    files = subject.templates or {}
    parsed = {name: parse(text, subject.alertmanager) for name, text in files.items()}
    used = {name for each in parsed.values() for name, _ in each.uses}
    for place, _, _, entry in subject.integrations():
        used |= {name for _, text in texts(entry, place) for name, _ in parse(text, subject.alertmanager).uses}
    for file in sorted(subject.own_templates):
        for name, line in parsed[file].defines:
            # What redefines one of Alertmanager's own is used by its defaults.
            if name not in used and name not in BUILT_IN:
                spot = subject.template_spot(file) if subject.template_spot else Spot(file, line)
                yield Hit(spot, f"nothing uses the template {name} ({file}, line {line})")


CHECK = check(
    _run,
    id="AP403",
    name="unused-template",
    severity="warning",
    summary="A template is defined, and neither a receiver nor another template uses it.",
    why="Its text was meant for a notification, and no notification has it.",
    mend="use it, or remove it",
)
