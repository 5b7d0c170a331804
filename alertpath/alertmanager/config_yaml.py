"""The YAML of Alertmanager configurations: read as Go's yaml.v2 reads it, written so that every reader agrees."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, cast, final

import yaml

from alertpath.documents.go_yaml import Plain
from alertpath.documents.places import Place, Spot
from alertpath.documents.problems import InvalidInput, Problem, shown

_NULLS: Final = frozenset(("", "~", "null"))
_MAYBE_NULLS: Final = frozenset(("Null", "NULL"))
# A tag that changes what Go makes of a scalar.
_TAGS: Final = "tag:yaml.org,2002:"
_TYPES: Final = frozenset(("binary", "bool", "float", "int", "merge", "null", "timestamp"))
# libyaml skips it, Go does not.
_INNER_MARK: Final = re.compile(r"\n\ufeff")
_MAYBE_NOT_TEXT: Final = re.compile(r"[-+.0-9].*|(?i:y|n|yes|no|on|off|true|false)", re.DOTALL)
# Aliases let a few lines stand for gigabytes.
_MOST_VALUES: Final = 5_000_000
_MERGE: Final = "<<"


def read(text: str, file: str) -> tuple[object, Lines]:
    """The data in `text` and a lookup of the line of each place in it; `file` is its name in messages.

    Mappings are dicts, lists are lists, unquoted scalars that could be more than text are `Plain`. What stands after
    the first document is ignored, as Alertmanager does; the lookup's `ignored` tells its line.
    Raises InvalidInput: not YAML as Go reads it, a key written twice, or a key that is not text.
    """
    try:
        builder = _Builder(file)
        data = builder.build(yaml.parse(text, Loader=yaml.CSafeLoader))
        if mark := _INNER_MARK.search(text):
            line = text.count("\n", 0, mark.start()) + 2
            builder.problems.append(Problem(Spot(file, line), "a byte order mark begins this line", mend="remove it"))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise InvalidInput(
            [Problem(Spot(file, line), f"is not YAML: {error.problem}", allowed="one document")]
        ) from error
    except yaml.YAMLError as error:
        raise InvalidInput([Problem(Spot(file), f"is not YAML: {' '.join(str(error).split())}")]) from error
    except RecursionError:
        raise InvalidInput([Problem(Spot(file), "is nested too deeply to be read", mend="nest less")]) from None
    if builder.problems:
        raise InvalidInput(builder.problems)
    return data, Lines(text, builder.ignored)


def write(data: Mapping[str, object]) -> str:
    """`data` as YAML, its mappings in their order, a tuple of scalars on one line.

    Text is quoted wherever any reader of YAML 1.1 or 1.2 could take it for something else; text of several lines is
    a literal block where YAML can express it so; no anchors, no line folding, Unicode as it is (libyaml's writer
    escapes emoji, and takes seven times as long).
    """
    return "\n".join((*_entries(data, ""), ""))


@final
class _Builder:
    """Builds data from YAML events: no node tree is kept, which for a large configuration is most of the memory."""

    def __init__(self, file: str) -> None:
        self.problems: list[Problem] = []
        self.ignored = 0
        self._file = file
        self._anchors: dict[str, tuple[object, int]] = {}
        self._values = 0

    def build(self, events: Iterator[Any]) -> object:
        next(events)  # The beginning of the stream.
        event = next(events)
        if isinstance(event, yaml.StreamEndEvent):
            return None
        if event.version and event.version != (1, 1):
            self._complain(event, (), "Go reads YAML 1.1 only", allowed="%YAML 1.1, or no such line")
        data = self._value(next(events), events, ())
        end = next(events)
        try:
            event = next(events)
        except yaml.MarkedYAMLError as error:
            if not end.explicit:
                raise
            self.ignored = error.problem_mark.line + 1 if error.problem_mark else 0
        else:
            if not isinstance(event, yaml.StreamEndEvent):
                self.ignored = event.start_mark.line + 1
        return data

    def _value(self, event: Any, events: Iterator[Any], path: Place) -> object:
        self._values += 1
        if isinstance(event, yaml.ScalarEvent):
            text = event.value
            if event.tag and event.tag.removeprefix(_TAGS) in _TYPES:
                self._complain(event, path, "has a tag", value=event.tag.removeprefix(_TAGS), mend="leave the tag out")
            if not event.style and text in _MAYBE_NULLS:
                self._complain(
                    event, path, "is null to some fields, and not to others", value=text, mend="write null, or quote it"
                )
            if event.style or event.tag == f"{_TAGS}str":
                value = text
            elif text in _NULLS:
                value = None
            else:
                value = Plain(text) if _MAYBE_NOT_TEXT.fullmatch(text) else text
            if event.anchor:
                self._anchors[event.anchor] = value, 1
            return value
        if isinstance(event, yaml.AliasEvent):
            value, size = self._anchors.get(event.anchor or "", (None, 0))
            self._values += size
            if not size or self._values > _MOST_VALUES:
                self._complain(
                    event, path, "this alias refers to nothing, to itself or to too much", mend="write the value out"
                )
                return None
            return value
        before = self._values
        value = self._list(events, path) if isinstance(event, yaml.SequenceStartEvent) else self._mapping(events, path)
        if event.anchor:
            self._anchors[event.anchor] = value, self._values - before + 1
        return value

    def _list(self, events: Iterator[Any], path: Place) -> list[object]:
        found: list[object] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            found.append(self._value(event, events, (*path, len(found))))
        return found

    def _mapping(self, events: Iterator[Any], path: Place) -> dict[str, object]:
        found: dict[str, object] = {}
        merged: list[object] = []
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            key = self._value(event, events, path)
            if not isinstance(key, str):
                value = "" if isinstance(key, dict | list) else shown(key)
                self._complain(event, path, "a key must be text", value=value, mend="quote the key")
                key = "?"
            below = (*path, str(key))
            value = self._value(next(events), events, below)
            if key == _MERGE and not event.style:
                merged += cast("list[object]", value) if isinstance(value, list) else [value]
            elif key in found:
                self._complain(event, below, "is written twice", allowed="each key once", mend="remove one of the two")
            else:
                found[str(key) if isinstance(key, Plain) else key] = value
        for one in merged:
            if isinstance(one, Mapping):
                found = {**cast("Mapping[str, object]", one), **found}
            else:
                self._complain(None, (*path, _MERGE), "merges what is not a mapping")
        return found

    def _complain(
        self, event: Any, path: Place, message: str, value: str = "", allowed: str = "", mend: str = ""
    ) -> None:
        line = event.start_mark.line + 1 if event is not None else 0
        self.problems.append(Problem(Spot(self._file, line, path), message, value, allowed, mend))


@final
class Lines:
    """Looks up lines in `text`, which is parsed again for the first one: most files have no problem to place.

    `ignored` is the line from which on nothing counts, since the document has ended; 0 where there is none.
    """

    def __init__(self, text: str, ignored: int = 0) -> None:
        self.ignored: Final = ignored
        self._text = text
        self._root: yaml.Node | None = None

    def __call__(self, path: Place) -> int:
        """The line of the value at `path`, or of the nearest one above it; 0 where there is none."""
        if self._root is None:
            loader = _Composer(self._text)  # Not yaml.compose, which refuses further documents.
            self._root = cast("yaml.Node", loader.get_node()) if loader.check_node() else None
            if self._root is None:
                return 0
        node: Any = self._root
        line = cast("int", node.start_mark.line) + 1
        for part in path:
            if (
                isinstance(part, int)
                and isinstance(node, yaml.SequenceNode)
                and part < len(cast("list[Any]", node.value))
            ):
                node = node.value[part]
                line = node.start_mark.line + 1
                continue
            pairs = cast("list[Any]", node.value) if isinstance(node, yaml.MappingNode) else []
            pair = next((pair for pair in pairs if pair[0].value == part), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line + 1, pair[1]
        return cast("int", line)


@final
class _Composer(yaml.CSafeLoader):
    yaml_implicit_resolvers = {}  # noqa: RUF012 - lines need no tags, and resolving them takes most of the time


# What some reader of YAML 1.1 or 1.2 takes for a boolean, null or number although it begins with a letter.
_AMBIGUOUS: Final = re.compile(r"(?i)null|true|false|y|n|yes|no|on|off|nan|inf")
# Begins with a letter, `_` or `/`, or is a duration, and has nothing that ends a plain scalar.
_PLAIN: Final = re.compile(r"(?!.*(: | #))(?:[^\W\d]|/)(?:.*[^:\s])?|(?:[0-9]+(?:ms|[ywdhms]))+")
# What YAML cannot hold as it is, and, so that a configuration is what it looks like, what has no picture or turns the
# direction of writing.
_HIDDEN: Final = (
    r"\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164"
    r"\ud800-\udfff\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f"
)
_UNPRINTABLE: Final = re.compile(rf"[\x00-\x1f{_HIDDEN}]")
# Line breaks apart: what a literal block cannot hold, or would have to be told about.
_NO_BLOCK: Final = re.compile(rf"[\x00-\x09\x0b-\x1f{_HIDDEN}]|\A\s*[ ]|\A\s*\Z")
_FLOW_SIGNS: Final = re.compile(r"[,:\[\]{}?#]")
_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def _entries(data: Mapping[str, object], indent: str) -> Iterator[str]:
    for key, value in data.items():
        yield from _entry(f"{indent}{_scalar(key)}:", value, indent, f"{indent}  ")


def _items(data: Sequence[object], indent: str) -> Iterator[str]:
    below = f"{indent}  "
    for value in data:
        if isinstance(value, Mapping | list) and value:
            lines = (
                _entries(cast("Mapping[str, object]", value), below)
                if isinstance(value, Mapping)
                else _items(cast("list[object]", value), below)
            )
            yield f"{indent}- {next(lines)[len(below) :]}"
            yield from lines
        else:
            yield from _entry(f"{indent}-", cast("object", value), below, below)


def _entry(start: str, value: object, indent: str, below: str) -> Iterator[str]:
    """The lines of `value` after `start`; lists below it stand at `indent`, all else at `below`."""
    if isinstance(value, str):
        if "\n" in value and not _NO_BLOCK.search(value):
            yield from _block(start, value, below)
        else:
            yield f"{start} {_scalar(value)}"
    elif isinstance(value, tuple):
        yield f"{start} [{', '.join(map(_in_flow, cast('tuple[object, ...]', value)))}]"
    elif isinstance(value, Mapping) and value:
        yield start
        yield from _entries(cast("Mapping[str, object]", value), below)
    elif isinstance(value, list) and value:
        yield start
        yield from _items(cast("list[object]", value), indent)
    else:
        yield f"{start} {_simple(cast('object', value))}"


def _block(start: str, text: str, indent: str) -> Iterator[str]:
    body = text.rstrip("\n")
    ends = len(text) - len(body)
    yield f"{start} |{'-' if not ends else '' if ends == 1 else '+'}"
    for line in body.split("\n") + [""] * (ends - 1):
        yield f"{indent}{line}" if line else ""


def _simple(value: object) -> str:
    if isinstance(value, str):
        return _scalar(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        written = repr(value)
        if not math.isfinite(value):
            return f".{written}".replace(".-", "-.")
        return written if "." in written else written.replace("e", ".0e")
    if isinstance(value, Mapping | list):
        return "{}" if isinstance(value, Mapping) else "[]"
    return "null" if value is None else str(value)


def _in_flow(value: object) -> str:
    written = _simple(value)
    if written[:1] not in "'\"" and _FLOW_SIGNS.search(written):
        return "'" + written.replace("'", "''") + "'"
    return written


@lru_cache(maxsize=1 << 16)
def _scalar(text: str) -> str:
    if _UNPRINTABLE.search(text):
        return '"' + "".join(map(_escaped, text)) + '"'
    if _PLAIN.fullmatch(text) and not _AMBIGUOUS.fullmatch(text):
        return text
    if '"' in text or "\\" in text:
        return "'" + text.replace("'", "''") + "'"
    return f'"{text}"'


def _escaped(char: str) -> str:
    if char in _ESCAPES or not _UNPRINTABLE.match(char):
        return _ESCAPES.get(char, char)
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
