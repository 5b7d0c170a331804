"""Templates that would lose notifications: what Go does not compile, and templates that nobody defines.

Sources: Alertmanager 0.25 to 0.34, template/default.tmpl, email.tmpl.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal, final

from alertpath.alertmanager.config import Config
from alertpath.alertmanager.go_templates import Template, parse
from alertpath.alertmanager.integrations import Version
from alertpath.documents.places import Place
from alertpath.documents.problems import did_you_mean
from alertpath.documents.yaml_file import texts

_WITH_DEFAULTS: Final = {
    "discord": "content title message",
    "email": "subject html",
    "jira": "summary description priority",
    "mattermost": "color username title titlelink fallback text",
    "msteams": "summary title text",
    "msteamsv2": "title text",
    "opsgenie": "message description source",
    "pagerduty": "description client clientURL instances",
    "pushover": "title message url",
    "rocketchat": "title alias titlelink emoji iconurl text",
    "slack": "title username fallback callbackid pretext titlelink iconemoji iconurl text footer color",
    "sns": "subject message",
    "telegram": "message",
    "victorops": "state_message entity_display_name monitoring_tool",
    "webex": "message",
    "wechat": "message to_user to_party to_tag agent_id",
}
BUILT_IN: Final = frozenset(
    (
        *("__alertmanager", "__alertmanagerURL", "__subject", "__description", "__text_alert_list"),
        "__text_alert_list_markdown",
        *(f"{kind}.default.{name}" for kind, names in _WITH_DEFAULTS.items() for name in names.split()),
    )
)
"""The templates that Alertmanager brings along."""

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
            yield "undefined", f"no template {name} is defined", did_you_mean(name, known) or "define it", line
