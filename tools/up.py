#!/usr/bin/env python3
"""`make up`: the program on the stack dev, with nothing but this checkout.

    python -m tools.up table   shows the routing table at once, where Pulumi has still to be got
    python -m tools.up         runs `pulumi up`, and shows the table

State and plugins stay in .pulumi/, the manifests are in rendered/dev/. Needs no account: the backend is a directory and
the stack has no secrets, so its passphrase is empty.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tools import engine, guard, progress
from tools.progress import StepError

ROOT: Final = Path(__file__).resolve().parent.parent
STACK: Final = "dev"


def environment(work: Path) -> dict[str, str]:
    """The environment for Pulumi with its state and its home below `work`, the engine got if need be."""
    state = work / "state"
    state.mkdir(parents=True, exist_ok=True)
    return {
        **os.environ,
        **engine.engine_env(home=work / "home"),
        "PULUMI_BACKEND_URL": state.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": "",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }


def tables() -> int:
    """Shows the routing table of every stack, for projects without the stack dev; the exit code."""
    code = 0
    for file in sorted(ROOT.glob("Pulumi.*.yaml")):
        print(f"{file.name}:\n", flush=True)
        command = [Path(sys.executable).parent / "alertpath", "compile", "--stack-file", file.name, "--table"]
        code = subprocess.run(command, cwd=ROOT, check=False).returncode or code
        print(flush=True)
    print(f"There is no Pulumi.{STACK}.yaml, so nothing was applied: docs/your-own.md, 'Your cluster'")
    return code


def main(arguments: Sequence[str] = ()) -> int:
    """Runs `pulumi up` and shows the routing table, or with the argument `table` only that; the exit code."""
    if not (ROOT / f"Pulumi.{STACK}.yaml").exists():
        return 0 if "table" in arguments else tables()
    table = [Path(sys.executable).parent / "alertpath", "compile", "--stack", STACK, "--table"]
    if "table" in arguments:
        ready = engine.at_hand() is not None and importlib.util.find_spec("pulumi") is not None
        # Mistakes are told here, before an engine repeats them in its own way.
        code = subprocess.run(table, cwd=ROOT, check=False, stdout=subprocess.DEVNULL if ready else None).returncode
        if not code and not ready:
            print("\nThat needed no engine. Now Pulumi's, once on this machine:\n", flush=True)
        return code
    try:
        env = environment(ROOT / ".pulumi")
        launcher = Path(sys.executable).parent / "pulumi"
        engine.write_launcher(launcher)
    except StepError as error:
        progress.say(str(error))
        return 1
    select = ["pulumi", "stack", "select", "--create", "--stack", STACK]
    subprocess.run(select, cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL)
    done = subprocess.run(
        ["pulumi", "up", "--yes", "--skip-preview", "--suppress-outputs", "--stack", STACK],
        cwd=ROOT,
        env=env,
        check=False,
    )
    if done.returncode:
        return done.returncode
    print("Who is told:\n", flush=True)
    subprocess.run(table, cwd=ROOT, check=True)
    print(f"\nManifests: rendered/{STACK}/    Next: docs/your-own.md, 'Your cluster'")
    return 0


if __name__ == "__main__":
    guard.protect()
    raise SystemExit(main(sys.argv[1:]))
