"""Differences against a comparison label set by label set, and what they mean for people."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alertpath.alertmanager import config as alertmanager
from alertpath.alertmanager.config import Config, InhibitRule, Receiver, Route
from alertpath.alertmanager.matchers import Matcher
from alertpath.diff.conditions.differences import Found
from alertpath.diff.deliveries.comparison import diff
from alertpath.diff.deliveries.notifications import Deliveries, Delivery
from alertpath.diff.deliveries.verdicts import KINDS, Change, Judge
from alertpath.semantics.budget import Budget
from alertpath.semantics.inhibition import inhibits
from alertpath.semantics.routing import Router, effective_routes

from .test_inhibition import label_sets as _label_sets
from .test_inhibition import rules
from .test_routing import NAMES, REGEXES, VALUES, trees
from .test_routing import _routes as _any_route

RECEIVERS = (
    Receiver(name="root", integrations={"slack_configs": [{"channel": "#root", "api_url_file": "/s"}]}),
    Receiver(name="x", integrations={"pagerduty_configs": [{"routing_key_file": "/x"}]}),
    Receiver(name="y"),
)
slow = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


small_trees = st.builds(
    Route, receiver=st.just("root"), routes=st.lists(_any_route(_any_route(None)), max_size=3).map(tuple)
)


def _routes(route: Route) -> list[Route]:
    return [route, *(below for child in route.routes for below in _routes(child))]


def _mutated(root: Route, chance: random.Random) -> Route:
    victim = chance.choice(_routes(root)[1:] or [root])

    def change(route: Route) -> Route:
        if route is not victim:
            return replace(route, routes=tuple(map(change, route.routes)))
        match chance.randrange(8):
            case 0:
                return replace(route, receiver=chance.choice(("root", "x", "y")))
            case 1:
                return replace(route, continue_=not route.continue_) if route is not root else route
            case 2 if route.matchers:
                return replace(route, matchers=route.matchers[1:])
            case 3 if route is not root:
                name, value = chance.choice(NAMES), chance.choice(VALUES)
                return replace(route, matchers=(*route.matchers, Matcher(name, chance.choice(("=", "!=")), value)))
            case 4 if route is not root:
                regex = Matcher(chance.choice(NAMES), chance.choice(("=~", "!~")), chance.choice(REGEXES))
                return replace(route, matchers=(*route.matchers, regex))
            case 5:
                return replace(route, routes=tuple(chance.sample(route.routes, len(route.routes))))
            case 6 if route.routes:
                return replace(route, routes=route.routes[1:])
            case _:
                return replace(route, group_wait=chance.choice((None, 0, 5000)))

    return change(root)


def _grid(chance: random.Random, count: int) -> list[dict[str, str]]:
    return [{name: chance.choice((*VALUES, "other")) for name in NAMES} for _ in range(count)]


def _check(old: Config, new: Config, alerts: list[dict[str, str]]) -> None:
    found = diff(old, new)
    if any(change.apart for change in found.changes):
        _check_apart(found.changes, old, new, alerts)
        return
    deliveries = Deliveries()
    numbers = [deliveries.number(config, effective_routes(config.route)) for config in (old, new)]
    routers = [Router(config) for config in (old, new)]

    def told(side: int, labels: dict[str, str]) -> Counter[int]:
        emitted = (numbers[side][route.index] for route in routers[side].match(labels))
        return Counter(number for number in emitted if deliveries.of[deliveries.keyed[number][0]].endpoints)

    for labels in alerts:
        before, after = told(0, labels), told(1, labels)
        changes = [change for change in found.changes if labels in change]
        if before == after:
            assert {change.kind for change in changes if not change.varies} <= {"nobody"}, labels
            continue
        gone, come = before - after, after - before
        exact = [change for change in changes if not change.varies]
        assert changes, labels
        assert len(exact) <= 1, labels
        if not exact:
            continue
        (change,) = exact
        lost, won = (
            Counter(deliveries.of[deliveries.keyed[number][0]] for number in side.elements()) for side in (gone, come)
        )
        if lost == won:
            assert change.kind == "regrouped"
            assert Counter(change.before) == Counter(change.after) == lost
        else:
            assert (_heard(change.before), _heard(change.after)) == (lost - won, won - lost)
    for change in found.changes:
        example = change.example()
        if example is not None and not change.varies:
            assert example in change
            assert change.kind == "nobody" or told(0, example) != told(1, example)
        undecided = any("\\b" in regex for _, values in change.where.labels for regex in values.like | values.unlike)
        assert undecided or (change.proven and example is not None)


def _heard(side: Iterable[Delivery]) -> Counter[Delivery]:
    return Counter(delivery for delivery in side if not delivery.silent)


def _check_apart(changes: tuple[Change, ...], old: Config, new: Config, alerts: list[dict[str, str]]) -> None:
    # What the classes of an alert say adds up to its difference, and none of them makes it look better than it is.
    deliveries = Deliveries()
    numbers = [deliveries.number(config, effective_routes(config.route)) for config in (old, new)]
    routers = [Router(config) for config in (old, new)]
    judge = Judge(deliveries)
    alerts = [*alerts, *(example for change in changes if (example := change.example()) is not None)]
    for labels in alerts:
        here = [change for change in changes if labels in change]
        before, after = (
            Counter(n for route in router.match(labels) if judge.audible(n := side[route.index]))
            for router, side in zip(routers, numbers, strict=True)
        )
        gone, come = before - after, after - before
        if any(change.varies for change in here):
            continue
        if not gone and not come:
            assert {change.kind for change in here} <= {"nobody"}, labels
            continue
        (expected,) = judge.changes(Found((), tuple(gone.elements()), tuple(come.elements()), bool(before & after), {}))
        assert {change.apart for change in here} == {True}
        assert min(KINDS.index(change.kind) for change in here) <= KINDS.index(expected.kind), labels
        said_gone, said_come = (
            _heard(one for change in here for one in side(change))
            for side in (lambda change: change.before, lambda change: change.after)
        )
        # A delivery under another key is no loss and no gain, whoever says so.
        lost, won = (
            Counter(deliveries.of[deliveries.keyed[number][0]] for number in side.elements()) for side in (gone, come)
        )
        assert (said_gone - said_come, said_come - said_gone) == (lost - won, won - lost), labels


@settings(slow, max_examples=150)
@given(trees, st.integers(0, 2**32).map(random.Random), st.integers(1, 6), st.booleans())
def test_taken_apart_it_adds_up_to_the_same(tree: Route, chance: random.Random, times: int, silent: bool) -> None:
    other = tree
    for _ in range(times):
        other = _mutated(other, chance)
    receivers = RECEIVERS if silent else (*RECEIVERS[:2], replace(RECEIVERS[0], name="y"))
    old, new = (Config(route=route, receivers=receivers) for route in (tree, other))
    _check_in_parts(old, new, _grid(chance, 150))
    _check_in_parts(new, old, _grid(chance, 50))


def _check_in_parts(old: Config, new: Config, alerts: list[dict[str, str]]) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("alertpath.diff.deliveries.comparison._MANY", 0)
        _check(old, new, alerts)


# Trees for which the parts did not add up, or were told too mildly.
IN_PARTS = (
    # Whether both lists tell somebody besides made two classes of the same alerts.
    (
        """
  - {matchers: ['severity=~"\\\\w+"'], receiver: y, continue: true, routes: [{receiver: x, continue: true}]}
  - receiver: x
    routes:
    - receiver: x
      continue: true
      routes: [{matchers: ['severity="b.c"'], continue: true}, {receiver: x}]
""",
        """
  - {matchers: ['severity=~"\\\\w+"'], receiver: y, continue: true, routes: [{receiver: x, continue: true}]}
  - receiver: x
    routes: [{matchers: ['namespace!="ab"']}, {receiver: x, continue: true}]
""",
    ),
    # A page that was there before made up for one that is gone.
    (
        """
  - matchers: ['service="abc"']
    receiver: x
    group_by: [service, severity]
    routes: [{receiver: x, continue: true}, {group_by: []}]
""",
        """
  - {matchers: ['service="abc"'], receiver: x, group_wait: 1s, routes: [{receiver: x, continue: true}]}
""",
    ),
)


@pytest.mark.parametrize(("old", "new"), IN_PARTS)
def test_these_add_up_too(old: str, new: str) -> None:
    values = ("", "abc", "b.c")
    alerts: list[dict[str, str]] = [
        {"service": one, "severity": two, "namespace": three} for one, two, three in itertools.product(values, repeat=3)
    ]
    trees_ = [alertmanager.load(_TREE + routes, "f").route for routes in (old, new)]
    for receivers in (RECEIVERS, (*RECEIVERS[:2], replace(RECEIVERS[0], name="y"))):
        one, other = (Config(route=tree, receivers=receivers) for tree in trees_)
        _check_in_parts(one, other, alerts)
        _check_in_parts(other, one, alerts)


_TREE = """
receivers: [{name: root}, {name: x}, {name: y}]
route:
  receiver: root
  routes:"""


@settings(slow, max_examples=100)
@given(trees, st.integers(0, 2**32).map(random.Random), st.integers(1, 3))
def test_finds_what_a_comparison_one_by_one_finds(tree: Route, chance: random.Random, times: int) -> None:
    other = tree
    for _ in range(times):
        other = _mutated(other, chance)
    _check(Config(route=tree, receivers=RECEIVERS), Config(route=other, receivers=RECEIVERS), _grid(chance, 150))


@settings(slow, max_examples=60)
@given(small_trees, small_trees, st.integers(0, 2**32).map(random.Random))
def test_finds_it_between_unlike_trees_too(tree: Route, other: Route, chance: random.Random) -> None:
    _check(Config(route=tree, receivers=RECEIVERS), Config(route=other, receivers=RECEIVERS), _grid(chance, 100))


@settings(slow, max_examples=50)
@given(trees)
def test_nothing_differs_from_itself(tree: Route) -> None:
    config = Config(route=tree, receivers=RECEIVERS)
    assert not diff(config, Config(route=tree, receivers=RECEIVERS[::-1]))


@settings(slow, max_examples=120)
@given(
    st.lists(rules, max_size=2).map(tuple),
    st.lists(rules, max_size=2).map(tuple),
    st.lists(st.tuples(_label_sets, _label_sets), min_size=40, max_size=40),
)
def test_finds_the_pairs_that_fare_differently(
    old: tuple[InhibitRule, ...], new: tuple[InhibitRule, ...], pairs: list[tuple[dict[str, str], dict[str, str]]]
) -> None:
    root = Route(receiver="root")
    found = diff(
        Config(route=root, inhibit_rules=old, receivers=RECEIVERS),
        Config(route=root, inhibit_rules=new, receivers=RECEIVERS),
    ).inhibition
    for source, target in itertools.chain(pairs, ((one, other) for other, one in pairs), ((a, a) for a, _ in pairs)):
        before, after = (any(inhibits(rule, source, target) for rule in some) for some in (old, new))
        kinds = {
            change.kind
            for change in found
            if source in change.source
            and target in change.target
            and all(source.get(label, "") == target.get(label, "") for label in change.equal)
            and all(source.get(label, "") != target.get(label, "") for label in change.unequal)
        }
        assert kinds == ({"silenced"} if after > before else {"no longer silenced"} if before > after else set())


BASE = """
route:
  receiver: slack
  group_by: [alertname]
  routes:
  - {receiver: pager, matchers: ['service="api"', 'severity="critical"'], group_wait: 0s}
  - {receiver: slack-api, matchers: ['service="api"']}
  - {receiver: low, matchers: ['namespace="shop"'], active_time_intervals: [office]}
inhibit_rules:
- {source_matchers: ['severity="critical"'], target_matchers: ['severity="warning"'], equal: [service, namespace]}
receivers:
- {name: pager, pagerduty_configs: [{routing_key_file: /key}]}
- {name: slack, slack_configs: [{channel: '#all', api_url_file: /url}]}
- {name: slack-api, slack_configs: [{channel: '#api', api_url_file: /url}]}
- {name: low, slack_configs: [{channel: '#low', api_url_file: /url}]}
- {name: nobody}
time_intervals:
- {name: office, time_intervals: [{weekdays: ['monday:friday'], location: Asia/Seoul}]}
"""


# The automaton has more states than are looked at, and nobody lists its words.
TOO_LARGE = "(?:[ab]cdefghij){500}"


def _changed(*replacements: tuple[str, str]) -> tuple[Change, ...]:
    text = BASE
    for old, new in replacements:
        assert text.count(old) == 1
        text = text.replace(old, new)
    return diff(alertmanager.load(BASE, "old"), alertmanager.load(text, "new")).changes


@pytest.mark.parametrize(
    ("old", "new", "kind", "differing"),
    [
        ("receiver: pager, m", "receiver: slack-api, m", "lost", ("receiver", "pagerduty -> slack")),
        ("receiver: low, m", "receiver: nobody, m", "lost", ()),
        ("routing_key_file: /key", "routing_key_file: /other", "moved", ("pagerduty.routing_key_file",)),
        ("'#low'", "'#lower'", "moved", ("slack.channel",)),
        ("'#low', ", "'#low', text: hi, ", "changed", ("slack.text",)),
        ("'#low', ", "'#low', send_resolved: true, ", "changed", ("slack.send_resolved",)),
        ("group_wait: 0s", "group_wait: 1s", "timing", ("group_wait",)),
        ("monday:friday", "monday:saturday", "timing", ("hours",)),
        (", active_time_intervals: [office]", "", "timing", ("hours",)),
        ("matchers: ['service=\"api\"']", "matchers: ['service=~\"api\"']", "regrouped", ("route",)),
        ("shop\"'], ", "shop\"'], group_by: [namespace], ", "regrouped", ("group_by",)),
    ],
)
def test_kinds(old: str, new: str, kind: str, differing: tuple[str, ...]) -> None:
    (change,) = _changed((old, new))
    assert (change.kind, change.differing, change.proven) == (kind, differing, True)


def test_classes_are_as_people_write_them() -> None:
    (change,) = _changed(("receiver: low, m", "receiver: slack, m"))
    (namespace, shop), (service, not_api) = change.where.labels
    assert (namespace, shop.one_of) == ("namespace", {"shop"})
    assert (service, not_api.none_of) == ("service", {"api"})
    assert change.example() == {"namespace": "shop", "service": "other"}


def test_a_rewritten_page_route_orphans_incidents() -> None:
    (change,) = _changed(("'severity=\"critical\"'], g", "'severity=~\"critical\"'], g"))
    assert (change.kind, change.orphans) == ("regrouped", True)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("'#low', api_url_file: /url", "'#low', send_resolved: false, api_url_file: /url"),
        ("routing_key_file: /key", "routing_key_file: /key, severity: error"),
        ("['monday:friday'], location: Asia/Seoul", "['monday', 'tuesday:friday'], location: Asia/Seoul"),
        (
            "- {name: nobody}",
            "- {name: nobody}\n- {name: unused, slack_configs: [{channel: '#u', api_url_file: /url}]}",
        ),
        ("  group_by: [alertname]", "  group_by: [alertname]\n  group_interval: 5m"),
        ("equal: [service, namespace]", "equal: [namespace, service]"),
        ("time_intervals:\n- {name: office,", "time_intervals:\n- {name: other}\n- {name: office,"),
    ],
)
def test_rewrites_change_nothing(old: str, new: str) -> None:
    assert BASE.count(old) == 1
    assert not diff(alertmanager.load(BASE, "old"), alertmanager.load(BASE.replace(old, new), "new"))


def test_globals_count_where_they_apply() -> None:
    with_global = "global: {slack_api_url_file: /url}\n" + BASE.replace("'#all', api_url_file: /url", "'#all'")
    old = alertmanager.load(BASE, "old")
    assert not diff(old, alertmanager.load(with_global, "new"))
    other = diff(
        old, alertmanager.load(with_global.replace("{slack_api_url_file: /url}", "{slack_api_url_file: /u}"), "n")
    )
    assert {change.differing for change in other.changes} == {("slack.api_url_file",)}


def test_a_regex_that_cannot_be_decided_is_not_proven() -> None:
    undecided, shop = _changed(('namespace="shop"', f'namespace=~"shop|{TOO_LARGE}"'))
    assert (undecided.kind, undecided.proven, undecided.example()) == ("moved", False, None)
    assert dict(undecided.where.labels)["namespace"].like == {f"shop|{TOO_LARGE}"}
    assert (shop.kind, shop.proven) == ("regrouped", True)


def _many(count: int, other: frozenset[int] = frozenset(), tail: bool = True) -> Config:
    routes = [
        Route(
            receiver="x" if i in other else "root",
            matchers=(Matcher("namespace", "=", f"ns-{i}"),),
        )
        for i in range(count)
    ]
    common = (Route(receiver="y", matchers=(Matcher("alertname", "=", "Watchdog"),)),)
    return Config(
        route=Route(receiver="root", routes=(*common, *routes) if tail else (*routes, *common)), receivers=RECEIVERS
    )


def test_one_class_for_many_namespaces() -> None:
    changes = diff(_many(200), _many(200, frozenset(range(50)))).changes
    assert len(changes) == 1
    assert dict(changes[0].where.labels)["namespace"].one_of == {f"ns-{i}" for i in range(50)}


def test_credentials_are_compared_but_not_kept() -> None:
    def numbered(token: str) -> Config:
        http = {"proxy_connect_header": {"Authorization": [token]}, "authorization": {"credentials": token}}
        webhook = {"url": f"https://{token}:{token}@example.com/", "http_config": http}
        return Config(
            route=Route(receiver="w"), receivers=(Receiver(name="w", integrations={"webhook_configs": [webhook]}),)
        )

    (change,) = diff(numbered("hunter1"), numbered("hunter2")).changes
    assert change.kind == "moved"
    assert len(change.differing) == 3
    assert "hunter" not in repr(change)


def test_what_is_too_much_for_the_budget_is_told_coarsely() -> None:
    text = """\
route:
  receiver: none
  routes:
  - {matchers: [service=a, severity=info], receiver: one}
  - {matchers: [service=b, severity=info], receiver: one}
receivers:
- {name: none}
- {name: one, slack_configs: [{api_url_file: /one, channel: "#one"}]}
- {name: two, slack_configs: [{api_url_file: /two, channel: "#two"}]}
"""
    new = text.replace("service=a, severity=info], receiver: one", "service=a, severity=info], receiver: none")
    new = new.replace("service=b, severity=info], receiver: one", "service=b, severity=info], receiver: two")
    found = diff(alertmanager.load(text, "old"), alertmanager.load(new, "new"), budget=Budget(0)).changes
    assert all(change.varies and change.proven for change in found)
    alerts = [{"service": service, "severity": "info"} for service in ("a", "b")]
    assert {change.kind for alert in alerts for change in found if alert in change} == {"lost", "moved"}
    assert all(any(alert in change for change in found) for alert in alerts)


def _added(count: int, last: Route | None = None) -> tuple[Config, Config]:
    # Without and with so many independent routes, each of another receiver; the last route takes what is left.
    named = [
        Receiver(name=f"r{i}", integrations={"slack_configs": [{"channel": f"#{i}", "api_url_file": "/s"}]})
        for i in range(count)
    ]
    routes = [Route(receiver=f"r{i}", matchers=(Matcher(f"l{i}", "=~", "v.*"),), continue_=True) for i in range(count)]
    after = () if last is None else (last,)
    receivers = (*RECEIVERS, *named)
    return (
        Config(route=Route(receiver="root", routes=after), receivers=receivers),
        Config(route=Route(receiver="root", routes=(*routes, *after)), receivers=receivers),
    )


def test_independent_routes_are_told_one_by_one() -> None:
    without, added = _added(16, Route(receiver="x"))
    changes = diff(without, added).changes
    assert [(change.kind, change.apart) for change in changes] == [("new", True)] * 16
    assert {(one.receiver, *(label for label, _ in c.where.labels)) for c in changes for one in c.after} == {
        (f"r{i}", f"l{i}") for i in range(16)
    }
    removed = diff(added, without).changes
    assert [(change.kind, change.apart, change.after) for change in removed] == [("moved", True, ())] * 16


def test_a_page_that_independent_routes_take_from_the_default_is_lost() -> None:
    without, added = _added(16)
    paging = [replace(config, route=replace(config.route, receiver="x")) for config in (without, added)]
    changes = diff(paging[0], paging[1]).changes
    lost = [change for change in changes if change.kind == "lost"]
    alert = {"l3": "v", "l7": "v"}
    assert {one.receiver for change in lost if alert in change for one in change.before} == {"x"}
    assert not [change for change in lost if {} in change]
    assert {one.receiver for c in changes if alert in c for one in c.after} == {"r3", "r7"}


def test_what_is_alike_beside_a_difference_is_not_combined() -> None:
    _, old = _added(40)
    other = replace(old.route.routes[20], matchers=(Matcher("l20", "=~", "v.+"),))
    new = replace(old, route=replace(old.route, routes=(*old.route.routes[:20], other, *old.route.routes[21:])))
    changes = diff(old, new).changes
    assert {change.kind for change in changes if {"l20": "v"} in change} == {"moved"}
    assert {change.kind for change in changes if {"l20": "vw", "l3": "v"} in change} == {"regrouped"}
    assert not [change for change in changes if {"l3": "v"} in change]


def test_more_combinations_than_can_be_listed_are_answered() -> None:
    # They tell the same receiver, so that no route can be told by itself.
    routes = tuple(Route(matchers=(Matcher(f"l{i}", "=", "v"),), group_wait=i, continue_=True) for i in range(30))
    new = replace(_many(0), route=Route(receiver="root", routes=routes))
    changes = diff(_many(0), new).changes
    assert all(any({f"l{i}": "v", "l29": "v"} in change for change in changes) for i in range(30))
    assert not [change for change in changes if {"other": "v"} in change]
    assert all(change.proven for change in changes)


def test_what_a_matched_child_keeps_from_emitting_hides_what_follows_all_the_same() -> None:
    def tree(*more: Matcher) -> Route:
        x = Route(receiver="x", matchers=(Matcher("namespace", "=", "ab"),), continue_=True)
        last = Route(matchers=(*more, Matcher("severity", "=", "abc")))
        y = Route(receiver="y", routes=(x, last))
        return Route(receiver="root", routes=(y, Route(continue_=True)))

    receivers = (*RECEIVERS[:2], replace(RECEIVERS[0], name="y"))
    old, new = (
        Config(route=route, receivers=receivers) for route in (tree(), tree(Matcher("namespace", "=~", "(?s)x.y")))
    )
    alerts = [{"namespace": namespace, "severity": "abc"} for namespace in ("ab", "xay", "")]
    assert any(alerts[0] in change for change in diff(old, new).changes)
    _check(old, new, alerts)
    _check(new, old, alerts)
