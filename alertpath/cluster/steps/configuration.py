"""The configuration's Secret holds what the stack compiles to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from alertpath.cluster.expected import Expected
from alertpath.cluster.observed import Observed, Secret
from alertpath.cluster.outcomes import Outcome, failed, ok, warning
from alertpath.cluster.steps.base import Step
from alertpath.cluster.steps.objects import unapplied
from alertpath.cluster.steps.words import applied, loaded, nearest, what_differs
from alertpath.cluster.steps.writers import blamed
from alertpath.compiling.compile import CONFIGURATION
from alertpath.delivery.manifests.alertmanager import configuration_files


def is_applied(expected: Expected, observed: Observed) -> bool:
    """Whether the Secret holds what the stack compiles to."""
    return observed.configuration is not None and not _different_keys(expected, observed.configuration)


def _different_keys(expected: Expected, live: Secret) -> list[str]:
    return [key for key, text in configuration_files(expected.compiled).items() if live.text(key) != text]


def _look(expected: Expected, observed: Observed) -> Iterator[Outcome]:
    subject, live = expected.configuration, observed.configuration
    null = "without it the operator loads a receiver `null`: nobody is told of anything"
    if live is None:
        never = unapplied(observed)
        yield failed(
            subject,
            f"does not exist; {null}",
            "the stack was never applied here" if never else "it was deleted or renamed",
            applied(expected, restored=not never),
        )
        return
    if CONFIGURATION not in live.values:
        near = nearest(CONFIGURATION, live.values)
        yield failed(
            subject,
            f"has no key {CONFIGURATION}; it has {near or 'no key at all'}; {null}",
            "somebody else writes this Secret, under another key",
            applied(expected, restored=True),
        )
        return
    different = _different_keys(expected, live)
    if not different:
        yield ok(subject, f"holds the configuration of the stack {expected.stack.name}")
        return
    yield _different(expected, live, different)


def _different(expected: Expected, live: Secret, keys: list[str]) -> Outcome:
    subject = expected.configuration
    cause, mend = blamed(expected, live.written(keys[0]))
    if CONFIGURATION not in keys:
        message = f"other templates than the stack's: {', '.join(keys)}; messages read differently"
        return failed(subject, message, cause, mend)
    difference = what_differs(loaded(live.text(CONFIGURATION) or ""), expected.config, expected.paging)
    if not difference:
        message = "is written differently, but every alert fares as the stack says"
        return warning(subject, message, cause, mend)
    return failed(subject, f"is not the stack's: {difference}", cause, mend)


STEP: Final = Step(
    "configuration",
    "the Secret with the configuration is the stack's",
    _look,
    ("configuration",),
    ("access", "update"),
)
