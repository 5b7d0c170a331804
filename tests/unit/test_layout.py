"""The layout of `alertpath/`: its directories stand in one order, and no two of its files import each other."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "alertpath"
ORDER = [
    *("documents", "alertmanager", "semantics", "output", "inputs", "compiling", "delivery", "configurations"),
    *("rules", "checks", "diff", "explain", "expectations", "review", "cluster", "cli"),
]
"""Each directory imports only from those before it, and from itself."""
LAYERS = {"diff": ("conditions", "deliveries", "words")}
"""Directories inside of a directory that stand in an order too."""
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in PACKAGE.rglob("*.py")
}


def imports(module: str) -> Iterator[str]:
    """The modules of the package that `module` names in its imports, those for types alone too."""
    for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in MODULES)
        elif isinstance(node, ast.ImportFrom) and node.module in MODULES:
            for alias in node.names:
                below = f"{node.module}.{alias.name}"
                yield below if below in MODULES else node.module


def test_the_root_holds_directories_only() -> None:
    assert {path.name for path in PACKAGE.glob("*.py")} == {"__init__.py", "__main__.py"}
    assert sorted(path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()) == sorted(ORDER)


def test_every_directory_says_what_it_is() -> None:
    for path in PACKAGE.rglob("__init__.py"):
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), path


def test_imports_point_one_way() -> None:
    def back(module: str, order: tuple[str, ...] | list[str], depth: int) -> list[str]:
        mine = module.split(".")
        if len(mine) <= depth or mine[depth] not in order:
            return []
        others = [
            (other, parts[depth])
            for other in imports(module)
            if len(parts := other.split(".")) > depth and parts[:depth] == mine[:depth] and parts[depth] in order
        ]
        return [f"{module} -> {o}" for o, room in others if order.index(room) > order.index(mine[depth])]

    assert [found for module in MODULES for found in back(module, ORDER, 1)] == []
    for directory, layers in LAYERS.items():
        inside = [module for module in MODULES if module.startswith(f"alertpath.{directory}.")]
        assert [found for module in inside for found in back(module, layers, 2)] == []


def test_no_two_files_import_each_other() -> None:
    """No circle of imports, however long."""
    done, circles = set[str](), list[str]()

    def visit(module: str, way: tuple[str, ...]) -> None:
        if module in way:
            circles.append(" -> ".join((*way[way.index(module) :], module)))
        elif module not in done:
            for other in imports(module):
                visit(other, (*way, module))
            done.add(module)

    for module in MODULES:
        visit(module, ())
    assert circles == []
