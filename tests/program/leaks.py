"""Finds a credential in bytes, however it is written there: plain, escaped, encoded, compressed, and in each other.

What is encrypted or hashed is not found: that is the difference that the search is for.
"""

from __future__ import annotations

import binascii
import hashlib
import html
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, final
from urllib.parse import unquote_to_bytes

PIECE: Final = 12
"""So many characters of a random value are nowhere by chance."""

_DEPTH: Final = 12
_MOST: Final = 1 << 28
_ESCAPE: Final = re.compile(
    rb"\\(?:(u[0-9a-fA-F]{4}(?:\\u[0-9a-fA-F]{4})*)|x([0-9a-fA-F]{2})|([0-3][0-7]{2})|(\r?\n[ \t]*\\?)|([^\r\n]))"
)
_BREAK: Final = re.compile(rb"[ \t]*\r?\n[ \t]*")
_BASE64: Final = re.compile(rb"[A-Za-z0-9+/_-]{16,}")
_STANDARD: Final = bytes.maketrans(b"-_", b"+/")
_HEX: Final = re.compile(rb"(?:[0-9a-f]{2}){12,}|(?:[0-9A-F]{2}){12,}")
_NUMBERS: Final = re.compile(rb"(?:[0-9]{1,3}(?:, ?| )){11,}[0-9]{1,3}")
_GZIP: Final = re.compile(rb"\x1f\x8b\x08")
# Text in UTF-8 that is long enough for a piece of a value.
_TEXT: Final = re.compile(rb"(?:[\t\n\r\x20-\x7e]|[\xc2-\xf4][\x80-\xbf]{1,3}){12,}")


@final
@dataclass(frozen=True, order=True)
class Leak:
    """`name` of the value that was found, and `how` it is written there, the outermost first: `base64, gzip`."""

    name: str
    how: str = ""


def leaks(secrets: Mapping[str, str], content: bytes) -> set[Leak]:
    """The values of which `content` has PIECE characters, from a multiple of PIECE on or at the end.

    `secrets`: by the name to report, what only a leak would bring there, such as the random part of a webhook's URL.
    Each is reported as it was found first. Raises ValueError where one is too short to be told from chance.
    """
    pieces = {name: list(_pieces(name, value)) for name, value in secrets.items()}
    found: dict[str, str] = {}
    for how, view in _views(content, (), set()):
        for name in pieces.keys() - found.keys():
            if any(piece in view for piece in pieces[name]):
                found[name] = ", ".join(how)
    return {Leak(name, how) for name, how in found.items()}


def _pieces(name: str, value: str) -> Iterator[bytes]:
    if len(value) < PIECE:
        raise ValueError(f"{name} has less than {PIECE} characters")
    for start in (*range(0, len(value) - PIECE, PIECE), len(value) - PIECE):
        yield value[start : start + PIECE].encode()


def _views(content: bytes, how: tuple[str, ...], seen: set[bytes]) -> Iterator[tuple[tuple[str, ...], bytes]]:
    """The content and everything in it that can be decoded, decoded; with the ways in which that was written."""
    digest = hashlib.blake2b(content).digest()
    if digest in seen:
        return
    seen.add(digest)
    yield how, content
    if len(how) > _DEPTH:
        return
    for kind, inner in _inner(content):
        yield from _views(inner, (*how, kind), seen)
    # One after the other: each in every other would be too many.
    for kind, plainer in (("escaped", _unescaped), ("URL", unquote_to_bytes), ("XML", _unmarked), ("folded", _joined)):
        if (plain := plainer(content)) != content:
            content, how = plain, (*how, kind)
            yield how, content
    # Again: JSON in JSON.
    yield from _views(content, how, seen)


def _unescaped(content: bytes) -> bytes:
    """Without the backslashes of JSON, YAML, Go, Python and the shell, and the zeros of UTF-16."""
    if b"\0" in content:
        content = content.replace(b"\0", b"")
    return _ESCAPE.sub(_character, content) if b"\\" in content else content


def _character(found: re.Match[bytes]) -> bytes:
    units, byte, octal, line_break, char = found.groups()
    if units:
        return bytes.fromhex(units.decode().replace("\\", "").replace("u", "")).decode("utf-16-be", "replace").encode()
    if byte:
        return bytes.fromhex(byte.decode())
    if octal:
        return bytes([int(octal, 8)])
    return b"" if line_break else {b"n": b"\n", b"t": b"\t", b"r": b"\r"}.get(char, char)


def _unmarked(content: bytes) -> bytes:
    """Without XML's and HTML's entities."""
    if b"&" not in content:
        return content
    return html.unescape(content.decode(errors="surrogateescape")).encode(errors="surrogateescape")


def _joined(content: bytes) -> bytes:
    """Without line breaks and indentation: as YAML, PEM and mail fold."""
    return _BREAK.sub(b"", content) if b"\n" in content else content


def _inner(content: bytes) -> Iterator[tuple[str, bytes]]:
    """What encoded and compressed parts of the content hold."""
    for kind, parts in (("base64", _from_base64(content)), ("hex", _from_hex(content))):
        if together := b"\n\n".join(parts):
            yield kind, together
    if numbers := b"\n\n".join(_from_numbers(content)):
        yield "numbers", numbers
    for start in _GZIP.finditer(content):
        yield from _inflated("gzip", content[start.start() :], zlib.MAX_WBITS | 16)
    if content[:1] == b"\x78":
        # As git keeps its objects.
        yield from _inflated("zlib", content, zlib.MAX_WBITS)


def _from_base64(content: bytes) -> Iterator[bytes]:
    for found in _BASE64.finditer(content):
        word = found[0].translate(_STANDARD)
        # It may begin inside of what looks like it.
        for start in range(4):
            # No more than whole groups, or two or three characters that stand for one or two bytes.
            end = len(word) - ((len(word) - start) % 4 == 1)
            yield from _worthwhile(binascii.a2b_base64(word[start:end] + b"=" * ((start - end) % 4)))


def _from_hex(content: bytes) -> Iterator[bytes]:
    for found in _HEX.finditer(content):
        for digits in (found[0], found[0][1:-1]):
            yield from _worthwhile(bytes.fromhex(digits.decode()))


def _worthwhile(decoded: bytes) -> Iterator[bytes]:
    """Of bytes that may be nothing, as the word was none: the text in them, and all if something compressed is."""
    if _GZIP.search(decoded):
        yield decoded
    else:
        yield from (found[0] for found in _TEXT.finditer(decoded))


def _from_numbers(content: bytes) -> Iterator[bytes]:
    """As Go prints the bytes of a text: `[104 116 116 112]`."""
    for found in _NUMBERS.finditer(content):
        numbers = [int(number) for number in re.findall(rb"[0-9]+", found[0])]
        yield bytes(number if number < 256 else 0 for number in numbers)


def _inflated(kind: str, stream: bytes, bits: int) -> Iterator[tuple[str, bytes]]:
    """What a stream holds, as far as it can be read."""
    try:
        content = zlib.decompressobj(bits).decompress(stream, _MOST)
    except zlib.error:
        return
    if content:
        yield kind, content
