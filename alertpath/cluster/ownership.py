"""Who owns the fields that a stack declares in a live object, by its `metadata.managedFields`.

Source: Kubernetes 1.37, server-side apply (https://kubernetes.io/docs/reference/using-api/server-side-apply/): an entry
for each manager, with a tree of the fields that it wrote. `f:NAME` is a field, `k:...` and `v:...` an item of a list,
`.` the value itself. Whoever changes a field by an edit takes it away from its manager; whoever applies the same value
owns it together with the manager.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast, final

Fields = Mapping[str, Any]
# What identifies an object is nobody's field.
_IDENTITY: Final = frozenset(("apiVersion", "kind", "name", "namespace"))


@final
@dataclass(frozen=True, slots=True)
class Owner:
    """A manager that owns declared fields, since when, and which; `alone`: the stack does not own all of them too."""

    manager: str
    when: str
    fields: tuple[str, ...]
    alone: bool


def others(declared: Mapping[str, Any], managed: Sequence[Mapping[str, Any]], own: str) -> list[Owner]:
    """The other managers of fields that `declared` has, the last one to write first; `own`: the stack's manager."""
    wanted = _tree(declared)
    mine = [_fields(entry) for entry in managed if entry.get("manager") == own]
    found: list[Owner] = []
    for entry in managed:
        if entry.get("manager") == own or entry.get("subresource"):
            continue
        shared = list(_shared(wanted, _fields(entry)))
        if shared:
            alone = any(not any(_has(tree, way) for tree in mine) for way in shared)
            names = tuple(".".join(part.removeprefix("f:") for part in way) for way in shared)
            found.append(Owner(str(entry.get("manager", "")), str(entry.get("time", "")), names, alone))
    return sorted(found, key=lambda owner: owner.when, reverse=True)


def missing(declared: Mapping[str, Any], managed: Sequence[Mapping[str, Any]], own: str) -> list[str]:
    """The declared fields that the stack's manager no longer owns: somebody has changed or removed them."""
    mine = [_fields(entry) for entry in managed if entry.get("manager") == own]
    ways = _leaves(_tree(declared), ())
    return [".".join(part.removeprefix("f:") for part in way) for way in ways if not any(_has(t, way) for t in mine)]


def transferred(
    declared: Mapping[str, Any], managed: Sequence[Mapping[str, Any]], own: str
) -> list[dict[str, Any]] | None:
    """`managed` with the declared fields of other managers in the entry of `own`; None: no other has any.

    They go over to `own`, not to nobody: what nobody owns, the API server gives to a manager `before-first-apply`.
    """
    wanted = _tree(declared)
    entries: list[dict[str, Any]] = []
    gained: dict[str, Any] = {}
    for entry in managed:
        fields = _fields(entry)
        taken = {} if entry.get("manager") == own or entry.get("subresource") else _common(fields, wanted)
        gained = _merged(gained, taken)
        if not taken:
            entries.append(dict(entry))
        elif left := _without(fields, wanted):
            entries.append({**entry, "fieldsV1": left})
    if not gained:
        return None
    mine = next((each for each in entries if (each.get("manager"), each.get("operation")) == (own, "Apply")), None)
    if mine is None:
        mine = {"manager": own, "operation": "Apply", "apiVersion": declared["apiVersion"], "fieldsType": "FieldsV1"}
        entries.append(mine)
    mine["fieldsV1"] = _merged(_fields(mine), gained)
    return entries


def _fields(entry: Mapping[str, Any]) -> Fields:
    return cast("Fields", entry.get("fieldsV1") or {})


def _tree(declared: Mapping[str, Any]) -> dict[str, Any]:
    """The declared fields as a tree of fields; a list is one field."""
    return {
        f"f:{name}": _tree(cast("Mapping[str, Any]", value)) if isinstance(value, Mapping) else {}
        for name, value in declared.items()
        if name not in _IDENTITY
    }


def _leaves(tree: Fields, way: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for name, below in tree.items():
        if below:
            yield from _leaves(below, (*way, name))
        else:
            yield (*way, name)


def _shared(wanted: Fields, theirs: Fields) -> Iterator[tuple[str, ...]]:
    return (way for way in _leaves(wanted, ()) if _has(theirs, way))


def _has(tree: Fields, way: Sequence[str]) -> bool:
    """Whether it has a field; a field without others below it is owned as a whole, as a NetworkPolicy's selectors."""
    for part in way:
        if part not in tree:
            return False
        tree = cast("Fields", tree[part])
        if not tree:
            break
    return True


def _without(tree: Fields, wanted: Fields) -> dict[str, Any]:
    """`tree` without what `wanted` has; nothing where no field is left."""
    left: dict[str, Any] = {}
    for name, below in tree.items():
        if name not in wanted:
            left[name] = below
        elif wanted[name] and (rest := _without(below, wanted[name])):
            left[name] = rest
    return {} if set(left) <= {"."} else left


def _common(tree: Fields, wanted: Fields) -> dict[str, Any]:
    """What of `tree` is in `wanted`; of a declared list all of its items."""
    found: dict[str, Any] = {}
    for name, below in tree.items():
        if name in wanted:
            inside = _common(below, wanted[name]) if wanted[name] else below
            if inside or not (below and wanted[name]):
                found[name] = inside
    return found


def _merged(one: Fields, other: Fields) -> dict[str, Any]:
    return {**one, **{name: _merged(one.get(name, {}), below) for name, below in other.items()}}
