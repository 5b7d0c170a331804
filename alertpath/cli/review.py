"""`alertpath review`: what a change does to every stack, for the people who decide whether it is merged."""

from __future__ import annotations

import argparse
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from alertpath.cli.common import add_budget_option, add_command, budget, project_directory

if TYPE_CHECKING:
    from alertpath.review.review import Review

_FORMATS = ("text", "markdown", "json")


def add(commands: Any) -> None:
    """Declares the command."""
    parser = add_command(
        commands,
        "review",
        _run,
        "say what a change does to every stack, for a pull request",
        "Says what a change does to every stack: for which alerts, what `alertpath check` newly finds, and which "
        "expectations are not met. Exit code 1: pages are lost, an error is new, an expectation is not met, or a stack "
        "is invalid or gone. docs/review.md has a workflow that keeps it in a comment.",
    )
    parser.add_argument("--base", metavar="REV", required=True, help="the git revision to compare with")
    parser.add_argument("--head", metavar="REV", help="a git revision; default: the files as they are here")
    parser.add_argument("--stack", metavar="NAME", nargs="+", default=[], help="only these stacks; default: all")
    parser.add_argument("--format", choices=_FORMATS, default="text", help="default: text; markdown is for a comment")
    add_budget_option(parser)
    parser.add_argument("--exit-zero", action="store_true", help="exit with 0 whatever is found")


def _run(options: argparse.Namespace) -> int:
    found = _review(options)
    if options.format == "markdown":
        from alertpath.review.markdown import markdown as write
    elif options.format == "json":
        from alertpath.review.text import json_text as write
    else:
        from alertpath.review.text import text as write
    sys.stdout.write(write(found))
    return 1 if found.failed and not options.exit_zero else 0


def _review(options: argparse.Namespace) -> Review:
    from alertpath.configurations.revisions import at_revision
    from alertpath.review.review import review

    project = project_directory()
    with ExitStack() as revisions:
        base = revisions.enter_context(at_revision(project, options.base))
        head = revisions.enter_context(at_revision(project, options.head)) if options.head else project
        return review(base, head, (options.base, options.head or "the files here"), options.stack, budget(options))
