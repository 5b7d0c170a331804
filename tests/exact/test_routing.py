"""Routing against a plain walk of the tree, and Alertmanager's own names for what it finds."""

from __future__ import annotations

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alertpath.alertmanager import config
from alertpath.alertmanager.config import Config, Route
from alertpath.alertmanager.matchers import Matcher
from alertpath.semantics import regexes
from alertpath.semantics.automata import Undecided, witness
from alertpath.semantics.routing import Router

NAMES = ("service", "severity", "namespace", "my label", "größe")
VALUES = ("", "a", "b", "ab", "a-b", "abc", "A", "b.c", "ü", "x\ny")
REGEXES = (
    *("a|b", "a.*", ".*b", ".+", ".*", "", "[ab]+", "(a|ab)-?b?", "a{1,2}", "(?i)a", "^a$", "a)|(b", "ü|.", "b\\.c"),
    *(
        "(?s)x.y",
        "[^a]",
        "(?:a.*|b.*)",
        "a.*b",
        "(a+b*)+",
        "\\w+",
        "[[:alpha:]]+",
        "(?s:.*)",
        "\\bab",
        "x.y",
        "\\Qb.c\\E",
    ),
)

matchers = st.one_of(
    st.builds(Matcher, st.sampled_from(NAMES), st.sampled_from(("=", "!=")), st.sampled_from(VALUES)),
    st.builds(Matcher, st.sampled_from(NAMES), st.sampled_from(("=~", "!~")), st.sampled_from(REGEXES)),
)
label_sets = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(VALUES), max_size=5)


def _routes(children: st.SearchStrategy[Route] | None) -> st.SearchStrategy[Route]:
    return st.builds(
        Route,
        receiver=st.sampled_from((None, "x", "y")),
        matchers=st.lists(matchers, max_size=3).map(tuple),
        group_by=st.sampled_from((None, (), ("...",), ("service", "severity"))),
        group_wait=st.sampled_from((None, 0, 1000)),
        continue_=st.booleans(),
        routes=st.lists(children, max_size=4).map(tuple) if children is not None else st.just(()),
    )


# Else a failing example is printed as the calls that made it, each tried in many ways: minutes for nested routes.
setattr(Route, "_repr_pretty_", lambda route, printer, _: printer.text(repr(route)))  # noqa: B010

trees = st.builds(
    Route,
    receiver=st.just("root"),
    routes=st.lists(_routes(_routes(_routes(None))), max_size=6).map(tuple),
)


def tree_walk(route: Route, labels: dict[str, str]) -> list[Route]:
    """Alertmanager's Route.Match, word for word."""
    if not all(matcher.matches(labels) for matcher in route.matchers):
        return []
    found: list[Route] = []
    for child in route.routes:
        matches = tree_walk(child, labels)
        found += matches
        if matches and not child.continue_:
            break
    return found or [route]


@settings(max_examples=200, deadline=None)
@given(trees, st.lists(label_sets, min_size=1, max_size=20))
def test_finds_what_a_walk_of_the_tree_finds(tree: Route, alerts: list[dict[str, str]]) -> None:
    router = Router(Config(route=tree))
    for labels in alerts:
        found = [id(route.route) for route in router.match(labels)]
        assert found == [id(route) for route in tree_walk(tree, labels)]


@settings(max_examples=40, deadline=None)
@given(trees)
def test_indices_are_children_first(tree: Route) -> None:
    routes = Router(Config(route=tree)).routes
    assert [route.index for route in routes] == list(range(len(routes)))
    for route in routes:
        below = [other for other in routes if other.place[: len(route.place)] == route.place]
        assert (route.first, route.index) == (below[0].index, below[-1].index)


def _config(text: str) -> Config:
    return config.load(text + "\nreceivers: [{name: a}, {name: b}]", "alertmanager.yaml")


def test_inherits_what_alertmanager_inherits() -> None:
    router = Router(
        _config("""
route:
  receiver: a
  group_by: [zone, alertname]
  repeat_interval: 2h
  labels: {team: none, tier: "1"}
  routes:
  - matchers: [x="1"]
    group_by: ['...']
    labels: {team: x}
    routes:
    - matchers: [y="1"]
      receiver: b
      group_by: []
      group_wait: 0s
""")
    )
    deep, upper, root = router.routes
    assert (root.group_wait, root.group_interval, root.repeat_interval) == (30_000, 300_000, 7_200_000)
    assert root.group_by == ("alertname", "zone")
    assert (upper.receiver, upper.group_by, upper.labels) == ("a", ("...",), {"team": "x", "tier": "1"})
    assert (deep.receiver, deep.group_by, deep.group_wait, deep.repeat_interval) == ("b", (), 0, 7_200_000)
    assert deep.key == '{}/{x="1"}/{y="1"}'
    assert [route.place for route in router.match({"x": "1"})] == [("route", "routes", 0)]


def test_group_keys_as_alertmanager_writes_them() -> None:
    router = Router(_config('route: {receiver: a, group_by: [b, a, c], routes: [{matchers: [a=~"(?s)x.*"]}]}'))
    labels = {"a": 'x"\n', "b": "ü", "c": "", "d": "1"}
    assert router.group_keys(labels) == ('{}/{a=~"(?s)x.*"}:{a="x\\"\\n", b="ü"}',)
    by_all = Router(_config("route: {receiver: a, group_by: ['...']}"))
    assert by_all.group_keys({"z": "1", "y": "2", "w": ""}) == ('{}:{y="2", z="1"}',)


def test_a_hundred_routes_under_one_value_are_filed_further() -> None:
    routes = tuple(
        Route(receiver="r", matchers=(Matcher("team", "=", "t"), Matcher("service", "=", f"s{i}"))) for i in range(100)
    )
    deeper = tuple(Route(matchers=(Matcher("service", "=", "s1"), Matcher("pod", "=", f"p{i}"))) for i in range(50))
    router = Router(Config(route=Route(receiver="d", routes=(*deeper, *routes))))
    assert router.match({"team": "t", "service": "s77"})[0].place[-1] == 127
    assert router.match({"service": "s1", "pod": "p3", "team": "t"})[0].place[-1] == 3
    assert router.match({"service": "s2", "pod": "p3"})[0].parent is None


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(REGEXES), st.text(st.sampled_from("abAü.-x\ny" + string.digits[:2]), max_size=5))
def test_regexes_are_read_as_re2_reads_them(pattern: str, text: str) -> None:
    expected = Matcher("l", "=~", pattern).matches({"l": text})
    assert bool(regexes.tester(pattern)(text)) == expected
    words = regexes.words(pattern)
    assert words is None or (text in words) == expected
    assert regexes.matches(pattern, text) == expected
    known = regexes.ends(pattern)
    if expected:
        assert text.startswith(known.begins)
        assert text.endswith(known.ends)
        assert (text + regexes.WHOLE).startswith(known.opening)
        assert (regexes.WHOLE + text).endswith(known.closing)


pieces = st.recursive(
    st.sampled_from(("a", "b", ".", "[ab]", "[^a]", "\\d", "0")),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(("*", "+", "?", "{2}", "{1,2}", "{0,1}?"))).map(lambda p: f"(?:{p[0]}){p[1]}"),
        st.lists(inner, min_size=2, max_size=3).map("".join),
        st.lists(inner, min_size=2, max_size=3).map(lambda p: f"({'|'.join(p)})"),
    ),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(
    st.frozensets(pieces, max_size=2),
    st.frozensets(pieces, max_size=2),
    st.frozensets(st.text("ab0", max_size=3), max_size=6),
    st.lists(st.text("ab0\n", max_size=4), max_size=30),
)
def test_a_witness_is_found_if_there_is_one(
    like: frozenset[str], unlike: frozenset[str], none_of: frozenset[str], tries: list[str]
) -> None:
    def fits(text: str) -> bool:
        labels = {"l": text}
        return (
            all(Matcher("l", "=~", pattern).matches(labels) for pattern in like)
            and not any(Matcher("l", "=~", pattern).matches(labels) for pattern in unlike)
            and text not in none_of
        )

    found = witness(like, unlike, none_of)
    if found is None:
        assert not any(map(fits, tries))
    else:
        assert fits(found)


@pytest.mark.parametrize("pattern", [".*x.{14}", ".*x.{30}", "(?:.*a){20}.*b.{25}"])
def test_a_witness_is_found_among_millions_of_states(pattern: str) -> None:
    found = witness(frozenset([pattern]), frozenset([".*c.{20}"]), frozenset())
    assert found is not None
    assert Matcher("l", "=~", pattern).matches({"l": found})


def test_a_witness_is_one_that_people_can_read() -> None:
    assert witness(frozenset(["[^\n]*"]), frozenset(), frozenset([""])) == "x"


@pytest.mark.parametrize("pattern", ["a\\b-", "\\pL", "(?m)a$\nb", "(?i)ü", "[\\d-z]+", "(?s).*\\B\\n.*"])
def test_word_edges_lines_folded_case_and_unicode_are_decided(pattern: str) -> None:
    found = witness(frozenset([pattern]), frozenset(), frozenset())
    assert found is not None
    assert Matcher("l", "=~", pattern).matches({"l": found})
    assert witness(frozenset([pattern]), frozenset([pattern]), frozenset()) is None


def test_a_regex_with_more_states_than_the_limit_is_undecided() -> None:
    with pytest.raises(Undecided):
        witness(frozenset(["(a{10}b{90}){10}" * 6]), frozenset(), frozenset())
