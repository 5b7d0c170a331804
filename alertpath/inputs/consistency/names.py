"""Names: each stands once in all catalogs together; which there are, and what was likely meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, cast, final

from alertpath.documents.places import Place
from alertpath.documents.problems import Problem, did_you_mean, shown
from alertpath.documents.yaml_file import Document
from alertpath.inputs.receivers import RESERVED
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
    return did_you_mean(name, list(known)) or "define it, or correct the name"


def names(known: Iterable[str]) -> str:
    """The names to choose from."""
    return ", ".join(sorted(known)) or "none is defined"


def check(sources: Sources) -> Iterator[Problem]:
    """Every problem with names."""
    seen: dict[tuple[str, str], Named] = {}
    defined = (name for name, receiver in sources.settings.receivers.items() if receiver is not None)
    yield from _reserved(sources.document, ((name, sources.place("receivers", name)) for name in defined))
    for source in sources.catalogs:
        catalog, document = source.catalog, source.document
        entries: list[tuple[str, str, Place]] = [("team", catalog.team, ("team",))]
        for section in ("receivers", "services", "namespaces", "time_intervals"):
            entries += [(section, name, (section, name)) for name in getattr(catalog, section)]
        entries += [("window", window.name, ("maintenance", i, "name")) for i, window in enumerate(catalog.maintenance)]
        yield from _reserved(document, ((name, ("receivers", name)) for name in catalog.receivers))
        for kind, name, place in entries:
            if (first := seen.get((kind, name))) is not None:
                what = {"team": "team", "window": "maintenance window"}.get(
                    kind, kind.removesuffix("s").replace("_", " ")
                )
                yield document.problem(
                    place,
                    f"duplicate {what}",
                    value=shown(name),
                    allowed="each name once in all catalogs",
                    mend=f"remove this one, or that in {first.document.file}:{first.document.line(first.place)}",
                )
            else:
                seen[kind, name] = Named(document, place)


def _reserved(document: Document, receivers: Iterable[tuple[str, Place]]) -> Iterator[Problem]:
    for name, place in receivers:
        if name in RESERVED:
            yield document.problem(
                place,
                f"this name is reserved: it is the receiver that {RESERVED[name]}",
                value=shown(name),
                allowed=f"any name but {' and '.join(sorted(RESERVED))}",
                mend="choose another name",
            )
