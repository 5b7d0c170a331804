"""What must hold between the parts of a stack: names exist, credentials are there and used, objects have one writer."""

from __future__ import annotations

from alertpath.consistency import audiences, credentials, delivery, receivers, uniqueness
from alertpath.problems import Problem
from alertpath.sources import Sources


def check(sources: Sources) -> list[Problem]:
    """Every inconsistency of a stack.

    Where parts were left out because they are invalid themselves, what depends on their absence is not reported.
    """
    return [
        problem for part in (uniqueness, receivers, audiences, credentials, delivery) for problem in part.check(sources)
    ]
