"""From a YAML document to typed models, every mistake named in the words of `problems`."""

from __future__ import annotations

import difflib
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Final, TypeVar, cast, final

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from alertpath.documents.places import Place
from alertpath.documents.problems import Kind, Problem, shown
from alertpath.documents.redaction import reads_as_name
from alertpath.documents.yaml_file import Document

SECRET: Final = "(not shown: it may be a credential)"


class Model(BaseModel):
    """A mapping that people write: no unknown keys, no silent conversions, immutable.

    A key without a value counts as left out where it has a default. `discreet`: what is wrong in it is shown only if
    it reads as a name, as it may be a credential that was pasted at the wrong place.
    """

    # Built when first used: most models are only parts of Settings and Catalog.
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)
    discreet: ClassVar[bool] = False

    @model_validator(mode="before")
    @classmethod
    def _without_nothing(cls, data: object) -> object:
        if not isinstance(data, Mapping):
            return data
        data = cast("Mapping[str, object]", data)
        if all(value is not None for value in data.values()):
            return data
        optional = {field.alias or name for name, field in cls.model_fields.items() if not field.is_required()}
        return {key: value for key, value in data.items() if value is not None or key not in optional}


class Fault(ValueError):
    """Raised by a field's validator: what is wrong, what is allowed, how to mend it.

    With `secret` the value is never shown.
    """

    def __init__(
        self, message: str, allowed: str = "", mend: str = "", *, secret: bool = False, kind: Kind = ""
    ) -> None:
        super().__init__(message)
        self.message = message
        self.allowed = allowed
        self.mend = mend
        self.secret = secret
        self.kind: Kind = kind


_M = TypeVar("_M", bound=Model)

# pydantic's error type -> what is wrong and what is allowed, in words that need no knowledge of pydantic.
_PLAIN: Final[Mapping[str, tuple[str, str]]] = {
    "missing": ("is missing", "a value"),
    "string_type": ("is not a string", "a string, in quotes if it looks like anything else"),
    "int_type": ("is not a whole number", "a whole number"),
    "bool_type": ("is not a boolean", "true or false"),
    "list_type": ("is not a list", "a list"),
    "dict_type": ("is not a mapping", "a mapping"),
    "model_type": ("is not a mapping", "a mapping"),
    "greater_than_equal": ("is too small", "at least {ge}"),
    "less_than_equal": ("is too large", "at most {le}"),
    "string_too_short": ("is empty", "at least one character"),
    "too_short": ("is empty", "at least one entry"),
    "string_pattern_mismatch": ("has the wrong form", "text of the form {pattern}"),
}


@final
@dataclass(frozen=True)
class Misfit:
    """A problem, its place, and the place of the smallest value that would have to go for the rest to be valid."""

    problem: Problem
    place: Place
    culprit: Place


def read_model(model: type[_M], document: Document, place: Place, data: object) -> tuple[_M | None, list[Misfit]]:
    """`data`, found at `place` of `document`, as a `model`; or None and every reason why it is none."""
    if data is None:
        data = {}
    try:
        return model.model_validate(data), []
    except ValidationError as error:
        return None, [
            _misfit(model, document, place, cast("Mapping[str, Any]", item)) for item in error.errors(include_url=False)
        ]


def _misfit(model: type[Model], document: Document, place: Place, error: Mapping[str, Any]) -> Misfit:
    location = tuple(part for part in cast("Place", error["loc"]) if part != "[key]")
    problem = _problem(model, document, place, location, error)
    culprit = location[:-1] if error["type"] == "missing" else location
    return Misfit(problem, (*place, *location), (*place, *culprit))


def _problem(
    model: type[Model], document: Document, place: Place, location: Place, error: Mapping[str, Any]
) -> Problem:
    kind, given = cast("str", error["type"]), error["input"]
    at = (*place, *location)
    discreet = _is_discreet(model, location)

    def show(value: object) -> str:
        fits = isinstance(value, str) and reads_as_name(value) and not kind.endswith("_type")
        return SECRET if discreet and not fits else shown(value)

    context = cast("Mapping[str, Any]", error.get("ctx") or {})
    fault = context.get("error")
    if given is None and kind not in ("missing", "extra_forbidden"):
        allowed = fault.allowed if isinstance(fault, Fault) else _PLAIN.get(kind, ("", ""))[1]
        return document.problem(
            at, "is empty", allowed=allowed or cast("str", context.get("expected", "")), mend="write a value"
        )
    if isinstance(fault, Fault):
        if isinstance(given, Mapping | list):
            value = ""
        else:
            value = SECRET if fault.secret else show(given)
        return document.problem(at, fault.message, value=value, allowed=fault.allowed, mend=fault.mend, kind=fault.kind)
    if kind == "extra_forbidden":
        known = _fields(model, location[:-1])
        close = difflib.get_close_matches(str(location[-1]), known, n=1)
        return document.problem(
            at,
            "unknown key",
            value=show(location[-1]),
            allowed=", ".join(known),
            mend=f"did you mean {close[0]}?" if close else "remove it, or correct its name",
        )
    if kind in ("literal_error", "enum"):
        allowed = cast("str", context["expected"]).replace("'", "").replace(" or ", ", ")
        close = difflib.get_close_matches(str(given), allowed.split(", "), n=1)
        return document.problem(
            at,
            "is not one of the allowed values",
            value=show(given),
            allowed=allowed,
            mend=f"did you mean {close[0]}?" if close else "choose one of the allowed values",
        )
    message, allowed = _PLAIN.get(kind, (cast("str", error["msg"]), ""))
    missing = kind == "missing"
    return document.problem(
        at,
        message,
        value="" if missing or isinstance(given, Mapping | list) else show(given),
        allowed=allowed.format_map(context),
        mend=f"add `{location[-1]}`" if missing else "correct the value",
    )


def _is_discreet(model: type[Model], location: Sequence[str | int]) -> bool:
    """Whether `location` of a `model` is, or is inside, a model that is discreet."""
    return any(
        isinstance(candidate, type) and issubclass(candidate, Model) and candidate.discreet
        for at in _along(model, location)
        for outer in _alternatives(at)
        for candidate in (_alternatives(typing.get_args(outer)[-1]) if typing.get_origin(outer) is dict else [outer])
    )


def _fields(model: type[Model], location: Sequence[str | int]) -> list[str]:
    """The keys that a mapping of `model` takes at `location`."""
    found: list[str] = []
    path = list(_along(model, location))
    for candidate in _alternatives(path[-1]) if len(path) > len(location) else ():
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            found += [field.alias or name for name, field in candidate.model_fields.items()]
    return found


def _along(model: type[Model], location: Sequence[str | int]) -> Iterator[object]:
    """The types on the way from `model` to `location`, as far as they are known."""
    at: object = model
    yield at
    for part in location:
        for candidate in _alternatives(at):
            if isinstance(candidate, type) and issubclass(candidate, BaseModel):
                names = {(f.alias or n): f for n, f in candidate.model_fields.items()}
                if part in names:
                    at = names[str(part)].annotation
                    break
            elif typing.get_origin(candidate) in (dict, list):
                at = typing.get_args(candidate)[-1]
                break
        else:
            return
        yield at


def _alternatives(annotation: object) -> list[object]:
    origin = typing.get_origin(annotation)
    if origin is Annotated:
        return _alternatives(typing.get_args(annotation)[0])
    if origin in (typing.Union, types.UnionType):
        return [found for part in typing.get_args(annotation) for found in _alternatives(part)]
    return [annotation]
