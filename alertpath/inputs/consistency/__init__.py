"""What must hold between the parts of a stack: names exist, credentials are there and used, objects have one writer."""

from __future__ import annotations

from alertpath.documents.problems import Problem
from alertpath.inputs.consistency import audiences, claims, credentials, delivery, names, receivers
from alertpath.inputs.sources import Sources


def check(sources: Sources) -> list[Problem]:
    """Every inconsistency of a stack.

    Where parts were left out because they are invalid themselves, what depends on their absence is not reported.
    """
    parts = (names, claims, receivers, audiences, credentials, delivery)
    return [problem for part in parts for problem in part.check(sources)]
