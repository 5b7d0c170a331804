"""A review as plain text, complete, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from alertpath.compiling.summary import table
from alertpath.diff.words import as_json, as_text
from alertpath.diff.words.phrases import NOTHING
from alertpath.documents.problems import InvalidInput, Problem
from alertpath.expectations import text as expectation_text
from alertpath.output import findings, formats
from alertpath.output.alert_classes import printable
from alertpath.output.findings import sorted_report
from alertpath.review.review import Review, StackReview
from alertpath.review.words import UNCHANGED, old_findings, state, there, verdict


def text(review: Review) -> str:
    """For a terminal."""
    lines = [printable(f"{words}{there(words, stacks)}.") for words, stacks, _ in verdict(review)]
    for stack in review.stacks:
        if stack.changed:
            lines += ["", *_of_stack(stack, review)]
    if quiet := [f"{stack.name}: {UNCHANGED}." for stack in review.stacks if not stack.changed]:
        lines += ["", *quiet]
    if review.problems:
        lines += ["", "EXPECTATIONS", *map(str, review.problems)]
    elif review.expectations is not None and review.expectations.failed:
        lines += ["", "EXPECTATIONS", expectation_text.text(review.expectations)]
    return "\n".join(lines).rstrip("\n") + "\n"


def json_text(review: Review) -> str:
    """For programs, complete, redacted.

    {
      "base": "main", "head": "here", "failed": true, "verdict": ["1 class of alerts no longer pages in production"],
      "stacks": [{
        "stack": "production", "failed": true, "problems": [PROBLEM], "base_problems": [PROBLEM],
        "refused": [PROBLEM], why the two sides could not be compared,
        "difference": as `alertpath diff --format json`, or null where a side is missing or invalid, or for these,
        "new_findings": as `alertpath check --format json`, "old_findings": 3, "templates": ["team.tmpl"]
      }],
      "expectations": as `alertpath test --format json`, or null, "expectation_problems": [PROBLEM]
    }
    """
    data = {
        "base": review.base,
        "head": review.head,
        "failed": review.failed,
        "verdict": [f"{words}{there(words, stacks)}" for words, stacks, _ in verdict(review)],
        "stacks": [_plain(stack, review) for stack in review.stacks],
        "expectations": json.loads(expectation_text.json_text(review.expectations)) if review.expectations else None,
        "expectation_problems": list(map(_plain_problem, review.problems)),
    }
    return formats.json_text(data)


def _of_stack(stack: StackReview, review: Review) -> Iterator[str]:
    yield stack.name.upper()
    if stack.head.problems:
        yield str(InvalidInput(stack.head.problems))
    if said := state(stack, review.base):
        yield printable(said)
    if stack.difference:
        yield as_text.text(stack.difference, review.base, review.head).rstrip("\n")
    elif stack.difference is not None:
        yield NOTHING
    elif stack.head.loaded and not stack.refused:
        yield table(stack.head.loaded.config)
    yield from (f"The texts of {printable(name)} differ." for name in stack.templates)
    if stack.new:
        yield "New findings:"
        yield findings.text(sorted_report(stack.new)).rstrip("\n")
    if before := old_findings(stack):
        yield f"{before}."


def _plain(stack: StackReview, review: Review) -> dict[str, Any]:
    difference = stack.difference
    return {
        "stack": stack.name,
        "failed": stack.failed,
        "problems": list(map(_plain_problem, stack.head.problems)),
        "base_problems": list(map(_plain_problem, stack.base.problems)),
        "refused": list(map(_plain_problem, stack.refused)),
        "difference": difference
        if difference is None
        else json.loads(as_json.json_text(difference, review.base, review.head)),
        "new_findings": json.loads(findings.json_text(sorted_report(stack.new)))["findings"],
        "old_findings": len(stack.head.findings) - len(stack.new),
        "templates": list(stack.templates),
    }


def _plain_problem(problem: Problem) -> dict[str, Any]:
    return asdict(problem)
