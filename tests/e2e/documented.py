"""A shell of somebody on call, who pastes commands of docs/break-glass.md."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

from tests.documented import blocks
from tests.program.engine import Done, run

BREAK_GLASS: Final = "break-glass.md"
_BEGIN: Final = "Begin"
_KEEP: Final = "Keep a copy before every update"


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
