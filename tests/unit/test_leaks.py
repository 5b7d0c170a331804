"""The search that tests/program/test_no_leak.py rests on finds what is there, in every form, and nothing else."""

from __future__ import annotations

import base64
import codecs
import gzip
import json
import zlib
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import quote

import pytest
import yaml

from tests.program.leaks import PIECE, Leak, leaks

# Random, as a credential is; the second one has what every encoding writes in another way.
PLAIN: Final = "q7Xw2LkP9sZt4VbN8cRm1HfJ"
SIGNS: Final = "Kd/8+x\"&<é>%\\w=:'N#5u4Ye2?T"
NOISE: Final = "a line of text, with figures 12345 and words\n" * 40

Form = Callable[[str], bytes]


def _base64(before: int) -> Form:
    return lambda text: base64.b64encode(b"x" * before + text.encode() + b"behind it")


def _yaml(width: int, style: str | None = None) -> Form:
    return lambda text: yaml.safe_dump(
        {"key": {"key": f"words {text} words"}}, width=width, default_style=style
    ).encode()


def _go_json(text: str) -> bytes:
    # Go writes these three as escapes, Python does not.
    escaped = json.dumps(text, ensure_ascii=False)
    return escaped.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026").encode()


FORMS: Final[Mapping[str, Form]] = {
    "plain": str.encode,
    "base64 from the first byte": _base64(0),
    "base64 from the second byte": _base64(1),
    "base64 from the third byte": _base64(2),
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(text.encode()),
    "base64 without padding": lambda text: base64.b64encode(text.encode()).rstrip(b"="),
    "base64 behind a word": lambda text: b"name-" + base64.b64encode(text.encode()),
    "base64 in lines": lambda text: base64.encodebytes(b"-" * 70 + text.encode() * 3),
    "base64 in indented lines": lambda text: b"\n   ".join(_chunks(base64.b64encode(text.encode()), 10)),
    "base64 twice": lambda text: base64.b64encode(base64.b64encode(text.encode())),
    "hex": lambda text: text.encode().hex().encode(),
    "hex in capitals": lambda text: text.encode().hex().upper().encode(),
    "hex after another digit": lambda text: b"f" + text.encode().hex().encode(),
    "numbers": lambda text: str(list(text.encode())).encode(),
    "Go's numbers": lambda text: " ".join(map(str, text.encode())).encode(),
    "URL": lambda text: quote(text, safe="").encode(),
    "URL, every character": lambda text: b"".join(b"%%%02x" % byte for byte in text.encode()),
    "JSON": lambda text: json.dumps(text).encode(),
    "JSON as Go writes it": _go_json,
    "JSON with slashes escaped": lambda text: json.dumps(text).replace("/", "\\/").encode(),
    "JSON in JSON": lambda text: json.dumps(json.dumps({"value": text})).encode(),
    "JSON in JSON in JSON": lambda text: json.dumps(json.dumps(json.dumps([text]))).encode(),
    "YAML folded": _yaml(10),
    "YAML folded in quotes": _yaml(10, '"'),
    "Python's bytes": lambda text: repr(text.encode()).encode(),
    "octal": lambda text: "".join(f"\\{byte:03o}" for byte in text.encode()).encode(),
    "XML": lambda text: "".join(f"&#{ord(char)};" if char in "&<>\"'é" else char for char in text).encode(),
    "XML by names": lambda text: text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;").encode(),
    "UTF-16": lambda text: text.encode("utf-16-le"),
    "gzip": lambda text: gzip.compress(text.encode()),
    "gzip inside of other bytes": lambda text: b"\x00\x01" + gzip.compress(text.encode()) + b"\xff",
    "gzip cut off": lambda text: gzip.compress((text + NOISE * 50).encode())[:-20],
    "gzip in gzip": lambda text: gzip.compress(gzip.compress(text.encode())),
    "gzip in base64": lambda text: base64.b64encode(gzip.compress(text.encode())),
    "gzip in base64 in JSON in base64": lambda text: base64.b64encode(
        json.dumps({"data": {"alertmanager.yaml.gz": base64.b64encode(gzip.compress(text.encode())).decode()}}).encode()
    ),
    "base64 in YAML in gzip": lambda text: gzip.compress(yaml.safe_dump({"a": text.encode()}).encode()),
    "an object of git": lambda text: zlib.compress(b"blob 1234\0" + text.encode()),
}


def _chunks(content: bytes, size: int) -> list[bytes]:
    return [content[start : start + size] for start in range(0, len(content), size)]


@pytest.mark.parametrize("value", [PLAIN, SIGNS], ids=["letters", "signs"])
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_value_is_found_in_every_form(form: Form, value: str) -> None:
    written = form(value)
    others = {"another": "v5Qs0GyE3oWd6AiU7xBz2TnM"}
    assert {leak.name for leak in leaks({"it": value, **others}, written)} == {"it"}
    if not written.startswith(b"\x78"):
        # Also in the middle of something.
        content = f"{NOISE}key: ".encode() + written + f"\n{NOISE}".encode()
        assert {leak.name for leak in leaks({"it": value, **others}, content)} == {"it"}


def test_a_part_of_a_value_is_a_leak() -> None:
    value = PLAIN + "5gKe8Rt2WqPz"
    for start in range(len(value) - 2 * PIECE):
        part = value[start : start + 2 * PIECE]
        assert leaks({"it": value}, f"value: '{part}...'".encode()) == {Leak("it")}
        assert leaks({"it": value}, base64.b64encode(part.encode())) == {Leak("it", "base64")}
    assert leaks({"it": value}, value[-PIECE:].encode()) == {Leak("it")}


def test_it_says_which_and_how() -> None:
    content = f"{PLAIN} ".encode() + base64.b64encode(gzip.compress(SIGNS.encode()))
    assert leaks({"one": PLAIN, "two": SIGNS}, content) == {Leak("one"), Leak("two", "base64, gzip")}


def test_what_is_not_there_is_not_found() -> None:
    values = {"one": PLAIN, "two": SIGNS}
    assert leaks(values, b"") == set()
    assert leaks(values, NOISE.encode() + bytes(range(256)) * 40) == set()
    assert leaks(values, codecs.encode(PLAIN, "rot13").encode()) == set()
    assert leaks(values, b"\x1f\x8b\x08 no gzip, \x78 no zlib, %zz \\q &bogus; " + b"A" * 17) == set()


def test_what_is_too_short_to_search_for_is_refused() -> None:
    with pytest.raises(ValueError, match="short has less than 12 characters"):
        leaks({"short": "elevenchars"}, b"")
