"""Writes alertpath/alertmanager/unicode.txt: what regexes depend on of Go's Unicode, as `oracle-go` tells it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tools import gotools

FILE = Path(__file__).resolve().parents[1] / "alertpath" / "alertmanager" / "unicode.txt"

_HEAD = """\
# Unicode {version}, as Go's package unicode has it. Made by tools/unicode_tables.py; read by unicode_tables.py.
# A line has a category or a script: its name, then its characters as FIRST, FIRST-LAST or FIRST-LAST/STEP.
# A line `=` names a category that is another one, a line `~` has the characters that are alike without regard to case.
"""


def text(tables: Mapping[str, Any]) -> str:
    """The file's text, from the oracle's answer to `tables`."""
    names = tables["categories"]
    # One-letter categories but C are the sum of those of two letters, LC is that of Ll, Lt and Lu.
    listed = {name: names[name] for name in names if (len(name) == 2 and name != "LC") or name == "C"}
    # Go 1.25 and 1.26 find no script whose name has an underscore, or a capital letter inside (`\p{Old_Italic}`).
    scripts = tables["scripts"]
    listed |= {name: scripts[name] for name in scripts if name == name.capitalize() and name.isalpha()}
    lines = [f"{name} {' '.join(map(_range, ranges))}" for name, ranges in listed.items()]
    lines += [f"= {name} {actual}" for name, actual in sorted(tables["aliases"].items())]
    lines += [f"~ {' '.join(f'{code:x}' for code in same)}" for same in tables["folds"]]
    return _HEAD.format(version=tables["version"]) + "\n".join(lines) + "\n"


def ask(binary: Path) -> Mapping[str, Any]:
    """The tables of the Go library that `binary` is linked with."""
    answer = subprocess.run([binary], input='{"op": "tables"}\n', capture_output=True, text=True, check=True)
    return json.loads(answer.stdout)["result"]


def _range(each: Sequence[int]) -> str:
    first, last, step = each
    if first == last:
        return f"{first:x}"
    return f"{first:x}-{last:x}" + (f"/{step:x}" if step > 1 else "")


def main(binaries: Iterable[str] = ()) -> None:
    """Write the file, from the first of `binaries` or the tool of this repository."""
    binary = next(map(Path, binaries), None) or gotools.ensure("oracle-go")
    FILE.write_text(text(ask(binary)), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
