"""Names that parts of a stack give each other: which there are, and what was likely meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast, final

from alertpath.documents.places import Place
from alertpath.documents.yaml_file import Document
from alertpath.inputs.sources import Sources


@final
@dataclass(frozen=True)
class Named:
    """Where something is named."""

    document: Document
    place: Place


def written_names(sources: Sources, section: str) -> set[str]:
    """The names that `section` of the stack's file or a catalog defines, with invalid definitions too."""
    written: set[str] = set()
    settings: object = sources.document.data
    for part in sources.place():
        settings = cast("dict[Any, Any]", settings)[part]
    for data in (settings, *(source.document.data for source in sources.catalogs)):
        names = cast("dict[str, Any]", data).get(section) if isinstance(data, dict) else None
        if isinstance(names, dict):
            written |= {name for name, value in cast("dict[str, Any]", names).items() if value is not None}
    return written


def suggest(name: str, known: Iterable[str]) -> str:
    """How to mend the unknown `name`."""
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"did you mean {close[0]}?" if close else "define it, or correct the name"


def names(known: Iterable[str]) -> str:
    """The names to choose from."""
    return ", ".join(sorted(known)) or "none is defined"
