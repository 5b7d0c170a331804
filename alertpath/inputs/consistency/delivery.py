"""Delivery and the root route: each object has one writer; severities and waits make sense."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from alertpath.documents.problems import Problem
from alertpath.inputs.consistency.audiences import repeats_after_interval
from alertpath.inputs.fields import ANY
from alertpath.inputs.settings import SEVERITIES
from alertpath.inputs.sources import Sources


def check(sources: Sources) -> Iterator[Problem]:
    """Every problem with it."""
    settings = sources.settings
    yield from _severities(sources)
    yield from repeats_after_interval(sources.document, sources.place("routing"), settings.routing.timing())
    yield from _ignored(sources)
    if settings.delivery == "files":
        if settings.alertmanager.mounts == "patch":
            yield sources.document.problem(
                sources.place("alertmanager", "mounts"),
                "a live object cannot be patched by files",
                value="patch",
                allowed="with delivery: files, object or none",
                mend="`object` renders the whole Alertmanager; with `none` its owner adds spec.secrets",
            )
    elif settings.argocd is not None:
        yield sources.document.problem(
            sources.place("argocd"),
            "two writers for the same objects: with delivery: cluster, the stack applies them itself",
            value="delivery: cluster",
            allowed="argocd with delivery: files only",
            mend="remove `argocd`, or set delivery: files",
        )


def _ignored(sources: Sources) -> Iterator[Problem]:
    """What would have no effect, because the stack does not own the Alertmanager object."""
    mounts = sources.settings.alertmanager.mounts
    for name in ("replicas", "spec"):
        place = sources.place("alertmanager", name)
        if mounts != "object" and place in sources.document.lines and not sources.damaged(sources.document, place):
            yield sources.document.problem(
                place,
                f"has no effect with mounts: {mounts}, because somebody else owns the Alertmanager object",
                value=f"mounts: {mounts}",
                allowed=f"`{name}` with mounts: object only",
                mend=f"remove `{name}` and change it at the object's source, or set mounts: object",
            )


# The worst first, as people mean these words; others may stand anywhere.
_KNOWN: Final = ("critical", "error", "warning", "info", "debug", "none")


def _severities(sources: Sources) -> Iterator[Problem]:
    """The first severity inhibits the others, so their order matters."""
    severities = sources.settings.routing.severities
    place = sources.place("routing", "severities")

    def problem(message: str, mend: str) -> Problem:
        allowed = "one or more severities, the worst first, each once"
        return sources.document.problem(place, message, value=", ".join(severities), allowed=allowed, mend=mend)

    if not severities:
        yield problem("is empty", f"remove it for the default: {', '.join(SEVERITIES)}")
    for word, meaning in ((ANY, "every other severity"), ("match", "the matchers of a service")):
        if word in severities:
            yield problem(f"`{word}` is the catalog's word for {meaning}", "choose another name")
    if len(set(severities)) < len(severities):
        yield problem("names a severity twice", "remove one of the two")
    known = [_KNOWN.index(severity) for severity in severities if severity in _KNOWN]
    if known != sorted(known):
        yield problem("a milder severity stands before a worse one, and would silence it", "write the worst first")
