"""The command line."""

from __future__ import annotations

import argparse
import gc
import io
import os
import sys
from collections.abc import Sequence
from typing import Any, Final, NoReturn, cast

from alertpath.cli import check as check_command
from alertpath.cli import compile as compile_command
from alertpath.cli import diff as diff_command
from alertpath.cli import explain as explain_command
from alertpath.cli import review as review_command
from alertpath.cli import seal as seal_command
from alertpath.cli import test as test_command
from alertpath.cli import verify as verify_command
from alertpath.documents.problems import InvalidInput, shown
from alertpath.documents.safe_text import printable
from alertpath.output.door import doors

_PIPE_CLOSED: Final = 128 + 13
_INTERRUPTED: Final = 128 + 2
"""As of a program that the signal ended: nobody takes it for a success."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        super().error(printable(message))  # It quotes arguments, which may hold line feeds.


class _Command(_Parser):
    # Takes options between arguments: `explain a=b --at 18:30 c=d`, `diff main --stack production HEAD`.
    _inside = False

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride] - one for all of its overloads
        if self._inside or "--" in args:
            return super().parse_known_args(args, namespace)
        self._inside = True
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._inside = False


def _streams_open() -> bool:
    # Whether anything can be said. A closed stream (`<&-`) is None: there is nothing to read, and errors are lost.
    stdin, stdout, stderr = (cast("object", getattr(sys, name)) for name in ("stdin", "stdout", "stderr"))
    if stdin is None:
        sys.stdin = os.fdopen(os.open(os.devnull, os.O_RDONLY), encoding="utf-8")
    if stderr is None:
        sys.stderr = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")
    return stdout is not None


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; 0: done, 1: the input is invalid or it found something, 2: wrong usage, more: ended."""
    if not _streams_open():
        print("alertpath: standard output is closed", file=sys.stderr)
        return 1
    for stream, errors in ((sys.stdin, "strict"), (sys.stdout, "backslashreplace"), (sys.stderr, "backslashreplace")):
        # Names and messages are in any script, whatever the locale says; a stream of a test's may be of any kind.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors=errors)
    with doors():
        return _main(arguments)


def _main(arguments: Sequence[str] | None) -> int:
    parser = _Parser(prog="alertpath", description="Which alerts go to whom, proven before they do.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Command)
    for command in (
        check_command,
        compile_command,
        diff_command,
        explain_command,
        review_command,
        seal_command,
        test_command,
        verify_command,
    ):
        command.add(commands)
    options = parser.parse_args(arguments)
    # A command keeps nearly all that it makes; Python would search it for garbage again and again.
    gc.set_threshold(100_000, 50, 1_000)
    try:
        code = cast("int", options.run(options))
        sys.stdout.flush()
        return code
    except InvalidInput as error:
        count = error.causes
        print(f"{error}\n{count} problem{'s' if count > 1 else ''}; nothing was changed.", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Whoever read the output has seen enough; nothing is flushed to it at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _PIPE_CLOSED
    except KeyboardInterrupt:
        return _INTERRUPTED
    except OSError as error:
        name = "" if error.filename is None else f"{shown(str(error.filename))}: "
        print(f"alertpath: {name}{error.strerror or error}", file=sys.stderr)
        return 1
