#!/usr/bin/env python3
"""Makes a virtual environment: `python3 tools/environment.py DIRECTORY`. Says in plain words what is missing.

It runs before anything is installed, in whatever Python the machine has.
"""

import subprocess
import sys

OLDEST = (3, 11)


def main(directory: str) -> int:
    """The exit code."""
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST:
        needed = ".".join(map(str, OLDEST))
        sys.stderr.write(f"python3 on PATH is {version}; needed is {needed} or newer. Put a newer one first on PATH.\n")
        return 1
    made = subprocess.run([sys.executable, "-m", "venv", directory], stdout=subprocess.DEVNULL, check=False)
    if made.returncode:
        sys.stderr.write(
            f"Python {version} could not make an environment in {directory}. On Debian and Ubuntu the package "
            f"python3-venv is missing: apt-get install python{'.'.join(map(str, sys.version_info[:2]))}-venv\n"
        )
    return made.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
