"""Kubernetes manifests as YAML nodes: the objects of a document, those inside of Lists too, and their data.

Aliases let a few lines stand for endlessly many objects, or for a List inside of itself; so each node is visited once,
and an object's data may not be more than a few.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast, final

import yaml

from alertpath.documents.go_yaml import Plain
from alertpath.documents.places import Place, Spot
from alertpath.documents.problems import InvalidInput, Problem

_MERGE: Final = "tag:yaml.org,2002:merge"
_NULLS: Final = ("", "~", "null", "Null", "NULL")
_MOST_VALUES: Final = 200_000
"""An API server takes no object of so many: of 1.5 MiB at most."""


@final
@dataclass(frozen=True, slots=True)
class Manifest:
    """An object as data, as the API server gets it: scalars are what Go's YAML reader makes of them."""

    file: str
    kind: str
    data: Mapping[str, object]
    lines: Mapping[Place, int]

    def line(self, place: Place) -> int:
        """The line of the value at `place`, or of the nearest one above it."""
        for length in range(len(place), -1, -1):
            if (found := self.lines.get(place[:length])) is not None:
                return found
        return 0

    @property
    def namespace(self) -> str:
        """`metadata.namespace`; "": it is not said."""
        return self._metadata("namespace")

    @property
    def name(self) -> str:
        """`metadata.name`; "": it is not said."""
        return self._metadata("name")

    @property
    def labels(self) -> dict[str, str]:
        """`metadata.labels`."""
        found = _mapping(_mapping(self.data.get("metadata")).get("labels"))
        return {str(name): str(value) for name, value in found.items()}

    def _metadata(self, key: str) -> str:
        found = _mapping(self.data.get("metadata")).get(key)
        return found if isinstance(found, str) else ""


def _mapping(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, Mapping) else {}


def _list(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []


def selects(selector: object, labels: Mapping[str, str]) -> bool:
    """Whether a label selector takes in an object with these labels; an empty selector takes in all, None nothing."""
    given = _mapping(selector)
    return (
        selector is not None
        and all(labels.get(name) == value for name, value in _mapping(given.get("matchLabels")).items())
        and all(_fulfils(_mapping(each), labels) for each in _list(given.get("matchExpressions")))
    )


def _fulfils(expression: Mapping[str, object], labels: Mapping[str, str]) -> bool:
    name, values = str(expression.get("key")), _list(expression.get("values"))
    match expression.get("operator"):
        case "In":
            return labels.get(name) in values
        case "NotIn":
            return labels.get(name) not in values
        case "Exists":
            return name in labels
        case "DoesNotExist":
            return name not in labels
        case _:
            return False


def manifest(node: Any, file: str) -> Manifest:
    """The object of a mapping node. Raises InvalidInput: its values refer to themselves, or are too many."""
    lines: dict[Place, int] = {}
    count = 0
    open_nodes = set[int]()

    def value(node: Any, place: Place) -> object:
        nonlocal count
        count += 1
        lines.setdefault(place, node.start_mark.line + 1)
        if count > _MOST_VALUES or id(node) in open_nodes:
            raise InvalidInput(
                [Problem(Spot(file, lines[place]), "aliases of this value stand for too much", mend="write it out")]
            )
        if isinstance(node, yaml.ScalarNode):
            text = str(cast("Any", node).value)
            if node.style or node.tag == "tag:yaml.org,2002:str":
                return text
            return None if text in _NULLS else Plain(text).resolved()
        open_nodes.add(id(node))
        found: object
        if isinstance(node, yaml.SequenceNode):
            found = [value(item, (*place, index)) for index, item in enumerate(cast("list[Any]", node.value))]
        else:
            found = {}
            for key, (line, item) in _with_lines(node).items():
                lines[(*place, key)] = line
                found[key] = value(item, (*place, key))
        open_nodes.discard(id(node))
        return found

    data = _mapping(value(node, ()))
    return Manifest(file, str(data.get("kind", "")), data, lines)


def _with_lines(node: Any) -> dict[str, tuple[int, Any]]:
    # As `fields`, with the lines of the keys.
    own = {
        str(key.value): key.start_mark.line + 1
        for key, _ in cast("list[tuple[Any, Any]]", node.value)
        if isinstance(key, yaml.ScalarNode)
    }
    return {name: (own.get(name, item.start_mark.line + 1), item) for name, item in fields(node).items()}


def objects(document: Any) -> Iterator[dict[str, Any]]:
    """The fields of each object in a document: of it alone, or of the items of a List, as `kubectl get` writes them."""
    return (found for _, found in object_nodes(document))


def object_nodes(document: Any) -> Iterator[tuple[Any, dict[str, Any]]]:
    """As `objects`, with the node of each."""
    seen = set[int]()
    left: list[Any] = [document]
    while left:
        node = left.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        found = fields(node)
        items = found.get("items")
        if "kind" not in found or not isinstance(items, yaml.SequenceNode):
            yield node, found
        elif id(items) not in seen:
            seen.add(id(items))
            left += reversed(cast("list[Any]", items.value))


def fields(node: Any) -> dict[str, Any]:
    """The fields of a mapping by name; {}: it is none.

    What the mapping itself says counts before what it merges (`<<`), and what it merges first before the rest.
    Source: yaml.v2 and yaml.v3, decode.go.
    """
    found: dict[str, Any] = {}
    seen = set[int]()
    left: list[Any] = [node]
    while left:
        mapping = left.pop()
        if id(mapping) in seen or not isinstance(mapping, yaml.MappingNode):
            continue
        seen.add(id(mapping))
        own: dict[str, Any] = {}
        merged: list[Any] = []
        for key, value in cast("list[tuple[Any, Any]]", mapping.value):
            if not isinstance(key, yaml.ScalarNode):
                continue
            if key.tag == _MERGE or (key.value == "<<" and not key.style):
                merged += cast("list[Any]", value.value) if isinstance(value, yaml.SequenceNode) else [value]
            else:
                own[str(key.value)] = value
        for name, value in own.items():
            found.setdefault(name, value)
        left += reversed(merged)
    return found
