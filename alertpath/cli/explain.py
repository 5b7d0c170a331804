"""`alertpath explain`: why an alert reaches somebody, or does not."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alertpath.cli.common import add_command, add_source_options, add_version_option, loaded

if TYPE_CHECKING:
    from datetime import datetime


def add(commands: Any) -> None:
    """Declares the command."""
    parser = add_command(
        commands,
        "explain",
        _run,
        "say why an alert reaches somebody, or does not",
        "Says which routes an alert takes and why not the others, who is told, when, how grouped, whether hours mute "
        "it, and what inhibits it. Silences that were made in Alertmanager are not known here.",
    )
    add_source_options(parser)
    parser.add_argument(
        "labels",
        metavar="NAME=VALUE",
        nargs="*",
        type=_label,
        help="the alert's labels: alertname=Down service=api; none: an alert without labels",
    )
    parser.add_argument(
        "--at",
        metavar="TIME",
        type=_moment,
        help='"2026-11-23 18:30" or 18:30, in UTC or with a zone: "18:30 Europe/Berlin"; RFC 3339; default: now',
    )
    parser.add_argument(
        "--firing",
        metavar="FILE",
        help="which other alerts fire: a list of label mappings as YAML or JSON, what `amtool alert query -o json` "
        "prints, or what Prometheus answers at /api/v1/alerts; - for standard input",
    )
    parser.add_argument("--all", action="store_true", help="show every route that was asked, not only those near")
    add_version_option(parser)
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text; JSON has everything")


def _label(text: str) -> tuple[str, str]:
    try:
        text = os.fsencode(text).decode("utf-8")  # Whatever the locale says.
    except UnicodeDecodeError:
        raise argparse.ArgumentTypeError(f"{text!r} is not UTF-8") from None
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise argparse.ArgumentTypeError(f"{text!r} is not a label: write NAME=VALUE, such as severity=critical")
    return name, value


def _moment(text: str) -> datetime:
    from datetime import UTC, datetime

    from alertpath.semantics.times import parse

    try:
        return parse(text, datetime.now(UTC))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r}: {error}") from None


def _run(options: argparse.Namespace) -> int:
    from datetime import UTC, datetime

    from alertpath.documents.safe_text import printable
    from alertpath.explain.explanation import explain
    from alertpath.explain.text import as_json, as_text

    labels = dict(options.labels)
    if len(labels) < len(options.labels):
        names = [name for name, _ in options.labels]
        twice = printable(next(name for name in labels if names.count(name) > 1))
        print(f"alertpath explain: the label {twice} is given twice; an alert has each once", file=sys.stderr)
        return 2
    if "-" in (options.config or ()) and options.firing == "-":
        print("alertpath explain: only one of --config and --firing can be standard input", file=sys.stderr)
        return 2
    firing = _firing(options.firing) if options.firing is not None else None
    explanation = explain(loaded(options), labels, options.at or datetime.now(UTC), firing)
    sys.stdout.write(as_json(explanation) if options.format == "json" else as_text(explanation, options.all))
    return 0


def _firing(name: str) -> list[dict[str, str]]:
    from alertpath.explain.alerts import read_alerts, read_alerts_from_standard_input

    return read_alerts_from_standard_input() if name == "-" else read_alerts(Path(name))
