"""What several steps say."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Final

from alertpath.alertmanager import config
from alertpath.alertmanager.config import Config
from alertpath.cluster.expected import Expected
from alertpath.documents.problems import InvalidInput
from alertpath.output.alert_classes import listed

_MOST: Final = 3
KUBELET: Final = "about 2 minutes"
"""How long a kubelet may take to bring a changed Secret into a running pod: its sync period and its cache's time."""


def kubectl(expected: Expected, arguments: str) -> str:
    """A command in the stack's namespace, as it is told."""
    return f"`kubectl --namespace {expected.namespace} {arguments}`"


def applied(expected: Expected, *, restored: bool = False) -> str:
    """How to bring about what the stack declares."""
    up = f"pulumi up --stack {expected.stack.name}"
    if expected.stack.settings.delivery == "files":
        return f"`{up}`, commit the directory, and sync the Application in Argo CD"
    if restored:
        return f"`pulumi preview --stack {expected.stack.name}` shows it, `{up}` restores it"
    return f"`{up}`"


def loaded(live: str) -> Config | None:
    """A configuration in the cluster; None: Alertmanager, whichever version, would refuse it."""
    try:
        return config.load_with_lines(live, "the configuration in the cluster")[0]
    except (InvalidInput, RecursionError):
        return None


def what_differs(found: Config | None, wanted: Config, paging: Collection[str]) -> str:
    """Which alerts fare differently by a configuration in the cluster than by `wanted`, in a few words; "": none."""
    if found is None:
        return "it cannot be read: Alertmanager would refuse it"
    # Most updates find what they expect, and need none of it.
    from alertpath.diff.deliveries.comparison import diff
    from alertpath.diff.words.phrases import general, sections, summary

    difference = diff(wanted, replace(found, alertmanager=wanted.alertmanager), dict.fromkeys(paging, True))
    if not difference:
        return ""
    said = [f"{section.title}: {item.where}" for section in sections(difference) for item in section.items]
    more = f" and {len(said) - _MOST:,} more" if len(said) > _MOST else ""
    told = [*said[:_MOST], *general(difference)]
    return f"{summary(difference)} {'; '.join(told)}{more}"


def nearest(wanted: str, there: Iterable[str]) -> str:
    """The names that are there, the one that may have been meant first."""
    names = sorted(there)
    near = difflib.get_close_matches(wanted, names, 1, 0.5)
    return listed([*near, *(name for name in names if name not in near)])
