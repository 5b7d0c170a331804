"""A configuration as a command looks at it: a stack's, or one that lies in a file, with what is known of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, final

from alertpath.alertmanager import config as alertmanager
from alertpath.alertmanager.config import Config, refused
from alertpath.alertmanager.integration_fields import Version
from alertpath.alertmanager.paging import Paging
from alertpath.documents.places import Place, Spot
from alertpath.documents.problems import InvalidInput
from alertpath.documents.secret_manifest import unpacked
from alertpath.documents.text_file import STANDARD_INPUT, read_standard_input, read_text

if TYPE_CHECKING:
    from alertpath.compiling.compile import Traced
    from alertpath.inputs.stack import Stack


@final
@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration and what is known of it.

    `name`: a stack's name or a file's. `templates`: the texts of its template files by name; None: not known.
    `paging`: what the catalog says of receivers. `stack`, `traced`: None for a mere file.
    `origin`: where the part at a place (`("route", "routes", 3)`) was written.
    """

    name: str
    config: Config
    templates: Mapping[str, str] | None
    paging: Paging
    stack: Stack | None
    traced: Traced | None
    origin: Callable[[Place], Spot]

    def read_by(self, alertmanager: Version | None) -> Loaded:
        """The same as that version of Alertmanager reads it; None: as it is. Raises InvalidInput: it refuses it."""
        config = self.config if alertmanager is None else replace(self.config, alertmanager=alertmanager)
        if problems := refused(config, ""):
            raise InvalidInput(replace(each, at=self.origin(each.at.place)) for each in problems)
        return replace(self, config=config)


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
    """The configuration in a file: Alertmanager's own, or a manifest with the Secret that holds one.

    Any version's: `read_by` says whether that of the question takes it. Raises InvalidInput, OSError.
    """
    return of_text(read_text(file), str(file))


def of_standard_input() -> Loaded:
    """As `of_file`, for what is on standard input. Raises InvalidInput."""
    return of_text(read_standard_input(), STANDARD_INPUT)


def of_text(text: str, file: str) -> Loaded:
    """As `of_file`, for the text of a file of that name. Raises InvalidInput."""
    packed = unpacked(text, file)
    try:
        config, line_of = alertmanager.load_with_lines(packed.text, file)
    except InvalidInput as error:
        raise InvalidInput(
            replace(problem, at=replace(problem.at, line=packed.line(problem.at.line))) for problem in error.problems
        ) from None

    def origin(place: Place) -> Spot:
        return Spot(file, packed.line(line_of(place)), place)

    return Loaded(file, config, packed.templates, {}, None, None, origin)
