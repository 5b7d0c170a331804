"""What a route does with an alert, so that it can be compared: who is told, how, grouped by what, when.

Settings count as `integration_defaults` completes them, so that nothing changes where a setting moves to or from
`global`, or a default is written out. Credentials in plain text are numbered, never kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, Final, cast, final

from alertpath.alertmanager.config import Config, Receiver
from alertpath.alertmanager.destinations import destination
from alertpath.alertmanager.integration_defaults import completed
from alertpath.alertmanager.integration_fields import INTEGRATIONS, OBJECTS
from alertpath.alertmanager.integration_rules import SECRET_HEADER
from alertpath.alertmanager.paging import NOTHING_SAID, Paging, wakes
from alertpath.documents.redaction import redact
from alertpath.semantics.hours import Hours, of_route
from alertpath.semantics.routing import EffectiveRoute

"""Integrations that wake people up."""

_ADDRESS: Final = frozenset(
    (
        *("channel", "channel_id", "to", "smarthost", "room_id", "topic_arn", "target_arn", "phone_number", "project"),
        *("chat_id", "site", "agent_id", "to_user", "to_party", "to_tag", "device", "app_url", "corp_id", "user_id"),
        *("url", "api_url", "webhook_url", "routing_key", "service_key", "api_key", "app_token", "bot_token", "token"),
        *("token_id", "user_key", "api_secret", "alert_source_token", "responders"),
    )
)
_SECRET: Final = frozenset(
    name for what in OBJECTS.values() for name, field in what.fields.items() if field.credential or field.twin
)

INCIDENTS: Final = ("pagerduty", "opsgenie", "victorops")
"""Integrations that open what a resolved alert closes, which they find by the key of its group.

Source: Alertmanager 0.35.0, `key.Hash()` in notify/pagerduty, notify/opsgenie and notify/victorops.
"""

Settings = tuple[tuple[str, str], ...]
"""Names as in YAML, with dots below the top, and values as JSON; sorted."""


@final
@dataclass(frozen=True, slots=True)
class Endpoint:
    """One integration of a receiver: `slack`, in words, whom it reaches and how its messages are made."""

    integration: str
    words: str = field(compare=False)
    address: Settings
    settings: Settings
    pages: bool

    @property
    def resolves(self) -> bool:
        """Whether what it opens is closed when the alert is resolved."""
        return self.integration in INCIDENTS and ("send_resolved", "false") not in self.settings


@final
@dataclass(frozen=True, slots=True)
class Delivery:
    """What a route does with its alerts. Durations in milliseconds.

    `hours`: when it notifies; `mute` and `active` name the intervals.
    """

    receiver: str
    endpoints: tuple[Endpoint, ...]
    group_by: tuple[str, ...]
    group_wait: int
    group_interval: int
    repeat_interval: int
    hours: Hours = field(repr=False, hash=False)
    labels: tuple[tuple[str, str], ...]
    mute: tuple[str, ...] = field(compare=False)
    active: tuple[str, ...] = field(compare=False)

    @property
    def silent(self) -> bool:
        """Whether it tells nobody: its receiver does not, or its hours leave no minute."""
        return not self.endpoints or self.hours.never

    @property
    def paged(self) -> int:
        """How many integrations wake people up."""
        return 0 if self.silent else sum(endpoint.pages for endpoint in self.endpoints)

    @property
    def pages(self) -> bool:
        """Whether it wakes people up."""
        return bool(self.paged)

    def differing(self, other: Delivery) -> tuple[str, ...]:
        """Names of what is not the same, `receiver` for its name, `slack.channel` for what is inside it."""
        found = [
            name
            for name in ("receiver", "group_by", "group_wait", "group_interval", "repeat_interval", "hours", "labels")
            if getattr(self, name) != getattr(other, name)
        ]
        for old, new in zip(self.endpoints, other.endpoints, strict=False):
            if old.integration != new.integration:
                found.append(f"{old.integration} -> {new.integration}")
                continue
            changed = set(old.address + old.settings) ^ set(new.address + new.settings)
            found += sorted({f"{old.integration}.{name}" for name, _ in changed})
        if len(self.endpoints) != len(other.endpoints):
            found.append("integrations")
        return tuple(dict.fromkeys(found))


@final
class Deliveries:
    """Numbers what routes do: equal numbers, the same; across all configurations that are given to one of these."""

    def __init__(self, paging: Paging = NOTHING_SAID, since: date | None = None) -> None:
        """`since`: the first day, in UTC, whose hours count; default: today."""
        self.of: Final[list[Delivery]] = []
        """Deliveries by number."""
        self.keyed: Final[list[tuple[int, str]]] = []
        """A delivery's number and the key of a route, by the number of both together."""
        self._paging: Final = paging
        self._since: Final = since or datetime.now(UTC).date()
        self._numbers: Final[dict[tuple[object, ...], int]] = {}
        self._both: Final[dict[tuple[int, str], int]] = {}
        self._hours: Final[dict[Hours, int]] = {}
        self._endpoints: Final[dict[tuple[Endpoint, ...], int]] = {}
        self._secrets: Final[dict[str, int]] = {}

    def number(self, config: Config, routes: Sequence[EffectiveRoute]) -> list[int]:
        """For each of a configuration's routes the number of what it does, its key included."""
        receivers = {receiver.name: self._content(config, receiver) for receiver in config.receivers}
        receiver_numbers = {name: self._endpoints.setdefault(e, len(self._endpoints)) for name, e in receivers.items()}
        known: dict[tuple[tuple[str, ...], tuple[str, ...]], tuple[Hours, int]] = {}
        keys: dict[int, str] = {}
        found: list[int] = []
        for route in reversed(routes):  # Parents first.
            named = (route.active, route.mute)
            if named not in known:
                when = of_route(config, route.route, self._since)
                known[named] = (when, self._hours.setdefault(when, len(self._hours)))
            when, when_number = known[named]
            own = "{" + ",".join(map(str, route.route.matchers)) + "}"
            key = keys[route.index] = f"{keys[route.parent.index]}/{own}" if route.parent else own
            endpoints = receiver_numbers.get(route.receiver, -1)
            waits = (route.group_wait, route.group_interval, route.repeat_interval)
            labels = tuple(sorted(route.labels.items()))
            content = (route.receiver, endpoints, route.group_by, waits, when_number, labels)
            number = self._numbers.setdefault(content, len(self._numbers))
            if number == len(self.of):
                told = receivers.get(route.receiver, ())
                self.of.append(
                    Delivery(route.receiver, told, route.group_by, *waits, when, labels, route.mute, route.active)
                )
            both = self._both.setdefault((number, key), len(self._both))
            if both == len(self.keyed):
                self.keyed.append((number, key))
            found.append(both)
        found.reverse()
        return found

    def _content(self, config: Config, receiver: Receiver) -> tuple[Endpoint, ...]:
        return tuple(
            self._endpoint(name, entry, config.global_, receiver)
            for name in INTEGRATIONS
            for entry in receiver.integrations.get(name, ())
        )

    def _endpoint(
        self, name: str, entry: Mapping[str, object], globals_: Mapping[str, object], receiver: Receiver
    ) -> Endpoint:
        kind = name.removesuffix("_configs")
        flat = sorted(self._flat(completed(name, entry, globals_), ""))
        labels = {label: value for label, value in receiver.labels.items() if label != "name"}
        flat += sorted(self._flat(labels, "labels."))
        address = tuple(pair for pair in flat if pair[0].partition(".")[0].removesuffix("_file") in _ADDRESS)
        return Endpoint(
            kind,
            redact(destination(name, cast("Mapping[str, Any]", entry))),
            address,
            tuple(pair for pair in flat if pair not in address),
            wakes(kind, receiver.name, self._paging),
        )

    def _flat(self, settings: Mapping[str, object], prefix: str, secret: bool = False) -> Iterator[tuple[str, str]]:
        for name, value in settings.items():
            hidden = secret or name in _SECRET or (name == "values" and bool(SECRET_HEADER.search(prefix)))
            if isinstance(value, Mapping) and value:
                yield from self._flat(cast("Mapping[str, object]", value), f"{prefix}{name}.", hidden)
            elif value is not None:
                text = _written(value) if isinstance(value, str) else _as_json(cast("object", value))
                if (hidden and value) or _looks_secret(text):
                    text = f"<secret {self._secrets.setdefault(text, len(self._secrets)) + 1}>"
                yield prefix + name, text


def _as_json(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)


# Most texts are defaults, the same at thousands of receivers.
_written: Final = lru_cache(maxsize=1024)(_as_json)


@lru_cache(maxsize=1024)
def _looks_secret(text: str) -> bool:
    return redact(text) != text
