"""What a change does to every stack of a project: which alerts fare differently, what is newly wrong, what is not met.

It compares two directories, the project before and after; findings are new that the one before does not have.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, final

from alertpath.checks import examine
from alertpath.checks.gather import of_traced
from alertpath.configurations.loaded import Loaded, of_stack
from alertpath.diff.deliveries.comparison import Difference, diff
from alertpath.diff.words.phrases import loses_pages
from alertpath.documents.places import Place, Spot
from alertpath.documents.problems import InvalidInput, Problem
from alertpath.expectations.plan import DIRECTORY, against_stacks, read_files
from alertpath.expectations.run import Report as Expectations
from alertpath.expectations.run import run
from alertpath.inputs.parse import stacks, unknown_stack
from alertpath.output.findings import SEVERITIES, Finding
from alertpath.semantics.budget import Budget
from alertpath.semantics.routing import Router

_INDEX: Final = re.compile(r"\[[0-9]+\]")
_MOST_EXAMPLES: Final = 200


@final
@dataclass(frozen=True, slots=True)
class Side:
    """A stack before or after the change: its configuration, or why it has none; neither: there is no such stack."""

    loaded: Loaded | None = None
    problems: tuple[Problem, ...] = ()
    findings: tuple[Finding, ...] = ()


@final
@dataclass(frozen=True, slots=True)
class StackReview:
    """What becomes of one stack. `difference`: None where a side has no configuration, or for the reasons in `refused`.

    `new`: findings that `base` does not have. `templates`: names of template files whose texts differ.
    """

    name: str
    base: Side
    head: Side
    difference: Difference | None
    new: tuple[Finding, ...]
    templates: tuple[str, ...]
    refused: tuple[Problem, ...] = ()

    @property
    def invalid(self) -> bool:
        """Whether nothing could be deployed after the change."""
        return bool(self.head.problems)

    @property
    def added(self) -> bool:
        """Whether there was no such stack before."""
        return self.base == Side()

    @property
    def gone(self) -> bool:
        """Whether there is no such stack any more."""
        return self.head == Side()

    @property
    def changed(self) -> bool:
        """Whether there is anything to say about it."""
        compared = self.difference is not None and not self.difference
        return not compared or bool(self.templates or self.new)

    @property
    def failed(self) -> bool:
        """Whether the change needs a second look: invalid, gone, not compared, a page lost, or a new error."""
        lost = bool(self.refused) or (self.difference is not None and loses_pages(self.difference))
        return self.invalid or self.gone or lost or any(finding.rule.severity == "error" for finding in self.new)

    def moved_to(self) -> frozenset[Place]:
        """The places of routes that take alerts which fare differently, as far as examples of them show."""
        if self.difference is None or self.head.loaded is None:
            return frozenset()
        router = Router(self.head.loaded.config)
        examples = (change.example() for change in self.difference.changes[:_MOST_EXAMPLES])
        return frozenset(route.place for labels in examples if labels is not None for route in router.match(labels))


@final
@dataclass(frozen=True, slots=True)
class Review:
    """What becomes of all stacks, worst first. `base`, `head`: what people call the two.

    `expectations`: None where there are none, or where they cannot be held against anything: `problems` says why.
    """

    base: str
    head: str
    stacks: tuple[StackReview, ...]
    expectations: Expectations | None
    problems: tuple[Problem, ...]

    @property
    def failed(self) -> bool:
        """Whether a stack has failed, or an expectation is not met."""
        unmet = self.expectations is not None and self.expectations.failed
        return unmet or bool(self.problems) or any(stack.failed for stack in self.stacks)


def review(
    base: Path, head: Path, names: tuple[str, str], only: Sequence[str] = (), budget: Budget | None = None
) -> Review:
    """Compares the project's directory before and after a change, called `names`.

    `only`: these stacks, which must be in one of them; empty: all. `budget`: as of `diff`, for all stacks together.
    Raises InvalidInput.
    """
    budget = budget or Budget()
    there = sorted({*stacks(base), *stacks(head)})
    if unknown := [name for name in only if name not in there]:
        raise InvalidInput(unknown_stack(Spot(f"Pulumi.{name}.yaml"), name, there) for name in unknown)
    found = [_stack(name, base, head, budget) for name in sorted(only or there)]
    expectations, problems = _expectations(head, found, only)
    return Review(*names, tuple(sorted(found, key=_badness)), expectations, problems)


def _badness(stack: StackReview) -> tuple[bool, bool, bool, str]:
    return not stack.invalid, not stack.failed, not stack.changed, stack.name


def _stack(name: str, base: Path, head: Path, budget: Budget) -> StackReview:
    old, new = _side(base, name), _side(head, name)
    difference = None
    templates: tuple[str, ...] = ()
    refused: tuple[Problem, ...] = ()
    if old.loaded and new.loaded:
        try:
            paging = {**new.loaded.paging, **old.loaded.paging}
            difference = diff(old.loaded.config, new.loaded.config, paging, budget=budget)
        except InvalidInput as error:
            refused = tuple(error.problems)
        texts = dict(old.loaded.templates or {}).items() ^ dict(new.loaded.templates or {}).items()
        templates = tuple(sorted({file for file, _ in texts}))
    return StackReview(name, old, new, difference, _new(old.findings, new.findings), templates, refused)


def _side(directory: Path, name: str) -> Side:
    file = directory / f"Pulumi.{name}.yaml"
    if not file.is_file():
        return Side()
    try:
        loaded = of_stack(file)
    except InvalidInput as error:
        return Side(problems=tuple(_problem_inside(problem, directory) for problem in error.problems))
    if loaded.stack is None or loaded.traced is None:
        return Side(loaded)
    findings = examine(of_traced(loaded.stack, loaded.traced)).findings
    return Side(loaded, (), tuple(replace(finding, file=_inside(finding.file, directory)) for finding in findings))


def _problem_inside(problem: Problem, directory: Path) -> Problem:
    return problem.renamed(lambda file: _inside(file, directory), lambda text: text.replace(f"{directory}{os.sep}", ""))


def _inside(file: str, directory: Path) -> str:
    # As seen from the project, wherever that lies.
    return os.path.relpath(Path(file).absolute(), directory.absolute())


def _new(old: Iterable[Finding], new: Iterable[Finding]) -> tuple[Finding, ...]:
    # The same at another line or index is not new; of several that are alike, those are that stand elsewhere.
    before = list(old)
    exact = Counter(map(_exactly, before))
    alike = Counter(map(_roughly, before))
    moved: list[Finding] = []
    for finding in new:
        if exact[_exactly(finding)] > 0:
            exact[_exactly(finding)] -= 1
            alike[_roughly(finding)] -= 1
        else:
            moved.append(finding)
    found: list[Finding] = []
    for finding in moved:
        alike[_roughly(finding)] -= 1
        if alike[_roughly(finding)] < 0:
            found.append(finding)
    return tuple(sorted(found, key=lambda finding: SEVERITIES.index(finding.rule.severity)))


def _exactly(finding: Finding) -> tuple[str, ...]:
    return finding.rule.id, finding.file, finding.path, finding.message, finding.value


def _roughly(finding: Finding) -> tuple[str, ...]:
    return finding.rule.id, finding.file, _INDEX.sub("[]", finding.path), finding.message, finding.value


def _expectations(
    head: Path, found: Sequence[StackReview], only: Sequence[str]
) -> tuple[Expectations | None, tuple[Problem, ...]]:
    if not (head / DIRECTORY).is_dir() or any(stack.invalid for stack in found):
        return None, ()
    try:
        trials = against_stacks(read_files((), head), head, None)
    except InvalidInput as error:
        return None, tuple(_problem_inside(problem, head) for problem in error.problems)
    return run(trial for trial in trials if not only or trial.stack in only), ()
