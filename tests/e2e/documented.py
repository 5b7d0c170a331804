"""Commands that the docs give, so that the tests run those and no others."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

from tests.program.engine import ROOT, Done, Project, run

BREAK_GLASS: Final = "break-glass.md"
_BEGIN: Final = "Begin"
_KEEP: Final = "Keep a copy before every update"


def blocks(file: str, heading: str) -> list[str]:
    """The shell commands below a heading of a file of docs/, block by block."""
    found: list[str] = []
    here, fence = False, ""
    for line in (ROOT / "docs" / file).read_text(encoding="utf-8").splitlines(keepends=True):
        if fence:
            if line.startswith("```"):
                fence = ""
            elif here and fence == "sh":
                found[-1] += line
        elif line.startswith("```"):
            fence = line[3:].strip() or "text"
            if here and fence == "sh":
                found.append("")
        elif line.startswith("#"):
            here = line.lstrip("#").strip() == heading
    assert found, f"{file} has no commands below {heading!r}"
    return found


def forced(project: Project, file: str, heading: str) -> Project:
    """The project in the environment that the docs give for the one `pulumi up` below a heading."""
    [line] = [line for block in blocks(file, heading) for line in block.splitlines() if "pulumi up" in line]
    variable, *words = shlex.split(line)
    assert words == ["pulumi", "up"]
    name, value = variable.split("=")
    return project.with_env(**{name: value})


@final
@dataclass(frozen=True)
class Shell:
    """Where somebody on call pastes commands of docs/break-glass.md: it has kubectl, and what every machine has."""

    kubeconfig: Path
    kubectl: Path
    home: Path
    namespace: str

    def run(self, commands: str) -> Done:
        """What commands do after the lines to change and the function of the first block."""
        [first] = blocks(BREAK_GLASS, _BEGIN)
        assert first.count("namespace=monitoring\n") == 1
        start = first.replace("namespace=monitoring\n", f"namespace={self.namespace}\n")
        env = {
            "PATH": f"{self.kubectl.parent}:/usr/bin:/bin",
            "HOME": str(self.home),
            "KUBECONFIG": str(self.kubeconfig),
        }
        return run(["bash", "-c", f"{start}\n{commands}"], self.home, env)

    @staticmethod
    def keep() -> str:
        """The command that makes the copy."""
        [command] = blocks(BREAK_GLASS, _KEEP)
        return command
