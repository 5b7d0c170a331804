"""One stack, read and found consistent: what everything else starts from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, final

from alertpath.alertmanager.paging import Paging
from alertpath.documents.problems import InvalidInput, Problem
from alertpath.inputs import consistency
from alertpath.inputs.catalog import Catalog
from alertpath.inputs.conceal import conceal, conceal_catalogs
from alertpath.inputs.consistency.credentials import uses
from alertpath.inputs.consistency.receivers import known_receivers, replacements
from alertpath.inputs.credentials import StoredCredential, stored
from alertpath.inputs.overlay import overlay
from alertpath.inputs.parse import parse, parse_catalogs
from alertpath.inputs.receivers import Receiver
from alertpath.inputs.settings import Settings
from alertpath.inputs.sources import Sources
from alertpath.inputs.validate import validate

_T = TypeVar("_T")


@final
@dataclass(frozen=True)
class Stack:
    """Everything about one stack; `receivers` and `credentials` are those that exist and are used in it, by name."""

    name: str
    directory: Path
    settings: Settings
    sources: Sources
    catalogs: tuple[Catalog, ...]
    receivers: Mapping[str, Receiver]
    absent: Mapping[str, str]
    credentials: Mapping[str, StoredCredential]

    @property
    def paging(self) -> Paging:
        """What the catalogs and the settings say of receivers: whether they wake people up."""
        return {name: receiver.pages for name, receiver in self.receivers.items() if receiver.pages is not None}

    def receiver(self, name: str) -> str:
        """The receiver that gets what is meant for `name`: itself, or the one named by its `where_absent`."""
        return self.absent.get(name, name)


def load(stack_file: Path, *, engine_value: object | None = None) -> Stack:
    """The stack that `stack_file` describes.

    `engine_value`: the settings as Pulumi's engine gives them, encrypted values readable.
    Raises InvalidInput with every problem of the stack's file and its catalogs.
    """
    sources, problems = read_sources(stack_file, engine_value)
    problems += consistency.check(sources)
    if problems:
        raise InvalidInput(problems)
    known = known_receivers(sources)
    receivers = {name: known[name] for name in sources.settings.receivers}
    return Stack(
        name=sources.name,
        directory=sources.directory,
        settings=sources.settings,
        sources=sources,
        catalogs=tuple(source.catalog for source in sources.catalogs),
        receivers=receivers,
        absent=replacements(known, receivers),
        credentials={
            name: stored(sources.settings.credentials, name, places[0].use.shape)
            for name, places in uses(sources, receivers).items()
        },
    )


def read_sources(stack_file: Path, engine_value: object | None = None) -> tuple[Sources, list[Problem]]:
    """The files of a stack as models, each valid by itself, and all that is wrong with them: the stages before `load`.

    Raises InvalidInput where a stage leaves nothing to go on with.
    """
    problems: list[Problem] = []

    def after(stage: tuple[_T | None, list[Problem]]) -> _T:
        value, found = stage
        problems.extend(found)
        if value is None:
            raise InvalidInput(_first_of_each_place(problems))
        return value

    written = after(parse(stack_file))
    written = after(conceal(written))
    # What the engine makes of a file that is wrong says nothing.
    written = after(overlay(written, None if problems else engine_value))
    catalogs = after(parse_catalogs(written))
    catalogs = after(conceal_catalogs(catalogs))
    sources = after(validate(written, catalogs))
    return sources, _first_of_each_place(problems)


def _first_of_each_place(problems: list[Problem]) -> list[Problem]:
    """What is wrong with a value first; that it is also wrong otherwise helps nobody."""
    return list({problem.at: problem for problem in reversed(problems)}.values())
