"""Receivers: every name leads to one that exists in the stack, and nothing in production ends at nobody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, cast, final

from alertpath.documents.problems import Problem, shown
from alertpath.inputs.consistency.names import Named, names, suggest, written_names
from alertpath.inputs.receivers import Receiver
from alertpath.inputs.sources import Sources


def check(sources: Sources) -> Iterator[Problem]:
    """Every problem with them."""
    settings = sources.settings
    known = known_receivers(sources)
    written = written_names(sources, "receivers")
    for name in undefined(sources):
        yield sources.document.problem(
            sources.place("receivers"),
            "unknown receiver",
            value=shown(name),
            allowed=names(known),
            mend=suggest(name, known),
        )
    for name, receiver, at in definitions(sources):
        other = receiver.where_absent
        if other is not None and other not in written:
            yield at.document.problem(
                (*at.place, "where_absent"),
                "unknown receiver",
                value=shown(other),
                allowed=names(set(known) - {name}),
                mend=suggest(other, set(known) - {name}),
            )
    yield from _native_names(sources, known)
    default = settings.routing.default_receiver
    place = sources.place("routing", "default_receiver")
    if default is None:
        if sources.production and not sources.damaged(sources.document, place):
            yield sources.document.problem(
                place,
                "is missing: alerts that no route takes would reach nobody",
                allowed=names(settings.receivers),
                mend="name the receiver that gets them",
            )
    else:
        yield from Receivers(sources).must_exist(default, Named(sources.document, place))


def definitions(sources: Sources) -> Iterator[tuple[str, Receiver, Named]]:
    """Every definition of a receiver, and where it stands; a later one of the same name wins."""
    for source in sources.catalogs:
        for name, receiver in source.catalog.receivers.items():
            yield name, receiver, Named(source.document, ("receivers", name))
    for name, receiver in sources.settings.receivers.items():
        if receiver is not None:
            yield name, receiver, Named(sources.document, sources.place("receivers", name))


def known_receivers(sources: Sources) -> dict[str, Receiver]:
    """All defined receivers by name; a stack's own definition wins over a catalog's."""
    return {name: receiver for name, receiver, _ in definitions(sources)}


def replacements(known: Mapping[str, Receiver], present: Iterable[str]) -> dict[str, str]:
    """For each receiver that the stack lacks, the one that gets its alerts (`where_absent`), where there is one."""
    present = set(present)
    found: dict[str, str] = {}
    for name in known:
        seen: set[str] = set()
        at: str | None = name
        while at is not None and at not in present and at not in seen:
            seen.add(at)
            at = known[at].where_absent if at in known else None
        if at is not None and at in present and at != name:
            found[name] = at
    return found


def undefined(sources: Sources) -> list[str]:
    """The receivers that the stack has by name and nobody defines."""
    if sources.unread:
        return []
    defined = written_names(sources, "receivers")
    return [name for name in sources.settings.receivers if name not in defined]


def _native_names(sources: Sources, known: Mapping[str, Receiver]) -> Iterator[Problem]:
    """A receiver in Alertmanager's own words may not be called as one in the catalog's, present here or not."""
    sections = [(sources.document, sources.place("native", "receivers"), sources.settings.native)]
    sections += [(source.document, ("native", "receivers"), source.catalog.native) for source in sources.catalogs]
    for document, place, native in sections:
        for index, item in enumerate(native.receivers):
            name = cast("dict[str, object]", item).get("name") if isinstance(item, dict) else None
            if isinstance(name, str) and name in known:
                yield document.problem(
                    (*place, index, "name"),
                    "a receiver of a catalog has this name",
                    value=shown(name),
                    allowed="each name once",
                    mend="rename one of the two",
                )


@final
class Receivers:
    """The receivers that a stack knows and those that it has, to look names up."""

    def __init__(self, sources: Sources) -> None:
        self._sources: Final = sources
        self._known: Final = known_receivers(sources)
        self._present: Final = sources.settings.receivers
        self._replaced: Final = replacements(self._known, self._present)

    def must_exist(self, name: str, at: Named) -> Iterator[Problem]:
        """`name` must be a receiver of the stack, or have a replacement there."""
        if name in self._present or name in self._replaced:
            return
        if name not in self._known:
            if self._sources.unread or name in written_names(self._sources, "receivers"):
                return
            yield at.document.problem(
                at.place,
                "unknown receiver",
                value=shown(name),
                allowed=names(self._known),
                mend=suggest(name, self._known),
            )
        elif not undefined(self._sources):
            # Otherwise it is likely the one whose name is misspelt there.
            way = self._way(name)
            round_about = f"; `where_absent` leads from {' to '.join(way)}, and none of them exists there"
            yield at.document.problem(
                at.place,
                f"this receiver does not exist in the stack {self._sources.name}{round_about if way[1:] else ''}",
                value=shown(name),
                allowed=names(self._present),
                mend="add it to the stack's receivers, or say in its definition who gets its alerts: `where_absent`",
            )

    def _way(self, name: str) -> list[str]:
        """The receivers from `name` on, each the one that gets the alerts of the one before where that is absent."""
        way = [name]
        while (known := self._known.get(way[-1])) is not None and known.where_absent is not None:
            way.append(known.where_absent)
            if way.index(way[-1]) < len(way) - 1:
                break
        return way
