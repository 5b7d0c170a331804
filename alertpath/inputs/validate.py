"""The fourth stage of reading a stack: data become models; what is invalid by itself is left out and told."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any, TypeVar, cast

from alertpath.documents.places import Place
from alertpath.documents.problems import Problem
from alertpath.documents.yaml_file import Document
from alertpath.inputs.catalog import Catalog
from alertpath.inputs.models import Model, read_model
from alertpath.inputs.parse import HERE, Written
from alertpath.inputs.settings import Settings
from alertpath.inputs.sources import CatalogSource, Sources

_M = TypeVar("_M", bound=Model)


def validate(written: Written, documents: Sequence[Document | None]) -> tuple[Sources | None, list[Problem]]:
    """The models of the settings and the catalogs without their invalid parts; None: of the settings nothing is left.

    `documents`: the catalogs; None: one that cannot be read.
    """
    settings, problems, culprits = _read_what_is_valid(Settings, written.document, HERE, written.settings)
    removed = {written.document.file: culprits}
    catalogs: list[CatalogSource] = []
    for document in documents:
        if document is None:
            continue
        catalog, found, removed[document.file] = _read_what_is_valid(Catalog, document, (), document.data)
        problems += found
        if catalog is not None:
            catalogs.append(CatalogSource(document, catalog))
    if settings is None:
        return None, problems
    unread = not documents or len(catalogs) < len(documents)
    return Sources(written.file, written.document, settings, tuple(catalogs), removed, unread), problems


def _read_what_is_valid(
    model: type[_M], document: Document, place: Place, data: object
) -> tuple[_M | None, list[Problem], frozenset[Place]]:
    """The model of `data` without its invalid parts, so that the rest is examined; all problems; the parts' places."""
    result, misfits = read_model(model, document, place, data)
    if result is not None:
        return result, [], frozenset()
    problems: list[Problem] = []
    removed: set[Place] = set()
    rest = copy.deepcopy(data)
    while True:
        # That something is missing where an invalid value was taken out, or above, is no mistake of its own.
        problems += [
            misfit.problem
            for misfit in misfits
            if not any(gone[: len(misfit.place)] == misfit.place for gone in removed)
        ]
        culprits = {misfit.culprit for misfit in misfits}
        if result is not None or place in culprits:
            return result, problems, frozenset(removed)
        # Deepest and last first, so that removing one leaves the places of the others as they are.
        for culprit in sorted(culprits, key=lambda at: [str(part).zfill(9) for part in at], reverse=True):
            _remove(rest, culprit[len(place) :])
        removed |= culprits
        result, misfits = read_model(model, document, place, rest)


def _remove(data: Any, place: Place) -> None:
    """Takes out the value at `place`, or what stands for it: a name in a list of names, or a name for a mapping."""
    inside: Any = None
    last: str | int = ""
    for part in place:
        if isinstance(data, dict) or (isinstance(data, list) and isinstance(part, int)):
            inside, last, data = cast("Any", data), part, cast("Any", data)[part]
        elif isinstance(data, list):
            cast("list[Any]", data).remove(part)
            return
        else:
            break
    del inside[last]
