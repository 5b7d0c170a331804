"""The real tools: found on PATH or built once into the user's cache by tools/gotools.py."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tools import gotools
from tools.progress import StepError

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def tool() -> Callable[[str], Path]:
    """Gives the binary of a tool by name. Where it cannot be had the test is skipped, but never in CI."""

    def find(name: str) -> Path:
        try:
            return gotools.ensure(name)
        except StepError as error:
            if os.environ.get("CI"):
                raise
            pytest.skip(f"{name} cannot be had: {error}")

    return find


@pytest.fixture(scope="session")
def amtool(tool: Callable[[str], Path]) -> Path:
    return tool("amtool")
