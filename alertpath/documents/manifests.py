"""Kubernetes manifests as YAML nodes: the objects of a document, those inside of Lists too.

Aliases let a few lines stand for endlessly many objects, or for a List inside of itself; so each node is visited once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, cast

import yaml

_MERGE: Final = "tag:yaml.org,2002:merge"


def objects(document: Any) -> Iterator[dict[str, Any]]:
    """The fields of each object in a document: of it alone, or of the items of a List, as `kubectl get` writes them."""
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
            yield found
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
