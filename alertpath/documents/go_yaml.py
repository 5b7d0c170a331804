"""Reads Alertmanager's own vocabulary out of parsed YAML: typed values out, every mistake collected.

Go's YAML reader decides by the field's type what an unquoted scalar is: in a text field `on` and `18:00` are text, in a
boolean field `on` is true. `Plain` keeps an unquoted scalar as written until the field is known, so that native
configurations are read as Alertmanager reads them. Data of stricter readers (str, int, bool, ...) is taken too.

Null is not absence: where a field has a default, Alertmanager takes null for the zero value (false, "", 0s).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar, cast, final

from alertpath.documents.places import Place, Spot
from alertpath.documents.problems import Kind, Problem, did_you_mean, shown
from alertpath.documents.redaction import reads_as_name

LineOf = Callable[[Place], int]
_T = TypeVar("_T")
_U = TypeVar("_U")

# Go's yaml.v2, resolve.go.
_BOOLEANS: Final = {
    spelling: word in ("y", "yes", "true", "on")
    for word in ("y", "yes", "true", "on", "n", "no", "false", "off")
    for spelling in (word, word.capitalize(), word.upper())
}
_INTEGER: Final = re.compile(r"[-+]?(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|[1-9][0-9]*|0)")
_FLOAT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE: Final = re.compile(r"([-+]?)\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


def no_line(_: Place) -> int:
    """The line lookup of data that comes from no file."""
    return 0


@final
@dataclass(frozen=True, slots=True)
class Form:
    """A way of writing at `path` that means something only to these versions, and that `dump` writes otherwise.

    `what` names it; `since` and `operator` are the first Alertmanager and operator that take it as Alertmanager's
    newest does; operator None: none does. `before`: the first Alertmanager that takes it no longer; None: all newer
    ones do. `refused`: the others do not load the configuration. `mend`: what to write instead; "": leave it out.
    """

    path: Place
    what: str
    since: tuple[int, ...]
    operator: tuple[int, ...] | None
    before: tuple[int, ...] | None = None
    refused: bool = False
    mend: str = ""


@final
class Plain(str):
    """An unquoted scalar, as written."""

    __slots__ = ()

    def resolved(self) -> object:
        """What Go's YAML reader makes of it in a field of any type: a boolean, a number or text."""
        if self in _BOOLEANS:
            return _BOOLEANS[self]
        if (number := self.integer()) is not None:
            return number
        if _NOT_FINITE.fullmatch(self):
            return float(self.replace(".", ""))
        digits = self.replace("_", "")
        return float(digits) if self[:1] in "+-.0123456789" and _FLOAT.fullmatch(digits) else str(self)

    def integer(self) -> int | None:
        """The whole number that it is for Go's YAML reader, or None."""
        digits = self.replace("_", "").lower()
        if not _INTEGER.fullmatch(digits):
            return None
        sign = -1 if digits.startswith("-") else 1
        digits = digits.lstrip("+-")
        octal = len(digits) > 1 and digits[0] == "0" and digits[1].isdigit()
        return sign * (int(digits, 8) if octal else int(digits, 0))


@final
class FromSecret(str):
    """A text that is not known here: somebody else reads it from a Secret, whose key stands in its place."""

    __slots__ = ()


@final
class Reader:
    """Reads the values of one file; `problems` holds every mistake found so far, `forms` what versions take otherwise.

    `line_of` gives the line of the value at a place in the file (0: unknown). Every method returns a usable value of
    its type even where it complains, so that one pass finds all mistakes: ask `problems` whether a result counts.
    """

    def __init__(self, file: str, line_of: LineOf = no_line) -> None:
        self.file: Final = file
        self.problems: Final[list[Problem]] = []
        self.forms: Final[list[Form]] = []
        self.line: Final = line_of

    def complain(
        self, path: Place, message: str, *, value: str = "", allowed: str = "", mend: str = "", kind: Kind = ""
    ) -> None:
        """Records a problem with the value at `path`."""
        self.problems.append(Problem(Spot(self.file, self.line(path), path), message, value, allowed, mend, kind))

    def mapping(self, data: object, path: Place, known: Collection[str] | None = None) -> dict[str, object]:
        """`data` as a mapping without its null values; only keys in `known` (None: any)."""
        if data is None:
            return {}
        if not isinstance(data, Mapping):
            self.complain(path, "is not a mapping", value=_name(data), allowed="a mapping of keys to values")
            return {}
        found: dict[str, object] = {}
        for key, value in cast("Mapping[object, object]", data).items():
            if known is not None and key not in known:
                self._unknown(key, path, known)
            elif not isinstance(key, str):
                self.complain(path, "a key must be text", value=_glimpse(key), mend="quote the key")
            elif value is not None:
                found[str(key)] = value
        return found

    def items(self, data: object, path: Place, *, nulls: bool = False) -> Sequence[object]:
        """`data` as a list; a null entry is a mistake, unless `nulls`: then it is None."""
        if data is None:
            return ()
        if not isinstance(data, Sequence) or isinstance(data, str | bytes):
            self.complain(path, "is not a list", value=_name(data), allowed="a list, each entry on a line with `- `")
            return ()
        entries = cast("Sequence[object]", data)
        if nulls:
            return entries
        for index, entry in enumerate(entries):
            if entry is None:
                self.complain((*path, index), "is an empty entry", mend="write a value, or remove the entry")
        return [entry for entry in entries if entry is not None]

    def text(self, data: object, path: Place) -> str:
        """`data` as text."""
        if isinstance(data, str):
            return str(data) if isinstance(data, Plain) else data
        if data is not None:
            self.complain(path, "is not text", value=_glimpse(data), allowed="text", mend="put the value in quotes")
        return ""

    def texts(self, data: object, path: Place) -> tuple[str, ...]:
        """`data` as a list of texts; a null entry is the empty text, as Go has it."""
        entries = self.items(data, path, nulls=True)
        return tuple(self.text(entry, (*path, index)) for index, entry in enumerate(entries))

    def text_map(self, data: object, path: Place) -> dict[str, str]:
        """`data` as a mapping of texts to texts; a null value is the empty text, as Go has it."""
        found = {key: self.text(value, (*path, key)) for key, value in self.mapping(data, path).items()}
        return found | dict.fromkeys(nulls(data), "")

    def boolean(self, data: object, path: Place) -> bool:
        """`data` as a boolean."""
        if isinstance(data, bool):
            return data
        if isinstance(data, Plain) and data in _BOOLEANS:
            return _BOOLEANS[data]
        self.complain(path, "is not a boolean", value=_glimpse(data), allowed="true or false, without quotes")
        return False

    def integer(self, data: object, path: Place, least: int, most: int) -> int:
        """`data` as a whole number from `least` to `most`."""
        number = data.resolved() if isinstance(data, Plain) else data
        if isinstance(number, float) and number.is_integer():
            number = int(number)
        if isinstance(number, bool) or not isinstance(number, int) or not least <= number <= most:
            allowed = f"a whole number from {least} to {most}, without quotes"
            self.complain(path, "is not such a number", value=_glimpse(data), allowed=allowed)
            return least
        return number

    def parsed(self, data: object, path: Place, parse: Callable[[str], _T], otherwise: _U, kind: Kind = "") -> _T | _U:
        """What `parse` makes of the text `data`; its ValueError ("what is wrong; allowed: ...") becomes a problem."""
        text = self.text(data, path)
        if not isinstance(data, str):
            return otherwise
        try:
            return parse(text)
        except ValueError as error:
            message, _, allowed = str(error).partition("; allowed: ")
            self.complain(path, message, value=shown(text), allowed=allowed, kind=kind)
            return otherwise

    def _unknown(self, key: object, path: Place, known: Collection[str]) -> None:
        named = _name(key)
        self.problems.append(
            Problem(
                Spot(self.file, self.line((*path, str(key))), (*path, str(key) if named else "?")),
                "unknown field",
                named,
                ", ".join(sorted(known)),
                did_you_mean(str(key), known) or "remove it, or correct its name",
            )
        )


def nulls(data: object) -> list[str]:
    """The keys of `data` whose value is null."""
    if not isinstance(data, Mapping):
        return []
    return [str(key) for key, value in cast("Mapping[object, object]", data).items() if value is None]


def plain_data(data: object) -> object:
    """`data` with every unquoted scalar resolved as in a field of any type, for fields whose content is free."""
    if isinstance(data, Plain):
        return data.resolved()
    if isinstance(data, Mapping):
        return {str(key): plain_data(value) for key, value in cast("Mapping[object, object]", data).items()}
    if isinstance(data, list | tuple):
        return [plain_data(entry) for entry in cast("Sequence[object]", data)]
    return data


def _glimpse(data: object) -> str:
    """`data` for a message; what holds other values is not shown, it could hold a credential."""
    return "" if isinstance(data, Mapping | list | tuple) else shown(str(data) if isinstance(data, Plain) else data)


def _name(data: object) -> str:
    """`data` for a message if it reads as a name: what stands where no text belongs could be a credential."""
    return shown(str(data)) if isinstance(data, str) and reads_as_name(data) else ""
