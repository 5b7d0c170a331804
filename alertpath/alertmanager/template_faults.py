"""Templates that would lose notifications: what Go does not compile, and templates that nobody defines."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, final

from alertpath.alertmanager.config import Config
from alertpath.alertmanager.go_templates import Template, parse
from alertpath.alertmanager.integrations import Version
from alertpath.alertmanager.template_names import BUILT_IN
from alertpath.documents.places import Place
from alertpath.documents.yaml_file import texts

FaultKind = Literal["syntax", "version", "undefined"]
"""It does not compile, it does not with this Alertmanager, or it names a template that nobody defines."""


@final
@dataclass(frozen=True, slots=True)
class TemplateFault:
    """A fault of a template file (`file`, `line`) or of a receiver's text (`place` in the configuration, `text`)."""

    kind: FaultKind
    message: str
    mend: str
    file: str = ""
    line: int = 0
    place: Place = ()
    text: str = ""


def template_faults(
    config: Config, files: Mapping[str, str], alertmanager: Version, defined: Iterable[str] = ()
) -> Iterator[TemplateFault]:
    """The faults of template `files`, by name, and of the receivers' texts; further templates are `defined` elsewhere.

    Whether fields exist and arguments fit when a template is rendered is not decided.
    """
    parsed = {name: parse(text, alertmanager) for name, text in files.items()}
    known = {*BUILT_IN, *defined, *parsed, *(name for each in parsed.values() for name, _ in each.defines)}
    for file, each in parsed.items():
        for kind, message, mend, line in _faults(each, known):
            yield TemplateFault(kind, message, mend, file=file, line=line)
    for index, receiver in enumerate(config.receivers):
        for integration, entries in receiver.integrations.items():
            place: Place = ("receivers", index, integration)
            for at, text in texts(list(entries), place):
                for kind, message, mend, _ in _faults(parse(text, alertmanager), known):
                    yield TemplateFault(kind, message, mend, place=at, text=text)


def _faults(template: Template, known: set[str]) -> Iterator[tuple[FaultKind, str, str, int]]:
    if template.fault is not None:
        line, message = template.fault
        yield "version" if template.too_new else "syntax", f"does not compile: {message}", "correct the template", line
    own = {name for name, _ in template.defines}
    for name, line in template.uses:
        if name not in known and name not in own:
            close = difflib.get_close_matches(name, known, n=1)
            mend = f"did you mean {close[0]}?" if close else "define it"
            yield "undefined", f"no template {name} is defined", mend, line
