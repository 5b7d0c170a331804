"""The command line: `alertpath compile | seal`."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from alertpath.problems import InvalidInput


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; 0: done, 1: the input is invalid or the command found something, 2: wrong usage."""
    parser = argparse.ArgumentParser(prog="alertpath", description="Which alerts go to whom, proven before they do.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _compile_command(commands)
    _seal_command(commands)
    options = parser.parse_args(arguments)
    try:
        return cast("int", options.run(options))
    except InvalidInput as error:
        count = len(error.problems)
        print(f"{error}\n{count} problem{'s' if count > 1 else ''}; nothing was changed.", file=sys.stderr)
        return 1


def _stack_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_mutually_exclusive_group(required=True)
    group.add_argument(
        "--stack", metavar="NAME", help="the stack of Pulumi.NAME.yaml in this directory or one above it"
    )
    group.add_argument("--stack-file", metavar="FILE", type=Path, help="a stack's file")


def _stack_file(options: argparse.Namespace) -> Path:
    if options.stack_file is not None:
        return options.stack_file
    name = f"Pulumi.{options.stack}.yaml"
    here = Path.cwd()
    for directory in (here, *here.parents):
        if (directory / "Pulumi.yaml").is_file():
            return directory / name
    return here / name


def _compile_command(commands: Any) -> None:
    parser = commands.add_parser(
        "compile",
        help="print the alertmanager.yaml of a stack, without an engine",
        description="Prints the alertmanager.yaml that `pulumi up` of the stack deploys.",
    )
    _stack_options(parser)
    output = parser.add_mutually_exclusive_group()
    output.add_argument("--out", metavar="DIR", type=Path, help="write the files that delivery `files` writes")
    output.add_argument("--table", action="store_true", help="print which alerts go to whom, when")
    parser.set_defaults(run=_compile)


def _compile(options: argparse.Namespace) -> int:
    from alertpath.compile import compile_stack
    from alertpath.stack import load

    stack = load(_stack_file(options))
    compiled = compile_stack(stack)
    if options.table:
        from alertpath.overview import table

        print(table(compiled.config, shutil.get_terminal_size((120, 24)).columns))
    elif options.out is not None:
        from alertpath.directory import replace_files
        from alertpath.render import render

        replace_files(options.out, render(stack, compiled))
    else:
        sys.stdout.write(compiled.text)
    return 0


def _seal_command(commands: Any) -> None:
    parser = commands.add_parser(
        "seal",
        help="encrypt a credential with kubeseal and write the ciphertext to the stack's file",
        description="Reads a credential's value from a prompt or standard input, never from the command line, "
        "and writes its ciphertext to the stack's file.",
    )
    parser.add_argument("name", metavar="NAME", help="the credential: credentials.values.NAME of the stack's settings")
    _stack_options(parser)
    parser.add_argument("--certificate", metavar="FILE", help="the controller's certificate, to seal without a cluster")
    parser.set_defaults(run=_seal)


def _seal(options: argparse.Namespace) -> int:
    from alertpath.seal import seal

    seal(_stack_file(options), options.name, options.certificate)
    return 0
