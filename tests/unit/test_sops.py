"""Values from a sops file: what is taken, what is said when it fails. A stand-in plays the binary."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from alertpath.documents.problems import InvalidInput
from components.credentials import sops
from tests.unit.samples import stack

HOOK = "https://hooks.slack.com/services/NOT-TO-BE-SHOWN"
KEY = "0123456789abcdefghijklmnopqrstuv"
Play = Callable[..., None]


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Play:
    """Makes `sops` print a document, complain about it, and exit with a code."""

    def make(document: object, code: int = 0) -> None:
        binary = tmp_path / "bin" / "sops"
        binary.parent.mkdir(exist_ok=True)
        text = json.dumps(document)
        binary.write_text(f"#!/bin/sh\ncat <<'END'\n{text}\nEND\necho '{HOOK}' >&2\nexit {code}\n")
        binary.chmod(0o755)
        monkeypatch.setenv("PATH", str(binary.parent), prepend=":")

    return make


def read(where: Path, **fields: str) -> dict[str, str | None]:
    values: dict[str, Any] = {"hook": {"field": fields.get("hook", "hook")}, "key": {"field": fields.get("key", "key")}}
    credentials = {"provider": "sops", "sops": {"file": "secrets.enc.yaml"}, "values": values}
    return {name: value.reveal() for name, value in sops.read(stack(where, credentials=credentials)).items()}


def test_values_by_their_dotted_way(tmp_path: Path, play: Play) -> None:
    play({"hook": HOOK, "team": {"a": {"key": KEY}}, "dotted.key": KEY})
    assert read(tmp_path, key="team.a.key") == {"hook": HOOK, "key": KEY}
    assert read(tmp_path, key="dotted.key") == {"hook": HOOK, "key": KEY}


def test_a_kubernetes_secret_holds_base64_in_data(tmp_path: Path, play: Play) -> None:
    play({"kind": "Secret", "data": {"key": base64.b64encode(KEY.encode()).decode()}, "stringData": {"hook": HOOK}})
    assert read(tmp_path, hook="stringData.hook", key="data.key") == {"hook": HOOK, "key": KEY}


def test_every_fault_at_once_and_no_value_shown(tmp_path: Path, play: Play) -> None:
    play({"hook": "http://example.com/NOT-TO-BE-SHOWN", "other": 1})
    with pytest.raises(InvalidInput) as caught:
        read(tmp_path)
    assert [(problem.at.path, problem.message) for problem in caught.value.problems] == [
        ("hook", "is not an https URL (plain http is taken only to loopback) (credential hook)"),
        ("key", "is missing, or is no text (credential key)"),
    ]
    assert "NOT-TO-BE-SHOWN" not in str(caught.value)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (2, "cannot be read"),
        (25, "cannot be decrypted"),
        (51, "does not match"),
        (52, "no message"),
        (1, "exit code 1"),
    ],
)
def test_what_sops_complains_about_is_told_by_its_exit_code(tmp_path: Path, play: Play, code: int, words: str) -> None:
    play({"hook": HOOK}, code)
    with pytest.raises(InvalidInput, match=words) as caught:
        read(tmp_path)
    assert "NOT-TO-BE-SHOWN" not in str(caught.value)


def test_without_a_key_or_without_sops_it_is_unavailable(
    tmp_path: Path, play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    play({}, 128)
    with pytest.raises(sops.Unavailable, match="none of the keys"):
        read(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(sops.Unavailable, match="cannot be run"):
        read(tmp_path)


def test_a_document_that_is_no_mapping(tmp_path: Path, play: Play) -> None:
    play(["x"])
    with pytest.raises(InvalidInput, match="not a mapping"):
        read(tmp_path)
