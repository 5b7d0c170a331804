"""Holds expectations against a configuration: what becomes of each alert, where that differs, and why.

An inhibited alert is told to nobody.
Sources: Alertmanager 0.34.2, dispatch/route.go, inhibit/inhibit.go, notify/mute.go.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, cast, final

from alertpath.alertmanager import durations
from alertpath.alertmanager.destinations import destination
from alertpath.compiling.summary import EVERYTHING_ELSE, NOBODY, in_words, named_hours
from alertpath.configurations.loaded import Loaded
from alertpath.documents.places import Spot
from alertpath.documents.problems import InvalidInput, Problem, did_you_mean
from alertpath.expectations.cases import EXPECTED, Case, ExpectationFile, Some
from alertpath.expectations.held import Held, hold, problems
from alertpath.expectations.proof import Prover
from alertpath.semantics.hours import of_route
from alertpath.semantics.inhibition import Inhibited, Inhibitor, Sources
from alertpath.semantics.intervals import Calendar
from alertpath.semantics.routing import EffectiveRoute, Labels, Router

_NONE: Final = {"receivers": NOBODY, "destinations": NOBODY, "group_by": "nothing"}


@final
@dataclass(frozen=True, slots=True)
class Difference:
    """One key of a case (`receivers`), what is expected of it, and what happens, both in words."""

    key: str
    expected: str
    happens: str


@final
@dataclass(frozen=True, slots=True)
class Result:
    """What became of a case under one configuration, called `where`; no differences: as expected.

    `why`: for a case with differences, which routes take the alert, and what keeps it silent.
    """

    file: str
    line: int
    name: str
    where: str
    labels: Labels
    at: datetime | None
    differences: tuple[Difference, ...]
    why: tuple[str, ...]


@final
@dataclass(frozen=True, slots=True)
class Unreached:
    """A route that no case takes, its alerts in words, and the configurations in which that is so."""

    origin: Spot
    alerts: str
    where: tuple[str, ...]


@final
@dataclass(frozen=True, slots=True)
class Report:
    """The results of one run by file and case, or invariant.

    `coverage_required`: an unreached route is a failure; `strict`: an invariant that is not proven is one.
    """

    results: tuple[Result, ...]
    unreached: tuple[Unreached, ...]
    coverage_required: bool = False
    invariants: tuple[Held, ...] = ()
    strict: bool = False

    @property
    def failures(self) -> tuple[Result, ...]:
        """The results that are not as expected."""
        return tuple(result for result in self.results if result.differences)

    @property
    def broken(self) -> tuple[Held, ...]:
        """The invariants that do not hold."""
        return tuple(each for each in self.invariants if each.verdict == "broken")

    @property
    def unproven(self) -> tuple[Held, ...]:
        """The invariants that are not proven."""
        return tuple(each for each in self.invariants if each.verdict == "not proven")

    @property
    def failed(self) -> bool:
        """Whether anything is not as it must be."""
        missed = (self.coverage_required and bool(self.unreached)) or (self.strict and bool(self.unproven))
        return missed or bool(self.failures) or bool(self.broken)


@final
@dataclass(frozen=True, slots=True)
class Trial:
    """The files that are held against one configuration, which is that of `stack`, or of no stack."""

    loaded: Loaded
    stack: str | None
    files: Sequence[ExpectationFile]

    @property
    def where(self) -> str:
        """What the configuration is called."""
        return self.stack or self.loaded.name


def run(trials: Iterable[Trial], *, coverage_required: bool = False, strict: bool = False) -> Report:
    """The report of these trials. Raises InvalidInput: an invariant names what is not there."""
    trials = list(trials)
    if found := [problem for trial in trials for problem in _unknown_names(trial)]:
        raise InvalidInput(found)
    results: list[tuple[str, int, Result]] = []
    held: list[Held] = []
    unreached: dict[tuple[Spot, str], list[str]] = {}
    for trial in trials:
        judge = Judge(trial.loaded)
        for file in trial.files:
            for index, case in enumerate(file.expectations.cases):
                differences, why = judge.compare(case, trial.stack)
                name, line = file.document.file, file.line(index)
                result = Result(name, line, case.name, trial.where, case.labels, case.at, differences, why)
                results.append((name, index, result))
        held += invariants_held(trial, judge)
        for missed in judge.unreached() if coverage_required or any(f.expectations.cases for f in trial.files) else ():
            unreached.setdefault(missed, []).append(trial.where)
    results.sort(key=lambda entry: entry[:2])
    return Report(
        tuple(result for _, _, result in results),
        tuple(Unreached(origin, alerts, tuple(where)) for (origin, alerts), where in unreached.items()),
        coverage_required,
        tuple(sorted(held, key=lambda each: (each.file, each.line))),
        strict,
    )


def invariants_held(trial: Trial, judge: Judge | None = None) -> list[Held]:
    """What becomes of the invariants of a trial."""
    if not any(file.expectations.invariants for file in trial.files):
        return []
    prover = Prover(trial.loaded)
    why = (judge or Judge(trial.loaded)).why
    return [
        each
        for file in trial.files
        for each in hold(enumerate(file.expectations.invariants), file.document, prover, trial.loaded, trial.stack, why)
    ]


def _unknown_names(trial: Trial) -> Iterator[Problem]:
    for file in trial.files:
        yield from problems(file.expectations.invariants, file.document, trial.loaded, trial.stack)


@final
@dataclass(frozen=True, slots=True)
class _Fate:
    # What becomes of an alert: the routes that take it, those of them that tell somebody, and why the others do not.
    routes: tuple[EffectiveRoute, ...]
    telling: tuple[EffectiveRoute, ...]
    silent: Mapping[EffectiveRoute, str]
    inhibited: tuple[Inhibited, ...]


@final
class Judge:
    """What a configuration does with alerts, and why."""

    def __init__(self, loaded: Loaded) -> None:
        self._loaded: Final = loaded
        self._router: Final = Router(loaded.config)
        self._calendar: Final = Calendar(loaded.config)
        self._destinations: Final = {
            receiver.name: {destination(name, each) for name, all_ in receiver.integrations.items() for each in all_}
            for receiver in loaded.config.receivers
        }
        self._sources: Final = Sources(loaded.config)
        self._inhibitors: Final[dict[tuple[frozenset[tuple[str, str]], ...], Inhibitor]] = {}
        self._reached: Final[set[int]] = set()
        self._today: Final = datetime.now(UTC).date()

    def compare(self, case: Case, stack: str | None) -> tuple[tuple[Difference, ...], tuple[str, ...]]:
        """Where the case is not met, and why that is."""
        fate = self._fate(case.labels, case.at, case.firing)
        self._reached.update(route.index for route in fate.routes)
        differences: list[Difference] = []
        strange: set[str] = set()
        for key in EXPECTED:
            if (expected := case.expected(key, stack)) is None:
                continue
            wanted, some = _words(expected), expected if isinstance(expected, Some) else None
            happens = self._happens(key, fate, wanted)
            if not all(_is_met(one, wanted, some) for one in happens):
                told = dict.fromkeys(_listed(key, one) for one in happens)
                differences.append(Difference(key, _expected(key, wanted, some), " and ".join(told)))
                strange |= wanted - self._destinations.keys() if key in ("receivers", "muted") else set()
        if not differences:
            return (), ()
        return tuple(differences), (*self._why(fate, "then: " if case.at else ""), *map(self._unknown, sorted(strange)))

    def why(self, labels: Labels, at: datetime | None, firing: Sequence[Labels]) -> tuple[str, ...]:
        """Which routes take an alert while others fire, and what keeps them silent."""
        return tuple(self._why(self._fate(labels, at, firing), "then: " if at else ""))

    def unreached(self) -> Iterator[tuple[Spot, str]]:
        """The routes that no case took, in Alertmanager's order, and their alerts in words."""
        for route in self._router.routes:
            if route.index not in self._reached:
                yield self._loaded.origin(route.place), _alerts(route)

    def _fate(self, labels: Labels, at: datetime | None, alerts: Sequence[Labels]) -> _Fate:
        labels = self._loaded.complete(labels)
        routes = self._router.match(labels)
        silent = {route: by for route in routes if (by := self._silenced_by(route, at))}
        firing = [self._loaded.complete(each) for each in alerts]
        inhibited = self._inhibitor(firing).inhibiting(labels) if firing else ()
        telling = () if inhibited else tuple(route for route in routes if route not in silent)
        return _Fate(routes, telling, silent, inhibited)

    def _silenced_by(self, route: EffectiveRoute, moment: datetime | None) -> str:
        # As Calendar.silence, but that also looks for the end of the silence, which takes long. Without a moment, what
        # notifies at no time is silent.
        if moment is None:
            return self._never(route) if route.active or route.mute else ""
        if muted := [name for name in route.mute if self._calendar.inside(name, moment)]:
            return f"not in {', '.join(muted)}"
        if route.active and not any(self._calendar.inside(name, moment) for name in route.active):
            return f"only in {', '.join(route.active)}"
        return ""

    def _never(self, route: EffectiveRoute) -> str:
        never = of_route(self._loaded.config, route.route, self._today).never
        return f"at any time, as it notifies {named_hours(route)}" if never else ""

    def _inhibitor(self, firing: Sequence[Labels]) -> Inhibitor:
        key = tuple(frozenset(labels.items()) for labels in firing)
        if (found := self._inhibitors.get(key)) is None:
            found = self._inhibitors[key] = Inhibitor(self._loaded.config, firing, self._sources)
        return found

    def _happens(self, key: str, fate: _Fate, wanted: frozenset[str]) -> list[frozenset[str]]:
        # What there is of `key`; of what routes differ in, one for each of them.
        match key:
            case "receivers":
                return [self._receivers(fate.telling, wanted)]
            case "muted":
                return [self._receivers(fate.silent, wanted)]
            case "destinations":
                return [frozenset().union(*(self._destinations[route.receiver] for route in fate.telling))]
            case "inhibited":
                return [_words(bool(fate.inhibited))]
            case "group_by":
                return [frozenset(route.group_by) for route in fate.routes]
            case _:
                return [frozenset((durations.text(getattr(route, key)),)) for route in fate.routes]

    def _receivers(self, routes: Iterable[EffectiveRoute], wanted: frozenset[str]) -> frozenset[str]:
        # A receiver without integrations tells nobody: it counts only where it is named.
        names = {route.receiver for route in routes}
        return frozenset(name for name in names if self._destinations[name] or name in wanted)

    def _why(self, fate: _Fate, then: str) -> Iterator[str]:
        for route in fate.routes:
            nobody = "" if self._destinations[route.receiver] else ", which tells nobody"
            text = f"{self._loaded.origin(route.place)} takes it ({_alerts(route)}) to {route.receiver}{nobody}"
            yield text + (f"; silent {then}{fate.silent[route]}" if route in fate.silent else "")
        for one in fate.inhibited[:1]:
            rule = self._loaded.origin(("inhibit_rules", one.index))
            yield f"inhibited by {in_one_line(one.source)}, as {rule} says"

    def _unknown(self, receiver: str) -> str:
        near = did_you_mean(receiver, self._destinations)
        return f"no receiver is called {receiver}" + (f"; {near}" if near else "")


def in_one_line(labels: Labels) -> str:
    """Labels for people: `alertname=A, severity=critical`."""
    return ", ".join(f"{name}={value}" for name, value in labels.items())


def _alerts(route: EffectiveRoute) -> str:
    return " and ".join(map(in_words, route.path)) or EVERYTHING_ELSE


def _is_met(happens: frozenset[str], wanted: frozenset[str], some: Some | None) -> bool:
    if some is None or some.exact is not None:
        return happens == wanted
    return happens.issuperset(some.includes) and happens.isdisjoint(some.excludes)


def _expected(key: str, wanted: frozenset[str], some: Some | None) -> str:
    if some is None or some.exact is not None:
        return _listed(key, wanted)
    parts = (("includes", some.includes), ("excludes", some.excludes))
    return "; ".join(f"{word} {', '.join(sorted(names))}" for word, names in parts if names)


def _words(expected: object) -> frozenset[str]:
    if isinstance(expected, Some):
        return frozenset((*(expected.exact or ()), *expected.includes, *expected.excludes))
    if isinstance(expected, bool):
        return frozenset(("yes" if expected else "no",))
    if isinstance(expected, str):
        return frozenset((durations.text(durations.parse(expected)),))
    return frozenset(cast("list[str]", expected))


def _listed(key: str, words: frozenset[str]) -> str:
    return ", ".join(sorted(words)) or _NONE.get(key, "none")
