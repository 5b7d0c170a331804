"""Rule files are read as Prometheus and its operator read them, with lines; alerts go where their labels lead."""

from __future__ import annotations

import time
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from alertpath.alertmanager.config import Config, Receiver, Route
from alertpath.alertmanager.matchers import Matcher
from alertpath.checks import Subject, examine
from alertpath.checks.gather import NEWEST, of_stack
from alertpath.documents.places import Spot
from alertpath.rules import Alert, RuleFiles, read_rules

ROOT = Path(__file__).resolve().parents[2]
PLAIN = """\
groups:
  - name: recorded
    rules:
      - {record: "job:up:sum", expr: sum(up)}
  - name: api
    labels: {service: api, tier: "1"}
    rules:
      - alert: Down
        expr: up{job="api", namespace="web"} == 0
        labels:
          severity: critical
      - alert: Slow
        expr: latency{namespace="web"} > 1 and on () latency{namespace="db"} > 1
        labels: {severity: warning, service: other, tier: ""}
"""


def written(directory: Path, text: str, name: str = "rules.yaml") -> Path:
    file = directory / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def test_rule_files_have_lines_and_the_labels_of_their_group(tmp_path: Path) -> None:
    file = written(tmp_path, PLAIN)
    found = read_rules([file])
    assert not found.unreadable
    down, slow = found.alerts
    assert (down.name, down.group, down.line) == ("Down", "api", 8)
    assert down.labels == {"service": "api", "tier": "1", "severity": "critical"}
    assert down.lines == {"service": 6, "tier": 6, "severity": 11}
    assert slow.labels == {"severity": "warning", "service": "other"}
    assert down.of_expression("namespace") == "web"
    assert slow.of_expression("namespace") == ""


def test_prometheus_rules_lists_and_several_documents(tmp_path: Path) -> None:
    spec = "".join(f"    {line}\n" for line in PLAIN.splitlines())
    rule = f"  apiVersion: monitoring.coreos.com/v1\n  kind: PrometheusRule\n  spec:\n{spec}"
    alone = "".join(f"{line[2:]}\n" for line in rule.splitlines())
    listed = "apiVersion: v1\nkind: List\nitems:\n- " + rule[2:]
    text = f"{alone}---\nkind: ConfigMap\ndata: {{}}\n---\n---\n{listed}"
    found = read_rules([written(tmp_path, text)])
    assert [alert.name for alert in found.alerts] == ["Down", "Slow"] * 2
    assert all(text.splitlines()[alert.line - 1].strip().startswith("- alert:") for alert in found.alerts)


def test_directories_are_searched_and_other_files_left_alone(tmp_path: Path) -> None:
    written(tmp_path, PLAIN, "a/one.yml")
    written(tmp_path, PLAIN, "a/b/two.rules")
    written(tmp_path, "kind: Deployment\nspec: {}\n", "a/deployment.yaml")
    written(tmp_path, "nothing", "a/notes.txt")
    found = read_rules([tmp_path])
    assert len(found.alerts) == 4
    assert not found.unreadable


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    broken = written(tmp_path, "groups:\n  - name: x\n   rules: []\n")
    empty = written(tmp_path, "kind: Deployment\n", "deployment.yaml")
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"\xff\xfe")
    deep = written(tmp_path, "a: " + "[" * 100_000, "deep.yaml")
    neither = written(tmp_path, "groups: [{name: g, rules: [{expr: up}]}]\n", "neither.yaml")
    found = read_rules([broken, empty, binary, deep, neither, tmp_path / "absent.yaml"])
    assert [(Path(each.file).name, each.line > 0) for each in found.unreadable] == [
        ("rules.yaml", True),
        ("deployment.yaml", False),
        ("binary.yaml", False),
        ("deep.yaml", True),
        ("neither.yaml", True),
        ("absent.yaml", False),
    ]


def checked(directory: Path, rules: str) -> set[tuple[str, int]]:
    file = written(directory, rules)
    report = examine(of_stack(ROOT / "Pulumi.production.yaml", read_rules([file]), None, None))
    return {(each.rule.id, each.line) for each in report.findings if each.file == str(file)}


def rule(expression: str, labels: str) -> str:
    return f"groups:\n  - name: g\n    rules:\n      - alert: A\n        expr: {expression}\n        labels: {labels}\n"


def test_the_guides_own_rule_is_fine(tmp_path: Path) -> None:
    labels = "{severity: warning, service: seedtest-api, component: api}"
    assert checked(tmp_path, rule("job:http_error_rate_5m > 0.05", labels)) == set()


def test_a_critical_alert_of_another_application_never_pages(tmp_path: Path) -> None:
    labels = "{severity: critical, service: seedtest-web}"
    assert checked(tmp_path, rule("'up{namespace=\"seedtest\"} == 0'", labels)) == {("AP506", 4), ("AP507", 6)}


def test_a_label_that_may_come_from_the_expression_is_no_reason_to_warn(tmp_path: Path) -> None:
    # Any namespace is possible, so that it may be told to slack-lowprio by its route.
    assert checked(tmp_path, rule("up == 0", "{severity: info, service: seedtest-api}")) == set()
    assert checked(tmp_path, rule("up == 0", "{severity: info, service: web}")) == {("AP507", 6)}
    elsewhere = checked(tmp_path, rule("up == 0", "{severity: info, service: web, namespace: elsewhere}"))
    assert elsewhere == {("AP505", 4), ("AP507", 6)}


VALUES = {"severity": ["critical", "info"], "service": ["a", "b"], "namespace": ["", "n", "m", "other"]}
MATCHERS = st.one_of(
    *(
        st.builds(Matcher, st.just(label), st.sampled_from(["=", "!="]), st.sampled_from([*values, ""]))
        for label, values in VALUES.items()
    ),
    st.just(Matcher("namespace", "=~", "n|m")),
)


def routes(depth: int) -> st.SearchStrategy[Route]:
    below = st.lists(routes(depth - 1), max_size=3).map(tuple) if depth else st.just(())
    receiver = st.sampled_from(["page", "chat", "nobody", None])
    some = st.lists(MATCHERS, max_size=2).map(tuple)
    return st.builds(Route, matchers=some, routes=below, continue_=st.booleans(), receiver=receiver)


@given(st.lists(routes(1), max_size=4).map(tuple))
@settings(max_examples=300, deadline=None)
def test_no_value_of_an_unknown_label_leads_to_a_page_that_was_denied(below: tuple[Route, ...]) -> None:
    receivers = (
        Receiver(name="page", integrations={"pagerduty_configs": [{}]}),
        Receiver(name="chat", integrations={"slack_configs": [{}]}),
        Receiver(name="nobody"),
    )
    alerts = [
        Alert("f", 1, "g", "A", {"severity": severity, "service": service})
        for severity in VALUES["severity"]
        for service in VALUES["service"]
    ]
    subject = Subject(
        config=Config(route=Route(receiver="chat", routes=below), receivers=receivers),
        locate=lambda _: Spot(""),
        files={},
        alertmanager=NEWEST,
        rules=RuleFiles(tuple(alerts)),
    )
    for fate in subject.fates:
        ends = [
            route
            for namespace in VALUES["namespace"]
            for route in subject.router.match({**fate.alert.labels, "alertname": "A", "namespace": namespace})
        ]
        assert fate.pages or not any(route.receiver == "page" for route in ends)
        assert fate.told or all(route.parent is None or route.receiver == "nobody" for route in ends)


def test_suppressions_stand_in_rule_files_too(tmp_path: Path) -> None:
    text = rule("up == 0", "{severity: critical, service: seedtest-api, team: x}")
    labels = "labels: {severity: fatal, service: seedtest-api}  # alertpath: ignore AP503 because it is older than we"
    text = text.replace("labels: {severity: critical, service: seedtest-api, team: x}", labels)
    assert checked(tmp_path, text) == set()


def test_a_thousand_rule_files_are_checked_in_time(tmp_path: Path) -> None:
    for number in range(1_000):
        alerts = "".join(
            f'      - alert: A{number}n{i}\n        expr: up{{namespace="ns{number}"}} == 0\n        for: 5m\n'
            f"        labels:\n          severity: {severity}\n          service: s{number}\n"
            f"        annotations:\n          summary: It is down\n"
            for i, severity in enumerate(("critical", "warning", "info"))
        )
        written(tmp_path, f"groups:\n  - name: g{number}\n    rules:\n{alerts}", f"{number}.yaml")
    start = time.process_time()
    report = examine(of_stack(ROOT / "Pulumi.production.yaml", read_rules([tmp_path]), None, None))
    # To reach is 2 s on an idle machine.
    assert time.process_time() - start < 4
    assert sum(each.rule.id == "AP506" for each in report.findings) == 1_000
