"""`alertpath test`: whether alerts go where a team expects them to go, and what it promises for all of them holds."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alertpath.cli.common import (
    add_command,
    add_config_option,
    add_operator_options,
    add_version_option,
    loaded,
    project_directory,
)

if TYPE_CHECKING:
    from alertpath.expectations.run import Report

_FORMATS = ("text", "json", "junit", "github")


def add(commands: Any) -> None:
    """Declares the command."""
    parser = add_command(
        commands,
        "test",
        _run,
        "hold expectations about where alerts go against stacks or a configuration",
        "Holds expectations about where alerts go, files in YAML, against the stacks that they name. Exit code 1: a "
        "case is not met, or an invariant does not hold. docs/expectations.md has the format.",
    )
    parser.add_argument(
        "files",
        metavar="FILE",
        nargs="*",
        type=Path,
        help="expectations, or directories with them; default: expectations/ beside Pulumi.yaml",
    )
    parser.add_argument("--stack", metavar="NAME", help="only what is expected in this stack")
    add_config_option(
        parser,
        "instead of the stacks: an Alertmanager configuration, a manifest with the Secret that holds one, or "
        "AlertmanagerConfigs; given again: what these files are together; - for standard input",
    )
    add_operator_options(parser)
    add_version_option(parser)
    parser.add_argument("--format", choices=_FORMATS, default="text", help="default: text")
    parser.add_argument("--strict", action="store_true", help="fail where an invariant is not proven")
    parser.add_argument("--require-coverage", action="store_true", help="fail where no case reaches a route")


def _run(options: argparse.Namespace) -> int:
    from alertpath.expectations.text import FORMATS

    report = _report(options)
    sys.stdout.write(FORMATS[options.format](report))
    return 1 if report.failed else 0


def _report(options: argparse.Namespace) -> Report:
    from alertpath.expectations.plan import DIRECTORY, against_config, against_stacks, read_files, stacks_gone
    from alertpath.expectations.run import run

    project = project_directory()
    nothing_asked = not (options.files or options.config or options.require_coverage)
    if nothing_asked and not (project / DIRECTORY).exists():
        print(f"note: there is no {DIRECTORY}/, so nothing is expected: docs/expectations.md", file=sys.stderr)
        return run([])
    files = read_files(options.files, project)
    for gone in stacks_gone(files, project) if options.config is None else []:
        print(f"{gone.at}: note: {gone.message}", file=sys.stderr)
    if options.config is None:
        trials = against_stacks(files, project, options.stack, options.alertmanager_version)
    else:
        trials = against_config(files, loaded(options), options.stack)
    return run(trials, coverage_required=options.require_coverage, strict=options.strict)
