"""Settings in layers: one mapping laid over another, each value with the document that says it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from alertpath.documents.places import Place


def laid_over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Both; where both have a value, that of `above`, key by key in mappings. A list replaces a list.

    The order of keys is that of `below`, then that of `above`. So is that of mappings in a list, as far as both lists
    have the same items.
    """
    result = dict(below)
    for key, value in above.items():
        under = result.get(key)
        if isinstance(under, Mapping) and isinstance(value, Mapping):
            value = laid_over(cast("Mapping[str, Any]", under), cast("Mapping[str, Any]", value))
        elif isinstance(under, list) and isinstance(value, list):
            value = _items(cast("list[object]", under), cast("list[object]", value))
        result[key] = value
    return result


def _items(below: list[object], above: list[object]) -> list[object]:
    kept = [one if _same(one, other) else other for one, other in zip(below, above, strict=False)]
    return [*kept, *above[len(kept) :]]


def _same(one: object, other: object) -> bool:
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        mine, theirs = cast("Mapping[str, object]", one), cast("Mapping[str, object]", other)
        return mine.keys() == theirs.keys() and all(_same(value, theirs[key]) for key, value in mine.items())
    if isinstance(one, list) and isinstance(other, list):
        these, those = cast("list[object]", one), cast("list[object]", other)
        return len(these) == len(those) and all(map(_same, these, those))
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def changed(below: object, above: object, inside: Place = ()) -> Iterator[Place]:
    """Where `above` says something else than `below`: the topmost places. What is null is as good as absent."""
    if isinstance(below, Mapping) and isinstance(above, Mapping):
        one, other = cast("Mapping[str, object]", below), cast("Mapping[str, object]", above)
        for key, value in other.items():
            yield from changed(one.get(key), value, (*inside, key))
    elif below != above or isinstance(below, bool) != isinstance(above, bool):
        yield inside


def unlike(below: object, above: object, inside: Place = ()) -> Iterator[Place]:
    """Where one is a mapping or a list and the other is something else: they cannot be merged."""
    if isinstance(below, Mapping) and isinstance(above, Mapping):
        one, other = cast("Mapping[str, object]", below), cast("Mapping[str, object]", above)
        for key in one.keys() & other.keys():
            yield from unlike(one[key], other[key], (*inside, key))
    elif below is not None and above is not None and _kind(cast("object", below)) != _kind(above):
        yield inside


def _kind(value: object) -> str:
    return "a mapping" if isinstance(value, Mapping) else "a list" if isinstance(value, list) else "a value"
