"""Entries of one receiver that were meant as one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

from alertpath.checks.base import Hit, check
from alertpath.checks.subject import Subject


def _run(subject: Subject) -> Iterator[Hit]:
    for index, receiver in enumerate(subject.config.receivers):
        for name, entries in receiver.integrations.items():
            place = ("receivers", index, name)
            for (first, one), (second, other) in combinations(enumerate(entries), 2):
                if one == other:
                    yield Hit(
                        (*place, second), f"{receiver.name} sends the same twice: items {first + 1} and {second + 1}"
                    )
                    break
                if min(len(one), len(other)) == 1 and _fields(one).isdisjoint(_fields(other)):
                    names = f"{', '.join(one)} and {', '.join(other)}"
                    message = f"items {first + 1} and {second + 1} are a message each: {names}"
                    yield Hit((*place, second), f"{receiver.name} sends several messages; {message}")
                    break


def _fields(entry: Mapping[str, object]) -> set[str]:
    # Two ways to give one thing are no pieces of one entry.
    return {key.removesuffix("_file") for key in entry}


CHECK = check(
    _run,
    id="AP410",
    name="several-messages",
    severity="warning",
    summary="A receiver has two equal entries, or one entry in pieces.",
    why="Each item of the list is a notification of its own: people are told twice, or a piece lacks what it needs.",
    mend="write one item, with one dash",
)
