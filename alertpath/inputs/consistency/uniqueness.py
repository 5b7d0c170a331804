"""What may stand once only: names in all catalogs together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from alertpath.documents.places import Place
from alertpath.documents.problems import Problem, shown
from alertpath.documents.yaml_file import Document
from alertpath.inputs.consistency.naming import Named
from alertpath.inputs.receivers import RESERVED
from alertpath.inputs.sources import Sources


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
