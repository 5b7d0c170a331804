"""What may stand once only: names in all catalogs together, and the claim on an alert."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.consistency.audiences import service_matchers
from alertpath.consistency.naming import Named
from alertpath.problems import Problem, shown
from alertpath.sources import Sources
from alertpath.yamlfile import Place


def check(sources: Sources) -> Iterator[Problem]:
    """Every problem with names and claims."""
    seen: dict[tuple[str, str], Named] = {}
    claims: dict[frozenset[str], tuple[str, Named]] = {}
    for source in sources.catalogs:
        catalog, document = source.catalog, source.document
        entries: list[tuple[str, str, Place]] = [("team", catalog.team, ("team",))]
        for section in ("receivers", "services", "namespaces", "time_intervals"):
            entries += [(section, name, (section, name)) for name in getattr(catalog, section)]
        entries += [("window", window.name, ("maintenance", i, "name")) for i, window in enumerate(catalog.maintenance)]
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
        for name, service in catalog.services.items():
            claim = frozenset(map(str, service_matchers(name, service)))
            at = Named(document, ("services", name))
            if claim in claims and claims[claim][0] != name:
                other, first = claims[claim]
                yield document.problem(
                    at.place,
                    f"claims the same alerts as the service {other}",
                    value=" and ".join(sorted(claim)),
                    allowed="each alert claimed by one service",
                    mend=f"correct `match` here or in {first.document.file}:{first.document.line(first.place)}",
                )
            claims.setdefault(claim, (name, at))
