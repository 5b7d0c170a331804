"""What is committed and generated is what the code generates; `make golden` rewrites it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.golden import ROOT, STACKS, rendered
from tools.reference import pages


def files(directory: Path) -> dict[str, str]:
    return {
        str(file.relative_to(directory)): file.read_text(encoding="utf-8")
        for file in sorted(directory.rglob("*"))
        if file.is_file()
    }


@pytest.mark.parametrize("stack", STACKS)
def test_a_stack_renders_to_its_golden_files(stack: str) -> None:
    assert files(ROOT / "tests" / "golden" / stack) == rendered(stack)


@pytest.mark.parametrize("page", pages())
def test_the_reference_is_current(page: str) -> None:
    assert (ROOT / page).read_text(encoding="utf-8") == pages()[page]
