"""A configuration inside of a Secret's manifest, as the Prometheus Operator reads it."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast, final

import yaml

from alertpath.documents.problems import InvalidInput, Problem
from alertpath.documents.yaml_file import refuse_depth

LineMap = Callable[[int], int]
CONFIGURATION: Final = "alertmanager.yaml"
"""The key of the Secret that holds it."""
_MOST_UNZIPPED: Final = 1 << 26
_MERGE: Final = "tag:yaml.org,2002:merge"


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
    objects = [fields for document in documents for fields in _objects(document)]
    secrets = [_contents(fields) for fields in objects if "kind" in fields and fields["kind"].value == "Secret"]
    for name in (CONFIGURATION, f"{CONFIGURATION}.gz"):
        holding = [contents for contents in secrets if name in contents]
        if len(holding) > 1:
            problem = Problem(file, 0, "", f"{len(holding)} Secrets in it have the key {name}", allowed="one of them")
            raise InvalidInput([problem])
        for contents in holding:
            templates = {key: _decoded(key, part, file) for key, part in contents.items() if key.endswith(".tmpl")}
            return Packed(_decoded(name, contents[name], file), contents[name].line, templates)
    if any("kind" in fields for fields in objects):
        problem = Problem(file, 0, "", f"no Secret with the key {CONFIGURATION} is in these manifests")
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
        problem = Problem(file, content.line(1), f"data.{key}", "cannot be decoded", allowed=allowed, mend=mend)
        raise InvalidInput([problem]) from None


def _unzipped(content: bytes) -> bytes:
    # A few bytes may stand for gigabytes. 16: with gzip's header.
    stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
    found = stream.decompress(content, _MOST_UNZIPPED)
    if not stream.eof:
        raise ValueError("too large, or cut off")
    return found


def _objects(document: Any) -> Iterator[dict[str, Any]]:
    # The object of a document, or those of a List, as `kubectl get` writes for several.
    fields = _fields(document)
    items = fields.get("items")
    if "kind" in fields and isinstance(items, yaml.SequenceNode):
        for item in cast("list[Any]", items.value):
            yield from _objects(item)
    else:
        yield fields


def _fields(node: Any) -> dict[str, Any]:
    # What a mapping says itself counts before what it merges, and that in its order.
    found: dict[str, Any] = {}
    seen = set[int]()
    left: list[Any] = [node]
    while left:
        mapping = left.pop(0)
        if id(mapping) in seen or not isinstance(mapping, yaml.MappingNode):
            continue
        seen.add(id(mapping))
        pairs = [pair for pair in cast("list[tuple[Any, Any]]", mapping.value) if isinstance(pair[0], yaml.ScalarNode)]
        found = {**{key.value: value for key, value in pairs if key.tag != _MERGE}, **found}
        for merged in (value for key, value in pairs if key.tag == _MERGE):
            left[:0] = cast("list[Any]", merged.value) if isinstance(merged, yaml.SequenceNode) else [merged]
    return found


def _texts(node: Any) -> dict[str, Any]:
    return {key: value for key, value in _fields(node).items() if isinstance(value, yaml.ScalarNode)}


def _contents(secret: Mapping[str, Any]) -> dict[str, _Content]:
    contents: dict[str, _Content] = {}
    for key, node in _texts(secret.get("data")).items():
        # Nothing inside of Base64 has a line of its own.
        contents[key] = _Content(str(node.value), True, lambda _, line=node.start_mark.line + 1: line)
    for key, node in _texts(secret.get("stringData")).items():
        start = node.start_mark.line + 1
        line: LineMap = (
            (lambda line, start=start: start + line) if node.style == "|" else (lambda _, start=start: start)
        )
        contents[key] = _Content(str(node.value), False, line)
    return contents
