"""What a team promises for every alert of a kind, at every minute, whatever else fires: `invariants` in files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Final, Literal, cast

from alertpath.alertmanager import durations, time_intervals
from alertpath.alertmanager.config import GROUP_BY_ALL
from alertpath.alertmanager.matchers import parse
from alertpath.alertmanager.time_intervals import TimeInterval
from alertpath.documents.go_yaml import Reader
from alertpath.documents.problems import did_you_mean, shown
from alertpath.expectations.areas import Area
from alertpath.inputs.fields import ANY, Duration, LabelValue, MatcherText
from alertpath.inputs.models import After, Before, Fault, Model, Within, field
from alertpath.semantics.automata import Undecided
from alertpath.semantics.label_sets import condition

WAITS: Final = ("group_wait", "group_interval", "repeat_interval")
WORDS: Final = ("pages", "told", "receivers", "destinations", "inhibited", "notified_once", *WAITS, "group_by")
"""The keys of an invariant that say what must hold."""
PLACEHOLDERS: Final[Mapping[str, tuple[str, ...]]] = {
    "services": ("service", "team"),
    "namespaces": ("namespace", "team"),
}
"""By `per`: what may stand in braces."""

_PLACEHOLDER: Final = re.compile(r"\{(service|namespace|team)\}")
_NAMES: Final = ("exactly", "includes", "only", "excludes")


def _unlike(one: str, other: str, why: str) -> Fault:
    return Fault(f"{one} and {other} cannot both hold: {why}", "words that can hold together", "remove one of them")


class _Said(Model):
    # A key without a value may mean nothing, and must not mean that all is well.
    none_is_left_out: ClassVar[bool] = False


class Names(_Said):
    """Which names: `exactly` these; all that it `includes`; `only` some of these; none that it `excludes`."""

    exactly: list[LabelValue] | None = None
    includes: list[LabelValue] = field(default_factory=list[str])
    only: list[LabelValue] | None = None
    excludes: list[LabelValue] = field(default_factory=list[str])

    def named(self) -> Iterator[tuple[str, list[str]]]:
        """Each word that is said, with its names."""
        for key in _NAMES:
            if (names := getattr(self, key)) is not None:
                yield key, names

    def check(self) -> None:
        """It asks for something, and for nothing that cannot be."""
        if self.exactly is None and self.only is None and not self.includes and not self.excludes:
            raise Fault("asks for nothing", "at least one of exactly, includes, only and excludes")
        if self.exactly is not None and (self.only is not None or self.includes or self.excludes):
            raise _unlike("`exactly`", "other words", "it says all")
        if self.only is not None and (more := [name for name in self.includes if name not in self.only]):
            raise _unlike("`includes`", "`only`", f"{shown(more[0])} is not in `only`")
        for key in ("includes", "only"):
            if both := [name for name in getattr(self, key) or () if name in self.excludes]:
                raise _unlike(f"`{key}`", "`excludes`", f"{shown(both[0])} is in both")


class Labels(_Said):
    """By which labels a route groups: `exactly` these; all that it `includes`; none that it `excludes`."""

    exactly: list[LabelValue] | None = None
    includes: list[LabelValue] = field(default_factory=list[str])
    excludes: list[LabelValue] = field(default_factory=list[str])

    def check(self) -> None:
        """It asks for something, and for nothing that cannot be."""
        if self.exactly is None and not self.includes and not self.excludes:
            raise Fault("asks for nothing", "at least one of exactly, includes and excludes")
        if self.exactly is not None and (self.includes or self.excludes):
            raise _unlike("`exactly`", "other words", "it says all")
        if both := [name for name in self.includes if name in self.excludes]:
            raise _unlike("`includes`", "`excludes`", f"{shown(both[0])} is in both")
        for key in ("includes", "excludes"):
            if GROUP_BY_ALL in getattr(self, key):
                raise Fault(
                    f"`{key}` has {GROUP_BY_ALL}", f'names of labels; `exactly: ["{GROUP_BY_ALL}"]`: by all labels'
                )


class Bounds(_Said):
    """A duration `at_least` and `at_most` so long; the bounds are allowed too."""

    at_least: Duration | None = None
    at_most: Duration | None = None

    def check(self) -> None:
        """It asks for something that can be."""
        if self.at_least is None and self.at_most is None:
            raise Fault("asks for nothing", "at_most, at_least, or both")
        if self.at_least and self.at_most and durations.parse(self.at_least) > durations.parse(self.at_most):
            raise _unlike("`at_least`", "`at_most`", "it is the longer one")

    def allow(self, milliseconds: int) -> bool:
        """Whether a duration is inside."""
        low, high = self.at_least, self.at_most
        return (low is None or durations.parse(low) <= milliseconds) and (
            high is None or milliseconds <= durations.parse(high)
        )


def _not_empty(matchers: list[str]) -> list[str]:
    if not matchers:
        raise Fault("is empty", 'at least one matcher: severity="critical"', "leave `alerts` out for every alert")
    return matchers


def _any_of(value: object) -> object:
    # A list of matchers, or several of them.
    plain = isinstance(value, list) and all(isinstance(each, str) for each in cast("list[object]", value))
    return cast("object", [value] if plain else value)


class Inhibited(Model):
    """`only_by`: nothing but alerts that fulfil all of these matchers may keep the alert silent."""

    only_by: Annotated[list[MatcherText], Within(min_length=1)]


NEVER: Final = Inhibited(only_by=["never"])
ALLOWED: Final = Inhibited(only_by=["allowed"])
"""What the words `never` and `allowed` are read as; told by identity."""


def _inhibited(value: object) -> object:
    if isinstance(value, Mapping | Inhibited):
        return cast("object", value)
    if value not in ("never", "allowed"):
        allowed = "never, allowed, or {only_by: [MATCHER, ...]}"
        raise Fault("is not one of the allowed values", allowed, did_you_mean(str(value), ("never", "allowed")))
    return NEVER if value == "never" else ALLOWED


class At(_Said):
    """At which minutes it must hold: `in` some hours, or `outside_of` them.

    Hours are names of time intervals of the configuration, or time intervals in Alertmanager's own words.
    """

    inside: list[Any] | None = field(default=None, key="in")
    outside: list[Any] | None = field(default=None, key="outside_of")

    def check(self) -> None:
        """It names hours, in one way."""
        if (self.inside is None) == (self.outside is None):
            raise Fault("names no hours, or both kinds", "always, or one of `in` and `outside_of`")
        if not self.hours:
            raise Fault("names no hours", "at least one time interval")
        self.intervals()

    @property
    def hours(self) -> list[Any]:
        """The names and intervals."""
        return (self.outside if self.inside is None else self.inside) or []

    @property
    def names(self) -> list[str]:
        """The intervals of the configuration that it needs."""
        return [each for each in self.hours if isinstance(each, str)]

    def intervals(self) -> list[TimeInterval]:
        """Those that it says itself."""
        reader = Reader("")
        found = [time_intervals.parse(reader, each) for each in self.hours if not isinstance(each, str)]
        for problem in reader.problems[:1]:
            raise Fault(f"has a time interval that {problem.message}", problem.allowed, problem.mend)
        return found


def _at(value: object) -> object:
    if isinstance(value, str) and value != "always":
        raise Fault("is not one of the allowed values", "always, {in: [HOURS, ...]} or {outside_of: [HOURS, ...]}")
    return None if value == "always" else value


def _as_exactly(value: object) -> object:
    return cast("object", {"exactly": value} if isinstance(value, list) else value)


def _for_any(words: Sequence[str]) -> Callable[[object], object]:
    # A mapping of our own words, or of ones that are like them, is meant for every stack.
    def read(value: object) -> object:
        if not isinstance(value, Mapping):
            return {ANY: value}
        keys = [str(key) for key in cast("Mapping[object, object]", value)]
        ours = not keys or any(key in words or did_you_mean(key, words) for key in keys)
        return cast("object", {ANY: value} if ours else value)

    return read


_NamesByStack = Annotated[
    dict[LabelValue, Annotated[Names, Before(_as_exactly)]], Before(_for_any(_NAMES)), Within(min_length=1)
]
_BoundsByStack = Annotated[dict[LabelValue, Bounds], Before(_for_any(("at_least", "at_most"))), Within(min_length=1)]
_When = Annotated[dict[LabelValue, Literal["always", "sometimes", "never"]], Before(_for_any(())), Within(min_length=1)]
Promise = Mapping[str, Any]
"""What must hold in one stack: values by the words of WORDS that are said."""


class Invariant(Model):
    """What must hold for every alert that fulfils `alerts` and not `except`, at every minute, whatever else fires.

    `pages`, `told`: whether somebody is woken up, or told at all. `receivers`, `destinations`: by whom, and where.
    `inhibited`: by which alerts it may be kept silent; what it allows breaks no other word.
    The durations and `group_by` are bounds for each route that tells somebody. `notified_once`: no receiver and no
    destination is told twice. `at` limits the minutes, `stacks` the stacks. `per`: the same for each service, or
    namespace, of the catalog, which stands for `{service}`, or `{namespace}`, in the texts; `{team}` is its team.
    """

    none_is_left_out: ClassVar[bool] = False

    name: LabelValue
    alerts: Annotated[list[MatcherText], After(_not_empty)] = field(default_factory=list[str])
    except_: Annotated[list[Annotated[list[MatcherText], Within(min_length=1)]], Before(_any_of)] = field(
        default_factory=list[list[str]], key="except"
    )
    at: Annotated[At | None, Before(_at)] = None
    per: Literal["services", "namespaces"] | None = None
    stacks: Annotated[list[LabelValue], Within(min_length=1)] | None = None
    pages: _When = field(default_factory=dict[str, str])
    told: _When = field(default_factory=dict[str, str])
    receivers: _NamesByStack = field(default_factory=dict[str, Names])
    destinations: _NamesByStack = field(default_factory=dict[str, Names])
    inhibited: Annotated[
        dict[LabelValue, Annotated[Inhibited, Before(_inhibited)]], Before(_for_any(("only_by",))), Within(min_length=1)
    ] = field(default_factory=dict[str, Inhibited])
    notified_once: Annotated[dict[LabelValue, bool], Before(_for_any(())), Within(min_length=1)] = field(
        default_factory=dict[str, bool]
    )
    group_wait: _BoundsByStack = field(default_factory=dict[str, Bounds])
    group_interval: _BoundsByStack = field(default_factory=dict[str, Bounds])
    repeat_interval: _BoundsByStack = field(default_factory=dict[str, Bounds])
    group_by: Annotated[
        dict[LabelValue, Annotated[Labels, Before(_as_exactly)]],
        Before(_for_any(("exactly", "includes", "excludes"))),
        Within(min_length=1),
    ] = field(default_factory=dict[str, Labels])

    def promise(self, stack: str | None) -> Promise:
        """What must hold in a stack (None: in no stack)."""
        found: dict[str, Any] = {}
        for word in WORDS:
            values: Mapping[str, Any] = getattr(self, word)
            value = values.get(ANY) if stack is None else values.get(stack, values.get(ANY))
            if value is not None:
                found[word] = value
        return found

    def check(self) -> None:
        """It promises something that can hold, for alerts that there can be."""
        stacks = {stack for word in WORDS for stack in getattr(self, word)}
        if not stacks:
            raise Fault("promises nothing", f"at least one of {', '.join(WORDS)}", "add what must hold")
        for stack in sorted(stacks):
            _refuse_contradiction(self.promise(None if stack == ANY else stack))
        texts = (*self.alerts, *(text for some in self.except_ for text in some))
        _refuse_placeholders(texts, self.per)
        try:
            alerts = [condition(parse(text)) for text in self.alerts]
            if Area.of(alerts).example() is None:
                raise Fault("no alert can fulfil all of `alerts`", "matchers that some alert fulfils", "correct them")
            if Area.of(alerts, [[condition(parse(text)) for text in some] for some in self.except_]).example() is None:
                raise Fault(
                    "`except` leaves none of the alerts", "exceptions of which some are left", "correct `except`"
                )
        except Undecided:
            return


def _refuse_contradiction(promise: Promise) -> None:
    pages, told = promise.get("pages"), promise.get("told")
    if pages in ("always", "sometimes") and told == "never":
        raise _unlike(f"`pages: {pages}`", "`told: never`", "who is woken up is told")
    silent = "`told: never`" if told == "never" else ""
    for key in ("receivers", "destinations"):
        names: Names | None = promise.get(key)
        if names is None:
            continue
        if not (names.exactly if names.exactly is not None else names.only if names.only is not None else [key]):
            # Nobody at all is allowed.
            for word, value in (("pages", pages), ("told", told)):
                if value in ("always", "sometimes"):
                    raise _unlike(f"`{word}: {value}`", f"`{key}` without any", "nobody may be told")
            silent = silent or f"`{key}` without any"
        elif silent and (names.exactly or names.includes):
            raise _unlike(silent, f"`{key}`", "nobody may be told")
    if silent and (word := next((word for word in ("notified_once", *WAITS, "group_by") if word in promise), None)):
        raise _unlike(silent, f"`{word}`", "it is about those who are told")
    if list(promise) == ["inhibited"] and promise["inhibited"] is ALLOWED:
        raise Fault("promises nothing: `inhibited: allowed` only limits other words", f"one of {', '.join(WORDS)} too")
    if promise.get("notified_once") is False:
        raise Fault("`notified_once: false` promises nothing", "true", "remove it")


def _refuse_placeholders(texts: Iterable[str], per: str | None) -> None:
    for text in texts:
        for name in _PLACEHOLDER.findall(text):
            if name not in PLACEHOLDERS.get(per or "", ()):
                needs = next(key for key, names in PLACEHOLDERS.items() if name in names)
                raise Fault(f"{{{name}}} is nobody's name here", f"`per: {needs}`", f"add `per: {needs}`")
