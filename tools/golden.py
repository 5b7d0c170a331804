#!/usr/bin/env python3
"""Rewrites everything generated that is committed: `make golden`. The diff is what changes for users.

tests/golden/<stack>/ (what each stack renders to), tests/bad/*/expected.txt (what is said to each mistake), the
reference pages in docs/, and what the commands in the pages print.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Final

from alertpath.compiling.compile import compile_stack
from alertpath.delivery.directory import replace_files
from alertpath.delivery.render import render
from alertpath.documents.problems import InvalidInput
from alertpath.inputs.stack import load
from tools import examples, markdown
from tools.reference import pages

ROOT: Final = Path(__file__).resolve().parent.parent
STACKS: Final = tuple(sorted(path.name[len("Pulumi.") : -len(".yaml")] for path in ROOT.glob("Pulumi.*.yaml")))


def rendered(stack: str) -> dict[str, str]:
    """The files that delivery `files` writes for a stack."""
    loaded = load(ROOT / f"Pulumi.{stack}.yaml")
    return render(loaded, compile_stack(loaded))


def refusal(stack_file: Path) -> str:
    """What is said to the mistakes of a stack; empty if there are none.

    A file `engine.json` beside it: what the engine says of the settings (an ESC environment, --config).
    """
    said = stack_file.with_name("engine.json")
    engine_value = json.loads(said.read_text(encoding="utf-8")) if said.exists() else None
    try:
        compile_stack(load(stack_file, engine_value=engine_value))
    except InvalidInput as error:
        return f"{error}\n"
    return ""


def main() -> int:
    """Rewrites all of it."""
    # Messages name files as they are seen from here.
    os.chdir(ROOT)
    for stack in STACKS:
        replace_files(ROOT / "tests" / "golden" / stack, rendered(stack))
    for stack_file in sorted(ROOT.glob("tests/bad/*/Pulumi.bad.yaml")):
        (stack_file.parent / "expected.txt").write_text(refusal(stack_file), encoding="utf-8")
    for name, text in pages().items():
        (ROOT / name).write_text(text, encoding="utf-8")
    for page in markdown.pages():
        with tempfile.TemporaryDirectory() as work:
            examples.rewrite(page, Path(work))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
