"""Differences in words."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertpath.alertmanager import config as alertmanager
from alertpath.alertmanager.config import Config, NamedTimeInterval, Receiver, Route
from alertpath.alertmanager.integration_fields import OBJECTS
from alertpath.alertmanager.matchers import Matcher
from alertpath.alertmanager.time_intervals import TimeInterval, parse
from alertpath.diff.deliveries.comparison import Difference, diff
from alertpath.diff.words import hours
from alertpath.diff.words.as_markdown import code
from alertpath.diff.words.as_text import json_text, loses_pages, markdown, text
from alertpath.documents.go_yaml import Reader
from alertpath.output import alert_classes
from alertpath.semantics.automata import Undecided
from alertpath.semantics.hours import hours as hours_of
from alertpath.semantics.label_sets import Values, Where

PRODUCTION = (Path(__file__).parents[1] / "golden/production/alertmanager.yaml").read_text()


def changed(*replacements: tuple[str, str]) -> Difference:
    edited = PRODUCTION
    for old, new in replacements:
        assert old in edited
        edited = edited.replace(old, new, 1)
    return diff(alertmanager.load(PRODUCTION, "old"), alertmanager.load(edited, "new"))


def told(*replacements: tuple[str, str]) -> str:
    return text(changed(*replacements), "old", "new")


def test_nothing() -> None:
    same = changed()
    assert text(same, "a", "b") == "a -> b\nNo alert fares differently.\n"
    assert markdown(same, "a", "b") == "`a` -> `b`: No alert fares differently.\n"
    assert json.loads(json_text(same, "a", "b"))["changes"] == []
    assert not loses_pages(same)


def test_a_lost_page_as_a_whole() -> None:
    lost = changed(("receiver: pagerduty-seedtest", "receiver: slack-seedtest"))
    assert loses_pages(lost)
    assert text(lost, "old", "new") == (
        "old -> new\n"
        "1 class of alerts fares differently: lost pages 1.\n"
        "\n"
        "LOST PAGES (1 class): somebody was woken up and no longer is\n"
        "  service=seedtest-api, severity=critical, alertname not InfoInhibitor|Watchdog\n"
        "      before     pagerduty-seedtest: PagerDuty\n"
        "      after      slack-seedtest: Slack #seedtest-alerts\n"
        "      PagerDuty  incidents that are open now get no resolve: "
        "resolve them by hand, or merge while none is open\n"
        "      example    alertname=other service=seedtest-api severity=critical\n"
    )


HOURS = "only in business-hours (Mon-Fri 09:00-18:00 Asia/Seoul)"
SLACK = "send_resolved: {}\n    api_url_file"
PAGE = 'severity{}"critical"\n    group_wait'
ACTIVE = "    active_time_intervals: [business-hours]\n"
WAIT = "    group_wait: 0s"
ROOT = "route:\n  receiver: "


@pytest.mark.parametrize(
    ("old", "new", "title", "line"),
    [
        ("#seedtest-alerts", "#alarm", "MOVED (1", 'slack.channel "#seedtest-alerts" -> "#alarm"'),
        (WAIT, "    group_wait: 90s", "TIMING (1", "group_wait 0s -> 1m30s"),
        ("monday:friday", "monday", "TIMING (1", f"hours {HOURS} -> redefined: Mon 09:00-18:00 Asia/Seoul"),
        (ACTIVE, "", "TIMING (1", f"hours {HOURS} -> any time"),
        (SLACK.format("true"), SLACK.format("false"), "CHANGED (1", "slack.send_resolved true -> false"),
        (WAIT, f"    group_by: ['...']\n{WAIT}", "REGROUPED (1", "alertname, namespace and service -> all labels"),
        (PAGE.format("="), PAGE.format("=~"), "REGROUPED (1", "PagerDuty incidents that are open now get no resolve"),
        (f"{ROOT}slack-lowprio", f"{ROOT}nobody", "LOST (1", "after nobody"),
        (WAIT, f"{WAIT}\n    continue: true", "NEW (1", "besides others are told as before"),
        ("resolve_timeout: 5m", "resolve_timeout: 6m", "GENERAL", "resolve after another time"),
        ("service, namespace]\nreceivers", "service]\nreceivers", "INHIBITION (1", "none of these is paged for"),
        ("*.tmpl", "a.tmpl", "No alert fares differently.", "templates: other files are loaded"),
    ],
)
def test_what_is_said(old: str, new: str, title: str, line: str) -> None:
    found = told((old, new))
    assert title in found
    assert line in " ".join(found.split())


def test_what_cannot_be_decided_is_not_proven(monkeypatch: pytest.MonkeyPatch) -> None:
    def undecided(*_: object) -> None:
        raise Undecided("too large")

    monkeypatch.setattr("alertpath.semantics.label_sets.witness", undecided)
    found = told(('service="seedtest-api"', 'service=~"seedtest-\\\\bapi"'))
    assert "  (not proven) service like /seedtest-\\bapi/ but not seedtest-api, severity=critical" in found
    assert "not proven  there may be no such alert: /seedtest-\\bapi/ cannot be decided" in found
    shown = markdown(changed(('service="seedtest-api"', 'service=~"seedtest-\\\\bapi"')), "old", "new")
    assert "` (**not proven**)\n" in shown


def test_only_lost_pages_fail() -> None:
    assert not loses_pages(changed(("route:\n  receiver: slack-lowprio", "route:\n  receiver: nobody")))
    assert not loses_pages(changed(("pagerduty-routing-key/routing_key", "pagerduty-routing-key/other")))


def test_a_silenced_page_fails_and_an_example_says_what_silences_it() -> None:
    rule = "- {source_matchers: [alertname=Down], target_matchers: ['severity=~\".+\"'], equal: [cluster]}\n"
    silenced = changed(("inhibit_rules:\n", f"inhibit_rules:\n{rule}"))
    assert loses_pages(silenced)
    found = text(silenced, "old", "new")
    assert "SILENCED PAGES" in found
    assert "while alertname=Down fires, any severity, alertname not Down is now silent (same cluster)" in found
    assert "example  alertname=other service=seedtest-api severity=critical\n      while    alertname=Down\n" in found
    back = diff(alertmanager.load(PRODUCTION.replace("inhibit_rules:\n", f"inhibit_rules:\n{rule}"), "old"),
                alertmanager.load(PRODUCTION, "new"))  # fmt: skip
    assert not loses_pages(back)
    assert "is no longer silent" in text(back, "old", "new")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (Values(frozenset(("a",))), "x=a"),
        (Values(frozenset(("b", "a"))), "x=a|b"),
        (Values(frozenset(("",))), "no x"),
        (Values(frozenset(("", "a"))), "x=a or none"),
        (Values(frozenset(("a b", "c|d"))), 'x="a b"|"c|d"'),
        (Values(None, frozenset(("a",))), "x not a"),
        (Values(None, frozenset(("",))), "any x"),
        (Values(None, frozenset(("", "a"))), "any x but a"),
        (Values(None, frozenset(), frozenset(("db-.*",))), "x like /db-.*/"),
        (Values(None, frozenset(("db-1",)), frozenset(("db-.*",))), "x like /db-.*/ but not db-1"),
        (
            Values(None, frozenset(("db-1",)), frozenset(("db-.*",)), frozenset((".*-2",))),
            "x like /db-.*/ but not db-1 and not like /.*-2/",
        ),
        (Values(None, frozenset(), frozenset(), frozenset(("db-.*",))), "x not like /db-.*/"),
        (Values(None, frozenset(), frozenset((".+",))), "any x"),
        (Values(None, frozenset(), frozenset(), frozenset((".+",))), "no x"),
        (Values(None, frozenset(("a",)), frozenset((".*",))), "x not a"),
        (Values(frozenset(f"n{i}" for i in range(7))), "x=n0|n1|n2|n3|n4|n5|n6"),
        (Values(frozenset(f"n{i}" for i in range(8))), "x=n0|n1|n2|n3|n4|n5|... (2 more)"),
    ],
)
def test_classes(values: Values, expected: str) -> None:
    assert alert_classes.where(Where((("x", values),))) == expected


def test_every_alert_and_exceptions_last() -> None:
    assert alert_classes.where(Where()) == "every alert"
    alertname = ("alertname", Values(None, frozenset(("Watchdog",))))
    assert alert_classes.where(Where((alertname, ("b", Values(frozenset("c")))))) == "b=c, alertname not Watchdog"


def test_an_example_can_be_pasted_into_a_shell() -> None:
    labels = {"a": "it's", "b": "$(x) \\ `y`", "c": "two\nlines\t\u202e", "d": "", "ü e": "\U000e0001"}
    pasted = subprocess.run(
        ["bash", "-c", f"printf '%s\\0' {alert_classes.example(labels)}"],
        capture_output=True, check=True, env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"},
    ).stdout.decode()  # fmt: skip
    assert pasted.split("\0")[:-1] == [f"{name}={value}" for name, value in labels.items() if value]
    assert alert_classes.example(labels).isprintable()
    assert shlex.split(alert_classes.example({"a": "b c"})) == ["a=b c"]


def interval(**fields: Any) -> TimeInterval:
    reader = Reader("test")
    found = parse(reader, fields)
    assert not reader.problems
    return found


OFFICE = {
    "weekdays": ["monday:friday"],
    "times": [{"start_time": "09:00", "end_time": "18:00"}],
    "location": "Europe/Berlin",
}


YEAR_END = {"months": ["12"], "years": ["2026"], "location": "Europe/Berlin"}
NEW_YEAR = {"months": ["1"], "years": ["2027"], "location": "Europe/Berlin"}
FREEZE = [
    {"days_of_month": ["30"], "times": [{"start_time": "22:00", "end_time": "24:00"}], **YEAR_END},
    {"days_of_month": ["31"], **YEAR_END},
    {"days_of_month": ["1"], **NEW_YEAR},
    {"days_of_month": ["2"], "times": [{"start_time": "00:00", "end_time": "02:00"}], **NEW_YEAR},
]


@pytest.mark.parametrize(
    ("active", "mute", "expected"),
    [
        (None, [], "any time"),
        ([], [], "never"),
        ([OFFICE], [], "Mon-Fri 09:00-18:00 Europe/Berlin"),
        ([OFFICE], [OFFICE], "never"),
        (None, [{"weekdays": ["saturday", "sunday"]}], "Mon-Fri UTC"),
        ([{"times": [{"start_time": "22:00", "end_time": "24:00"}, {"start_time": "00:00", "end_time": "06:30"}]}], [],
         "daily 22:00-06:30 UTC"),
        ([OFFICE], [{"weekdays": ["friday"], "location": "Asia/Seoul"}],
         "Mon-Fri 09:00-18:00 Europe/Berlin, but not Fri Asia/Seoul"),
        ([OFFICE, {"weekdays": ["sunday"], "location": "Asia/Seoul"}], [],
         "Sun Asia/Seoul and Mon-Fri 09:00-18:00 Europe/Berlin"),
        ([{"months": ["january:march", "december"]}], [], "in Jan-Mar, Dec UTC"),
        ([{"days_of_month": ["1:7"]}], [], "on days 1-7 of each month UTC"),
        ([{"days_of_month": ["-1"]}], [], "on day -1 of each month UTC"),
        ([{"days_of_month": ["-3:-1"], "weekdays": ["monday"]}], [], "Mon on days -3 to -1 of each month UTC"),
        (None, [{"days_of_month": ["24:26"], "months": ["december"]}], "not told on days 24-26 in Dec UTC"),
        ([OFFICE], FREEZE, "Mon-Fri 09:00-18:00, but not 2026-12-30 22:00 to 2027-01-02 02:00 Europe/Berlin"),
        (None, FREEZE, "not told 2026-12-30 22:00 to 2027-01-02 02:00 Europe/Berlin"),
        (FREEZE, [], "2026-12-30 22:00 to 2027-01-02 02:00 Europe/Berlin"),
        (None, [{"times": [{"start_time": "00:00", "end_time": "23:59"}]}], "daily 23:59-24:00 UTC"),
        (None, [{"years": ["2026:2030"]}], "not told until 2031-01-01 00:00 UTC"),
        (None, [{"years": ["2020"]}], "any time"),
        ([{"years": ["2020"]}], [], "never"),
        ([{"days_of_month": ["1:2", "-1"]}], [], "on some dates UTC"),
        ([{"years": ["2030:2031"]}], [], "2030-01-01 00:00 to 2032-01-01 00:00 UTC"),
    ],
)  # fmt: skip
def test_hours(active: list[dict[str, Any]] | None, mute: list[dict[str, Any]], expected: str) -> None:
    only = None if active is None else [interval(**each) for each in active]
    assert (
        hours.in_words(hours_of(only, [interval(**each) for each in mute], date(2026, 11, 28), (0, 35, 0))) == expected
    )


EVIL = "x`</details>``@all\n\n# |<img src=x>\u202e\x1b[31m"


def evil() -> Difference:
    def config(channel: str, text: str, **route: Any) -> Config:
        slack = {"slack_configs": [{"channel": channel, "text": text, "api_url_file": "/s"}]}
        matchers = (Matcher(EVIL, "=", EVIL), Matcher("a", "=~", "b.*`"))
        return Config(
            route=Route(receiver="r", routes=(Route(receiver=EVIL, matchers=matchers, **route),)),
            receivers=(Receiver(name="r"), Receiver(name=EVIL, integrations=slack)),
            time_intervals=(NamedTimeInterval(name=EVIL, intervals=(interval(weekdays=["monday"]),)),),
        )

    return diff(config(EVIL, "x", group_by=(EVIL,)), config("#a", EVIL, mute_time_intervals=(EVIL,)))


def test_nothing_of_a_configuration_breaks_out_of_the_words() -> None:
    found = evil()
    for shown in (text(found, EVIL, EVIL), markdown(found, EVIL, EVIL)):
        assert all(line.isprintable() for line in shown.splitlines())
    left = _without_spans(markdown(found, EVIL, EVIL))
    assert re.fullmatch(r"[\w\s.,:;()*#>-]*", left), left
    assert "#" not in left.replace("\n#### ", "")


def _without_spans(shown: str) -> str:
    # As CommonMark reads code spans: up to the next run of just as many backticks.
    left = ""
    while opening := re.search("`+", shown):
        left += shown[: opening.start()]
        rest = shown[opening.end() :]
        closing = next(run for run in re.finditer("`+", rest) if len(run[0]) == len(opening[0]))
        assert "\n" not in rest[: closing.start()]
        shown = rest[closing.end() :]
    return left + shown


@given(st.text(st.sampled_from("`a \n<")))
def test_a_code_span_is_closed_by_its_own_end_alone(inside: str) -> None:
    assert _without_spans(f"{code(inside)}end") == "end"
    assert _without_spans(f"{code(inside)} {code(inside)}") == " "


def many(count: int) -> Difference:
    """As many namespaces, from 40 receivers to 40 others; the seventh was a page."""

    def config(team: str) -> Config:
        slack = [{"slack_configs": [{"channel": f"#{team}{i}", "api_url_file": "/s"}]} for i in range(40)]
        told: list[dict[str, Any]] = [*slack]
        if team == "a":
            told[7] = {"pagerduty_configs": [{"routing_key_file": "/7"}]}
        receivers = (Receiver(name=f"{team}{i}", integrations=each) for i, each in enumerate(told))
        routes = (
            Route(receiver=f"{team}{i % 40}", matchers=(Matcher("namespace", "=", f"ns-{i}"),)) for i in range(count)
        )
        return Config(route=Route(receiver="root", routes=tuple(routes)), receivers=(Receiver(name="root"), *receivers))

    return diff(config("a"), config("b"))


@pytest.mark.parametrize("limit", [300, 1_000, 2_500, 4_000, 100_000])
def test_markdown_within_a_limit_keeps_the_worst(limit: int) -> None:
    found = many(80)
    shown = markdown(found, "old", "new", limit)
    assert len(shown) <= limit
    assert shown.count("<details>") == shown.count("</details>")
    items = len(re.findall("^- `", shown, re.MULTILINE))
    left = re.search(r"(\d+) more class(es are|is) left out here", shown)
    assert items + (int(left[1]) if left else 0) == len(found.changes) == 40
    assert (limit == 100_000) == (left is None)
    if limit > 300:
        assert "#### Lost pages (1 class)\n" in shown
    if limit == 100_000:
        assert "<details><summary>31 more classes</summary>" in shown
        assert shown == markdown(found, "old", "new")


def test_json_is_complete() -> None:
    data = json.loads(json_text(many(800), "old", "new"))
    assert data["old"] == "old"
    assert data["summary"] == {
        "loses_pages": True, "lost": 1, "newly pages": 0, "moved": 39, "changed": 0, "timing": 0, "new": 0,
        "regrouped": 0, "nobody": 0, "silenced": 0, "no longer silenced": 0,
    }  # fmt: skip
    lost = data["changes"][0]
    assert (lost["kind"], lost["loses_page"], lost["proven"]) == ("lost", True, True)
    assert lost["where"] == {"namespace": {"one_of": sorted(f"ns-{i}" for i in range(7, 800, 40))}}
    assert lost["before"][0]["integrations"] == [{"integration": "pagerduty", "to": "PagerDuty", "pages": True}]
    assert {"name": "receiver", "before": "a7", "after": "b7"} in lost["differing"]
    assert lost["example"]["namespace"] in lost["where"]["namespace"]["one_of"]


def _planted(kind: str, number: int) -> dict[str, Any]:
    # All that may hold a credential in an integration, nested ones too, each with another value.
    found: dict[str, Any] = {}
    for name, field in OBJECTS[kind].fields.items():
        if field.credential or field.twin:
            found[name] = f"https://planted{number}.example.com/planted{number}"
        elif field.of in OBJECTS and field.kind == "object":
            found[name] = _planted(field.of, number)
    return found


@pytest.mark.parametrize("kind", sorted(name for name in OBJECTS if name.endswith("_configs")))
def test_no_credential_is_printed(kind: str) -> None:
    def config(number: int) -> Config:
        receiver = Receiver(name="r", integrations={kind: [_planted(kind, number)]})
        return Config(route=Route(receiver="r"), receivers=(receiver,))

    found = diff(config(1), config(2))
    assert found
    for shown in (text(found, "a", "b"), markdown(found, "a", "b"), json_text(found, "a", "b")):
        assert "/planted" not in shown.replace("//planted", "")
    assert "(not shown)" in text(found, "a", "b")


@pytest.mark.parametrize("regex", [".*", "(?s).*"])
def test_a_regex_that_any_value_matches_is_not_said(regex: str) -> None:
    labels = (("a", Values(like=frozenset((regex,)))), ("b", Values(frozenset("c"))))
    assert alert_classes.where(Where(labels)) == "b=c"
    assert alert_classes.where(Where(labels[:1])) == "every alert"
