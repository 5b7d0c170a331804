"""Who keeps whom silent."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from alertpath.alertmanager import matchers
from alertpath.alertmanager.config import Config, InhibitRule, Route
from alertpath.semantics.inhibition import Inhibitor, inhibiting, inhibits

from .test_routing import label_sets
from .test_routing import matchers as any_matchers


def _rule(source: str, target: str, *equal: str) -> InhibitRule:
    return InhibitRule(source=matchers.parse_all(source), target=matchers.parse_all(target), equal=equal)


def _config(*rules: InhibitRule) -> Config:
    return Config(route=Route(receiver="a"), inhibit_rules=rules)


CRITICAL = {"alertname": "Down", "severity": "critical", "service": "api"}
WARNING = {"alertname": "Down", "severity": "warning", "service": "api"}
USUAL = _rule('severity="critical"', 'severity=~"warning|info"', "alertname", "service", "namespace")


def test_a_label_absent_on_both_sides_is_equal() -> None:
    found = inhibiting(_config(USUAL), WARNING, [CRITICAL])
    assert [(one.index, one.source) for one in found] == [(0, CRITICAL)]
    assert not inhibiting(_config(USUAL), WARNING | {"namespace": "x"}, [CRITICAL])
    assert inhibiting(_config(USUAL), WARNING | {"namespace": ""}, [CRITICAL])


def test_only_what_fires_inhibits_and_only_targets_are_inhibited() -> None:
    assert not inhibiting(_config(USUAL), WARNING, [])
    assert not inhibiting(_config(USUAL), CRITICAL, [CRITICAL, WARNING])


def test_an_alert_that_is_source_and_target_is_not_inhibited_by_its_like() -> None:
    wide = _config(_rule('severity=~".+"', 'severity=~".+"'))
    assert not inhibiting(wide, WARNING, [WARNING, CRITICAL])
    sided = _config(_rule('severity=~".+"', 'severity="warning"'))
    assert not inhibiting(sided, WARNING, [WARNING])
    assert inhibiting(sided, WARNING, [CRITICAL])


def test_all_rules_and_sources_are_told() -> None:
    both = _config(USUAL, _rule('alertname="Down"', 'severity="warning"', "service"))
    found = inhibiting(both, WARNING, [CRITICAL, CRITICAL | {"pod": "1"}])
    assert [one.index for one in found] == [0, 0, 1, 1]


sides = st.lists(any_matchers, max_size=2).map(tuple)
names = st.lists(st.sampled_from(("service", "severity", "namespace")), unique=True, max_size=2).map(tuple)
rules = st.builds(InhibitRule, source=sides, target=sides, equal=names)


@settings(max_examples=200, deadline=None)
@given(st.lists(rules, max_size=3).map(tuple), st.lists(label_sets, max_size=6), label_sets)
def test_finds_the_pairs_that_the_rule_itself_names(
    some: tuple[InhibitRule, ...], firing: list[dict[str, str]], labels: dict[str, str]
) -> None:
    found = Inhibitor(_config(*some), firing).inhibiting(labels)
    expected = [(i, source) for i, rule in enumerate(some) for source in firing if inhibits(rule, source, labels)]
    assert [(one.index, one.source) for one in found] == expected
