"""`alertpath compile` as a whole process, beside Python that only imports the libraries it needs.

python -m bench.compile: to reach is 0.3 s.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from bench.pairs import HEAD, PAIRS, compare

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Prints the table."""
    alertpath = [Path(sys.executable).parent / "alertpath", "compile", "--stack", "production"]
    imports = [sys.executable, "-c", "import pydantic, re2, yaml"]

    def ours() -> None:
        subprocess.run(alertpath, cwd=ROOT, check=True, capture_output=True)

    def baseline() -> None:
        subprocess.run(imports, cwd=ROOT, check=True, capture_output=True)

    print(f"{PAIRS} pairs, in turn, after a warm-up\n\n{HEAD}")
    print(compare("`alertpath compile` beside its imports alone", ours, baseline))


if __name__ == "__main__":
    main()
