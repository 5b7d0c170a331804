"""The ground truth: what Alertmanager and the Prometheus Operator themselves say, from the programs of tools/oracle.

    with Oracle() as oracle:
        verdict = oracle.load(text)
        matches = oracle.match(verdict.handle, [{"alertname": "A", "severity": "critical"}])

Needs the tools `oracle`, for `operator` `oracle-operator-VERSION`, and `oracle-go` for what Go's own library reads:
built on first use, the first two from some minutes.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, final

from tools import gotools
from tools.recipes import TOOLS

Labels = Mapping[str, str]

OPERATORS: Final = tuple(name.removeprefix("oracle-operator-") for name in TOOLS if name.startswith("oracle-operator-"))
"""The versions of the operator that can be asked."""


class OracleError(Exception):
    """The oracle cannot answer: a mistake in the request, not a verdict."""


@final
@dataclass(frozen=True, slots=True)
class Loaded:
    """Whether Alertmanager loads a configuration; `error` is why not. `handle` stands for it in other requests."""

    accepted: bool
    error: str
    handle: int


@final
@dataclass(frozen=True, slots=True)
class Operated:
    """Whether the operator takes a configuration, and what it makes of it for the Alertmanager of its object."""

    accepted: bool
    error: str
    warnings: tuple[str, ...]
    """What it logs about fields that it drops."""
    generated: str
    """The configuration that it gives to Alertmanager, as YAML."""
    skipped: Mapping[str, str] = field(default_factory=dict[str, str])
    """Why it leaves out AlertmanagerConfigs, by NAMESPACE/NAME."""


@final
@dataclass(frozen=True, slots=True)
class Match:
    """A route that takes an alert. Durations in milliseconds."""

    path: tuple[int, ...]
    """The indices from the root route, which is ()."""
    receiver: str
    key: str
    """The route's part of the group key."""
    group_by: tuple[str, ...]
    """Sorted. Without effect where `group_by_all`, as Alertmanager inherits both."""
    group_by_all: bool
    group_labels: Labels
    group_key: str
    group_wait: int
    group_interval: int
    repeat_interval: int
    continue_: bool
    mute: tuple[str, ...]
    active: tuple[str, ...]
    labels: Labels
    """The route's own labels, with those of its parents."""


@final
@dataclass(frozen=True, slots=True)
class Cause:
    """An inhibition rule, by its index, and a firing alert that together mute."""

    rule: int
    source: Labels


@final
@dataclass(frozen=True, slots=True)
class Inhibition:
    """Whether an alert is muted, and, where that was asked for, by what: all pairs, by rule and by firing alert."""

    muted: bool
    by: tuple[Cause, ...]


@final
@dataclass(frozen=True, slots=True)
class Speed:
    """How long `Route.Match` took on average; `routes` matched in one turn over all label sets."""

    ns_per_match: float
    routes: int


@final
@dataclass(frozen=True, slots=True)
class GoRegex:
    """What Go makes of a regex: why it refuses it, else "", and for each text whether the whole of it matches."""

    error: str
    matches: Sequence[bool]


@final
@dataclass(frozen=True, slots=True)
class GoText:
    """What Go reads in a text: why it refuses it, else "", and the value."""

    error: str
    nanoseconds: int
    text: str


@final
class Oracle:
    """The running programs; one thread at a time may ask. They start when first asked and end with the `with` block.

    `timeout`: seconds that one call may take, whatever it asks; then its program is ended and OracleError is raised.
    """

    def __init__(self, timeout: float = 60) -> None:
        self._timeout: Final = timeout
        self._programs: Final[dict[str, _Program]] = {}

    def __enter__(self) -> Oracle:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for program in self._programs.values():
            program.stop()
        self._programs.clear()

    def load(self, config: str) -> Loaded:
        """Loads one configuration."""
        return self.load_all([config])[0]

    def load_all(self, configs: Iterable[str]) -> list[Loaded]:
        """Loads configurations. Those that are accepted stay in memory until they are dropped."""
        answers = self._ask("oracle", [{"op": "load", "config": config} for config in configs])
        return [Loaded(**answer) for answer in answers]

    def unloadable(self, configs: Iterable[str], alertmanager: str) -> list[str]:
        """For each configuration why that version, one of another tool, refuses it; "": it loads it."""
        asked = [{"config": config} for config in configs]
        return [each["error"] for each in self._ask(f"oracle-load-{alertmanager}", asked)]

    def drop(self, *handles: int) -> None:
        """Forgets these configurations."""
        self._ask("oracle", [{"op": "drop", "handle": handle} for handle in handles])

    def show(self, handle: int) -> str:
        """The configuration as Alertmanager has it once loaded, as YAML: in one order, secrets not hidden, and
        receivers with all that `global` and the defaults give them.
        """
        return self._one({"op": "show", "handle": handle})

    @contextmanager
    def config(self, config: str) -> Iterator[int]:
        """The handle of a configuration that must be accepted, dropped at the end of the block."""
        loaded = self.load(config)
        assert loaded.accepted, f"Alertmanager refuses this configuration: {loaded.error}\n{config}"
        try:
            yield loaded.handle
        finally:
            self.drop(loaded.handle)

    def operator(self, config: str, operator: str = OPERATORS[0], alertmanager: str = "0.34.2") -> Operated:
        """What an operator of the version `operator`, one of OPERATORS, makes of one configuration."""
        return self.operator_all([config], operator, alertmanager)[0]

    def operator_all(
        self, configs: Iterable[str], operator: str = OPERATORS[0], alertmanager: str = "0.34.2"
    ) -> list[Operated]:
        """The same for many."""
        return self.operate_all(({"config": config} for config in configs), operator, alertmanager)

    def operate_all(
        self, requests: Iterable[Mapping[str, Any]], operator: str = OPERATORS[0], alertmanager: str = "0.34.2"
    ) -> list[Operated]:
        """The same with AlertmanagerConfigs: `objects`, `secrets`, `strategy`, `namespace`, `main`, `global`; without a
        `config`, which may be None, with the operator's default one.
        """
        default = "route:\n  receiver: 'null'\nreceivers:\n- name: 'null'"
        asked = [{**one, "config": one.get("config") or default, "alertmanager": alertmanager} for one in requests]
        answers = self._ask(f"oracle-operator-{operator}", asked)
        return [Operated(**{**answer, "warnings": tuple(answer["warnings"])}) for answer in answers]

    def match(self, handle: int, labels: Sequence[Labels]) -> list[list[Match]]:
        """For each label set the routes that take it, in Alertmanager's order."""
        return self.match_all([(handle, labels)])[0]

    def match_all(self, asked: Iterable[tuple[int, Sequence[Labels]]]) -> list[list[list[Match]]]:
        """The same for many configurations, each with its label sets."""
        requests = [{"op": "match", "handle": handle, "labels": labels} for handle, labels in asked]
        answers = self._ask("oracle", requests)
        return [[[_match(route) for route in routes] for routes in answer] for answer in answers]

    def inhibit(
        self, handle: int, firing: Sequence[Labels], labels: Sequence[Labels], *, explain: bool = False
    ) -> list[Inhibition]:
        """For each label set whether it is muted while `firing` fire; with `explain`, which is slower, by what."""
        request = {"op": "inhibit", "handle": handle, "firing": firing, "labels": labels, "explain": explain}
        return [
            Inhibition(entry["muted"], tuple(Cause(by["rule"], firing[by["source"]]) for by in entry["by"]))
            for entry in self._one(request)
        ]

    def intervals(self, handle: int, times: Sequence[datetime]) -> list[list[str]]:
        """For each time, which has a zone, the names of the configuration's intervals that contain it, in order."""
        texts = [time.isoformat() for time in times]
        return self._one({"op": "intervals", "handle": handle, "times": texts})

    def contained(
        self, intervals: Sequence[Mapping[str, Any]], times: Sequence[datetime], alertmanager: str = "0.34.2"
    ) -> list[bool]:
        """For each time whether any of these intervals, defined as in YAML, contains it, in that version."""
        named = {"name": "these", "time_intervals": intervals}
        if alertmanager != TOOLS["oracle"].version:
            asked = {"config": json.dumps({"time_intervals": [named]}), "times": [time.isoformat() for time in times]}
            return [bool(names) for names in self._ask(f"oracle-intervals-{alertmanager}", [asked])[0]]
        config = {"route": {"receiver": "none"}, "receivers": [{"name": "none"}], "time_intervals": [named]}
        # JSON is YAML too.
        with self.config(json.dumps(config)) as handle:
            return [bool(names) for names in self.intervals(handle, times)]

    def refused(self, intervals: Sequence[Mapping[str, Any]], alertmanager: str) -> list[str]:
        """For each time interval, defined as in YAML, why that version refuses it; "": it takes it."""
        named = [{"time_intervals": [{"name": "this", "time_intervals": [each]}]} for each in intervals]
        if alertmanager != TOOLS["oracle"].version:
            asked = [{"config": json.dumps(each), "times": []} for each in named]
            return [each.get("error", "") for each in self._answers(f"oracle-intervals-{alertmanager}", asked)]
        around = {"route": {"receiver": "none"}, "receivers": [{"name": "none"}]}
        return [each.error for each in self.load_all(json.dumps({**around, **each}) for each in named)]

    def bench(self, handle: int, labels: Sequence[Labels], repeat: int) -> Speed:
        """How fast Go decides: `repeat` turns over these label sets, nothing remembered from one to the next."""
        return Speed(**self._one({"op": "bench", "handle": handle, "labels": labels, "repeat": repeat}))

    def regexes(self, asked: Sequence[tuple[str, Sequence[str]]]) -> list[GoRegex]:
        """What Go's own `regexp` says to each regex and its texts."""
        requests = [{"op": "regex", "pattern": pattern, "texts": texts} for pattern, texts in asked]
        return [GoRegex(each["error"], each["matches"] or ()) for each in self._ask("oracle-go", requests)]

    def read(self, op: str, texts: Sequence[str]) -> list[GoText]:
        """How Go's own library reads texts: as a `duration`, as a `url`, or as a quoted string (`unquote`)."""
        return [GoText(**each) for each in self._ask("oracle-go", [{"op": op, "texts": texts}])[0]]

    def _one(self, request: Mapping[str, Any]) -> Any:
        return self._ask("oracle", [request])[0]

    def _ask(self, name: str, requests: Sequence[Mapping[str, Any]]) -> list[Any]:
        answers = self._answers(name, requests)
        errors = [answer["error"] for answer in answers if "error" in answer]
        if errors:
            raise OracleError(errors[0])
        return [answer["result"] for answer in answers]

    def _answers(self, name: str, requests: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        if name not in self._programs:
            self._programs[name] = _Program(gotools.ensure(name))
        try:
            return self._programs[name].ask(requests, self._timeout)
        except BaseException:
            del self._programs[name]  # It has been ended; the next call starts a new one.
            raise


class _Program:
    """One process that answers requests in their order, a line each."""

    def __init__(self, binary: Path) -> None:
        self._process: Final = subprocess.Popen(
            [binary], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        self._ids: Final = itertools.count(1)

    def ask(self, requests: Sequence[Mapping[str, Any]], timeout: float) -> list[Mapping[str, Any]]:
        ids = list(itertools.islice(self._ids, len(requests)))
        lines = [json.dumps({"id": id_, **request}) + "\n" for id_, request in zip(ids, requests, strict=True)]
        # A thread writes, else both sides could wait for the other one to read; a timer ends what takes too long,
        # and so both threads.
        timer = threading.Timer(timeout, self._process.kill)
        writer = threading.Thread(target=self._write, args=(lines,))
        timer.start()
        writer.start()
        try:
            return [self._read(id_, timeout) for id_ in ids]
        except BaseException:
            # Answers left unread would be taken for those of the next requests.
            self._process.kill()
            self._process.wait()
            raise
        finally:
            timer.cancel()
            writer.join()

    def stop(self) -> None:
        # At the end of its input it ends.
        self._process.communicate(timeout=5)

    def _write(self, lines: Sequence[str]) -> None:
        assert self._process.stdin
        try:
            self._process.stdin.writelines(lines)
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # The reader says it.

    def _read(self, id_: int, timeout: float) -> Mapping[str, Any]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line.endswith("\n"):
            raise OracleError(f"{self._process.args} has ended, or did not answer within {timeout:g} s")
        answer = json.loads(line)
        if answer.get("id") != id_:
            raise OracleError(f"the answer to request {id_} is missing: {answer}")
        return answer


def _match(route: Mapping[str, Any]) -> Match:
    return Match(
        path=tuple(route["path"]),
        receiver=route["receiver"],
        key=route["key"],
        group_by=tuple(route["group_by"]),
        group_by_all=route["group_by_all"],
        group_labels=route["group_labels"],
        group_key=route["group_key"],
        group_wait=route["group_wait"],
        group_interval=route["group_interval"],
        repeat_interval=route["repeat_interval"],
        continue_=route["continue"],
        mute=tuple(route["mute"]),
        active=tuple(route["active"]),
        labels=route["labels"],
    )
