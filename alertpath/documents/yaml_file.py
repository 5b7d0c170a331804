"""Reads the YAML that people write: with line numbers, and only what every reader takes alike.

The same stack file is read by Pulumi's engine (YAML 1.2 rules, mostly) and by this package (PyYAML, YAML 1.1).
They disagree on unquoted `18:00`, `on`, `no`, `0o17`, `1e3` and dates. Such scalars are refused: both see the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, cast, final

import yaml

from alertpath.documents.places import Place, Spot
from alertpath.documents.problems import InvalidInput, Kind, Problem, shown
from alertpath.documents.text_file import read_text

_NULL: Final = frozenset({"", "~", "null"})
_BOOLEAN: Final = {"true": True, "false": False}
_INTEGER: Final = re.compile(r"-?(0|[1-9][0-9]*)")
_FLOAT: Final = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+")
# What begins with a letter and is longer than `false` is a text for everybody.
_LONGEST_WORD: Final = 5
_WORD: Final = re.compile(r"(?i)y|n|yes|no|on|off|true|false")
# A boolean, number, time of day or date for at least one of the two readers, but not for both, or not the same one.
_AMBIGUOUS: Final = re.compile(
    r"""(?ix) y | n | yes | no | on | off | true | false | null
      | [-+]? [0-9][0-9_]* (:[0-5]?[0-9])+ (\.[0-9_]*)?
      | [0-9]{4}-[0-9]{1,2}-[0-9]{1,2} ([Tt\s].*)?
      | [-+]? 0 [box]? [0-9a-f_]+
      | [-+]? \.? [0-9][0-9_]* (\.[0-9_]*)? (e[-+]?[0-9]+)?
      | [-+]? \.(inf|nan)
      | = | <<
    """
)
# Deeper files crash the reader or Python; more digits are no number that anybody takes alike.
_DEEPEST: Final = 64
_MOST_OPENERS: Final = 1000
_MOST_DIGITS: Final = 18
_LONGEST_SHOWN: Final = 40
# Aliases let a few lines stand for gigabytes: so many values may be written by aliases alone.
_MOST_BY_ALIASES: Final = 100_000
# The engine writes the settings as YAML once more before it reads them; this does not survive it, quoted or not.
_LOST: Final = re.compile(r"\n|[\t\u2028\u2029](?=.*\n)", re.DOTALL)


def shown_path(file: Path) -> str:
    """The name of a file in messages: from the working directory, if it is inside of that."""
    try:
        return str(file.resolve().relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(file)


def texts(data: object, place: Place) -> Iterator[tuple[Place, str]]:
    """Every text in `data` that is no key, with its place; `data` itself is at `place`."""
    if isinstance(data, str):
        yield place, data
    elif isinstance(data, Mapping):
        for key, value in cast("Mapping[str, object]", data).items():
            yield from texts(value, (*place, key))
    elif isinstance(data, list | tuple):
        for index, value in enumerate(cast("Sequence[object]", data)):
            yield from texts(value, (*place, index))


@final
@dataclass(frozen=True, slots=True)
class Document:
    """The data of one YAML file (mappings, lists, str, int, float, bool, None) and where each value stands.

    `problems`: what the two readers would take differently; the data are what is left without it.
    `elsewhere`: places whose values come from another document, and where they stand there.
    """

    file: str
    data: object
    lines: Mapping[Place, int] = field(default_factory=dict[Place, int])
    problems: tuple[Problem, ...] = ()
    elsewhere: Mapping[Place, tuple[Document, Place]] = field(default_factory=dict[Place, "tuple[Document, Place]"])

    def line(self, path: Place) -> int:
        """The line of the value at `path`, or of its nearest ancestor that has one; 0 where nothing is known."""
        for length in range(len(path), -1, -1):
            if (found := self.lines.get(path[:length])) is not None:
                return found
        return 0

    def has(self, path: Place) -> bool:
        """Whether somebody wrote the value at `path`, here or elsewhere."""
        return path in self.lines or path in self.elsewhere

    def origin(self, path: Place) -> tuple[Document, Place]:
        """The document that says the value at `path`, and its place there."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                break
            if found := self.elsewhere.get(path[:length]):
                return found[0], (*found[1], *path[length:])
        return self, path

    def said_in(self) -> tuple[Document, ...]:
        """The documents of its values: itself, and the others with lines."""
        others = {document.file: document for document, _ in self.elsewhere.values() if document.lines}
        return (self, *others.values())

    def at(self, path: Place) -> Spot:
        """Where the value at `path` stands."""
        document, place = self.origin(path)
        return Spot(document.file, document.line(place), place)

    def nearest(self, path: Place) -> Spot:
        """Where the value at `path` stands, or what is written of it: the nearest value above it."""
        document, place = self.origin(path)
        while document.lines and len(place) > 1 and place not in document.lines:
            place = place[:-1]
        return document.at(place)

    def problem(
        self, path: Place, message: str, *, value: str = "", allowed: str = "", mend: str = "", kind: Kind = ""
    ) -> Problem:
        """A problem with the value at `path`."""
        return Problem(self.at(path), message, value, allowed, mend, kind)


def read(path: Path, name: str | None = None, *, by_engine: bool = True) -> Document:
    """The document in the file `path`, called `name` (default: the path) in messages; `by_engine`: Pulumi's engine
    reads it too.

    Raises InvalidInput: the file cannot be read or is not YAML.
    """
    name = name or str(path)
    try:
        text = read_text(path, name)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise InvalidInput(
            [
                Problem(
                    Spot(name),
                    f"cannot be read: {reason}",
                    allowed="a readable YAML file in UTF-8",
                    mend="check the name and the permissions",
                )
            ]
        ) from error
    return parse(text, name, by_engine=by_engine)


def parse(text: str, file: str, *, by_engine: bool = True) -> Document:
    """The document in `text`; see `read`."""
    try:
        refuse_depth(text, file)
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = mark.line + 1 if mark else 0
        raise InvalidInput(
            [
                Problem(
                    Spot(file, line),
                    f"is not YAML: {error.problem}",
                    allowed="one YAML document",
                    mend="mend the syntax at or shortly before this line",
                )
            ]
        ) from error
    except yaml.YAMLError as error:
        reason = " ".join(str(error).split())
        raise InvalidInput([Problem(Spot(file), f"is not YAML: {reason}")]) from error
    reader = _Reader(file, by_engine)
    data = reader.value(node, ()) if node is not None else None
    return Document(file, data, reader.lines, tuple(reader.problems))


def refuse_depth(text: str, file: str) -> None:
    """Raises InvalidInput where `text` is nested so deeply that composing it could crash the interpreter.

    Raises yaml.YAMLError: it is not YAML.
    """
    openers = text.count("[") + text.count("{") + text.count("- ") + text.count("? ")
    if openers < _MOST_OPENERS and max(map(len, text.splitlines()), default=0) < _MOST_OPENERS:
        return
    depth = 0
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > _DEEPEST:
                    raise _too_deep(file, event.start_mark.line + 1 if event.start_mark else 0)
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
    except yaml.MarkedYAMLError as error:
        # libyaml of PyYAML 6.0.4 looks ahead, and has a limit of its own.
        if "nesting depth" in (error.problem or ""):
            raise _too_deep(file, error.problem_mark.line + 1 if error.problem_mark else 0) from None
        raise


def _too_deep(file: str, line: int) -> InvalidInput:
    return InvalidInput(
        [
            Problem(
                Spot(file, line),
                "is nested too deeply",
                allowed=f"at most {_DEEPEST} mappings and lists inside each other",
                mend="mend the brackets or the indentation",
            )
        ]
    )


class _Reader:
    def __init__(self, file: str, by_engine: bool) -> None:
        self.file = file
        self._by_engine = by_engine
        self.lines: dict[Place, int] = {}
        self.problems: list[Problem] = []
        self._open: set[int] = set()
        self._seen: set[int] = set()
        self._by_aliases = 0

    def value(self, node: yaml.Node, path: Place) -> object:
        self.lines.setdefault(path, node.start_mark.line + 1)
        return self._value(node, path)

    def _value(self, node: yaml.Node, path: Place) -> object:
        if id(node) in self._seen:
            if id(node) in self._open:
                self._complain(node, path, "refers to itself", mend="write the value out")
                return None
            self._count_alias(node, path)
        self._seen.add(id(node))
        if len(self._open) >= _DEEPEST:
            raise _too_deep(self.file, node.start_mark.line + 1)
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, path)
        self._open.add(id(node))
        try:
            if isinstance(node, yaml.SequenceNode):
                items = cast("list[yaml.Node]", node.value)
                return [self.value(item, (*path, index)) for index, item in enumerate(items)]
            return self._mapping(cast("yaml.MappingNode", node), path)
        finally:
            self._open.discard(id(node))

    def _count_alias(self, node: yaml.Node, path: Place) -> None:
        self._by_aliases += 1
        if self._by_aliases > _MOST_BY_ALIASES:
            raise InvalidInput(
                [
                    Problem(
                        Spot(self.file, node.start_mark.line + 1, path if len(path) < _DEEPEST else ()),
                        "aliases of this value stand for too much",
                        allowed=f"aliases (*name) for at most {_MOST_BY_ALIASES} values in a file",
                        mend="write the values out, or say less",
                    )
                ]
            )

    def _mapping(self, node: yaml.MappingNode, path: Place) -> dict[str, object]:
        found: dict[str, object] = {}
        for key_node, value_node in cast("list[tuple[yaml.Node, yaml.Node]]", node.value):
            key = self._value(key_node, (*path, "?"))
            if not isinstance(key, str):
                self._complain(
                    key_node,
                    path,
                    "a key must be a string",
                    value=shown(key),
                    mend="quote the key",
                )
                continue
            below = (*path, key)
            if key == "<<":
                self._complain(
                    key_node,
                    below,
                    "YAML readers disagree about this key, quoted or not: some merge its value",
                    mend="write out what it merges, or choose another key",
                )
                continue
            if key in found:
                self._complain(
                    key_node,
                    below,
                    "is written twice",
                    value=shown(key),
                    allowed="each key once",
                    mend="remove or rename one of the two",
                )
                continue
            self.lines[below] = key_node.start_mark.line + 1
            found[key] = self._value(value_node, below)
        return found

    def _scalar(self, node: yaml.ScalarNode, path: Place) -> object:
        text = cast("str", node.value)
        if "\0" in text:
            self._complain(
                node, path, "holds a character that no program takes: NUL", allowed="text", mend="take \\0 out"
            )
            return text.replace("\0", "")
        if self._by_engine and _LOST.match(text):
            self._complain(
                node,
                path,
                "Pulumi's engine loses what a text of several lines begins with here",
                allowed="a first line that is not empty and does not begin with a tab",
                mend="take the empty line or the tab out",
            )
        # None or "": written without quotes (the C parser says "").
        if node.style:
            return text
        if len(text) > _LONGEST_WORD and text[0].isalpha():
            return text
        if text in _NULL:
            return None
        if text in _BOOLEAN:
            return _BOOLEAN[text]
        if _INTEGER.fullmatch(text) or _FLOAT.fullmatch(text):
            if sum(map(str.isdigit, text)) > _MOST_DIGITS:
                self._complain(
                    node,
                    path,
                    f"is too long for a number: {len(text)} characters",
                    allowed=f"a number of at most {_MOST_DIGITS} digits, or a quoted string",
                    mend="quote it, if it is a text",
                )
                return text
            return float(text) if "." in text else int(text)
        if _AMBIGUOUS.fullmatch(text):
            self._complain(
                node,
                path,
                "YAML readers disagree about this value without quotes",
                value=text if len(text) <= _LONGEST_SHOWN else shown(text),
                allowed="a quoted string, true, false, or a plain decimal number",
                mend=f'write true or false, or "{text}" for the text'
                if _WORD.fullmatch(text)
                else f'write "{text}"'
                if len(text) <= _LONGEST_SHOWN
                else "quote it",
            )
        return text

    def _complain(
        self,
        node: yaml.Node,
        path: Place,
        message: str,
        value: str = "",
        allowed: str = "",
        mend: str = "",
    ) -> None:
        line = node.start_mark.line + 1
        self.problems.append(Problem(Spot(self.file, line, path), message, value, allowed, mend))
