"""The invariants of a file held against one configuration: whether each holds, and what people can check where not."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final, Literal, cast, final

from alertpath.alertmanager.matchers import Matcher, parse, regex_of
from alertpath.configurations.loaded import Loaded
from alertpath.documents.places import Place, Spot
from alertpath.documents.problems import Problem, did_you_mean, shown
from alertpath.documents.yaml_file import Document
from alertpath.expectations.areas import Area
from alertpath.expectations.invariants import (
    ALLOWED,
    NEVER,
    PLACEHOLDERS,
    Bounds,
    Inhibited,
    Invariant,
    Labels,
    Names,
    Promise,
)
from alertpath.expectations.proof import Broken, Prover, Unproven
from alertpath.inputs.consistency.receivers import known_receivers
from alertpath.output import alert_classes
from alertpath.semantics.label_sets import Condition, condition

_MOST: Final = 20
Verdict = Literal["holds", "broken", "not proven"]
Why = Callable[[Mapping[str, str], datetime | None, Sequence[Mapping[str, str]]], Sequence[str]]
"""Which routes take an alert at a minute while others fire, and what keeps them silent, in words."""


@final
@dataclass(frozen=True, slots=True)
class Counterexample:
    """An alert for which an invariant does not hold, and how to see that.

    `at`: a minute at which it does not; None: any. `firing`: the alert that keeps it silent. `blamed`: the route or
    inhibition rule. `alerts`: all for which it does not hold for this reason, in words; `shown_by`: a command.
    """

    promised: str
    happens: str
    labels: Mapping[str, str]
    at: datetime | None
    firing: Mapping[str, str] | None
    blamed: Spot
    why: tuple[str, ...]
    alerts: str
    shown_by: str


@final
@dataclass(frozen=True, slots=True)
class Doubt:
    """A part of an invariant that is not known to hold, and why; `at`: the route or inhibition rule."""

    promised: str
    why: str
    at: Spot
    alerts: str


@final
@dataclass(frozen=True, slots=True)
class Held:
    """What became of an invariant under one configuration, called `where`."""

    file: str
    line: int
    name: str
    where: str
    counterexamples: tuple[Counterexample, ...]
    doubts: tuple[Doubt, ...]

    @property
    def verdict(self) -> Verdict:
        """Whether it holds."""
        return "broken" if self.counterexamples else "not proven" if self.doubts else "holds"


def hold(
    invariants: Iterable[tuple[int, Invariant]], document: Document, prover: Prover, loaded: Loaded, stack: str | None,
    why: Why,
) -> Iterator[Held]:  # fmt: skip
    """What becomes of invariants, each with its place in the list of the document, in a stack (None: in no stack)."""
    for index, invariant in invariants:
        if not (promise := _promised(invariant, stack)):
            continue
        broken: list[Counterexample] = []
        doubts: list[Doubt] = []
        for instance in _instances(invariant, promise, loaded):
            found = prover.prove(instance.area, instance.promise, invariant.at)
            for each in islice(found, _MOST - len(broken)):
                if isinstance(each, Broken):
                    broken.append(_counterexample(each, instance.promise, loaded, why))
                else:
                    doubts.append(_doubt(each, instance.promise, loaded))
            if len(broken) >= _MOST:
                break
        where = stack or loaded.name
        yield Held(
            document.file, document.line(("invariants", index)), invariant.name, where, tuple(broken), tuple(doubts)
        )


def _promised(invariant: Invariant, stack: str | None) -> Promise:
    # What it promises in a stack (None: in no stack); nothing where it is for others.
    meant = invariant.stacks is None or stack in invariant.stacks
    return invariant.promise(stack) if meant else {}


def problems(
    invariants: Sequence[Invariant], document: Document, loaded: Loaded, stack: str | None
) -> Iterator[Problem]:
    """What invariants name that is not there: receivers, time intervals, a catalog."""
    config = loaded.config
    known = {each.name for each in config.receivers}
    known |= known_receivers(loaded.stack.sources).keys() if loaded.stack else set()
    intervals = [each.name for each in config.time_intervals]
    for index, invariant in enumerate(invariants):
        place: Place = ("invariants", index)
        if not (promise := _promised(invariant, stack)):
            continue
        if invariant.per and loaded.stack is None:
            yield document.problem(
                (*place, "per"), "needs the catalog of a stack", allowed="stacks", mend="hold it against a stack"
            )
            continue
        names = cast("Names | None", promise.get("receivers"))
        strange = _strange(names, known, _fillings(invariant, loaded)) if names else ()
        for word, name in strange:
            yield document.problem(
                (*place, "receivers"),
                f"no receiver of {stack or loaded.name} is called so",
                value=shown(name),
                allowed=", ".join(sorted(known)),
                mend=did_you_mean(name, known) or f"correct the name in `{word}`",
            )
        for name in invariant.at.names if invariant.at else ():
            if name not in intervals:
                yield document.problem(
                    (*place, "at"),
                    f"no time interval of {stack or loaded.name} is called so",
                    value=shown(name),
                    allowed=", ".join(intervals) or "a time interval in Alertmanager's own words",
                    mend=did_you_mean(name, intervals) or "correct the name, or write the hours themselves",
                )


def _strange(names: Names, known: set[str], fillings: Sequence[Mapping[str, str]]) -> Iterator[tuple[str, str]]:
    # `only` and `excludes` made of a service's or team's name may name what only some of them have.
    for word, some in names.named():
        for name in some:
            made = {_filled(name, filling) for filling in fillings} if "{" in name else {name}
            if not made & known and made:
                yield word, name


@final
@dataclass(frozen=True, slots=True)
class _Instance:
    area: Area
    promise: Promise


def _fillings(invariant: Invariant, loaded: Loaded) -> list[dict[str, str]]:
    # What stands for the placeholders, for each service or namespace.
    if invariant.per is None:
        return [{}]
    name = PLACEHOLDERS[invariant.per][0]
    return [
        {name: each, "team": catalog.team}
        for catalog in (loaded.stack.catalogs if loaded.stack else ())
        for each in (catalog.services if invariant.per == "services" else catalog.namespaces)
    ]


def _instances(invariant: Invariant, promise: Promise, loaded: Loaded) -> Iterator[_Instance]:
    # Services for which the very same is promised are decided together.
    alerts = list(map(parse, invariant.alerts))
    exceptions = [list(map(parse, some)) for some in invariant.except_]
    if invariant.per is None:
        yield _instance(alerts, exceptions, promise, {}, ())
        return
    name = PLACEHOLDERS[invariant.per][0]
    pivot = next((each for each in alerts if each.op == "=" and each.value == f"{{{name}}}"), None)
    rest = [each for each in alerts if each is not pivot]
    texts = [*(each.value for each in rest), *(each.value for some in exceptions for each in some), *_texts(promise)]
    used = [each for each in PLACEHOLDERS[invariant.per] if any(f"{{{each}}}" in text for text in texts)]
    alike: dict[tuple[str, ...], list[dict[str, str]]] = {}
    for filling in _fillings(invariant, loaded):
        key = tuple(filling[each] for each in used)
        alike.setdefault(key if pivot else tuple(filling.values()), []).append(filling)
    for fillings in alike.values():
        one_of = frozenset(filling[name] for filling in fillings)
        more = (Condition(pivot.label, one_of, "", True),) if pivot else ()
        yield _instance(rest, exceptions, promise, fillings[0], more)


def _instance(
    alerts: Iterable[Matcher],
    exceptions: Iterable[Sequence[Matcher]],
    promise: Promise,
    filling: Mapping[str, str],
    more: Sequence[Condition],
) -> _Instance:
    def conditions(some: Iterable[Matcher]) -> list[Condition]:
        return [condition(_filled_matcher(each, filling)) for each in some]

    area = Area.of((*more, *conditions(alerts)), [conditions(some) for some in exceptions])
    return _Instance(
        area, {word: _filled_value(value, filling) for word, value in promise.items()} if filling else promise
    )


def _filled(text: str, filling: Mapping[str, str]) -> str:
    for name, value in filling.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def _filled_matcher(matcher: Matcher, filling: Mapping[str, str]) -> Matcher:
    if "{" not in matcher.value:
        return matcher
    regex = matcher.op in ("=~", "!~")
    literal = {name: regex_of(value) if regex else value for name, value in filling.items()}
    return Matcher(matcher.label, matcher.op, _filled(matcher.value, literal))


def _filled_value(value: Any, filling: Mapping[str, str]) -> Any:
    if isinstance(value, Names | Labels):
        lists = {key: some and [_filled(each, filling) for each in some] for key, some in value.__dict__.items()}
        return type(value)(**lists)
    if isinstance(value, Inhibited) and value is not NEVER and value is not ALLOWED:
        return Inhibited(only_by=[str(_filled_matcher(parse(text), filling)) for text in value.only_by])
    return value


def _texts(promise: Promise) -> Iterator[str]:
    for value in promise.values():
        if isinstance(value, Names | Labels | Inhibited):
            yield from (each for some in value.__dict__.values() for each in some or ())


def _counterexample(broken: Broken, promise: Promise, loaded: Loaded, why: Why) -> Counterexample:
    firing = [broken.firing] if broken.firing else []
    alerts = alert_classes.classes([broken.kind]) if broken.kind else ""
    return Counterexample(
        in_words(broken.word, promise[broken.word]),
        broken.happens,
        broken.labels,
        broken.at,
        broken.firing,
        loaded.origin(broken.blamed),
        tuple(why(broken.labels, broken.at, firing)),
        alerts if broken.whole or not alerts else f"some of {alerts}",
        _command(broken, loaded),
    )


def _doubt(unproven: Unproven, promise: Promise, loaded: Loaded) -> Doubt:
    alerts = alert_classes.classes([unproven.kind]) if unproven.kind else ""
    promised = in_words(unproven.word, promise[unproven.word])
    return Doubt(promised, unproven.why, loaded.origin(unproven.place), alerts)


def _command(broken: Broken, loaded: Loaded) -> str:
    source = ["--stack", loaded.stack.name] if loaded.stack else ["--config", loaded.name]
    at = ["--at", moment_in_words(broken.at)] if broken.at else []
    firing = ["--firing", "-"] if broken.firing else []
    told = f"alertpath explain {shlex.join((*source, *at, *firing))} {alert_classes.example(broken.labels)}"
    if not broken.firing:
        return told
    return f"echo {shlex.quote(json.dumps([dict(broken.firing)], ensure_ascii=False))} | {told}"


def moment_in_words(at: datetime) -> str:
    """`2026-11-30 03:00 Asia/Seoul`, as `--at` takes it."""
    return f"{at:%Y-%m-%d %H:%M} {at.tzinfo}"


def in_words(word: str, value: Any) -> str:
    """What is promised: `pages: always`, `receivers: only a, b`, `group_wait: at most 30s`."""
    match value:
        case Names() | Labels():
            parts = [
                f"{key} {', '.join(some) or 'nobody'}" for key, some in value.__dict__.items() if some or some == []
            ]
            said = "; ".join(part for part in parts if not part.endswith(("includes nobody", "excludes nobody")))
        case Bounds():
            bounds = (("at least", value.at_least), ("at most", value.at_most))
            said = ", ".join(f"{key} {some}" for key, some in bounds if some)
        case Inhibited():
            said = (
                "never" if value is NEVER else "allowed" if value is ALLOWED else f"only by {', '.join(value.only_by)}"
            )
        case bool():
            said = "true"
        case _:
            said = str(value)
    return f"{word}: {said}"
