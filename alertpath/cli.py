"""The command line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import cast

from alertpath.commands import compile as compile_command
from alertpath.commands import seal as seal_command
from alertpath.problems import InvalidInput


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; 0: done, 1: the input is invalid or the command found something, 2: wrong usage."""
    parser = argparse.ArgumentParser(prog="alertpath", description="Which alerts go to whom, proven before they do.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in (compile_command, seal_command):
        command.add(commands)
    options = parser.parse_args(arguments)
    try:
        return cast("int", options.run(options))
    except InvalidInput as error:
        count = len(error.problems)
        print(f"{error}\n{count} problem{'s' if count > 1 else ''}; nothing was changed.", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"alertpath: {error}", file=sys.stderr)
        return 1
