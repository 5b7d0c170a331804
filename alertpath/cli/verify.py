"""`alertpath verify`: whether a cluster does what a stack says."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from alertpath.cli.common import add_command, add_stack_options, stack_file

_FORMATS = ("text", "json", "junit")
# As shells say it of a command that Ctrl-C ended.
_INTERRUPTED = 130


def add(commands: Any) -> None:
    """Declares the command."""
    parser = add_command(
        commands,
        "verify",
        _run,
        "hold a stack against its cluster, and say what is wrong there",
        "Reads the cluster and says whether the objects are what the stack declares, the operator took the "
        "configuration, each Alertmanager runs it, credentials are there, mounted and of the right shape, nothing "
        "closes or opens too much, and messages arrive; each failure with its likely cause and what to do. Changes "
        "nothing; with --send it posts test alerts. Exit code 1: something failed. docs/verify.md has more.",
    )
    add_stack_options(parser)
    parser.add_argument("--context", metavar="NAME", help="the kubeconfig's context; default: the stack's")
    parser.add_argument("--kubeconfig", metavar="FILE", help="default: the stack's, else as kubectl looks for it")
    parser.add_argument(
        "--alertmanager-url",
        metavar="URL",
        action="append",
        default=[],
        help="ask this Alertmanager, not the pods by port-forward; one for each pod",
    )
    parser.add_argument(
        "--wait",
        metavar="SECONDS",
        type=int,
        default=0,
        help="look again for so long while something fails, or an Alertmanager notifies nobody yet",
    )
    parser.add_argument("--format", choices=_FORMATS, default="text", help="default: text")
    sending = parser.add_argument_group("test alerts")
    sending.add_argument(
        "--send", action="store_true", help="send a test alert to every receiver, pages included, and resolve it"
    )
    sending.add_argument(
        "--receiver", metavar="NAME", action="append", default=[], help="with --send: only to this one; repeatable"
    )
    sending.add_argument("--yes", action="store_true", help="with --send: ask nothing")
    parser.set_defaults(refuse=parser.error)


def _run(options: argparse.Namespace) -> int:
    from importlib.util import find_spec

    from alertpath.cluster.expected import Expected
    from alertpath.cluster.outcomes import any_failed
    from alertpath.cluster.peers import of_url
    from alertpath.cluster.report import FORMATS
    from alertpath.cluster.run import examine
    from alertpath.compiling.compile import compile_stack
    from alertpath.documents.places import Spot
    from alertpath.documents.problems import InvalidInput, Problem
    from alertpath.inputs.stack import load

    if find_spec("kubernetes") is None:
        told = "verify reads a cluster with the Kubernetes client, which is not installed"
        raise InvalidInput([Problem(Spot("alertpath"), told, mend="pip install 'alertpath[verify]'")])
    if options.wait < 0:
        options.refuse("--wait is a number of seconds, 0 or more")
    if (options.receiver or options.yes) and not options.send:
        options.refuse("--receiver and --yes go with --send")
    try:
        addresses = [of_url(url) for url in options.alertmanager_url]
    except ValueError:
        options.refuse("--alertmanager-url is http(s)://HOST[:PORT][/PREFIX], without a user or query")
        raise
    stack = load(stack_file(options))
    expected = Expected(stack, compile_stack(stack))
    if unknown := sorted({*options.receiver} - {receiver.name for receiver in expected.config.receivers}):
        options.refuse(f"no such receiver in this stack: {', '.join(unknown)}")
    if options.send and not options.yes and not (sys.stdin.isatty() and sys.stderr.isatty()):
        options.refuse("--send asks before it pages anybody: run it in a terminal, or give --yes")
    wishes = frozenset(options.receiver) if options.send else None
    try:
        outcomes = examine(
            expected,
            options.kubeconfig,
            options.context,
            addresses,
            seconds=options.wait,
            send_to=wishes,
            unasked=bool(options.yes),
        )
    except KeyboardInterrupt:
        print(f"interrupted{'; what was sent is resolved' if options.send else ''}", file=sys.stderr)
        return _INTERRUPTED
    sys.stdout.write(FORMATS[options.format](outcomes))
    return 1 if any_failed(outcomes) else 0
