"""A configuration inside of a Secret's manifest, as the Prometheus Operator reads it."""

from __future__ import annotations

import base64
import binascii
import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, final

import yaml

from alertpath.compile import CONFIGURATION
from alertpath.problems import InvalidInput, Problem

LineMap = Callable[[int], int]


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
        documents: list[Any] = list(yaml.compose_all(text, Loader=yaml.CSafeLoader))
    except yaml.YAMLError:
        return Packed(text)  # Reading it as a configuration says what is wrong.
    for document in documents:
        fields = _fields(document)
        if "kind" not in fields or fields["kind"].value != "Secret":
            continue
        contents, lines = _contents(fields)
        name = next((key for key in (CONFIGURATION, f"{CONFIGURATION}.gz") if key in contents), None)
        if name is None:
            continue
        templates = {key: part.decode() for key, part in contents.items() if key.endswith(".tmpl")}
        try:
            content = contents[name]
            inner = (gzip.decompress(content) if name.endswith(".gz") else content).decode()
        except (OSError, EOFError, UnicodeDecodeError):
            raise InvalidInput([Problem(file, 0, f"data.{name}", "cannot be decoded")]) from None
        return Packed(inner, lines[name], templates)
    if any("kind" in _fields(document) for document in documents):
        problem = Problem(file, 0, "", f"no Secret with the key {CONFIGURATION} is in these manifests")
        raise InvalidInput([problem])
    return Packed(text)


def _fields(node: Any) -> dict[str, Any]:
    pairs: list[tuple[Any, Any]] = node.value if isinstance(node, yaml.MappingNode) else []
    return {key.value: value for key, value in pairs if isinstance(key, yaml.ScalarNode)}


def _texts(node: Any) -> dict[str, Any]:
    return {key: value for key, value in _fields(node).items() if isinstance(value, yaml.ScalarNode)}


def _contents(secret: Mapping[str, Any]) -> tuple[dict[str, bytes], dict[str, LineMap]]:
    contents: dict[str, bytes] = {}
    lines: dict[str, LineMap] = {}
    for key, node in _texts(secret.get("data")).items():
        try:
            contents[key] = base64.b64decode("".join(str(node.value).split()), validate=True)
        except (binascii.Error, ValueError):
            contents[key] = b"\xff"
        # Nothing inside of Base64 has a line of its own.
        lines[key] = lambda _, line=node.start_mark.line + 1: line
    for key, node in _texts(secret.get("stringData")).items():
        contents[key] = str(node.value).encode()
        start = node.start_mark.line + 1
        lines[key] = (lambda line, start=start: start + line) if node.style == "|" else (lambda _, start=start: start)
    return contents, lines
