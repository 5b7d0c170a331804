"""`alertpath diff`: which alerts fare differently under another configuration."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING, Any

from alertpath.cli.common import (
    add_budget_option,
    add_command,
    add_operator_options,
    add_version_option,
    budget,
    operated,
    project_directory,
)

if TYPE_CHECKING:
    from alertpath.alertmanager.integration_fields import Version
    from alertpath.configurations.loaded import Loaded
    from alertpath.configurations.revisions import NotThere

_FORMATS = ("text", "markdown", "json")


def add(commands: Any) -> None:
    """Declares the command."""
    parser = add_command(
        commands,
        "diff",
        _run,
        "say which alerts fare differently under another configuration",
        "Says for which alerts NEW does something else than OLD, worst first: who is told, how, when, grouped by what, "
        "and what keeps them silent. Each is an Alertmanager configuration, a manifest with the Secret that holds one, "
        "AlertmanagerConfigs, several such files with commas between them or a directory of them, - for standard "
        "input, a stack's file, a stack's name, or any of these at a git revision: main:production, "
        "HEAD~1:alertmanager.yaml. Exit code 1: pages are lost. docs/diff.md has more.",
    )
    parser.add_argument("old", metavar="OLD", help="with --stack: a revision")
    parser.add_argument(
        "new", metavar="NEW", nargs="?", help="with --stack: a revision; default: the files as they are"
    )
    parser.add_argument(
        "--stack", metavar="NAME", help="compare this stack at two revisions, or at one and as it is here"
    )
    add_operator_options(parser)
    add_version_option(parser)
    add_budget_option(parser)
    parser.add_argument("--format", choices=_FORMATS, default="text", help="default: text; JSON has everything")
    parser.set_defaults(refuse=parser.error)


def _run(options: argparse.Namespace) -> int:
    from alertpath.configurations.revisions import NotThere, resolve
    from alertpath.diff.deliveries.comparison import diff
    from alertpath.diff.words.as_text import json_text, loses_pages, markdown, text
    from alertpath.documents.problems import InvalidInput
    from alertpath.documents.safe_text import printable

    specs, names = _sides(options)
    project = project_directory()
    sides: list[Loaded | NotThere] = []
    problems: list[str] = []
    for side, spec, name in zip(("OLD", "NEW"), specs, names, strict=True):
        try:
            sides.append(resolve(spec, project, operated(options)))
        except NotThere as error:
            sides.append(error)
        except InvalidInput as error:
            problems.append(f"{side} ({printable(name)}):\n{error}")
    if problems:
        print("\n".join(problems), "Nothing was compared.", sep="\n", file=sys.stderr)
        return 1
    old, new = sides
    if isinstance(old, NotThere) or isinstance(new, NotThere):
        return _absent(old, new, names, options.format)
    old, new = _read_by(old, new, options.alertmanager_version)
    difference = diff(old.config, new.config, {**new.paging, **old.paging}, budget=budget(options))
    match options.format:
        case "json":
            sys.stdout.write(json_text(difference, *names))
        case "markdown":
            sys.stdout.write(markdown(difference, names[0], names[1]))
        case _:
            sys.stdout.write(text(difference, *names))
    return 1 if loses_pages(difference) else 0


def _read_by(old: Loaded, new: Loaded, alertmanager: Version | None) -> tuple[Loaded, Loaded]:
    # A mere file is read by the Alertmanager of the stack that it is compared with.
    if old.stack is None or new.stack is None:
        alertmanager = alertmanager or next((one.config.alertmanager for one in (old, new) if one.stack), None)
    return old.read_by(alertmanager), new.read_by(alertmanager)


def _sides(options: argparse.Namespace) -> tuple[list[str], list[str]]:
    # What to compare, and what to call it.
    sides: list[str] = [options.old, options.new] if options.new is not None else [options.old]
    if options.stack is None:
        if len(sides) < 2:
            options.refuse("NEW is missing; with --stack NAME it may be left out")
        if sides == ["-", "-"]:
            options.refuse("standard input can be one of the two")
        return sides, sides
    stack_file = os.path.relpath(project_directory() / f"Pulumi.{options.stack}.yaml")
    specs = [f"{revision}:{stack_file}" for revision in sides]
    names = [f"{revision}:{options.stack}" for revision in sides]
    if len(sides) == 1:
        specs.append(stack_file)
        names.append(options.stack)
    return specs, names


def _absent(old: Loaded | NotThere, new: Loaded | NotThere, names: list[str], form: str) -> int:
    # A whole stack that is new, or gone: one sentence.
    from alertpath.configurations.revisions import NotThere
    from alertpath.diff.deliveries.silenced_pages import has_pages
    from alertpath.diff.words.as_text import absent
    from alertpath.documents.problems import InvalidInput

    missing = [side for side in (old, new) if isinstance(side, NotThere)]
    other = new if isinstance(old, NotThere) else old
    if isinstance(other, NotThere) or other.stack is None or other.stack.name != missing[0].stack:
        raise InvalidInput(problem for side in missing for problem in side.problems)
    lost = isinstance(new, NotThere) and has_pages(other.config, other.paging)
    sys.stdout.write(absent(names[0], names[1], form, gone=isinstance(new, NotThere), lost=lost))
    return int(lost)
