"""`alertpath seal`: a credential's ciphertext into the stack's file."""

from __future__ import annotations

import argparse
from typing import Any

from alertpath.cli.common import add_command, add_stack_options, stack_file


def add(commands: Any) -> None:
    """Declares the command."""
    parser = add_command(
        commands,
        "seal",
        _run,
        "encrypt a credential with kubeseal and write the ciphertext to the stack's file",
        "Reads a credential's value from a prompt or standard input, never from the command line, "
        "and writes its ciphertext to the stack's file.",
    )
    parser.add_argument("name", metavar="NAME", help="the credential: credentials.values.NAME of the stack's settings")
    add_stack_options(parser)
    parser.add_argument("--certificate", metavar="FILE", help="the controller's certificate, to seal without a cluster")


def _run(options: argparse.Namespace) -> int:
    from alertpath.inputs.seal import seal

    seal(stack_file(options), options.name, options.certificate)
    return 0
