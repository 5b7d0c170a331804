"""Commands that the pages give, so that the tests run those and no others."""

from __future__ import annotations

import shlex

from tests.program.engine import Project
from tools import markdown


def blocks(file: str, heading: str) -> list[str]:
    """The shell commands below a heading of a file of docs/, block by block."""
    every = [block for block in markdown.blocks(f"docs/{file}") if block.heading == heading]
    found = [block.text for block in every if block.language == "sh"]
    assert found, f"{file} has no commands below {heading!r}"
    return found


def forced(project: Project, file: str, heading: str) -> Project:
    """The project in the environment that the docs give for the one `pulumi up` below a heading."""
    [line] = [line for block in blocks(file, heading) for line in block.splitlines() if "pulumi up" in line]
    variable, *words = shlex.split(line)
    assert words == ["pulumi", "up"]
    name, value = variable.split("=")
    return project.with_env(**{name: value})
