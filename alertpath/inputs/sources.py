"""A stack's settings and catalogs as models, each with the document that it was read from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import final

from alertpath.documents.places import Place
from alertpath.documents.yaml_file import Document
from alertpath.inputs.catalog import Catalog
from alertpath.inputs.parse import HERE, stack_name
from alertpath.inputs.settings import Settings


@final
@dataclass(frozen=True)
class CatalogSource:
    """A team's catalog and the document it was read from."""

    document: Document
    catalog: Catalog


@final
@dataclass(frozen=True)
class Sources:
    """One stack, read, without the values that are invalid by themselves.

    `removed`: the places of those values, by file. `unread`: whether a catalog could not be read at all.
    """

    file: Path
    document: Document
    settings: Settings
    catalogs: tuple[CatalogSource, ...]
    removed: Mapping[str, frozenset[Place]]
    unread: bool

    @property
    def name(self) -> str:
        """The stack's name."""
        return stack_name(self.file)

    @property
    def directory(self) -> Path:
        """The directory of the stack's file."""
        return self.file.parent

    @property
    def production(self) -> bool:
        """Whether the stack is one of production: as the settings say, else by its name."""
        said = self.settings.production
        return self.name in ("production", "prod") if said is None else said

    def place(self, *path: str | int) -> Place:
        """The place in the stack's file of a value of the settings."""
        return (*HERE, *path)

    def shared(self, place: Place) -> bool:
        """Whether the value at `place` is not the stack's own: what stacks share need not be used by each."""
        return self.document.origin(place)[0] is not self.document

    def damaged(self, document: Document, place: Place) -> bool:
        """Whether an invalid value was left out at, below or above `place`: then nothing follows from its absence."""
        return any(
            removed[: len(place)] == place[: len(removed)] for removed in self.removed.get(document.file, frozenset())
        )
