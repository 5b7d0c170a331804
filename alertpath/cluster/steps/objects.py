"""The other objects are there, and hold what the stack declares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from alertpath.cluster.expected import Expected
from alertpath.cluster.observed import Object, Observed, managers, part
from alertpath.cluster.outcomes import Outcome, failed, ok, skipped
from alertpath.cluster.steps.base import Step
from alertpath.cluster.steps.words import applied
from alertpath.cluster.steps.writers import blamed
from alertpath.documents.problems import shown
from alertpath.output.alert_classes import listed

_MOST: Final = 3
# What the Alertmanager object's own step says.
_TOLD_BEFORE: Final = ("spec.configSecret", "spec.version")


def unapplied(observed: Observed) -> bool:
    """Whether nothing of the stack is there, so that its configuration's absence says all."""
    live = [each for (kind, _), each in observed.declared.items() if kind != "Namespace"]
    known = observed.unread.keys().isdisjoint(("configuration", "declared"))
    return known and observed.configuration is None and not any(live)


def broken(expected: Expected, observed: Observed) -> dict[str, str]:
    """The declared objects that are missing or changed, and what is wrong with each."""
    return {subject: message for subject, message, _ in _faults(expected, observed) if message}


def _faults(expected: Expected, observed: Observed) -> Iterator[tuple[str, str, Object | None]]:
    """Each declared object, what is wrong with it ("": nothing), and itself."""
    for declared in expected.declared:
        kind, name = declared["kind"], declared["metadata"]["name"]
        subject = f"{kind} {name}" if kind == "Namespace" else expected.subject(kind, name)
        live = observed.declared.get((kind, name))
        if live is None:
            # That the Alertmanager is missing, its own step says.
            if kind != "Alertmanager":
                yield subject, "does not exist", None
            continue
        different = [
            text
            for text in differences(_content(declared), live, "")
            if kind != "Alertmanager" or not text.startswith(_TOLD_BEFORE)
        ]
        yield subject, f"is not what the stack declares: {listed(different, _MOST)}" if different else "", live


def _look(expected: Expected, observed: Observed) -> Iterator[Outcome]:
    if unapplied(observed):
        yield skipped("declared objects", f"because {expected.configuration} does not exist: nothing was applied")
        return
    good: list[str] = []
    for subject, message, live in _faults(expected, observed):
        if not message:
            good.append(subject)
        elif live is not None:
            # Not those that only write its status.
            of_spec = [each for each in managers(part(live, "metadata")) if "f:spec" in each.fields]
            last = max(of_spec, key=lambda each: each.when, default=None)
            yield failed(subject, message, *blamed(expected, last))
        else:
            cause = "it was deleted, the stack was never applied, or the cluster does not know this kind of objects"
            yield failed(subject, message, cause, applied(expected, restored=True))
    if good or not expected.declared:
        yield ok(listed(good, len(good)) or "declared objects", "as declared" if good else "there are none")


def _content(declared: Mapping[str, Any]) -> Mapping[str, Any]:
    # Labels and annotations are others' as well; what an object does is in the rest.
    return {name: value for name, value in declared.items() if name not in ("apiVersion", "kind", "metadata")}


def differences(declared: Any, live: Any, path: str) -> Iterator[str]:
    """Where a live object lacks what is declared; what it has besides, such as defaults, is no difference."""
    if isinstance(declared, Mapping) and isinstance(live, Mapping):
        wanted, there = cast("Mapping[str, Any]", declared), cast("Mapping[str, Any]", live)
        for name, value in wanted.items():
            if name not in there and value not in ({}, [], None):
                yield f"{path}{name} is missing"
            elif name in there:
                yield from differences(value, there[name], f"{path}{name}.")
    elif isinstance(declared, list) and isinstance(live, list):
        wanted_list, there_list = cast("list[Any]", declared), cast("list[Any]", live)
        if len(wanted_list) != len(there_list):
            yield f"{path.rstrip('.')} has {len(there_list)} entries, not {len(wanted_list)}"
            return
        for index, (one, other) in enumerate(zip(wanted_list, there_list, strict=True)):
            yield from differences(one, other, f"{path.rstrip('.')}[{index}].")
    elif declared != live:
        yield f"{path.rstrip('.')} is {shown(cast('object', live))}, not {shown(cast('object', declared))}"


STEP: Final = Step("objects", "the declared objects are in the cluster", _look, ("declared",), ("access", "update"))
