"""A configuration as a command looks at it: a stack's, or one that lies in a file, with what is known of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import final

from alertpath import alertmanager
from alertpath.alertmanager import Config
from alertpath.compile import Traced, trace_stack
from alertpath.packed import unpacked
from alertpath.problems import InvalidInput, Problem
from alertpath.stack import Stack, load
from alertpath.yamlfile import Place, dotted


@final
@dataclass(frozen=True, slots=True)
class Origin:
    """Where a part of a configuration was written: file, line (0: not known) and the dotted path there."""

    file: str
    line: int
    path: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@final
@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration and what is known of it.

    `name`: a stack's name or a file's. `templates`: the texts of its template files by name; None: not known.
    `paging`: receivers that wake people up whatever their integrations are. `stack`, `traced`: None for a mere file.
    `origin`: where the part at a place (`("route", "routes", 3)`) was written.
    """

    name: str
    config: Config
    templates: Mapping[str, str] | None
    paging: frozenset[str]
    stack: Stack | None
    traced: Traced | None
    origin: Callable[[Place], Origin]


def of_stack(stack_file: Path) -> Loaded:
    """The configuration that `pulumi up` of the stack deploys. Raises InvalidInput."""
    stack = load(stack_file)
    traced = trace_stack(stack)

    def origin(place: Place) -> Origin:
        document, there = traced.source(place) or (stack.sources.document, stack.sources.place())
        while len(there) > 1 and there not in document.lines:
            there = there[:-1]
        return Origin(document.file, document.line(there), dotted(there))

    paging = frozenset(name for name, receiver in stack.receivers.items() if receiver.is_page())
    compiled = traced.compiled
    return Loaded(stack.name, compiled.config, compiled.templates, paging, stack, traced, origin)


def of_file(file: Path) -> Loaded:
    """The configuration in a file: Alertmanager's own, or a manifest with the Secret that holds one.

    Raises InvalidInput, OSError.
    """
    try:
        return of_text(file.read_text(encoding="utf-8"), str(file))
    except UnicodeDecodeError:
        problem = Problem(str(file), 0, "", "is not a text in UTF-8", allowed="YAML", mend="name a YAML file")
        raise InvalidInput([problem]) from None


def of_text(text: str, file: str) -> Loaded:
    """As `of_file`, for the text of a file of that name. Raises InvalidInput."""
    packed = unpacked(text, file)
    try:
        config, line_of = alertmanager.load_with_lines(packed.text, file)
    except InvalidInput as error:
        raise InvalidInput([replace(problem, line=packed.line(problem.line)) for problem in error.problems]) from None

    def origin(place: Place) -> Origin:
        return Origin(file, packed.line(line_of(place)), dotted(place))

    return Loaded(file, config, packed.templates, frozenset(), None, None, origin)
