"""Which firing alerts keep an alert silent, exactly as Alertmanager's inhibition rules decide it.

A label of `equal` that both alerts lack counts as equal. An alert that fulfils both sides of a rule is not inhibited
by others that do, itself included. Source: Alertmanager 0.34.2, inhibit/inhibit.go and inhibit/cache.go.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, final

from alertpath.alertmanager import Config, InhibitRule
from alertpath.matchers import Matcher

Labels = Mapping[str, str]


@final
@dataclass(frozen=True, slots=True)
class Inhibited:
    """A firing alert `source` keeps another one silent by a rule, which stands at `index` among the rules."""

    index: int
    rule: InhibitRule
    source: Labels


@final
class Inhibitor:
    """Answers for one configuration and one set of firing alerts, of which inhibited ones inhibit too."""

    def __init__(self, config: Config, firing: Iterable[Labels]) -> None:
        self._rules: Final = config.inhibit_rules
        alerts = list(firing)
        # By rule and by the values of its `equal`, so that an answer does not ask every firing alert.
        self._sources: Final[list[dict[tuple[str, ...], list[Labels]]]] = []
        for rule in self._rules:
            sources: dict[tuple[str, ...], list[Labels]] = {}
            for alert in alerts:
                if fulfils(rule.source, alert):
                    sources.setdefault(_equal(rule, alert), []).append(alert)
            self._sources.append(sources)

    def inhibiting(self, labels: Labels) -> tuple[Inhibited, ...]:
        """All that keeps an alert with these labels silent, by rule, then in the order of firing; (): nothing."""
        found: list[Inhibited] = []
        for index, (rule, sources) in enumerate(zip(self._rules, self._sources, strict=True)):
            if not fulfils(rule.target, labels):
                continue
            both = fulfils(rule.source, labels)
            for source in sources.get(_equal(rule, labels), ()):
                if not (both and fulfils(rule.target, source)):
                    found.append(Inhibited(index, rule, source))
        return tuple(found)


def inhibiting(config: Config, labels: Labels, firing: Iterable[Labels]) -> tuple[Inhibited, ...]:
    """All that keeps an alert with these labels silent while the alerts `firing` fire; (): nothing."""
    return Inhibitor(config, firing).inhibiting(labels)


def inhibits(rule: InhibitRule, source: Labels, target: Labels) -> bool:
    """Whether by this rule an alert `source` that fires keeps an alert `target` silent."""
    return (
        fulfils(rule.target, target)
        and fulfils(rule.source, source)
        and _equal(rule, source) == _equal(rule, target)
        and not (fulfils(rule.source, target) and fulfils(rule.target, source))
    )


def fulfils(matchers: Sequence[Matcher], labels: Labels) -> bool:
    """Whether an alert with these labels fulfils all matchers."""
    return all(matcher.matches(labels) for matcher in matchers)


def _equal(rule: InhibitRule, labels: Labels) -> tuple[str, ...]:
    return tuple(labels.get(name, "") for name in rule.equal)
