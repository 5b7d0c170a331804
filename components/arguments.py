"""A component's arguments: a dataclass, or a mapping of the same names and values, as everywhere in Pulumi's SDKs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import TYPE_CHECKING, TypeVar, cast

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_A = TypeVar("_A", bound="DataclassInstance")


def given(kind: type[_A], args: object) -> _A:
    """`args` as a `kind`. Raises TypeError that says which names are unknown or missing."""
    if isinstance(args, kind):
        return args
    if not isinstance(args, Mapping):
        raise TypeError(f"{kind.__name__}: {type(args).__name__} is neither {kind.__name__} nor a mapping")
    values = cast("Mapping[str, object]", args)
    known = {each.name: each.default is MISSING and each.default_factory is MISSING for each in fields(kind)}
    if unknown := sorted(values.keys() - known.keys()):
        raise TypeError(f"{kind.__name__}: unknown argument {', '.join(unknown)}; allowed: {', '.join(known)}")
    if missing := [name for name, needed in known.items() if needed and name not in values]:
        raise TypeError(f"{kind.__name__}: missing argument {', '.join(missing)}")
    return kind(**values)
