"""What is odd about an alert's labels, seen from a configuration: misspelt names and values, missing labels."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from alertpath.alertmanager.config import GROUP_BY_ALL, Config, walk
from alertpath.alertmanager.matchers import Matcher
from alertpath.documents.problems import shown
from alertpath.semantics.routing import Labels, literals

_NAMES_ALIKE: Final = 0.75
_VALUES_ALIKE: Final = 0.85
_OPTIONAL: Final = "alertname"
"""Whoever asks about a class of alerts leaves it out."""


def hints(config: Config, labels: Labels, missing: Iterable[str]) -> tuple[str, ...]:
    """Sentences about labels that may be a mistake; `missing`: labels for whose absence routes did not match."""
    matchers = set(_matchers(config))
    names = {matcher.label for matcher in matchers} | set(_common_labels(config))
    found = [f"{name} is empty, and an empty label is no label" for name, value in labels.items() if not value]
    taken_for: set[str] = set()
    for name, value in labels.items():
        if name not in names:
            if close := _alike(name, names - labels.keys(), _NAMES_ALIKE):
                taken_for.add(close)
                found.append(f"nothing in this configuration asks for a label {name}: did you mean {close}?")
        elif value and (close := _known_value(value, [matcher for matcher in matchers if matcher.label == name])):
            found.append(f"nothing asks for {name}={shown(value)}: did you mean {shown(close)}?")
    absent = [name for name in missing if name != _OPTIONAL and name not in taken_for and name not in labels]
    if absent:
        found.append(f"some routes did not match because the alert has no {' and no '.join(absent)}")
    return tuple(found)


def _matchers(config: Config) -> Iterator[Matcher]:
    for _, route in walk(config.route):
        yield from route.matchers
    for rule in config.inhibit_rules:
        yield from rule.source
        yield from rule.target


def _common_labels(config: Config) -> Iterator[str]:
    for _, route in walk(config.route):
        yield from (name for name in route.group_by or () if name != GROUP_BY_ALL)
    for rule in config.inhibit_rules:
        yield from rule.equal


def _known_value(value: str, matchers: Sequence[Matcher]) -> str | None:
    # A value that is asked for and looks like this one, which is not.
    positive = [matcher for matcher in matchers if matcher.op in ("=", "=~")]
    if any(matcher.matches({matcher.label: value}) for matcher in positive):
        return None
    return _alike(value, {text for matcher in positive for text in literals(matcher) or ()}, _VALUES_ALIKE)


def _alike(text: str, among: Iterable[str], ratio: float) -> str | None:
    close = difflib.get_close_matches(text, sorted(among), n=1, cutoff=ratio)
    return close[0] if close else None
