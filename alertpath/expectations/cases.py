"""A team's expectations: which alerts must go where, in files that people write and `alertpath test` holds true."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, ClassVar, Final, TypeVar, cast, final

from alertpath.documents.places import Place
from alertpath.documents.problems import InvalidInput, Problem, shown
from alertpath.documents.yaml_file import Document, read
from alertpath.expectations.invariants import WORDS, Invariant
from alertpath.inputs.fields import ANY, Duration, LabelValue
from alertpath.inputs.models import After, Before, Fault, Misfit, Model, Within, field, read_model
from alertpath.semantics.times import parse

EXPECTED: Final = (
    "receivers", "destinations", "muted", "inhibited", "group_by", "group_wait", "group_interval", "repeat_interval",
)  # fmt: skip
"""The keys of a case that say what must happen."""

_T = TypeVar("_T")
_DAYS: Final = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2000, 7, 1, tzinfo=UTC))


class Some(Model):
    """Who is told: `exact`, these and nobody else; or at least all of `includes`, and none of `excludes`."""

    exact: list[LabelValue] | None = None
    includes: list[LabelValue] = field(default_factory=list[str])
    excludes: list[LabelValue] = field(default_factory=list[str])

    def check(self) -> None:
        """It says something, which can be."""
        if self.exact is not None and (self.includes or self.excludes):
            raise Fault("has `exact` beside `includes` or `excludes`", "a list, or `includes` and `excludes`")
        if self.exact is None and not self.includes and not self.excludes:
            raise Fault("expects nothing", "a list, or `includes` and `excludes`", "[] is nobody")
        if both := set(self.includes) & set(self.excludes):
            raise Fault(f"includes and excludes {', '.join(sorted(both))}", "each name in one of them")


_SOME: Final = frozenset(("exact", "includes", "excludes"))


def _for_any(value: object) -> object:
    if isinstance(value, Mapping) and not cast("Mapping[object, object]", value).keys() <= _SOME:
        return cast("object", value)
    return {ANY: cast("object", value)}


def _exactly(value: object) -> object:
    given: object = value
    if value is not None and not isinstance(value, list | Mapping):
        raise Fault("is not a list", "a list, or a mapping with `includes` and `excludes`")
    return {"exact": given} if isinstance(value, list) else given


Names = Annotated[Some, Before(_exactly)]


ByStack = Annotated[dict[LabelValue, _T], Before(_for_any), Within(min_length=1)]
"""A value for every stack, or a mapping of stacks to theirs, in which `any` stands for every other one."""


def _moment(value: object) -> datetime:
    allowed = '"YYYY-MM-DD HH:MM ZONE" in quotes, or RFC 3339: "2026-03-02 10:00 Asia/Seoul"'
    if not isinstance(value, str):
        raise Fault("is not a date and time", allowed)
    try:
        moments = [parse(value, now) for now in _DAYS]
    except ValueError as error:
        raise Fault(str(error).partition("; allowed: ")[0], allowed) from None
    if moments[0] != moments[1]:
        raise Fault("has no date, so that it is another moment every day", allowed, "write the date too")
    return moments[0]


def _present(labels: dict[str, str]) -> dict[str, str]:
    # Alertmanager removes empty labels on receipt.
    return {name: value for name, value in labels.items() if value}


Labels = Annotated[dict[LabelValue, str], After(_present)]


class Case(Model):
    """An alert with these labels, and what must become of it: at least one of `receivers` to `repeat_interval`.

    `at` is the moment at which it would be told; without it, hours do not count. `firing` are alerts that fire
    meanwhile and may inhibit it. `name` says what the case is about, for people.
    `receivers` are all that tell somebody about it; `[]`: nobody is told; with `includes` and `excludes`: some that do,
    and some that do not. `destinations` are where they send, in the words of `alertpath compile --table`. `muted` are
    the receivers that do not tell of it `at` that time.
    `group_by` and the durations must be those of every route that takes the alert; `group_by: ["..."]`: all labels.
    Each may be a mapping of stacks to what is expected there, in which `any` stands for every other stack.
    """

    # `receivers:` with nothing after it may mean nobody, and must not mean that all is well.
    none_is_left_out: ClassVar[bool] = False

    name: str = ""
    labels: Labels
    at: Annotated[datetime | None, Before(_moment)] = None
    firing: list[Labels] = field(default_factory=list[dict[str, str]])
    receivers: ByStack[Names] = field(default_factory=dict[str, Some])
    destinations: ByStack[Names] = field(default_factory=dict[str, Some])
    muted: ByStack[Names] = field(default_factory=dict[str, Some])
    inhibited: ByStack[bool] = field(default_factory=dict[str, bool])
    group_by: ByStack[list[LabelValue]] = field(default_factory=dict[str, list[str]])
    group_wait: ByStack[Duration] = field(default_factory=dict[str, str])
    group_interval: ByStack[Duration] = field(default_factory=dict[str, str])
    repeat_interval: ByStack[Duration] = field(default_factory=dict[str, str])

    def check(self) -> None:
        """It expects something that can happen."""
        if not any(getattr(self, key) for key in EXPECTED):
            raise Fault("expects nothing", f"at least one of {', '.join(EXPECTED)}", "add `receivers`; [] is nobody")
        if self.muted and self.at is None:
            raise Fault("`muted` without a moment", "`muted` together with `at`", "add `at`")
        if self.inhibited and not self.firing:
            raise Fault("`inhibited` while nothing else fires", "`inhibited` together with `firing`", "add `firing`")

    def expected(self, key: str, stack: str | None) -> object:
        """What the case expects of `key`, one of EXPECTED, in a stack (None: in no stack); None: nothing."""
        values: Mapping[str, object] = getattr(self, key)
        return values.get(ANY) if stack is None else values.get(stack, values.get(ANY))


class Expectations(Model):
    """What one file says: cases, invariants, and the stacks, or the configuration file beside it, that they are for.

    With neither, `--stack` or `--config` says it; invariants alone are then for every stack.
    """

    stacks: list[LabelValue] = field(default_factory=list)
    config: str = ""
    cases: Annotated[list[Case], Within(min_length=1)] = field(default_factory=list[Case])
    invariants: Annotated[list[Invariant], Within(min_length=1)] = field(default_factory=list[Invariant])

    def check(self) -> None:
        """It is for stacks, or for a configuration, and says something."""
        if not self.cases and not self.invariants:
            raise Fault("expects nothing", "`cases`, `invariants`, or both")
        if self.stacks and self.config:
            raise Fault("is for stacks and for a configuration file", "one of `stacks` and `config`", "remove one")


@final
@dataclass(frozen=True)
class ExpectationFile:
    """A file of expectations: where it lies, the document that it is, what it says."""

    path: Path
    document: Document
    expectations: Expectations

    def line(self, index: int) -> int:
        """The line of a case."""
        return self.document.line(("cases", index))

    @property
    def for_every_stack(self) -> bool:
        """Whether it is for each stack of the project: invariants that name neither stacks nor a configuration."""
        said = self.expectations
        return not (said.cases or said.stacks or said.config)

    def unsaid(self, stack: str | None) -> Iterator[Problem]:
        """Where an expectation that differs by stack says nothing about this one (None: no stack)."""
        for place, values in _by_stack(self.expectations):
            if ANY not in values and stack not in values and not self._is_for_others(place, stack):
                yield self.document.problem(
                    place,
                    f"says nothing for the stack {stack}" if stack else "differs by stack, and no stack is given",
                    allowed=f"each stack that the file is for, or `{ANY}`",
                    mend=f"add `{stack or ANY}`" + ("" if stack else ", or run with --stack NAME"),
                )

    def _is_for_others(self, place: Place, stack: str | None) -> bool:
        if place[0] != "invariants":
            return False
        stacks = self.expectations.invariants[cast("int", place[1])].stacks
        return stacks is not None and stack not in stacks


def read_expectations(path: Path, name: str) -> ExpectationFile:
    """The expectations in a file, called `name` in messages. Raises InvalidInput."""
    document = read(path, name, by_engine=False)
    found, misfits = read_model(Expectations, document, (), document.data)
    problems = [*document.problems, *(_as_written(document, misfit) for misfit in misfits)]
    if found is not None:
        problems += _strange_stacks(document, found)
    if problems or found is None:
        raise InvalidInput(problems)
    return ExpectationFile(path, document, found)


def _as_written(document: Document, misfit: Misfit) -> Problem:
    # What stands for every stack was not written as `any`, nor a list as `exact`.
    place = misfit.place
    for at, word in ((3, ANY), (4, "exact"), (3, "exact")):
        if place[at : at + 1] == (word,) and place[: at + 1] not in document.lines:
            place = (*place[:at], *place[at + 1 :])
    return replace(misfit.problem, at=document.at(place))


def _strange_stacks(document: Document, expectations: Expectations) -> Iterator[Problem]:
    stacks = expectations.stacks
    if not stacks and not expectations.config:
        return
    for index, invariant in enumerate(expectations.invariants):
        for at, strange in enumerate(invariant.stacks or ()):
            if strange not in stacks:
                yield _strange_stack(document, ("invariants", index, "stacks", at), strange, stacks)
    for place, values in _by_stack(expectations):
        for strange in values.keys() - {ANY, *stacks}:
            yield _strange_stack(document, (*place, strange), strange, [*stacks, ANY])


def _strange_stack(document: Document, place: Place, strange: str, allowed: Sequence[str]) -> Problem:
    some = [each for each in allowed if each != ANY]
    return document.problem(
        place,
        "is no stack that this file is for",
        value=shown(strange),
        allowed=", ".join(allowed) or "`stacks` of the file, which name it",
        mend="correct the name, or add it to `stacks`" if some else f"write `{ANY}`, or name `stacks`",
    )


def _by_stack(expectations: Expectations) -> Iterator[tuple[Place, Mapping[str, object]]]:
    for index, case in enumerate(expectations.cases):
        for key in EXPECTED:
            values: Mapping[str, object] = getattr(case, key)
            if values and (len(values) > 1 or ANY not in values):
                yield ("cases", index, key), values
    for index, invariant in enumerate(expectations.invariants):
        for key in WORDS:
            values = getattr(invariant, key)
            if values and (len(values) > 1 or ANY not in values):
                yield ("invariants", index, key), values
