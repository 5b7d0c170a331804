"""Alerts that fire, in every form in which people have them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from alertpath.documents.problems import InvalidInput
from alertpath.explain.alerts import parse_alerts, read_alerts

DOWN = {"alertname": "Down", "severity": "critical"}
SLOW = {"alertname": "Slow", "severity": "warning"}


def test_label_mappings_in_yaml(tmp_path: Path) -> None:
    file = tmp_path / "firing.yaml"
    # As Go reads labels: what has no quotes is text all the same.
    file.write_text(
        '- alertname: Down\n  severity: critical\n- {"größe": on, code: 500, empty: ""}\n', encoding="utf-8"
    )
    assert read_alerts(file) == [DOWN, {"größe": "on", "code": "500"}]


@pytest.mark.parametrize("text", ["[]", " [ ]\n"])
def test_no_alerts(text: str) -> None:
    assert parse_alerts(text, "f") == []


def test_alertmanagers_own_json_with_silenced_alerts() -> None:
    alerts = [
        {"labels": DOWN, "annotations": {"summary": "\nlines\n\tof text 😀"}, "status": {"state": "active"}},
        {"labels": SLOW, "status": {"state": "suppressed", "silencedBy": ["x"]}, "receivers": [{"name": "a"}]},
    ]
    for text in (json.dumps(alerts), json.dumps(alerts, indent="\t"), json.dumps(alerts, ensure_ascii=False)):
        assert parse_alerts(text, "f") == [DOWN, SLOW]


def test_prometheus_json_without_what_does_not_fire_yet() -> None:
    alerts = [{"labels": DOWN, "state": "firing", "value": "1e+00"}, {"labels": SLOW, "state": "pending"}]
    text = json.dumps({"status": "success", "data": {"alerts": alerts}})
    assert parse_alerts(text, "f") == [DOWN]
    assert parse_alerts(json.dumps([{"labels": DOWN, "status": "resolved"}]), "f") == []


def test_a_label_of_the_name_labels() -> None:
    assert parse_alerts("[{labels: x, state: pending}]", "f") == [{"labels": "x", "state": "pending"}]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "f: is not a list of alerts"),
        ("alertname: Down", "f:1: is not a list of alerts"),
        ('{"status": "error", "data": {"alerts": 1}}', "f: data.alerts: is not a list of alerts"),
        ("- alertname: Down\n- severity=critical", "f:2: [1]: is not an alert"),
        ("- alertname: Down\n- alertname: [a]", "f:2: [1].alertname: is not text"),
        ('[{"labels": {"alertname": 1}}]', "f: [0].labels.alertname: is not text"),
        ("- alertname: Down\n-", "f:2: [1]: is not an alert"),
        ("- {}", "f:1: [0]: has no label"),
        ('- {a: ""}', "f:1: [0]: has no label"),
        ('- {"": a}', "f:1: [0]: has a label without a name"),
        ("- a: x\n  a: y", "f:2: [0].a: is written twice"),
        ('[{"a": "x", "a": "y"}]', "f: a key is written twice"),
        ("- a: 'x", "is not YAML"),
        ("[" * 100_000, "f: is nested too deeply"),
        ("- " * 100_000, "f: is nested too deeply"),
    ],
)
def test_mistakes_with_their_places(text: str, message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_alerts(text, "f")
    assert message in str(caught.value)


def test_all_mistakes_at_once() -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_alerts("- {}\n- a: b\n- [x]", "f")
    assert [problem.at.line for problem in caught.value.problems] == [1, 3]


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    file = tmp_path / "firing"
    file.write_bytes(b"\xff\xfe[]")
    with pytest.raises(InvalidInput, match="UTF-8"):
        read_alerts(file)
