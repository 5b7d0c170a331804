"""`alertpath check`: what is likely wrong with a stack, a configuration or the rules that feed it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from alertpath.cli.common import add_command, add_source_options, add_version_option, operated, stack_file, version_of

_FORMATS = ("text", "json", "sarif", "github")


def add(commands: Any) -> None:
    """Declares the command."""
    parser = add_command(
        commands,
        "check",
        _run,
        "find what is likely wrong with a stack, a configuration, or alerting rules",
        "Finds what is likely wrong with a stack, with any Alertmanager configuration, and with the alerting rules "
        "that feed it. Exit code 1: there are errors. A comment `# alertpath: ignore AP123 because ...` on the line "
        "or the line above takes a finding on. docs/checks.md lists the checks.",
    )
    add_source_options(parser)
    parser.add_argument(
        "--rules", metavar="PATH", nargs="+", type=Path, help="PrometheusRules, Prometheus rule files, or directories"
    )
    parser.add_argument("--format", choices=_FORMATS, default="text", help="default: text")
    parser.add_argument(
        "--label-standard",
        action="store_true",
        help="with --config: demand the labels and severities that a stack demands by default; docs/settings.md",
    )
    add_version_option(parser)
    parser.add_argument(
        "--operator-version",
        metavar="VERSION",
        type=version_of,
        help="the Prometheus Operator; default: the stack's; a configuration outside of a Secret has none",
    )


def _run(options: argparse.Namespace) -> int:
    from alertpath.checks import examine
    from alertpath.checks.gather import of_config, of_stack
    from alertpath.configurations.source import read_files
    from alertpath.documents.safe_text import printable
    from alertpath.output.findings import FORMATS
    from alertpath.rules import read_rules

    rules = read_rules(options.rules) if options.rules else None
    versions = options.alertmanager_version, options.operator_version
    if options.config is not None:
        texts = read_files(options.config)
        subject = of_config(texts, rules, *versions, operated(options), label_standard=options.label_standard)
    else:
        subject = of_stack(stack_file(options), rules, *versions)
    for note in subject.notes:
        print(f"note: {printable(note)}", file=sys.stderr)
    report = examine(subject)
    sys.stdout.write(FORMATS[options.format](report))
    return 1 if report.failed else 0
