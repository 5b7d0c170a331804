"""Delivery: each object has one writer, and the waits of the root route make sense."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.consistency.audiences import repeats_after_interval
from alertpath.problems import Problem
from alertpath.sources import Sources


def check(sources: Sources) -> Iterator[Problem]:
    """Every problem with it."""
    settings = sources.settings
    yield from repeats_after_interval(sources.document, sources.place("routing"), settings.routing.timing())
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
