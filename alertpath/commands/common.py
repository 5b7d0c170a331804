"""What several commands take: a stack."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

Run = Callable[[argparse.Namespace], int]


def add_command(commands: Any, name: str, run: Run, summary: str, description: str) -> argparse.ArgumentParser:
    """A new command that calls `run`."""
    parser: argparse.ArgumentParser = commands.add_parser(name, help=summary, description=description)
    parser.set_defaults(run=run)
    return parser


def add_stack_options(parser: argparse.ArgumentParser) -> None:
    """`--stack NAME` or `--stack-file FILE`, one of them required."""
    group = parser.add_mutually_exclusive_group(required=True)
    group.add_argument(
        "--stack", metavar="NAME", help="the stack of Pulumi.NAME.yaml in this directory or one above it"
    )
    group.add_argument("--stack-file", metavar="FILE", type=Path, help="a stack's file")


def stack_file(options: argparse.Namespace) -> Path:
    """The stack's file that the options name."""
    if options.stack_file is not None:
        return options.stack_file
    return project_directory() / f"Pulumi.{options.stack}.yaml"


def project_directory() -> Path:
    """The directory with Pulumi.yaml: this one or the nearest above it; this one where there is none."""
    here = Path.cwd()
    return next((directory for directory in (here, *here.parents) if (directory / "Pulumi.yaml").is_file()), here)
