"""`alertpath compile`: what `pulumi up` of a stack would deploy, without an engine."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from typing import Any

from alertpath.cli.common import add_command, add_stack_options, stack_file


def add(commands: Any) -> None:
    """Declares the command."""
    parser = add_command(
        commands,
        "compile",
        _run,
        "print the alertmanager.yaml of a stack, without an engine",
        "Prints the alertmanager.yaml that `pulumi up` of the stack deploys.",
    )
    add_stack_options(parser)
    output = parser.add_mutually_exclusive_group()
    output.add_argument("--out", metavar="DIR", type=_directory, help="write the files that delivery `files` writes")
    output.add_argument(
        "--settings", action="store_true", help="print its settings: which file says what, Pulumi.yaml or the stack's"
    )
    output.add_argument("--table", action="store_true", help="print which alerts go to whom, when")


def _directory(text: str) -> Path:
    if not text:
        raise argparse.ArgumentTypeError("the name of the directory is empty")
    return Path(text)


def _run(options: argparse.Namespace) -> int:
    if options.settings:
        from alertpath.inputs.merged import merged

        sys.stdout.write(merged(stack_file(options)))
        return 0
    from alertpath.compiling.compile import compile_stack
    from alertpath.documents.safe_text import printable
    from alertpath.inputs.stack import load
    from alertpath.output.door import Exact

    stack = load(stack_file(options))
    compiled = compile_stack(stack)
    if options.table:
        from alertpath.compiling.summary import table

        print(table(compiled.config, shutil.get_terminal_size((120, 24)).columns))
    elif options.out is not None:
        from alertpath.delivery.directory import replace_files
        from alertpath.delivery.render import render

        files = render(stack, compiled)
        replace_files(options.out, files)
        print(f"{len(files)} files in {printable(str(options.out))}", file=sys.stderr)
        if stack.settings.alertmanager.mounts == "patch" and stack.credentials:
            print(
                "Nothing in them mounts the credentials: this stack patches the live Alertmanager (mounts: patch), "
                "which files cannot do.",
                file=sys.stderr,
            )
    else:
        sys.stdout.write(Exact(compiled.text))
    return 0
