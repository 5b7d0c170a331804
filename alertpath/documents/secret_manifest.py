"""A configuration inside of something else: a Secret's manifest, Helm values, Mimir's or Grafana's form."""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, final

import yaml

from alertpath.documents.manifests import Manifest, fields, manifest, object_nodes, objects
from alertpath.documents.places import Spot
from alertpath.documents.problems import InvalidInput, Problem
from alertpath.documents.yaml_file import refuse_depth

LineMap = Callable[[int], int]
CONFIGURATION: Final = "alertmanager.yaml"
"""The key of the Secret that holds it."""
_MOST_UNZIPPED: Final = 1 << 26
# What only something else has at the beginning of a line: an own configuration has none of these fields.
_SOMETHING_ELSE: Final = re.compile(
    r"""(?m)\bkind["']?\s*:|^["']?(?:alertmanager|alertmanager_config|kube-prometheus-stack|config|sops)["']?[ ]*:"""
)


def _same(line: int) -> int:
    return line


@final
@dataclass(frozen=True)
class Packed:
    """A configuration, the line in the file of each of its lines, and the templates beside it in the Secret, if any."""

    text: str
    line: LineMap = _same
    templates: Mapping[str, str] | None = None
    generated: bool = False
    """Whether the operator made it."""

    @property
    def in_secret(self) -> bool:
        """Whether a Secret holds it, and so an operator reads it."""
        return self.templates is not None


def manifests(text: str, file: str, kinds: Collection[str]) -> list[Manifest]:
    """The objects of these kinds in the manifests `text`; []: there is none, or it is no YAML. Raises InvalidInput."""
    if not any(f"kind: {kind}" in text or f'"{kind}"' in text for kind in kinds):
        return []
    found: dict[int, Manifest] = {}
    for document in _documents(text, file) or ():
        for node, each in object_nodes(document):
            if "kind" in each and each["kind"].value in kinds and id(node) not in found:
                found[id(node)] = manifest(node, file)
    return list(found.values())


def _documents(text: str, file: str) -> list[Any] | None:
    try:
        refuse_depth(text, file)
        return list(yaml.compose_all(text, Loader=yaml.CSafeLoader))
    except (yaml.YAMLError, InvalidInput):
        return None  # Reading it as a configuration says what is wrong.


def unpacked(text: str, file: str) -> Packed:
    """The configuration in `text`, which is one, or a manifest with the Secret that holds one, or Helm values, or the
    form of Mimir or Grafana.

    Raises InvalidInput: it is something else, which the problem names.
    """
    return unpacked_beside(text, file, ()) or Packed(text)


def unpacked_beside(text: str, file: str, kinds: Collection[str]) -> Packed | None:
    """As `unpacked`; None: there are only objects, some of them of these kinds, and none has a configuration."""
    if not _SOMETHING_ELSE.search(text):
        return Packed(text)
    documents = _documents(text, file)
    if documents is None:
        return Packed(text)
    first = fields(documents[0]) if documents else {}
    if "sops" in first and "kind" not in first:
        mend = f"decrypt it first: sops --decrypt {file}"
        raise InvalidInput(
            [Problem(Spot(file, first["sops"].start_mark.line + 1), "SOPS has encrypted this", mend=mend)]
        )
    if not {"route", "receivers", "kind"} & first.keys() and (inside := _inside(first, text)):
        return inside
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
            return Packed(_decoded(name, contents[name], file), contents[name].line, templates, name != CONFIGURATION)
    if any(each["kind"].value in kinds for each in found):
        return None
    if found:
        raise InvalidInput([_another(found, file)])
    return Packed(text)


def _another(found: list[dict[str, Any]], file: str) -> Problem:
    kinds = list(dict.fromkeys(str(each["kind"].value) for each in found))
    if "Secret" in kinds:
        kinds = [f"no Secret with the key {CONFIGURATION}"]
    what = ", ".join(kinds[:3])
    message = f"{what} is in these manifests" if what.startswith("no ") else f"this is a manifest of kind {what}"
    allowed = f"an Alertmanager configuration, a Secret with the key {CONFIGURATION}, or AlertmanagerConfigs"
    return Problem(Spot(file, found[0]["kind"].start_mark.line + 1), message, allowed=allowed)


_WRAPPED: Final = (
    ("alertmanager", "stringConfig"),
    ("alertmanager", "config"),
    ("kube-prometheus-stack", "alertmanager", "stringConfig"),
    ("kube-prometheus-stack", "alertmanager", "config"),
    ("alertmanager_config",),
    ("config",),
)
"""Where Helm values hold a configuration (charts kube-prometheus-stack 80 and alertmanager 1.28), and Mimir's and
Grafana's form."""
_TEMPLATES: Final = ("templateFiles", "template_files", "templates")


def _inside(top: dict[str, Any], text: str) -> Packed | None:
    for path in _WRAPPED:
        *above, last = path
        holding = top
        for part in above:
            holding = fields(holding.get(part))
        node = holding.get(last)
        if isinstance(node, yaml.ScalarNode) and node.value.strip():
            content = _Content(str(node.value), False, _line_in(node))
        elif isinstance(node, yaml.MappingNode) and "route" in fields(node):
            content = _written(node, text)
        else:
            continue
        named = next(filter(None, (fields(holding.get(key)) for key in _TEMPLATES)), dict[str, Any]())
        texts = {key: str(value.value) for key, value in named.items() if isinstance(value, yaml.ScalarNode)}
        return Packed(content.text, content.line, texts if len(path) > 1 else None)
    return None


def _written(node: Any, text: str) -> _Content:
    # A mapping's own text as a document of its own.
    begin, end = node.start_mark, node.end_mark
    lines = text.split("\n")[begin.line : end.line + 1]
    lines[-1] = lines[-1][: end.column]
    lines[0] = " " * begin.column + lines[0][begin.column :]
    block = "\n".join(line[min(begin.column, len(line) - len(line.lstrip(" "))) :] for line in lines)
    return _Content(block, False, lambda line: begin.line + line)


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
        contents[key] = _Content(str(node.value), False, _line_in(node))
    return contents


def _line_in(node: Any) -> LineMap:
    start = node.start_mark.line + 1
    return (lambda line: start + line) if node.style == "|" else (lambda _: start)
