"""A configuration as a command looks at it: a stack's, or one that lies in a file, with what is known of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, final

from alertpath.alertmanager.config import Config, refused
from alertpath.alertmanager.integration_fields import Version
from alertpath.alertmanager.paging import Paging
from alertpath.configurations.source import NOT_SAID, Operated, read_files, read_source
from alertpath.documents.places import Place, Spot
from alertpath.documents.problems import InvalidInput

if TYPE_CHECKING:
    from alertpath.compiling.compile import Traced
    from alertpath.inputs.stack import Stack


@final
@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration and what is known of it.

    `name`: a stack's name or a file's. `templates`: the texts of its template files by name; None: not known.
    `paging`: what the catalog says of receivers. `stack`, `traced`: None for a mere file.
    `origin`: where the part at a place (`("route", "routes", 3)`) was written. `notes`: what was left out, in words.
    """

    name: str
    config: Config
    templates: Mapping[str, str] | None
    paging: Paging
    stack: Stack | None
    traced: Traced | None
    origin: Callable[[Place], Spot]
    notes: tuple[str, ...] = ()

    def complete(self, labels: Mapping[str, str]) -> dict[str, str]:
        """An alert's labels with the stack's external labels, as Prometheus sends it: its own ones count first."""
        external = external_labels(self.stack) if self.stack else {}
        return {**labels, **{name: value for name, value in external.items() if name not in labels}}

    def read_by(self, alertmanager: Version | None) -> Loaded:
        """The same as that version of Alertmanager reads it; None: as it is. Raises InvalidInput: it refuses it."""
        config = self.config if alertmanager is None else replace(self.config, alertmanager=alertmanager)
        if problems := refused(config, ""):
            raise InvalidInput(replace(each, at=self.origin(each.at.place)) for each in problems)
        return replace(self, config=config)


def external_labels(stack: Stack) -> dict[str, str]:
    """The labels that Prometheus puts on every alert, by the stack's settings."""
    given = stack.settings.external_labels
    return {name: value for name in ("cluster", "environment") if (value := getattr(given, name))}


def of_stack(stack_file: Path) -> Loaded:
    """The configuration that `pulumi up` of the stack deploys. Raises InvalidInput."""
    # A mere file needs none of what reads and compiles stacks.
    from alertpath.compiling.compile import trace_stack
    from alertpath.inputs.stack import load

    stack = load(stack_file)
    traced = trace_stack(stack)

    compiled = traced.compiled
    return Loaded(stack.name, compiled.config, compiled.templates, stack.paging, stack, traced, traced.spot)


def of_file(file: Path) -> Loaded:
    """The configuration in a file: Alertmanager's own, manifests with the Secret that holds one, AlertmanagerConfigs.

    Any version's: `read_by` says whether that of the question takes it. Raises InvalidInput, OSError.
    """
    return of_names([str(file)])


def of_names(names: Sequence[str], said: Operated = NOT_SAID) -> Loaded:
    """As `of_file`, for files that together are one configuration; - is standard input, a directory its *.yaml files.

    Raises InvalidInput, OSError.
    """
    return of_texts(read_files(names), said)


def of_text(text: str, file: str) -> Loaded:
    """As `of_file`, for the text of a file of that name. Raises InvalidInput."""
    return of_texts({file: text})


def of_texts(texts: Mapping[str, str], said: Operated = NOT_SAID) -> Loaded:
    """As `of_names`, for the texts of files of these names. Raises InvalidInput."""
    source = read_source(texts, said)
    return Loaded(source.name, source.load(True), source.templates, {}, None, None, source.spot, source.notes)
