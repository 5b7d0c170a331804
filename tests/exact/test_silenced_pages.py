"""Pages that an inhibition rule silences, against a comparison pair by pair."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alertpath.alertmanager import config
from alertpath.alertmanager.config import Config, InhibitRule, Receiver, Route
from alertpath.diff.deliveries.comparison import diff
from alertpath.diff.deliveries.inhibition import InhibitionChange
from alertpath.semantics.inhibition import inhibits
from alertpath.semantics.routing import Router

from .test_inhibition import label_sets, rules
from .test_routing import trees

RECEIVERS = (
    Receiver(name="root"),
    Receiver(name="x", integrations={"pagerduty_configs": [{"routing_key_file": "/x"}]}),
    Receiver(name="y", integrations={"slack_configs": [{"channel": "#y", "api_url_file": "/y"}]}),
)
slow = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def _holds(change: InhibitionChange, source: dict[str, str], target: dict[str, str]) -> bool:
    return (
        source in change.source
        and target in change.target
        and all(source.get(label, "") == target.get(label, "") for label in change.equal)
        and all(source.get(label, "") != target.get(label, "") for label in change.unequal)
    )


@settings(slow, max_examples=150)
@given(
    trees,
    st.lists(rules, max_size=2).map(tuple),
    st.lists(rules, max_size=2).map(tuple),
    st.lists(label_sets, min_size=12, max_size=12),
    st.sampled_from((frozenset[str](), frozenset(("y",)))),
)
def test_answers_what_a_comparison_pair_by_pair_answers(
    tree: Route,
    old_rules: tuple[InhibitRule, ...],
    new_rules: tuple[InhibitRule, ...],
    alerts: list[dict[str, str]],
    paging: frozenset[str],
) -> None:
    old = Config(route=tree, receivers=RECEIVERS, inhibit_rules=old_rules)
    new = Config(route=tree, receivers=RECEIVERS, inhibit_rules=new_rules)
    router = Router(new)
    wakes = {"x", *paging}

    def paged(labels: dict[str, str]) -> bool:
        return any(route.receiver in wakes for route in router.match(labels))

    for change in diff(old, new, dict.fromkeys(paging, True)).inhibition:
        if change.paged == "yes":
            page, firing = dict(change.page or {}), dict(change.firing or {})
            assert paged(page)
            assert inhibits(change.rule, firing, page)
            assert _holds(change, firing, page)
        seen = any(_holds(change, a, b) and paged(b) for a, b in itertools.product(alerts, repeat=2))
        assert not (seen and change.paged == "no")
        undecided = any(
            "\\b" in matcher.value for rule in (*old_rules, *new_rules) for matcher in (*rule.source, *rule.target)
        ) or any("\\b" in matcher.value for route in router.routes for matcher in route.path)
        assert undecided or change.paged != "not proven"


BASE = """
route:
  receiver: slack
  routes:
  - {receiver: nobody, matchers: ['severity="critical"', 'env="test"']}
  - {receiver: slack, matchers: ['team="a"', 'severity="critical"'], continue: true}
  - {receiver: pager, matchers: ['severity="critical"']}
inhibit_rules:
- {source_matchers: ['severity="critical"'], target_matchers: ['severity="warning"'], equal: [service]}
receivers:
- {name: pager, pagerduty_configs: [{routing_key_file: /key}]}
- {name: slack, slack_configs: [{channel: '#all', api_url_file: /url}]}
- {name: nobody}
"""


@pytest.mark.parametrize(
    ("rule", "paged"),
    [
        ('source_matchers: [alertname="Down"], target_matchers: [\'severity=~"critical|warning"\']', "yes"),
        ('source_matchers: [alertname="Down"], target_matchers: [\'severity="info"\']', "no"),
        # Shadowed: nobody is told of a test's critical alerts.
        ('source_matchers: [alertname="Down"], target_matchers: [\'env="test"\']', "no"),
        # `continue` lets the page through.
        ('source_matchers: [alertname="Down"], target_matchers: [\'team="a"\', \'env="prod"\']', "yes"),
        # Only a warning can have the severity of its source.
        ("source_matchers: ['severity=\"warning\"'], target_matchers: ['team=\"a\"'], equal: [severity]", "no"),
        ('source_matchers: [alertname="Down"], target_matchers: [\'region=~"(?:[ab]cdefghij){500}"\']', "not proven"),
    ],
)
def test_silenced_pages(rule: str, paged: str) -> None:
    text = BASE.replace("receivers:\n- {name: pager", f"- {{{rule}}}\nreceivers:\n- {{name: pager", 1)
    old, new = config.load(BASE, "old"), config.load(text, "new")
    found = diff(old, new).inhibition
    assert {change.kind for change in found} == {"silenced"}
    assert max((change.paged for change in found), key=("no", "not proven", "yes").index) == paged
    back = diff(new, old).inhibition
    assert {change.kind for change in back} == {"no longer silenced"}
    assert max((change.paged for change in back), key=("no", "not proven", "yes").index) == paged


SHADOWS = """
route:
  receiver: nobody
  routes:
  - {receiver: nobody, matchers: ['team="b"'], continue: true}
  - {receiver: nobody, matchers: ['severity="critical"', 'team!="b"']}
  - {receiver: pager, matchers: ['severity="critical"']}
  - receiver: pager
    matchers: ['severity="warning"']
    routes: [{continue: true, receiver: nobody}]
receivers:
- {name: pager, pagerduty_configs: [{routing_key_file: /key}]}
- {name: nobody}
"""


@pytest.mark.parametrize(("severity", "page"), [("critical", {"severity": "critical", "team": "b"}), ("warning", None)])
def test_looks_behind_other_routes(severity: str, page: dict[str, str] | None) -> None:
    rule = f"- {{source_matchers: [alertname=Down], target_matchers: [severity={severity}, alertname!=Down]}}"
    old = config.load(SHADOWS, "old")
    (change,) = diff(old, config.load(f"{SHADOWS}inhibit_rules:\n{rule}\n", "new")).inhibition
    assert change.paged == ("no" if page is None else "yes")
    assert change.page == (page and {"alertname": "other", **page})
    assert change.firing == (page and {"alertname": "Down"})


def test_receivers_may_be_pages_by_name() -> None:
    rule = "- {source_matchers: [alertname=Down], target_matchers: [severity=info, alertname!=Down]}\n"
    old = config.load(BASE, "old")
    new = config.load(BASE.replace("inhibit_rules:\n", f"inhibit_rules:\n{rule}"), "new")
    assert [change.paged for change in diff(old, new).inhibition] == ["no"]
    assert [change.paged for change in diff(old, new, {"slack": True}).inhibition] == ["yes"]


def test_each_side_is_judged_by_its_own_routes() -> None:
    rule = "- {source_matchers: [alertname=Down], target_matchers: [severity=critical, alertname!=Down]}\n"
    pages, silent = BASE, BASE.replace("{receiver: pager, m", "{receiver: nobody, m")
    ruled, silent_ruled = (text.replace("inhibit_rules:\n", f"inhibit_rules:\n{rule}") for text in (pages, silent))

    def paged(old: str, new: str) -> set[str]:
        return {change.paged for change in diff(config.load(old, "a"), config.load(new, "b")).inhibition}

    assert paged(silent, ruled) == {"yes"}
    assert paged(pages, silent_ruled) == {"no"}
    assert paged(ruled, silent) == {"yes"}
    assert paged(silent_ruled, pages) == {"no"}
