"""Whatever people write into any field, no command prints a character that cannot be seen, or a credential."""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from alertpath.alertmanager import config as alertmanager
from alertpath.alertmanager import config_yaml
from alertpath.alertmanager.matchers import Matcher
from alertpath.cli.main import main
from alertpath.cluster import report
from alertpath.cluster.outcomes import failed
from alertpath.documents.safe_text import printable, safe, safe_json
from alertpath.output.door import Door, Exact

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "https://hooks.slack.com/services/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"
SIGNS = "\x1b]0;x\x07\x1b[2J\u202e\u2066\u200b\u2060\x9b\u3164\U000e0041\u2028\r"
LINE = "\n::error title=PLANTED::PLANTED\nPLANTED"
HOSTILE = (f"한{SIGNS}", f"a{LINE}", f"x {TOKEN}", f"\u202e{TOKEN}{LINE}")
ORDINARY = "세종 결제팀 👨‍👩‍👧 ❤️ 1️⃣ 👍🏽 ü …"


def raw(printed: str) -> set[str]:
    """What of a hostile text came out as it is."""
    found = {char for char in printed if char != "\n" and not char.isprintable() and char != "\u200d"}
    found |= {sign for sign in "\u3164\u200d" if sign in printed.replace("👨‍👩‍👧", "")}
    found |= {line for line in printed.split("\n") if line.startswith(("::error title=PLANTED", "PLANTED"))}
    return found | {part for part in (TOKEN, "B0EF45GH6", "x9Yz8Wv7") if part in printed}


def run(command: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    with contextlib.suppress(SystemExit):
        main(command)
    printed = capsys.readouterr()
    for text in printed:
        assert raw(text) == set(), (command, text)
        assert "Traceback" not in text
    return printed.out


def config(text: str, other: str) -> str:
    """A configuration with `text` in each field that may hold any text, and another one with `other`."""
    return config_yaml.write(
        {
            "route": {
                "receiver": text,
                "group_by": ["alertname"],
                "routes": [
                    {"matchers": [str(Matcher(text, "=", text))], "receiver": other, "continue": True},
                    {"matchers": ["severity=critical"], "receiver": other, "active_time_intervals": [text]},
                    {"matchers": [str(Matcher("team", "=~", re.escape(text)))], "receiver": other},
                ],
            },
            "time_intervals": [{"name": text, "time_intervals": [{"weekdays": ["monday"]}]}],
            "inhibit_rules": [{"name": text, "source_matchers": ["severity=critical"], "target_matchers": ["a=b"]}],
            "receivers": [
                {"name": text, "slack_configs": [{"channel": text, "title": text, "api_url_file": "/a"}]},
                {"name": other, "pagerduty_configs": [{"routing_key_file": "/b", "description": text}],
                 "webhook_configs": [{"url_file": "/c"}], "email_configs": [
                     {"to": text, "from": text, "smarthost": "a:25", "headers": {"Subject": text}}]},
            ],
        }
    )  # fmt: skip


def rules(text: str) -> str:
    rule = {"alert": text, "expr": "up", "labels": {"severity": text, "team": text, "service": text}}
    return json.dumps({"groups": [{"name": text, "rules": [rule, {"expr": text}]}]})


def cases(text: str) -> str:
    expected = {"receivers": [text], "destinations": [text], "group_by": [text]}
    return json.dumps({"cases": [{"name": text, "labels": {"alertname": text}, "expect": expected}]})


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_no_command_prints_a_hostile_name_raw(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = HOSTILE[number]
    directory = tmp_path / text.replace(TOKEN, "").replace("/", "_")
    directory.mkdir()
    monkeypatch.chdir(directory)
    Path("old").write_text(config(text, "b"), encoding="utf-8")
    Path("new").write_text(config(text, f"{text}2"), encoding="utf-8")
    Path("rules.yaml").write_text(rules(text), encoding="utf-8")
    Path("cases.yaml").write_text(cases(text), encoding="utf-8")
    Path("firing").write_text(json.dumps([{text: text, "severity": "critical"}]))
    here = str(directory)
    assert main(["explain", "--config", "old", f"{text}={text}"]) == 0
    assert main(["diff", "old", "new"]) == 0
    capsys.readouterr()
    commands = [
        *(["explain", "--config", file, *form, *firing, *labels]
          for file in ("old", f"{here}/new") for form in ([], ["--all"], ["--format", "json"])
          for firing in ([], ["--firing", "firing"])
          for labels in ([f"a={text}"], [f"{text}={text}", "a=b"], ["severity=critical"])),
        *(["check", "--config", f"{here}/new", "--rules", here, "--format", form]
          for form in ("text", "json", "sarif", "github")),
        *(["diff", f"{here}/old", "new", "--format", form] for form in ("text", "markdown", "json")),
        *(["test", "--config", "new", f"{here}/cases.yaml", "--format", form, "--require-coverage"]
          for form in ("text", "json", "junit", "github")),
        *([command, "--stack", text] for command in ("check", "compile", "explain a=b", "seal a", "verify")),
        ["explain", text], ["check", "--config", text], ["diff", text, text], ["diff", f"HEAD:{text}", "old"], [text],
        ["test", text], ["explain", "--config", "old", f"{text}=a", f"{text}=b"], ["review", "--base", text],
        ["check", "--config", "old", f"--{text}"], ["check", "--config", "old", "--format", text],
        ["explain", "--config", "old", "a=b", "--at", text], ["compile", "--stack-file", text, "--out", here],
    ]  # fmt: skip
    for command in commands:
        words = command[0].split() if len(command) > 1 else command
        out = run([*words, *command[1:]], capsys)
        if out and ("json" in command or "sarif" in command):
            json.loads(out)
        if out and "junit" in command:
            ElementTree.fromstring(out.split("\n", 1)[1])  # noqa: S314


def _pasted(data: Any, text: str) -> Iterator[Any]:
    """`data` with `text` in place of one text, or of one key."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            yield {text if other == key else other: data[other] for other in data}
            for other in _pasted(value, text):
                yield {**data, key: other}
    elif isinstance(data, list):
        for index, value in enumerate(data):
            for other in _pasted(value, text):
                yield [*data[:index], other, *data[index + 1 :]]
    else:
        yield text


@pytest.mark.parametrize("file", ["Pulumi.production.yaml", "catalog/seedtest.yaml", "expectations/seedtest.yaml"])
def test_no_field_of_a_stack_is_printed_raw(
    file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("Pulumi.yaml", "Pulumi.production.yaml", "catalog/seedtest.yaml", "expectations/seedtest.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    monkeypatch.chdir(tmp_path)
    data = yaml.safe_load((ROOT / file).read_text(encoding="utf-8"))
    commands = [
        "compile --stack production --table", "check --stack production", "test --format github --stack production",
        "compile --stack production", "explain --stack production a=b", "check --stack production --format sarif",
        "test --format junit", "check --stack production --format github",
    ]  # fmt: skip
    always = commands[:1]
    if file.startswith("expectations/"):
        commands, always = ["test --stack production", "test --format github", "test --format junit"], []
    texts = itertools.cycle(HOSTILE)
    for number, spoiled in enumerate(_pasted(data, "\0")):
        text = json.dumps(spoiled).replace("\\u0000", json.dumps(next(texts))[1:-1])
        (tmp_path / file).write_text(yaml.safe_dump(json.loads(text), sort_keys=False), encoding="utf-8")
        for command in (commands[number % len(commands)], *always):
            run(command.split(), capsys)


def test_verify_prints_nothing_raw() -> None:
    for text in HOSTILE:
        outcomes = [failed(text, text, text, text)]
        for written in report.FORMATS.values():
            stream = io.StringIO()
            Door(stream).write(written(outcomes))
            assert raw(stream.getvalue()) == set()


def test_ordinary_text_stays() -> None:
    assert safe(ORDINARY) == ORDINARY
    assert safe_json(json.dumps(ORDINARY, ensure_ascii=False)) == json.dumps(ORDINARY, ensure_ascii=False)


def test_what_is_written_out_is_written_out_once() -> None:
    for text in (*HOSTILE, ORDINARY):
        assert safe(safe(text)) == safe(text)
        assert safe(printable(text)) == safe(printable(text)).replace("\\\\", "\\\\")
    assert printable("a\u202eb\U000e0041\n") == "a\\u202eb\\U000e0041\\n"
    written = json.dumps({"a\u202e": f"{SIGNS}\U000e0041"}, ensure_ascii=False, indent=2)
    assert json.loads(safe_json(written)) == json.loads(written)


def test_a_credential_in_two_parts_is_hidden() -> None:
    stream = io.StringIO()
    door = Door(stream)
    print("to", TOKEN[:40], sep=" ", end="", file=door)
    print(TOKEN[40:], "\u202e", file=door)
    assert stream.getvalue() == "to (not shown: it looks like a credential) \\u202e\n"
    print("Send? ", end="", file=door, flush=True)
    door.write(Exact("a\u202e"))
    assert stream.getvalue().endswith("Send? a\u202e")


def test_a_configuration_is_what_it_looks_like() -> None:
    """`compile` prints what the engine deploys, so it is the configuration itself that has no invisible character."""
    written = alertmanager.dump(alertmanager.load(config(f"{SIGNS}{LINE}", "b"), "a"))
    assert raw(written) == set()
    assert alertmanager.load(written, "b") == alertmanager.load(config(f"{SIGNS}{LINE}", "b"), "a")


def test_the_command_line_as_a_whole(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "alertpath", "check", "--config", f"\u202e{TOKEN}", "--x\x1b[2J"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert raw(done.stdout + done.stderr) == set()
