"""The project's pages as Markdown: fenced blocks with the comments above them, headings, links.

CONTRIBUTING.md ("Examples in the pages") has the convention.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, final

ROOT: Final = Path(__file__).resolve().parent.parent
SET_UP: Final = "set up"
"""The language of a block that readers do not see: the commands of a comment."""
_FENCE: Final = re.compile(r"^(?P<indent> *)```(?P<language>[a-z]*)\s*$")
_COMMENT: Final = re.compile(r"^ *<!--\s*(?P<key>[a-z ]+?)(?::|\n)(?P<value>.*?)-->\s*$", re.DOTALL)
_HEADING: Final = re.compile(r"^#{1,6} (.*)$", re.MULTILINE)
_FENCED: Final = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)
_CODE: Final = re.compile(r"`[^`\n]*`")
_LINK: Final = re.compile(r"\]\(([^()\s]+)\)")


@final
@dataclass(frozen=True)
class Block:
    """A fenced block of a page, or a hidden set-up.

    `line`: the number of the fence's line, from 1; `section`: the heading of level 2 that it stands below ("" before
    the first); `heading`: the nearest one of any level; `notes`: the comments right above it, by their keys.
    """

    page: str
    line: int
    section: str
    heading: str
    language: str
    lines: tuple[str, ...]
    indent: str = ""
    notes: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def text(self) -> str:
        """Its lines, each with its end."""
        return "".join(f"{line}\n" for line in self.lines)

    @property
    def place(self) -> str:
        """Where it stands, for messages."""
        return f"{self.page}:{self.line}"

    @property
    def runs_here(self) -> bool:
        """Whether the block can be run with the command line alone."""
        return not self.notes.keys() & {"run by", "not run", "needs"}


@final
@dataclass(frozen=True)
class Step:
    """A command of a block and the lines that the page shows below it; None: it shows none and may print anything."""

    command: str
    shown: tuple[str, ...] | None


def pages() -> list[str]:
    """The pages with examples, relative to the project's directory."""
    own = ["README.md", "CONTRIBUTING.md", "tests/e2e/README.md", "tools/README.md"]
    return [*own, *(f"docs/{page.name}" for page in sorted((ROOT / "docs").glob("*.md")))]


def blocks(page: str, root: Path = ROOT) -> list[Block]:
    """Every fenced block of a page, in order. A note `this page is run by` counts for all that have none."""
    found: list[Block] = []
    lines = (root / page).read_text(encoding="utf-8").splitlines()
    section = heading = ""
    everywhere: dict[str, str] = {}
    notes: dict[str, str] = {}
    index = 0
    while index < len(lines):
        line = lines[index]
        if fence := _FENCE.match(line):
            end = next(at for at in range(index + 1, len(lines)) if lines[at].strip() == "```")
            inside = tuple(each.removeprefix(fence["indent"]) for each in lines[index + 1 : end])
            language = fence["language"]
            found.append(
                Block(page, index + 1, section, heading, language, inside, fence["indent"], notes or everywhere)
            )
            notes, index = {}, end
        elif line.lstrip().startswith("<!--"):
            end = next(at for at in range(index, len(lines)) if "-->" in lines[at])
            comment = _COMMENT.match("\n".join(lines[index : end + 1]))
            key, value = (comment["key"].strip(), comment["value"].strip()) if comment else ("", "")
            if key == SET_UP:
                found.append(Block(page, index + 1, section, heading, SET_UP, tuple(value.splitlines())))
            elif key == "this page is run by":
                everywhere = {"run by": value}
            elif key:
                notes |= {key: value}
            index = end
        elif line.startswith("#"):
            heading = line.lstrip("#").strip()
            section = heading if line.startswith("## ") else section
            notes = {}
        elif line.strip():
            notes = {}
        index += 1
    return found


def steps(block: Block) -> list[Step]:
    """The commands of a block: each after `$ ` in `console`, the whole of it in `sh` and in a set-up."""
    if block.language != "console":
        return [Step(block.text, None)]
    found: list[Step] = []
    for line in block.lines:
        if line.startswith("$ "):
            found.append(Step(line[2:], ()))
        elif found and found[-1].command.endswith("\\"):
            found[-1] = Step(f"{found[-1].command}\n{line}", ())
        elif found:
            found[-1] = Step(found[-1].command, (*(found[-1].shown or ()), line))
        else:
            raise ValueError(f"{block.place}: a console block begins with a command, `$ ...`")
    return found


def links(page: str) -> list[str]:
    """The targets of a page's links and pictures, as they are written."""
    return _LINK.findall(_CODE.sub("", _FENCED.sub("", (ROOT / page).read_text(encoding="utf-8"))))


def anchors(page: str) -> set[str]:
    """What can stand after `#` in a link to a page: its headings as GitHub names them."""
    text = _FENCED.sub("", (ROOT / page).read_text(encoding="utf-8"))
    found: set[str] = set()
    for heading in _HEADING.findall(text):
        name = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        found.add(next(each for each in (name, *(f"{name}-{n}" for n in range(1, 100))) if each not in found))
    return found


def inline_code(page: str) -> list[str]:
    """The texts between backticks of a page, outside of fenced blocks."""
    text = _FENCED.sub("", (ROOT / page).read_text(encoding="utf-8"))
    return [code.strip("`") for code in _CODE.findall(text)]
