"""Old spellings, and services that end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from alertpath.alertmanager.config import walk
from alertpath.checks.base import Hit, check
from alertpath.checks.subject import Subject

_OLD_MATCHERS: Final = {
    f"{side}{old}": f"{side}matchers" for side in ("", "source_", "target_") for old in ("match", "match_re")
}
_INTEGRATIONS: Final = {
    "msteams_configs": "Microsoft has retired the connectors that it needs: use msteamsv2_configs",
    "opsgenie_configs": "Atlassian ends Opsgenie in April 2027: plan the move",
}
_FIELDS: Final = {
    ("pagerduty_configs", "service_key"): "Events API v1: use routing_key_file",
    ("pagerduty_configs", "service_key_file"): "Events API v1: use routing_key_file",
}


def _run(subject: Subject) -> Iterator[Hit]:
    if "mute_time_intervals" in subject.data:
        yield Hit(("mute_time_intervals",), "mute_time_intervals is an old name: use time_intervals")
    yield from _old_matchers(subject)
    for place, _, name, entry in subject.integrations():
        if name in _INTEGRATIONS:
            yield Hit(place, _INTEGRATIONS[name])
        for (integration, field), message in _FIELDS.items():
            if integration == name and entry.get(field):
                yield Hit((*place, field), message)
        http = entry.get("http_config")
        for field in ("bearer_token", "bearer_token_file"):
            if isinstance(http, Mapping) and field in http:
                yield Hit((*place, "http_config", field), f"{field} is an old name: use authorization.credentials_file")


def _old_matchers(subject: Subject) -> Iterator[Hit]:
    places = [place for place, _ in walk(subject.config.route)]
    for place in (*places, *(("inhibit_rules", index) for index in range(len(subject.config.inhibit_rules)))):
        data: Any = subject.data
        for part in place:
            data = data[part]
        for old in _OLD_MATCHERS:
            if old in data:
                yield Hit((*place, old), f"{old} is deprecated: use {_OLD_MATCHERS[old]}")


CHECK = check(
    _run,
    id="AP111",
    name="deprecated",
    severity="warning",
    summary="A field is deprecated, or the service behind it ends.",
    why="A later Alertmanager refuses it, or the service stops taking notifications, on a day that others choose.",
    mend="write what the message names",
)
