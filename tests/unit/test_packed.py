"""Configurations inside of Secrets, also of such as nobody should write."""

from __future__ import annotations

import base64
import gzip

import pytest

from alertpath.documents.problems import InvalidInput
from alertpath.documents.secret_manifest import unpacked

PLAIN = "route: {receiver: a}\nreceivers: [{name: a}]\n"


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def secret(name: str, **data: str) -> str:
    lines = "".join(f"  {key.replace('_', '.')}: {value}\n" for key, value in data.items())
    return f"apiVersion: v1\nkind: Secret\nmetadata: {{name: {name}}}\ndata:\n{lines}"


def test_a_list_as_kubectl_writes_it_is_looked_through() -> None:
    other, main = secret("other", x="eA=="), secret("main", alertmanager_yaml=encoded(PLAIN.encode()))
    items = "".join(f"- {one.replace(chr(10), chr(10) + '  ').rstrip()}\n" for one in (other, main))
    assert unpacked(f"apiVersion: v1\nkind: List\nitems:\n{items}", "x").text == PLAIN


def test_data_may_come_by_a_merge_key() -> None:
    mine, other = encoded(PLAIN.encode()), encoded(b"other: 1")
    shared = f"x: &c {{alertmanager.yaml: {other}}}\ny: &d {{alertmanager.yaml: {mine}}}\n"
    for data in ("{<<: *d}", "{<<: [*d, *c]}", f"{{alertmanager.yaml: {mine}, <<: *c}}"):
        assert unpacked(f"kind: Secret\n{shared}data: {data}\n", "x").text == PLAIN
    with pytest.raises(InvalidInput, match="no Secret with the key"):
        unpacked("kind: Secret\ndata: &d {<<: *d}\n", "x")


def test_what_the_operator_generated_does_not_hide_what_people_wrote() -> None:
    generated = secret("generated", alertmanager_yaml_gz=encoded(gzip.compress(b"other: 1")))
    assert unpacked(f"{generated}---\n{secret('main', alertmanager_yaml=encoded(PLAIN.encode()))}", "x").text == PLAIN


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (secret("a", alertmanager_yaml="eA==") + "---\n" + secret("b", alertmanager_yaml="eA=="), "2 Secrets in it"),
        (secret("a", alertmanager_yaml_gz=encoded(gzip.compress(PLAIN.encode())[:-9])), 'x:5: data."alertmanager.yaml'),
        (secret("a", alertmanager_yaml_gz=encoded(b"\x1f\x8b\x08\x00" + b"\xff" * 40)), "cannot be decoded"),
        (secret("a", alertmanager_yaml_gz=encoded(gzip.compress(bytes(1 << 27)))), "of at most 64 MiB"),
        (secret("a", alertmanager_yaml=encoded(gzip.compress(PLAIN.encode()))), "cannot be decoded"),
        (secret("a", alertmanager_yaml="eA==", a_tmpl=encoded(b"\xff")), 'x:6: data."a.tmpl": cannot be decoded'),
        (secret("a", alertmanager_yaml="ENC[AES256_GCM]"), "decrypt the file first"),
    ],
)
def test_what_cannot_be_told_is_refused(text: str, reason: str) -> None:
    with pytest.raises(InvalidInput) as error:
        unpacked(text, "x")
    assert reason in str(error.value)


def test_what_is_too_deep_is_left_to_whoever_reads_it() -> None:
    # Composing it would end the interpreter.
    text = f"kind: Secret\na: {'[' * 100_000}{']' * 100_000}\n"
    assert unpacked(text, "x").text == text
