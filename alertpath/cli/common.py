"""What several commands take: a stack, or any configuration."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from alertpath.alertmanager.integration_fields import Version
    from alertpath.configurations.loaded import Loaded
    from alertpath.configurations.source import Operated
    from alertpath.semantics.budget import Budget

Run = Callable[[argparse.Namespace], int]
_SLOW = 2.0


def add_command(commands: Any, name: str, run: Run, summary: str, description: str) -> argparse.ArgumentParser:
    """A new command that calls `run`."""
    parser: argparse.ArgumentParser = commands.add_parser(name, help=summary, description=description)
    parser.set_defaults(run=run)
    return parser


def add_stack_options(parser: argparse.ArgumentParser) -> None:
    """`--stack NAME` or `--stack-file FILE`, one of them required."""
    _add_stack_names(parser.add_mutually_exclusive_group(required=True))


def _add_stack_names(group: Any) -> None:
    group.add_argument(
        "--stack", metavar="NAME", help="the stack of Pulumi.NAME.yaml in this directory or one above it"
    )
    group.add_argument("--stack-file", metavar="FILE", type=Path, help="a stack's file")


def add_source_options(parser: argparse.ArgumentParser) -> None:
    """`--stack NAME`, `--stack-file FILE` or `--config FILE`, one of them required."""
    group = parser.add_mutually_exclusive_group(required=True)
    _add_stack_names(group)
    add_config_option(group)
    add_operator_options(parser)


def add_config_option(group: Any, words: str = "") -> None:
    """`--config FILE`, which may be given again."""
    group.add_argument(
        "--config",
        metavar="FILE",
        action="append",
        help=words
        or "an Alertmanager configuration, a Secret's manifest or Helm values with one, or AlertmanagerConfigs; "
        "given again: what these files are together; a directory: all its *.yaml; - for standard input",
    )


def add_operator_options(parser: argparse.ArgumentParser) -> None:
    """What an Alertmanager object would say of AlertmanagerConfigs."""
    from alertpath.alertmanager.resource_fields import STRATEGIES

    parser.add_argument(
        "--matcher-strategy",
        choices=STRATEGIES,
        help="alertmanagerConfigMatcherStrategy of the Alertmanager, if none is among the files; default: OnNamespace",
    )
    parser.add_argument(
        "--namespace",
        metavar="NAME",
        default="",
        help="the Alertmanager's, if none is among the files, and that of AlertmanagerConfigs that do not say theirs",
    )


def operated(options: argparse.Namespace) -> Operated:
    """What the options of `add_operator_options` say."""
    from alertpath.configurations.source import Operated

    return Operated(options.matcher_strategy, options.namespace)


def add_budget_option(parser: argparse.ArgumentParser) -> None:
    """`--budget SECONDS`."""
    parser.add_argument(
        "--budget",
        metavar="SECONDS",
        type=_seconds,
        default=10.0,
        help="compute for at most so long, and tell coarsely what would take longer; default: 10",
    )


def _seconds(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = -1.0
    if not 0 <= found < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds, such as 10 or 0.5")
    return found


def budget(options: argparse.Namespace) -> Budget:
    """What `--budget` allows. Says on stderr what is done where it takes more than two seconds."""
    from alertpath.semantics.budget import Budget

    return Budget(options.budget, _telling(options.budget))


def _telling(most: float) -> Callable[[float], None]:
    told: list[float] = []

    def tell(passed: float) -> None:
        if passed >= _SLOW and not told:
            told.append(passed)
            print(f"alertpath compares the routes of both sides; at most {most:g} s (--budget).", file=sys.stderr)

    return tell


def add_version_option(parser: argparse.ArgumentParser) -> None:
    """`--alertmanager-version VERSION`."""
    parser.add_argument(
        "--alertmanager-version",
        metavar="VERSION",
        type=version_of,
        help="default: the stack's, or the newest that is known",
    )


def version_of(text: str) -> Version:
    """The version that an argument names."""
    from alertpath.inputs.fields import version

    try:
        return version(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a version such as 0.34.2") from None


def loaded(options: argparse.Namespace) -> Loaded:
    """The configuration that the options of `add_source_options` and `add_version_option` name.

    Raises InvalidInput, OSError.
    """
    from alertpath.configurations.loaded import of_names, of_stack
    from alertpath.documents.safe_text import printable

    found = of_stack(stack_file(options)) if options.config is None else of_names(options.config, operated(options))
    for note in found.notes:
        print(f"note: {printable(note)}", file=sys.stderr)
    return found.read_by(options.alertmanager_version)


def stack_file(options: argparse.Namespace) -> Path:
    """The stack's file that the options name."""
    if options.stack_file is not None:
        return options.stack_file
    return project_directory() / f"Pulumi.{options.stack}.yaml"


def project_directory() -> Path:
    """The directory with Pulumi.yaml: this one or the nearest above it; this one where there is none."""
    here = Path.cwd()
    return next((directory for directory in (here, *here.parents) if (directory / "Pulumi.yaml").is_file()), here)
