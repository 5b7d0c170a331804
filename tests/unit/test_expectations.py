"""A team's expectations: what is read, what is met, what is told where they are not."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from alertpath.cli.main import main
from alertpath.configurations import loaded
from alertpath.documents.problems import InvalidInput
from alertpath.expectations.cases import read_expectations
from alertpath.expectations.plan import against_config, against_stacks, read_files, stacks_gone
from alertpath.expectations.run import Report, run
from alertpath.expectations.text import FORMATS
from alertpath.output.door import Door

ROOT = Path(__file__).resolve().parents[2]
STACKS = ("dev", "staging", "production")
CONFIG = """\
route:
  receiver: low
  group_by: [alertname]
  routes:
  - receiver: page
    matchers: [severity="critical"]
    group_wait: 0s
    continue: true
  - receiver: chat
    matchers: [team="a"]
    active_time_intervals: [office]
    group_by: ["..."]
  - receiver: blackhole
    matchers: [alertname="Watchdog"]
inhibit_rules:
- source_matchers: [severity="critical"]
  target_matchers: [severity="warning"]
  equal: [alertname]
receivers:
- name: page
  pagerduty_configs: [{routing_key_file: /a}]
- name: chat
  slack_configs: [{channel: "#a", api_url_file: /b}]
- name: low
  slack_configs: [{channel: "#b", api_url_file: /c}]
- name: blackhole
time_intervals:
- name: office
  time_intervals: [{weekdays: ["monday:friday"], times: [{start_time: "09:00", end_time: "18:00"}]}]
"""
MONDAY, SUNDAY = "2026-03-02 10:00", "2026-03-01 10:00"
WATCHDOG = {"labels": {"alertname": "Watchdog"}}
WARNING = {"labels": {"alertname": "A", "severity": "warning"}}
CRITICAL = {"labels": {"alertname": "A", "severity": "critical", "team": "a"}}


def written(where: Path, data: dict[str, Any]) -> Path:
    file = where / "cases.yaml"
    file.write_text(json.dumps(data), encoding="utf-8")
    return file


def results(where: Path, *cases: dict[str, Any], required: bool = False, **data: Any) -> Report:
    files = read_files([written(where, {**data, "cases": cases})], where)
    trials = against_config(files, loaded.of_text(CONFIG, "am.yaml"), None)
    return run(trials, coverage_required=required)


@pytest.mark.parametrize("stack", STACKS)
def test_the_guides_table_is_true(stack: str) -> None:
    report = run(against_stacks(read_files([], ROOT), ROOT, stack), coverage_required=True)
    assert len(report.results) >= 20
    assert {result.where for result in report.results} == {stack}
    assert not report.failed, FORMATS["text"](report)


MET: list[dict[str, Any]] = [
    {**WARNING, "receivers": ["low"], "destinations": ["Slack #b"], "group_by": ["alertname"], "group_wait": "30s"},
    {**CRITICAL, "receivers": ["chat", "page"], "destinations": ["PagerDuty", "Slack #a"]},
    {**CRITICAL, "repeat_interval": "240m", "group_interval": "300s"},
    {"labels": {"team": "a", "severity": ""}, "group_by": ["..."], "receivers": ["chat"]},
    {**CRITICAL, "at": MONDAY, "receivers": ["page", "chat"], "muted": []},
    {**CRITICAL, "at": SUNDAY, "receivers": ["page"], "muted": ["chat"], "destinations": ["PagerDuty"]},
    {**WARNING, "firing": [CRITICAL["labels"]], "receivers": [], "destinations": [], "inhibited": True},
    {**WARNING, "firing": [{"alertname": "B", "severity": "critical"}], "receivers": ["low"], "inhibited": False},
    {**WATCHDOG, "receivers": [], "destinations": []},
    {**WATCHDOG, "receivers": ["blackhole"]},
    {**WARNING, "receivers": {"production": ["page"], "any": ["low"]}},
    {"labels": {}, "receivers": ["low"]},
    {"labels": {"a": ""}, "firing": [{}], "receivers": ["low"], "inhibited": False},
    {**CRITICAL, "receivers": {"includes": ["chat"]}},
    {**CRITICAL, "receivers": {"includes": ["chat", "page"], "excludes": ["low"]}, "destinations": {"excludes": ["x"]}},
    {**CRITICAL, "at": SUNDAY, "receivers": {"excludes": ["chat"]}, "muted": {"includes": ["chat"]}},
    {**WARNING, "receivers": {"production": {"includes": ["page"]}, "any": {"excludes": ["page"]}}},
    {**WATCHDOG, "receivers": {"includes": ["blackhole"], "excludes": ["low"]}},
    {**WARNING, "name": "\n\tlines", "receivers": ["low"]},
]


@pytest.mark.parametrize("case", MET)
def test_met(tmp_path: Path, case: dict[str, Any]) -> None:
    report = results(tmp_path, case)
    assert not report.failed, FORMATS["text"](report)


UNMET: list[tuple[dict[str, Any], str, str, str]] = [
    ({**WARNING, "receivers": []}, "receivers", "nobody", "low"),
    ({**CRITICAL, "receivers": ["page"]}, "receivers", "page", "chat, page"),
    ({**CRITICAL, "receivers": ["chat", "low", "page"]}, "receivers", "chat, low, page", "chat, page"),
    ({**CRITICAL, "at": SUNDAY, "receivers": ["chat", "page"]}, "receivers", "chat, page", "page"),
    ({**CRITICAL, "at": MONDAY, "muted": ["chat"]}, "muted", "chat", "none"),
    ({**WARNING, "firing": [CRITICAL["labels"]], "receivers": ["low"]}, "receivers", "low", "nobody"),
    ({**WARNING, "firing": [CRITICAL["labels"]], "inhibited": False}, "inhibited", "no", "yes"),
    ({**WARNING, "destinations": ["Slack #a"]}, "destinations", "Slack #a", "Slack #b"),
    ({**CRITICAL, "group_wait": "0s"}, "group_wait", "0s", "0s and 30s"),
    ({**CRITICAL, "group_by": ["alertname"]}, "group_by", "alertname", "alertname and ..."),
    ({**WARNING, "group_by": []}, "group_by", "nothing", "alertname"),
    ({**WARNING, "receivers": ["blackhole"]}, "receivers", "blackhole", "low"),
    ({**WATCHDOG, "receivers": ["low"]}, "receivers", "low", "nobody"),
    ({**CRITICAL, "receivers": {"includes": ["low"]}}, "receivers", "includes low", "chat, page"),
    (
        {**CRITICAL, "receivers": {"any": {"includes": ["page"], "excludes": ["chat"]}}},
        *("receivers", "includes page; excludes chat", "chat, page"),
    ),
    ({**WATCHDOG, "receivers": ["low", "blackhole"]}, "receivers", "blackhole, low", "blackhole"),
]  # fmt: skip


@pytest.mark.parametrize(("case", "key", "expected", "happens"), UNMET)
def test_not_met(tmp_path: Path, case: dict[str, Any], key: str, expected: str, happens: str) -> None:
    [result] = results(tmp_path, case).results
    assert [(one.key, one.expected, one.happens) for one in result.differences] == [(key, expected, happens)]
    assert "takes it" in result.why[0]


@pytest.mark.parametrize("never", ["years: ['2020']", "weekdays: []"])
def test_a_receiver_that_is_told_at_no_time_does_not_count(tmp_path: Path, never: str) -> None:
    config = CONFIG.replace('weekdays: ["monday:friday"]', never)
    files = read_files([written(tmp_path, {"cases": [{**CRITICAL, "receivers": ["chat", "page"]}]})], tmp_path)
    [result] = run(against_config(files, loaded.of_text(config, "am.yaml"), None)).results
    assert [(one.key, one.happens) for one in result.differences] == [("receivers", "page")]
    assert "silent at any time, as it notifies only in office" in result.why[1]


def test_why(tmp_path: Path) -> None:
    cases = (
        {**CRITICAL, "at": SUNDAY, "receivers": ["pages"]},
        {**WARNING, "firing": [CRITICAL["labels"]], "receivers": ["low"]},
    )
    first, second = results(tmp_path, *cases).results
    assert first.why == (
        "am.yaml:5 takes it (severity=critical) to page",
        "am.yaml:9 takes it (team=a) to chat; silent then: only in office",
        "no receiver is called pages; did you mean page?",
    )
    assert second.why[1] == "inhibited by alertname=A, severity=critical, team=a, as am.yaml:16 says"


def test_routes_without_a_case(tmp_path: Path) -> None:
    report = results(tmp_path, {**CRITICAL, "receivers": ["chat", "page"]})
    assert [(str(one.origin), one.alerts) for one in report.unreached] == [
        ("am.yaml:13", "alertname=Watchdog"),
        ("am.yaml:1", "everything else"),
    ]
    assert not report.failed
    assert results(tmp_path, {**CRITICAL, "receivers": ["chat", "page"]}, required=True).failed
    every = ({**CRITICAL, "receivers": ["chat", "page"]}, {**WARNING, "receivers": ["low"]}, MET[8])
    assert not results(tmp_path, *every, required=True).failed


BAD: list[tuple[dict[str, Any], str]] = [
    ({"cases": []}, "cases: is empty"),
    ({"cases": [WARNING]}, "cases[0]: expects nothing"),
    ({"cases": [{**WARNING, "receivers": None, "group_wait": "1s"}]}, "cases[0].receivers: is empty"),
    ({"cases": [{**WARNING, "receiver": ["x"]}]}, "did you mean receivers?"),
    ({"cases": [{**WARNING, "receivers": "low"}]}, "cases[0].receivers: is not a list"),
    ({"cases": [{**WARNING, "receivers": {}}]}, "cases[0].receivers: expects nothing"),
    ({"cases": [{**WARNING, "receivers": {"includes": []}}]}, "cases[0].receivers: expects nothing"),
    ({"cases": [{**WARNING, "receivers": {"includes": "a"}}]}, "cases[0].receivers.includes: is not a list"),
    ({"cases": [{**WARNING, "receivers": {"includes": ["a"], "excludes": ["a"]}}]}, "includes and excludes a"),
    ({"cases": [{**WARNING, "receivers": {"any": {"include": ["a"]}}}]}, "did you mean includes?"),
    ({"cases": [{**WARNING, "receivers": [1]}]}, "cases[0].receivers[0]: is not a string"),
    ({"cases": [{"labels": {"a": 1}, "receivers": []}]}, "cases[0].labels.a: is not a string"),
    ({"cases": [{**WARNING, "at": "10:00", "receivers": []}]}, "cases[0].at: has no date"),
    ({"cases": [{**WARNING, "at": "2026-02-30 10:00", "receivers": []}]}, "cases[0].at: no such date"),
    ({"cases": [{**WARNING, "at": None, "receivers": []}]}, "cases[0].at: is empty"),
    ({"cases": [{**WARNING, "muted": []}]}, "cases[0]: `muted` without a moment"),
    ({"cases": [{**WARNING, "inhibited": True}]}, "cases[0]: `inhibited` while nothing else fires"),
    ({"cases": [{**WARNING, "group_wait": "soon"}]}, "cases[0].group_wait: is not a duration"),
    ({"stacks": ["a"], "config": "b", "cases": [MET[0]]}, "is for stacks and for a configuration file"),
    ({"stacks": ["a"], "cases": [{**WARNING, "receivers": {"b": [], "any": []}}]}, "receivers.b: is no stack that"),
    ({"config": "b", "cases": [{**WARNING, "receivers": {"b": [], "any": []}}]}, "receivers.b: is no stack that"),
]


@pytest.mark.parametrize(("data", "told"), BAD)
def test_what_is_refused(tmp_path: Path, data: dict[str, Any], told: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_expectations(written(tmp_path, data), "cases.yaml")
    assert told in str(caught.value)
    assert len(caught.value.problems) == 1
    assert "allowed: " in str(caught.value)


def test_yaml_that_readers_take_differently_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "cases.yaml"
    file.write_text("cases:\n- labels: {a: b}\n  at: 2026-03-02 10:00\n  receivers: [no]\n")
    with pytest.raises(InvalidInput) as caught:
        read_expectations(file, "cases.yaml")
    assert [(one.at.line, one.at.path) for one in caught.value.problems] == [
        (3, "cases[0].at"),
        (4, "cases[0].receivers[0]"),
    ]


def _for_stacks(where: Path, stack: str | None, **data: Any) -> str:
    files = read_files([written(where, {"cases": [MET[0]], **data})], ROOT)
    with pytest.raises(InvalidInput) as caught:
        against_stacks(files, ROOT, stack)
    return str(caught.value)


def test_which_stacks(tmp_path: Path) -> None:
    assert "does not say which configuration it is for" in _for_stacks(tmp_path, None)
    assert "stacks[0]: unknown stack" in _for_stacks(tmp_path, None, stacks=["prodution"])
    assert "did you mean production?" in _for_stacks(tmp_path, None, stacks=["prodution"])
    assert "nothing is expected in this stack" in _for_stacks(tmp_path, "dev", stacks=["production"])
    differs = [{**WARNING, "receivers": {"production": []}}]
    assert "says nothing for the stack dev" in _for_stacks(tmp_path, None, stacks=["dev", "production"], cases=differs)
    with pytest.raises(InvalidInput, match="no stack is given"):
        results(tmp_path, *differs, stacks=["production"])
    with pytest.raises(InvalidInput, match="no expectations are there"):
        read_files([], tmp_path)


def test_a_stack_that_is_gone_is_noted(tmp_path: Path) -> None:
    """Not one that is misspelt, asked for by name, or all that the file is for."""
    files = read_files([written(tmp_path, {"cases": [MET[0]], "stacks": ["perf", "production"]})], ROOT)
    assert [trial.where for trial in against_stacks(files, ROOT, None)] == ["production"]
    assert ["there is no stack 'perf' here" in gone.message for gone in stacks_gone(files, ROOT)] == [True]
    assert "stacks[0]: unknown stack" in _for_stacks(tmp_path, "perf", stacks=["perf", "production"])
    assert "stacks[0]: unknown stack" in _for_stacks(tmp_path, None, stacks=["perf"])


def test_a_file_without_stacks_is_for_the_one_that_is_asked_for(tmp_path: Path) -> None:
    files = read_files([written(tmp_path, {"cases": [{**WARNING, "receivers": ["slack-lowprio"]}]})], ROOT)
    [trial] = against_stacks(files, ROOT, "staging")
    assert trial.where == "staging"
    assert not run([trial]).failures


def test_a_file_for_a_configuration_beside_it(tmp_path: Path) -> None:
    (tmp_path / "am.yaml").write_text(CONFIG)
    files = read_files([written(tmp_path, {"config": "am.yaml", "cases": MET[:10]})], ROOT)
    report = run(against_stacks(files, ROOT, None))
    assert (len(report.results), report.failures) == (10, ())


@pytest.fixture
def failing(tmp_path: Path) -> Report:
    cases = (
        {**WARNING, "receivers": ["page"], "name": "page, 100%\u0001 of it"},
        {**WARNING, "receivers": ["low"]},
        {"labels": {"url": "https://hooks.slack.com/services/T00000000/B00000000/abcdefghijklmnop"}, "receivers": []},
    )
    return results(tmp_path, *cases, required=True)


def test_text(failing: Report) -> None:
    lines = FORMATS["text"](failing).splitlines()
    alert = "alertname=A, severity=warning (page, 100%\\u0001 of it)"
    assert lines[0].endswith(f"cases.yaml:1: not met in am.yaml: {alert}")
    assert lines[1:4] == [
        "    expected: receivers: page",
        "    happens:  receivers: low",
        "    why: am.yaml:1 takes it (everything else) to low",
    ]
    assert "am.yaml:5: error: no case reaches the route of severity=critical (in am.yaml)" in lines
    assert lines[-1] == "3 cases, 2 failed; 3 routes without a case."


def test_json(failing: Report) -> None:
    data = json.loads(FORMATS["json"](failing))
    assert data["counts"] == {"cases": 3, "failed": 2, "unreached": 3}
    assert [len(case["differences"]) for case in data["cases"]] == [1, 0, 1]
    assert data["cases"][0]["differences"] == [{"key": "receivers", "expected": "page", "happens": "low"}]
    assert data["unreached"][0]["line"] == 5


def test_junit(failing: Report) -> None:
    suites = ElementTree.fromstring(FORMATS["junit"](failing))  # noqa: S314
    assert [(suite.get("tests"), suite.get("failures")) for suite in suites] == [("3", "2"), ("3", "3")]
    failure = suites.find("testsuite/testcase/failure")
    assert failure is not None
    assert failure.get("message") == "receivers: expected page, happens low"
    assert "takes it (everything else)" in (failure.text or "")


def test_github(failing: Report) -> None:
    first = FORMATS["github"](failing).splitlines()[0]
    assert first.startswith("::error file=")
    assert ",line=1,title=page%2C 100%25\u0001 of it::alertname=A, severity=warning, in am.yaml%0Aexpected" in first


@pytest.mark.parametrize("form", FORMATS)
def test_no_credential_is_printed(failing: Report, form: str) -> None:
    stream = io.StringIO()
    Door(stream).write(FORMATS[form](failing))
    assert "abcdefghijklmnop" not in stream.getvalue()


Run = Callable[..., tuple[int, str]]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(ROOT)

    def run_it(*arguments: str) -> tuple[int, str]:
        code = main(["test", *arguments])
        return code, capsys.readouterr().out

    return run_it


def test_the_command(command: Run, tmp_path: Path) -> None:
    code, told = command()
    assert (code, told) == (0, f"{told.split(' ')[0]} cases, 0 failed.\n")
    assert command("--stack", "production", "expectations")[0] == 0
    golden = ROOT / "tests" / "golden" / "production"
    assert command("--config", str(golden / "alertmanager.yaml"), "--stack", "production")[0] == 0
    code, told = command("--config", str(golden / "alertmanager.yaml"), "--stack", "staging")
    assert code == 1
    assert "to pagerduty-seedtest" in told
    one = str(written(tmp_path, {"cases": [{**WARNING, "receivers": ["slack-lowprio"]}]}))
    assert command(one, "--stack", "production")[0] == 0
    assert command(one, "--stack", "production", "--require-coverage")[0] == 1


def test_the_example_of_the_docs_is_met(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "expectations.md").read_text(encoding="utf-8")
    file = tmp_path / "example.yaml"
    file.write_text(page.split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    report = run(against_stacks(read_files([file], ROOT), ROOT, None))
    assert len(report.results) == 6
    assert not report.failures, FORMATS["text"](report)
