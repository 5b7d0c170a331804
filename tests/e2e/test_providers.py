"""Every credential provider on its real controller or tool: alerts arrive by it, a new value needs no restart."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.documented import blocks
from tests.e2e.cluster import RealCluster
from tests.e2e.provided import MIXED, PATIENCE, RECEIVERS, Stack
from tests.e2e.watching import CONFIGURATION


@pytest.mark.parametrize("name", RECEIVERS)
def test_an_alert_arrives_where_its_credential_belongs(stacks: Mapping[str, Stack], name: str) -> None:
    assert stacks[name].mounts()
    stacks[name].delivers("First")


def test_credentials_then_mounts_then_configuration(stacks: Mapping[str, Stack]) -> None:
    """No pod that started in between would have waited, or had a configuration without its credentials."""
    stack = stacks[MIXED]
    written = first(stack.steps["Secret"], lambda live: [live["metadata"]["name"]] if live.get("data") else [])
    mounted = first(stack.steps["Alertmanager"], lambda live: live["spec"].get("secrets", []))
    assert mounted.keys() == {stack.secret(receiver) for receiver in stack.receivers}
    # What is there before is written by nobody.
    assert mounted.keys() - written.keys() == {"secret-existing"}
    assert max(written[secret] for secret in mounted.keys() & written.keys()) < min(mounted.values())
    assert max(mounted.values()) < written[CONFIGURATION]


def first(steps: Sequence[dict[str, Any]], names: Callable[[dict[str, Any]], Sequence[str]]) -> dict[str, int]:
    """By name the resource version, which all kinds share, of the first step that has it."""
    found: dict[str, int] = {}
    for live in steps:
        for name in names(live):
            found.setdefault(name, int(live["metadata"]["resourceVersion"]))
    return found


def test_a_new_value_needs_no_restart(cluster: RealCluster, stacks: Mapping[str, Stack], certificate: Path) -> None:
    stack = stacks[MIXED]
    before, chance = stack.runs(), stack.targets["by-chance-pages"]
    for receiver in stack.values:
        stack.renew(receiver)
    stack.give(certificate)
    # These two need nothing else.
    for receiver in ("by-store", "by-others"):
        cluster.wait(lambda receiver=receiver: stack.mounted(receiver) == stack.values[receiver], receiver, PATIENCE)
    [command] = blocks("credentials.md", "generated")
    words = shlex.split(command.replace("slack-seedtest-alerts", "by-chance-pages"))
    assert words[:2] == ["pulumi", "up"]
    stack.project.up(*words[2:])
    stack.knows_by_chance()
    assert stack.targets["by-chance-pages"] != chance
    cluster.wait(stack.mounts, "the pod has all new values", PATIENCE)
    stack.delivers("Rotated")
    assert stack.runs() == before
    stack.project.up("--expect-no-changes")
