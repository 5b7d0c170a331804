"""Commands that the pages give, so that the tests run those and no others."""

from __future__ import annotations

from tools import markdown


def blocks(file: str, heading: str) -> list[str]:
    """The shell commands below a heading of a file of docs/, block by block."""
    every = [block for block in markdown.blocks(f"docs/{file}") if block.heading == heading]
    found = [block.text for block in every if block.language == "sh"]
    assert found, f"{file} has no commands below {heading!r}"
    return found
