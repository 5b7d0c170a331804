"""From a YAML document to typed models, every mistake named in the words of `problems`.

A model's fields are annotations: str, int, bool, Any, a Literal, a Model or another class, list[...], dict[..., ...],
each of them `| None`, or `Annotated` with Before, After and Within. How they are read is found out when a model is
first read, because a command reads few of them, and its start is most of the time that it takes.
"""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, ClassVar, Final, Self, TypeVar, cast, dataclass_transform, final

from alertpath.documents.places import Place
from alertpath.documents.problems import InvalidInput, Kind, Problem, did_you_mean, shown
from alertpath.documents.redaction import reads_as_name
from alertpath.documents.yaml_file import Document

SECRET: Final = "(not shown: it may be a credential)"
_REQUIRED: Final = object()


class Fault(ValueError):
    """Why a value is refused: what is wrong, what is allowed, how to mend it.

    With `secret` the value is never shown. `typed`: it is of another type.
    """

    given: object
    discreet: bool = False

    def __init__(
        self,
        message: str,
        allowed: str = "",
        mend: str = "",
        *,
        secret: bool = False,
        kind: Kind = "",
        typed: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.allowed = allowed
        self.mend = mend
        self.secret = secret
        self.kind: Kind = kind
        self.typed = typed
        # The place of the value, from the inside out: the readers around it add to it.
        self.way: list[str | int] = []


@final
@dataclass(frozen=True, slots=True)
class Before:
    """Gives what a value is read as; it may raise Fault. `empty`: what may stand where there is nothing."""

    change: Callable[[object], object]
    empty: str = ""


@final
@dataclass(frozen=True, slots=True)
class After:
    """Gives what a value of the right type becomes; it may raise Fault."""

    change: Callable[[Any], object]


@final
@dataclass(frozen=True, slots=True)
class Within:
    """The limits of a number (`ge`, `le`), or of a text or container: its length, its form."""

    ge: int | None = None
    le: int | None = None
    min_length: int = 0
    pattern: str = ""


@final
@dataclass(frozen=True, slots=True)
class Field:
    """A field of a model: its annotation, its key in files, what it is where it is left out."""

    annotation: Any
    key: str
    default: object = _REQUIRED
    default_factory: Callable[[], object] | None = None

    @property
    def required(self) -> bool:
        """Whether it may not be left out."""
        return self.default is _REQUIRED and self.default_factory is None

    def left_out(self) -> Any:
        """What it is where it is left out."""
        return self.default_factory() if self.default_factory else self.default


def field(
    *,
    default: Any = _REQUIRED,
    default_factory: Callable[[], object] | None = None,
    key: str = "",
    ge: int | None = None,
    le: int | None = None,
    min_length: int = 0,
    pattern: str = "",
) -> Any:
    """What an annotation alone does not say about a field; `key`: its key in files."""
    return Field(Within(ge, le, min_length, pattern), key, default, default_factory)


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(field,))
class Model:
    """A mapping that people write: no unknown keys, no silent conversions, immutable.

    A key without a value counts as left out where it has a default. `discreet`: what is wrong in it is shown only if
    it reads as a name, as it may be a credential that was pasted at the wrong place. `others`: what stands under keys
    that are no fields; None: there may be none. `read_model` validates; the constructor takes values as they are.
    """

    discreet: ClassVar[bool] = False
    others: ClassVar[Any] = None
    none_is_left_out: ClassVar[bool] = True
    other: ClassVar[Mapping[str, Any]] = types.MappingProxyType({})
    """Of a model with `others`: what stands under those keys, and only there."""

    def __init__(self, **values: Any) -> None:
        for name, each in self.fields().items():
            self.__dict__[name] = values[name] if name in values else each.left_out()

    @classmethod
    def fields(cls) -> Mapping[str, Field]:
        """Its fields by their names."""
        return _fields(cls)

    @classmethod
    def valid(cls, values: Mapping[str, object], name: str) -> Self:
        """The model of `values`, which are called `name` in messages. Raises InvalidInput."""
        made, misfits = read_model(cls, Document(name, values), (), values)
        if made is None:
            raise InvalidInput(misfit.problem for misfit in misfits)
        return made

    def check(self) -> None:
        """Raises Fault where its values, each valid by itself, do not go together."""

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash(tuple(self.__dict__.items()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.__dict__.items())})"


@cache
def _fields(model: type[Model]) -> Mapping[str, Field]:
    found: dict[str, Field] = {}
    for name, annotation in typing.get_type_hints(model, include_extras=True).items():
        if typing.get_origin(annotation) is ClassVar:
            continue
        said: Any = getattr(model, name, _REQUIRED)
        if isinstance(said, Field):
            limited = annotation if said.annotation == Within() else Annotated[annotation, said.annotation]
            found[name] = Field(limited, said.key or name, said.default, said.default_factory)
        else:
            found[name] = Field(annotation, name, said)
    return found


_Faults = list[Fault]
_Reader = Callable[[Any, _Faults], Any]
"""Reads data of one type; where they are none, the faults grow and what is given back means nothing."""

_TYPES: Final[Mapping[type, tuple[str, str]]] = {
    str: ("is not a string", "a string, in quotes if it looks like anything else"),
    int: ("is not a whole number", "a whole number"),
    bool: ("is not a boolean", "true or false"),
    list: ("is not a list", "a list"),
    dict: ("is not a mapping", "a mapping"),
}
_CORRECT: Final = "correct the value"


def _other_type(kind: type, allowed: str = "") -> Fault:
    message, usual = _TYPES.get(kind, (f"is no {kind.__name__}", ""))
    return Fault(message, allowed or usual, _CORRECT, typed=True)


def _add(faults: _Faults, fault: Fault, given: object) -> None:
    fault.given = given
    faults.append(fault)


@cache
def _reader(annotation: Any) -> _Reader:
    """What reads data of a type."""
    origin, parts = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Annotated:
        read = _reader(parts[0])
        for each in parts[1:]:
            read = _limited(read, each) if isinstance(each, Within) else _changed(read, each)
        return read
    if origin in (typing.Union, types.UnionType):
        inner = _reader(next(part for part in parts if part is not type(None)))
        return lambda data, faults: None if data is None else inner(data, faults)
    if origin is typing.Literal:
        return lambda data, faults: _one_of(parts, data, faults)
    if origin is list:
        return _list(_reader(parts[0]))
    if origin is dict:
        return _dict(_reader(parts[0]), _reader(parts[1]), discreet=_is_discreet(parts[1]))
    if annotation is Any:
        return lambda data, _faults: data
    return _model(annotation) if issubclass(annotation, Model) else _plain(annotation)


def _is_discreet(annotation: Any) -> bool:
    return any(map(_is_discreet, typing.get_args(annotation))) or getattr(annotation, "discreet", False)


def _plain(kind: type) -> _Reader:
    def read(data: Any, faults: _Faults) -> Any:
        if not isinstance(data, kind) or (kind is int and isinstance(data, bool)):
            _add(faults, _other_type(kind), data)
        return data

    return read


def _one_of(values: tuple[Any, ...], data: Any, faults: _Faults) -> Any:
    if not isinstance(data, str) or data not in values:
        mend = did_you_mean(str(data), values) or "choose one of the allowed values"
        _add(faults, Fault("is not one of the allowed values", ", ".join(values), mend), data)
    return data


def _changed(inner: _Reader, by: Before | After) -> _Reader:
    def read(data: Any, faults: _Faults) -> Any:
        known = len(faults)
        try:
            if isinstance(by, Before):
                if data is None and by.empty:
                    raise Fault("is empty", by.empty)
                return inner(by.change(data), faults)
            value = inner(data, faults)
            return by.change(value) if len(faults) == known else None
        except Fault as fault:
            return _add(faults, fault, data)

    return read


def _limited(inner: _Reader, within: Within) -> _Reader:
    def read(data: Any, faults: _Faults) -> Any:
        known = len(faults)
        value = inner(data, faults)
        if value is not None and len(faults) == known and (wrong := _beyond(within, value)):
            _add(faults, Fault(*wrong, _CORRECT), data)
        return value

    return read


def _beyond(within: Within, value: Any) -> tuple[str, str] | None:
    if within.ge is not None and value < within.ge:
        return "is too small", f"at least {within.ge}"
    if within.le is not None and value > within.le:
        return "is too large", f"at most {within.le}"
    if within.min_length and not value:
        return "is empty", f"at least one {'character' if isinstance(value, str) else 'entry'}"
    if within.pattern and not re.search(within.pattern, value):
        return "has the wrong form", f"text of the form {within.pattern}"
    return None


def _inside(read: _Reader, data: Any, place: str | int, faults: _Faults, *, discreet: bool = False) -> Any:
    # What stands at a place of the data that are read.
    known = len(faults)
    value = read(data, faults)
    for fault in faults[known:] if len(faults) > known else ():
        fault.way.append(place)
        fault.discreet |= discreet
    return value


def _list(inner: _Reader) -> _Reader:
    def read(data: Any, faults: _Faults) -> Any:
        if isinstance(data, list):
            return [_inside(inner, item, index, faults) for index, item in enumerate(cast("list[Any]", data))]
        return _add(faults, _other_type(list), data)

    return read


def _dict(key: _Reader, value: _Reader, *, discreet: bool) -> _Reader:
    def read(data: Any, faults: _Faults) -> Any:
        if isinstance(data, dict):
            return {
                _inside(key, name, name, faults, discreet=discreet): _inside(value, item, name, faults)
                for name, item in cast("dict[Any, Any]", data).items()
            }
        fault = _other_type(dict)
        fault.discreet = discreet
        return _add(faults, fault, data)

    return read


def _model(model: type[Model]) -> _Reader:
    fields = [(name, each, _reader(each.annotation)) for name, each in _fields(model).items()]
    keys = [each.key for _, each, _ in fields]
    others = None if model.others is None else _reader(model.others)
    a_mapping = f"a mapping with {', '.join(keys)}" if keys else ""

    def read_keys(made: Model, values: Mapping[Any, Any], faults: _Faults) -> None:
        for name, each, inner in fields:
            value = values.get(each.key, _REQUIRED)
            if value is _REQUIRED and each.required:
                _inside(_missing, value, each.key, faults)
            elif value is _REQUIRED or (value is None and model.none_is_left_out and not each.required):
                made.__dict__[name] = each.left_out()
            else:
                made.__dict__[name] = _inside(inner, value, each.key, faults)
        more = [key for key in values if key not in keys]
        if others is not None:
            made.__dict__["other"] = {key: _inside(others, values[key], key, faults) for key in more}
        else:
            for key in more:
                mend = did_you_mean(str(key), keys) or "remove it, or correct its name"
                fault = Fault("unknown key", ", ".join(keys), mend)
                fault.way.append(key)
                _add(faults, fault, key)

    def read(data: Any, faults: _Faults) -> Any:
        if isinstance(data, model):
            return data
        known = len(faults)
        made = model.__new__(model)
        try:
            if not isinstance(data, Mapping):
                raise _other_type(dict, a_mapping)
            read_keys(made, cast("Mapping[Any, Any]", data), faults)
            if len(faults) == known:
                made.check()
        except Fault as fault:
            _add(faults, fault, cast("object", data))
        for fault in faults[known:]:
            fault.discreet |= model.discreet
        return made

    return read


def _missing(_value: Any, faults: _Faults) -> None:
    _add(faults, Fault("is missing", "a value"), _REQUIRED)


@final
@dataclass(frozen=True)
class Misfit:
    """A problem, its place, and the place of the smallest value that would have to go for the rest to be valid."""

    problem: Problem
    place: Place
    culprit: Place


_M = TypeVar("_M", bound=Model)


def read_model(model: type[_M], document: Document, place: Place, data: object) -> tuple[_M | None, list[Misfit]]:
    """`data`, found at `place` of `document`, as a `model`; or None and every reason why it is none."""
    faults: _Faults = []
    made = cast("_M", _reader(model)({} if data is None else data, faults))
    return (None, [_misfit(document, place, fault) for fault in faults]) if faults else (made, [])


def _misfit(document: Document, place: Place, fault: Fault) -> Misfit:
    at, given = (*place, *reversed(fault.way)), fault.given
    named = isinstance(given, str) and reads_as_name(given) and not fault.typed
    message, mend, value = fault.message, fault.mend, ""
    if given is _REQUIRED:
        mend = f"add `{at[-1]}`"
    elif given is None:
        message, mend = "is empty", "write a value"
    elif not isinstance(given, Mapping | list):
        value = SECRET if fault.secret or (fault.discreet and not named) else shown(given)
    said = document.problem(at, message, value=value, allowed=fault.allowed, mend=mend, kind=fault.kind)
    return Misfit(said, at, at[:-1] if given is _REQUIRED else at)
