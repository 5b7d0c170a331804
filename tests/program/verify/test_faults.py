"""Broken clusters: the first thing told is the right cause, nothing that only follows from it, and no credential."""

from __future__ import annotations

import pytest

from alertpath.cluster.outcomes import Outcome
from tests.program.verify.faults import FAULTS, Fault
from tests.program.verify.world import World


def bad(outcomes: list[Outcome]) -> list[Outcome]:
    return [each for each in outcomes if each.status in ("failed", "warning")]


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_the_cause_comes_first(world: World, fault: Fault) -> None:
    fault.make(world)
    outcomes = world.outcomes()
    first = bad(outcomes)[0]
    assert (first.status, first.step) == (fault.status, fault.step), bad(outcomes)
    assert first.subject.startswith(fault.subject)
    assert fault.message in first.message
    assert fault.cause in first.cause
    assert first.mend
    failures = {each.step for each in outcomes if each.status == "failed"}
    assert failures == {fault.step, *fault.also} - ({fault.step} if fault.status == "warning" else set())


def test_what_is_told_restores_it(world: World) -> None:
    world.space.delete("Secret", "alertmanager-main")
    world.space.delete("NetworkPolicy", "alertmanager-egress")
    world.space.merge("ExternalSecret", "alertmanager-slack-webhook", {"spec": {"refreshInterval": "2h"}})
    failures = [each for each in bad(world.outcomes()) if each.status == "failed"]
    assert {each.step for each in failures} == {"configuration", "objects"}
    assert all("`pulumi up --stack production` restores it" in each.mend for each in failures)
    world.project.up()
    world.space.condition("ExternalSecret", "alertmanager-slack-webhook", "Ready", "True")
    assert bad(world.outcomes()) == []
