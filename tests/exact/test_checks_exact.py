"""What the checks say of conditions, routes and inhibition is exact: compared with all labels there are."""

from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from alertpath.alertmanager.config import Config, InhibitRule, Receiver, Route
from alertpath.alertmanager.matchers import Matcher, parse
from alertpath.checks import Subject
from alertpath.checks.conditions import allowed, implies, left_over, possible
from alertpath.checks.gather import NEWEST
from alertpath.checks.inhibition import inhibits_page
from alertpath.documents.places import Spot

VALUES = ("", "x", "y", "z", "xz", "q")
REGEXES = ("x|y", "x.*", ".+", ".*", "x?", "[xy]z?", "")
MATCHERS = st.one_of(
    st.builds(Matcher, st.sampled_from("ab"), st.sampled_from(("=", "!=")), st.sampled_from(VALUES[:5])),
    st.builds(Matcher, st.sampled_from("ab"), st.sampled_from(("=~", "!~")), st.sampled_from(REGEXES)),
)
CONDITIONS = st.lists(MATCHERS, max_size=3).map(tuple)
EVERYTHING = [{"a": a, "b": b} for a, b in itertools.product((*VALUES, "xx", "yz", "xzz", "zz"), repeat=2)]


def fulfil(conditions, labels) -> bool:
    return all(matcher.matches(labels) for matcher in conditions)


@given(CONDITIONS, CONDITIONS, st.lists(CONDITIONS, max_size=3))
@settings(max_examples=400, deadline=None)
def test_conditions_are_decided_exactly(one, other, taken) -> None:
    mine = [labels for labels in EVERYTHING if fulfil(one, labels)]
    assert possible(one) == bool(mine)
    if mine:
        assert implies(one, other) == all(fulfil(other, labels) for labels in mine)
    rest = left_over(one, taken)
    expected = [labels for labels in mine if not any(fulfil(others, labels) for others in taken)]
    assert (rest is None) == (not expected)
    if rest is not None:
        assert fulfil(one, rest)
        assert not any(fulfil(others, rest) for others in taken)


def tree(depth: int):
    below = st.lists(tree(depth - 1), max_size=3).map(tuple) if depth else st.just(())
    return st.builds(Route, matchers=CONDITIONS, routes=below, continue_=st.booleans(), receiver=st.none())


@given(st.lists(tree(1), max_size=4).map(tuple))
@settings(max_examples=300, deadline=None)
def test_unreachable_routes_are_found_exactly(routes) -> None:
    subject = Subject(
        config=Config(route=Route(receiver="r", routes=routes)),
        locate=lambda _: Spot(""),
        files={},
        alertmanager=NEWEST,
    )
    reached: set[int] = set()
    for labels in EVERYTHING:
        for route in subject.router.match(labels):
            at = route
            while at is not None:
                reached.add(at.index)
                at = at.parent
    assert {route.index for route in subject.routes if subject.enters(route)} == reached
    for route in subject.routes:
        labels = subject.taken(route)
        ends = any(route in subject.router.match(each) for each in EVERYTHING)
        assert (labels is not None) == ends
        assert labels is None or route in subject.router.match(labels)


@given(CONDITIONS, CONDITIONS, CONDITIONS)
@settings(max_examples=300, deadline=None)
def test_inhibition_of_pages_is_found_exactly(source, target, page) -> None:
    subject = Subject(
        config=Config(
            route=Route(receiver="chat", routes=(Route(receiver="page", matchers=page),)),
            receivers=(Receiver(name="chat"), Receiver(name="page", integrations={"pagerduty_configs": [{}]})),
            inhibit_rules=(InhibitRule(source=source, target=target),),
        ),
        locate=lambda _: Spot(""),
        files={},
        alertmanager=NEWEST,
    )
    alerts = [{**labels, "severity": severity} for labels in EVERYTHING for severity in ("critical", "info")]
    sources = [alert for alert in alerts if fulfil(source, alert)]
    pages = [alert for alert in alerts if fulfil((*target, *page, subject.critical), alert)]
    # Alertmanager: what fulfils both sides is not silenced by what fulfils both sides.
    alone = any(not fulfil(target, alert) for alert in sources)
    silenced = any(sources if not fulfil(source, alert) else alone for alert in pages)
    assert bool(list(inhibits_page.CHECK.run(subject))) == silenced


def test_values_are_listed_where_they_are_few() -> None:
    assert allowed((parse('a=~"x|y"'), parse('a!="x"'))) == {"y"}
    assert allowed((parse('a=~"x.*"'),)) is None
