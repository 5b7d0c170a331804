"""A configuration inside of a Secret's manifest, as the Prometheus Operator reads it."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, final

import yaml

from alertpath.documents.manifests import fields, objects
from alertpath.documents.places import Spot
from alertpath.documents.problems import InvalidInput, Problem
from alertpath.documents.yaml_file import refuse_depth

LineMap = Callable[[int], int]
CONFIGURATION: Final = "alertmanager.yaml"
"""The key of the Secret that holds it."""
_MOST_UNZIPPED: Final = 1 << 26


def _same(line: int) -> int:
    return line


@final
@dataclass(frozen=True)
class Packed:
    """A configuration, the line in the file of each of its lines, and the templates beside it in the Secret, if any."""

    text: str
    line: LineMap = _same
    templates: Mapping[str, str] | None = None

    @property
    def in_secret(self) -> bool:
        """Whether a Secret holds it, and so an operator reads it."""
        return self.templates is not None


def unpacked(text: str, file: str) -> Packed:
    """The configuration in `text`, which is one, or a manifest with the Secret that holds one.

    Raises InvalidInput: there are manifests, and none holds one.
    """
    if "kind" not in text or "Secret" not in text:
        return Packed(text)
    try:
        refuse_depth(text, file)
        documents: list[Any] = list(yaml.compose_all(text, Loader=yaml.CSafeLoader))
    except (yaml.YAMLError, InvalidInput):
        return Packed(text)  # Reading it as a configuration says what is wrong.
    found = [each for document in documents for each in objects(document) if "kind" in each]
    parts = _Parts()
    secrets = [each for each in found if each["kind"].value == "Secret"]
    for name in (CONFIGURATION, f"{CONFIGURATION}.gz"):
        holding = [secret for secret in secrets if any(name in part for part in parts.of(secret))]
        if len(holding) > 1:
            problem = Problem(Spot(file), f"{len(holding)} Secrets in it have the key {name}", allowed="one of them")
            raise InvalidInput([problem])
        for secret in holding:
            contents = _contents(*parts.of(secret))
            templates = {key: _decoded(key, part, file) for key, part in contents.items() if key.endswith(".tmpl")}
            return Packed(_decoded(name, contents[name], file), contents[name].line, templates)
    if found:
        problem = Problem(Spot(file), f"no Secret with the key {CONFIGURATION} is in these manifests")
        raise InvalidInput([problem])
    return Packed(text)


@final
@dataclass(frozen=True, slots=True)
class _Content:
    # What a key of a Secret holds, before it is decoded, and the line in the file of each of its lines.
    text: str
    in_base64: bool
    line: LineMap


def _decoded(key: str, content: _Content, file: str) -> str:
    if not content.in_base64:
        return content.text
    zipped = key.endswith(".gz")
    try:
        found = base64.b64decode("".join(content.text.split()), validate=True)
        return (_unzipped(found) if zipped else found).decode()
    except (ValueError, zlib.error):
        allowed = f"UTF-8 text in Base64{f', under gzip, of at most {_MOST_UNZIPPED >> 20} MiB' if zipped else ''}"
        mend = "decrypt the file first, with sops" if content.text.startswith("ENC[") else ""
        problem = Problem(Spot(file, content.line(1), ("data", key)), "cannot be decoded", allowed=allowed, mend=mend)
        raise InvalidInput([problem]) from None


def _unzipped(content: bytes) -> bytes:
    # A few bytes may stand for gigabytes. 16: with gzip's header.
    stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
    found = stream.decompress(content, _MOST_UNZIPPED)
    if not stream.eof:
        raise ValueError("too large, or cut off")
    return found


class _Parts:
    # `data` and `stringData` of Secrets. Many Secrets may have the same ones, by an alias.
    def __init__(self) -> None:
        self._known: dict[int, dict[str, Any]] = {}

    def of(self, secret: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        return self._texts(secret.get("data")), self._texts(secret.get("stringData"))

    def _texts(self, node: Any) -> dict[str, Any]:
        if (known := self._known.get(id(node))) is None:
            known = {key: value for key, value in fields(node).items() if isinstance(value, yaml.ScalarNode)}
            self._known[id(node)] = known
        return known


def _contents(data: Mapping[str, Any], string_data: Mapping[str, Any]) -> dict[str, _Content]:
    contents: dict[str, _Content] = {}
    for key, node in data.items():
        # Nothing inside of Base64 has a line of its own.
        contents[key] = _Content(str(node.value), True, lambda _, line=node.start_mark.line + 1: line)
    for key, node in string_data.items():
        start = node.start_mark.line + 1
        line: LineMap = (
            (lambda line, start=start: start + line) if node.style == "|" else (lambda _, start=start: start)
        )
        contents[key] = _Content(str(node.value), False, line)
    return contents
