"""What older versions registered, today's program registers by its name or an alias; tests/recorded/README.md."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pulumi
import pytest

from tests import recorded
from tests.recorded.registered import CASES, FILE, registrations, replaced_by
from tests.unit.recording_mocks import record

RECORDED = [
    pytest.param(case, known, id=f"{directory.name}-{case}")
    for directory in recorded.RECORDINGS
    for case, known in json.loads((directory / FILE).read_text(encoding="utf-8")).items()
]


@pytest.mark.parametrize(("case", "known"), RECORDED)
def test_nothing_is_renamed_or_replaced(tmp_path: Path, case: str, known: dict[str, dict[str, Any]]) -> None:
    made = [each for each in registrations(tmp_path, CASES[case]).resources if not each.read]
    now = {name: replaced_by(each) for each in made for name in each.known_as}
    assert {name: now.get(name) for name in known} == known
    assert len({each.known_as[0] for each in made}) == len(made)


def test_an_alias_counts_for_its_children_too() -> None:
    class Component(pulumi.ComponentResource):
        pass

    def named(name: str, *aliases: str) -> list[tuple[str, ...]]:
        def program() -> None:
            options = pulumi.ResourceOptions(aliases=[pulumi.Alias(name=alias) for alias in aliases])
            parent = Component("tests:index:Parent", name, None, options)
            Component("tests:index:Child", f"{name}-child", None, pulumi.ResourceOptions(parent=parent))

        return [each.known_as for each in record(program).resources if each.type.startswith("tests:")]

    before, renamed = named("old"), named("new", "old")
    assert len(before) == 2
    for (was, *_), names in zip(before, renamed, strict=True):
        assert was in names[1:]
