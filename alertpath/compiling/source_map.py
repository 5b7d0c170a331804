"""The way back from a part of the configuration to what people wrote."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, final

from alertpath.documents.places import Place
from alertpath.documents.problems import Problem
from alertpath.documents.yaml_file import Document


@final
@dataclass(frozen=True, slots=True)
class Origin:
    """Where a part of the configuration was written."""

    document: Document
    place: Place


@final
@dataclass(frozen=True, slots=True)
class Part:
    """An entry of one of the configuration's lists, and its origin, if it has one; a route's `below` are its routes.

    `inner`: what the entry has at this key alone was written at its origin.
    """

    data: dict[str, Any]
    origin: Origin | None = None
    below: tuple[Part, ...] = field(default=())
    inner: str = ""


@final
class Origins:
    """The origins of a configuration's parts, by their place in it."""

    def __init__(self) -> None:
        self._by_place: dict[Place, Origin] = {}

    def note(self, at: Place, document: Document, place: Place) -> None:
        """The part at `at` was written at `place` of `document`."""
        self._by_place[at] = Origin(document, place)

    def placed(self, at: Place, parts: Iterable[Part]) -> list[dict[str, Any]]:
        """The data of `parts`, which are the list at `at`; their origins are noted."""
        placed: list[dict[str, Any]] = []
        for index, part in enumerate(parts):
            here = (*at, index)
            if part.origin is not None:
                self.note(here, part.origin.document, part.origin.place)
                if part.inner:
                    self.note((*here, part.inner), part.origin.document, part.origin.place)
            below = {"routes": self.placed((*here, "routes"), part.below)} if part.below else {}
            placed.append(part.data | below)
        return placed

    def source(self, place: Place) -> tuple[Document, Place] | None:
        """The document and place that the part of the configuration at `place` was written at; None: nowhere."""
        for length in range(len(place), 0, -1):
            if origin := self._by_place.get(place[:length]):
                return origin.document, (*origin.place, *place[length:])
        return None

    def at_its_source(self, problem: Problem) -> Problem:
        """`problem` of the configuration, told of the place in the input that caused it."""
        found = self.source(problem.at.place)
        return problem if found is None else replace(problem, at=found[0].at(found[1]))
