"""Builds a tool from changed copies of modules: Go lets nobody lay an overlay over its module cache."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from tools.progress import StepError
from tools.recipes import Patch, Tool


def flags(tool: Tool, module_directory: Callable[[str], Path], scratch: Path) -> list[str]:
    """The flags of `go build` that make it take the changed copies, which are made in the directory `scratch`.

    `module_directory` gives where a module is in Go's cache. Raises StepError where a text to change is not there.
    """
    if not tool.patches:
        return []
    go_mod = (tool.directory / "go.mod").read_text(encoding="utf-8")
    for number, module in enumerate(sorted({patch.module for patch in tool.patches})):
        copy = scratch / f"module-{number}"
        shutil.copytree(module_directory(module), copy, copy_function=shutil.copyfile)
        # They have the modes of Go's cache, where nobody may write.
        for directory in (copy, *filter(Path.is_dir, copy.rglob("*"))):
            directory.chmod(0o755)
        for patch in tool.patches:
            if patch.module == module:
                _apply(patch, copy / patch.path)
        go_mod += f"\nreplace {module} => {copy}\n"
    (scratch / "go.mod").write_text(go_mod, encoding="utf-8")
    shutil.copyfile(tool.directory / "go.sum", scratch / "go.sum")
    return [f"-modfile={scratch / 'go.mod'}"]


def _apply(patch: Patch, file: Path) -> None:
    if not patch.old:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(patch.new, encoding="utf-8")
        return
    text = file.read_text(encoding="utf-8")
    if text.count(patch.old) != 1:
        raise StepError(f"{patch.module}: {patch.path} has no single {patch.old!r}: has its version changed?")
    file.write_text(text.replace(patch.old, patch.new), encoding="utf-8")
