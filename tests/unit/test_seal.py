"""Sealing changes one value of the stack's file and nothing else, whatever kind of file it is."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from alertpath.documents.problems import InvalidInput
from alertpath.inputs.seal import seal, with_scalar
from tests.unit.samples import CIPHERTEXT, SETTINGS, stack

STACK = """\
# 비밀
config:
  alertpath:settings:
    delivery: cluster
    catalog: [team.yaml]
    receivers: [page, chat]
    routing: {default_receiver: chat}
    credentials:
      provider: sealed-secrets
      values:
        hook:
          key: url
        key: {provider: existing, secret: pagerduty, key: routing_key}
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stack's file with a credential to be sealed, and a kubeseal that gives CIPHERTEXT."""
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "kubeseal").write_text(f"#!/bin/sh\ncat >/dev/null\necho {CIPHERTEXT}\n")
    (tools / "kubeseal").chmod(0o755)
    monkeypatch.setenv("PATH", str(tools), prepend=":")
    stack(tmp_path, credentials=SETTINGS["credentials"])
    found = tmp_path / "Pulumi.test.yaml"
    found.write_text(STACK, encoding="utf-8")
    return found


def give(monkeypatch: pytest.MonkeyPatch, value: bytes) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(value), encoding="utf-8"))


def sealed(newline: str) -> bytes:
    text = STACK.replace("          key: url\n", f"          sealed: {CIPHERTEXT}\n          key: url\n")
    return text.replace("\n", newline).encode()


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_line_keeps_its_end(file: Path, monkeypatch: pytest.MonkeyPatch, newline: str) -> None:
    file.write_bytes(STACK.replace("\n", newline).encode())
    for _ in range(2):
        give(monkeypatch, b"https://hooks.example.com/x\n")
        seal(file, "hook", None)
        assert file.read_bytes() == sealed(newline)


def test_a_link_stays_a_link(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = file.parent / "elsewhere" / "stack.yaml"
    target.parent.mkdir()
    file.rename(target)
    target.chmod(0o640)
    file.symlink_to("elsewhere/stack.yaml")
    give(monkeypatch, b"https://hooks.example.com/x")
    seal(file, "hook", None)
    assert file.is_symlink()
    assert target.read_bytes() == sealed("\n")
    assert target.stat().st_mode & 0o777 == 0o640
    assert [each.name for each in target.parent.iterdir()] == ["stack.yaml"]


@pytest.mark.parametrize("value", [b"ab\xff", b"\xc3"])
def test_a_value_that_is_no_text_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch, value: bytes) -> None:
    give(monkeypatch, value)
    with pytest.raises(InvalidInput, match="standard input: hook: the value is no UTF-8 text"):
        seal(file, "hook", None)
    assert file.read_text(encoding="utf-8") == STACK


def test_so_is_one_from_a_terminal(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", lambda _: "ab\udcff")
    with pytest.raises(InvalidInput, match="no UTF-8 text"):
        seal(file, "hook", None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: {b: {}}\r\nc: 1\r\n", "a: {b: {s: X}}\r\nc: 1\r\n"),
        ("a:\r\n  b:\r\nc: 1\r\n", "a:\r\n  b: {s: X}\r\nc: 1\r\n"),
        ("a:\r\n  b:\r\n    s: old\r\n", "a:\r\n  b:\r\n    s: X\r\n"),
        ("a:\n  c: 1\n", "a:\n  b: {s: X}\n  c: 1\n"),
        ("a: {c: 1}\n", "a: {b: {s: X}, c: 1}\n"),
        ("a:\n", "a: {b: {s: X}}\n"),
        ("c: 1\n", "a: {b: {s: X}}\nc: 1\n"),
    ],
)
def test_in_whatever_form_the_mapping_is_written(text: str, expected: str) -> None:
    assert with_scalar(text, ("a", "b", "s"), "X") == expected
