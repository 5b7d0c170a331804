"""What is proven of a configuration is what trying every alert, hour and source finds."""

from __future__ import annotations

import random

import pytest

from alertpath.alertmanager import config as alertmanager
from tests.promises import pair, proved, tried


@pytest.mark.parametrize("part", range(4))
def test_as_trying_everything(part: int) -> None:
    chance = random.Random(part)
    found: dict[bool, int] = {True: 0, False: 0}
    for _ in range(60):
        one = pair(chance)
        broken, unproven = proved(one)
        words = tried(one)
        assert not unproven, one.invariant
        assert {each.word for each in broken} == words, (alertmanager.dump(one.config), one.invariant)
        found[bool(words)] += 1
    assert min(found.values()) >= 10
