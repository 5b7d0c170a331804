"""What is found is printed for people and programs alike, and no credential with it."""

from __future__ import annotations

import io
import json
from typing import Any

from alertpath.output.door import Door
from alertpath.output.findings import FORMATS, Finding, Rule, sorted_report

BAD = Rule("AP901", "bad-thing", "error", "It is bad.", "It hurts.", "make it good")
ODD = Rule("AP902", "odd-thing", "note", "It is odd.", "It puzzles.", "make it even")
WEBHOOK = "https://hooks.slack.com/services/T00000000/B00000000/abcdefghijklmnop"
REPORT = sorted_report(
    [
        Finding(ODD, "b c.yaml", 0, "", "odd: 100%, really\nand more"),
        Finding(BAD, "a.yaml", 7, "route.routes[1]", "bad", f"url {WEBHOOK}", "repair it"),
        Finding(BAD, "a.yaml", 3, "route", "worse"),
        Finding(BAD, "a.yaml", 3, "route", "worse"),
    ],
    [Finding(ODD, "a.yaml", 9, "x", "left", reason="we like it")],
)


def printed(form: str) -> str:
    stream = io.StringIO()
    Door(stream).write(FORMATS[form](REPORT))
    return stream.getvalue()


def test_the_worst_come_first_and_each_once() -> None:
    assert [finding.line for finding in REPORT.findings] == [3, 7, 0]
    assert REPORT.failed
    assert not sorted_report([Finding(ODD, "a", 1, "", "m")]).failed


def test_text_says_why_once_for_each_kind() -> None:
    assert printed("text").splitlines() == [
        "a.yaml:3: error AP901 bad-thing: worse (route)",
        "    why: It hurts.",
        "    mend: make it good",
        "a.yaml:7: error AP901 bad-thing: bad (route.routes[1])",
        "    value: url (not shown: it looks like a credential)",
        "    mend: repair it",
        "b c.yaml: note AP902 odd-thing: odd: 100%, really\\nand more",
        "    why: It puzzles.",
        "    mend: make it even",
        "2 errors, 1 note; 1 suppressed.",
    ]
    assert FORMATS["text"](sorted_report([])) == "nothing found.\n"


def test_json_has_everything() -> None:
    data = json.loads(FORMATS["json"](REPORT))
    assert data["counts"] == {"error": 2, "warning": 0, "note": 1}
    assert data["findings"][1] == {
        "id": "AP901",
        "name": "bad-thing",
        "severity": "error",
        "file": "a.yaml",
        "line": 7,
        "path": "route.routes[1]",
        "message": "bad",
        "value": "url (not shown: it looks like a credential)",
        "mend": "repair it",
        "why": "It hurts.",
    }
    assert data["suppressed"][0]["reason"] == "we like it"


def test_sarif_is_what_code_scanning_takes() -> None:
    log = json.loads(FORMATS["sarif"](REPORT))
    assert (log["version"], len(log["runs"])) == ("2.1.0", 1)
    run: dict[str, Any] = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["AP901", "AP902"]
    assert len(run["results"]) == 4
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("error", "warning", "note")
        location = result["locations"][0]["physicalLocation"]
        assert location["region"]["startLine"] >= 1
        assert location["artifactLocation"]["uri"] in ("a.yaml", "b%20c.yaml")
    assert run["results"][-1]["suppressions"] == [{"kind": "inSource", "justification": "we like it"}]


def test_github_gets_one_command_a_finding() -> None:
    lines = FORMATS["github"](REPORT).splitlines()
    assert lines[0] == "::error file=a.yaml,line=3,title=AP901 bad-thing::worse%0AWhy: It hurts.%0AMend: make it good"
    assert lines[2].startswith("::notice file=b c.yaml,title=AP902 odd-thing::odd: 100%25, really%0Aand more%0A")
    assert len(lines) == 4


def test_no_format_prints_a_credential() -> None:
    for form in FORMATS:
        assert "abcdefghijklmnop" not in printed(form)
