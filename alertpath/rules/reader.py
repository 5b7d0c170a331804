"""Reads rule files. Only what routing needs: for each alert its labels, its expression and where it stands.

Sources: Prometheus 3, model/rulefmt/rulefmt.go; prometheus-operator 0.94, PrometheusRule.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, cast, final

import yaml

from alertpath.documents.manifests import fields, objects
from alertpath.documents.places import Spot
from alertpath.documents.problems import InvalidInput, Problem
from alertpath.documents.text_file import SAVE_AS_UTF_8
from alertpath.documents.yaml_file import refuse_depth

SUFFIXES: Final = frozenset((".yaml", ".yml", ".rules"))
# By aliases, and labels of a group, a few lines stand for very many.
_MOST_VALUES: Final = 2_000_000
_SELECTOR: Final = re.compile(r"""(?<![a-zA-Z0-9_])([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\])*)\"""")


@final
@dataclass(frozen=True, slots=True)
class Alert:
    """An alerting rule; `lines` are those of its labels, `labels` with those of its group."""

    file: str
    line: int
    group: str
    name: str
    labels: Mapping[str, str]
    expression: str = ""
    lines: Mapping[str, int] = field(default_factory=dict[str, int])

    def at(self, label: str = "") -> RuleSpot:
        """Where it stands, or its `label`."""
        line = self.lines[label] if label else self.line
        return RuleSpot(self.file, line, f"group {self.group}, alert {self.name}")

    def of_expression(self, label: str) -> str:
        """The value of `label` that the expression demands wherever it names the label; "" where there is none."""
        values = {value for name, value in _SELECTOR.findall(self.expression) if name == label}
        return values.pop() if len(values) == 1 else ""


@final
@dataclass(frozen=True, slots=True)
class RuleSpot:
    """A line of a rule file, and which rule it belongs to."""

    file: str
    line: int
    path: str


@final
@dataclass(frozen=True, slots=True)
class Unreadable:
    """A rule file that could not be read, or a rule in it."""

    file: str
    line: int
    reason: str


@final
@dataclass(frozen=True, slots=True)
class RuleFiles:
    """All alerts of some files. `texts`: what stands in those files."""

    alerts: tuple[Alert, ...]
    unreadable: tuple[Unreadable, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict[str, str])


class _Nodes(yaml.CSafeLoader):
    # Every scalar of a rule that matters is text; deciding what else it might be takes most of the time.
    yaml_implicit_resolvers = {}  # noqa: RUF012 - as in the base class


def read_rules(paths: Iterable[Path]) -> RuleFiles:
    """The alerts in these files and in the *.yaml, *.yml and *.rules files below these directories."""
    alerts: list[Alert] = []
    unreadable: list[Unreadable] = []
    texts: dict[str, str] = {}
    for path in paths:
        named = not path.is_dir()
        files = [path] if named else sorted(each for each in path.rglob("*") if each.suffix in SUFFIXES)
        if not named and not files:
            unreadable.append(Unreadable(str(path), 0, "no *.yaml, *.yml or *.rules file is in this directory"))
        for file in files:
            name = str(file)
            if name in texts:
                continue
            try:
                texts[name] = file.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                reason = error.strerror if isinstance(error, OSError) else f"it is not UTF-8; {SAVE_AS_UTF_8}"
                unreadable.append(Unreadable(name, 0, f"cannot be read: {reason}"))
                continue
            reader = _Reader(name, unreadable)
            found = list(reader.alerts(texts[name]))
            alerts += found
            if named and not reader.has_groups and not reader.failed:
                unreadable.append(Unreadable(name, 0, "has no rule groups"))
    return RuleFiles(tuple(alerts), tuple(unreadable), texts)


@final
class _Reader:
    def __init__(self, file: str, unreadable: list[Unreadable]) -> None:
        self.has_groups = False
        self.failed = False
        self._file = file
        self._unreadable = unreadable
        self._values = 0

    def alerts(self, text: str) -> Iterator[Alert]:
        try:
            refuse_depth(text, self._file)
            for node in cast("Iterator[Any]", yaml.compose_all(text, Loader=_Nodes)):
                for each in objects(node):
                    yield from self._object(each)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 0
            self._complain(line, f"is not YAML: {error.problem}")
        except yaml.YAMLError as error:
            self._complain(0, f"is not YAML: {' '.join(str(error).split())}")
        except InvalidInput as error:
            for problem in error.problems:
                self._complain(problem.at.line, problem.message)

    def _complain(self, line: int, reason: str) -> None:
        self.failed = True
        self._unreadable.append(Unreadable(self._file, line, reason))

    def _count(self, values: int, node: Any) -> None:
        self._values += values
        if self._values > _MOST_VALUES:
            allowed = f"at most {_MOST_VALUES:,} rules and labels in a file, those of aliases and groups included"
            line = node.start_mark.line + 1
            raise InvalidInput([Problem(Spot(self._file, line), "its rules stand for too much", allowed=allowed)])

    def _object(self, document: Mapping[str, Any]) -> Iterator[Alert]:
        if "kind" in document:
            if _text(document["kind"]) != "PrometheusRule":
                return
            document = fields(document.get("spec"))
        if "groups" not in document:
            return
        self.has_groups = True
        for node in _items(document["groups"]):
            group = fields(node)
            name = _text(group.get("name")) or "(without a name)"
            shared = _labels(group.get("labels"))
            self._count(1 + len(shared), node)
            for rule in _items(group.get("rules")):
                yield from self._rule(name, shared, rule)

    def _rule(self, group: str, shared: Mapping[str, Any], node: Any) -> Iterator[Alert]:
        rule = fields(node)
        self._count(1, node)
        line = node.start_mark.line + 1
        if "alert" not in rule:
            if "record" not in rule:
                self._complain(line, f"a rule of the group {group} has neither `alert` nor `record`")
            return
        labels = {**shared, **_labels(rule.get("labels"))}
        self._count(len(labels), node)
        yield Alert(
            self._file,
            rule["alert"].start_mark.line + 1,
            group,
            _text(rule["alert"]),
            {name: _text(value) for name, value in labels.items() if _text(value)},
            _text(rule.get("expr")),
            {name: value.start_mark.line + 1 for name, value in labels.items()},
        )


def _labels(node: Any) -> dict[str, Any]:
    return {name: value for name, value in fields(node).items() if isinstance(value, yaml.ScalarNode)}


def _items(node: Any) -> Sequence[Any]:
    return cast("Sequence[Any]", node.value) if isinstance(node, yaml.SequenceNode) else ()


def _text(node: Any) -> str:
    return cast("str", node.value) if isinstance(node, yaml.ScalarNode) else ""
