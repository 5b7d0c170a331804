"""The examples in the project's pages: run in a copy of the project, compared with what the page shows.

CONTRIBUTING.md ("Examples in the pages") has the convention. `make golden` rewrites the outputs.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, cast, final

import yaml

from tools.markdown import ROOT, SET_UP, Block, blocks, steps

_CONTENT: Final = ("catalog", "expectations")
_LEFT_OUT: Final = "..."
COMMANDS: Final = frozenset(("console", "sh", SET_UP))
"""The languages of blocks that are commands."""
_INSERT: Final = re.compile(r"(?P<file>\S+) after (?P<line>.+)")


@final
@dataclass(frozen=True)
class Scene:
    """A copy of what people write, in a git repository with one commit on `main`; `env`: of its commands."""

    root: Path
    env: Mapping[str, str] = field(repr=False)

    def run(self, command: str) -> tuple[int, str]:
        """The exit code of commands in bash, and what they print on both streams."""
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command],
            cwd=self.root,
            env=dict(self.env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=300,
        )
        return done.returncode, done.stdout


def environment(home: Path) -> dict[str, str]:
    """The environment of examples: `alertpath` and git, nobody's own settings, stacks or clusters."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "KUBE", "GIT_"))}
    people = {f"GIT_{who}_{what}": text for who in ("AUTHOR", "COMMITTER") for what, text in _IDENTITY.items()}
    return {
        **kept,
        **people,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(home),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "COLUMNS": "120",
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


_IDENTITY: Final = {"NAME": "Test", "EMAIL": "test@example.com"}


def scene(work: Path, also: Sequence[str] = ()) -> Scene:
    """A new one below the empty directory `work`; `also`: more of the project's files and directories to copy."""
    root = work / "project"
    root.mkdir(parents=True)
    for name in (*(path.name for path in sorted(ROOT.glob("Pulumi*.yaml"))), ".gitignore", *_CONTENT, *also):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.exists():
            shutil.copy2(source, root / name)
    made = Scene(root, environment(work))
    code, said = made.run("git init --quiet -b main && git add --all && git commit --quiet --message 'as it was'")
    if code:
        raise RuntimeError(said)
    return made


@final
@dataclass(frozen=True)
class Outcome:
    """What a block's commands did: an exit code and the printed lines for each step."""

    block: Block
    codes: tuple[int, ...]
    printed: tuple[tuple[str, ...], ...]

    def faults(self) -> Iterator[str]:
        """In words, what is otherwise than the page says."""
        every = steps(self.block)
        codes = [0] * (len(every) - 1) + [int(self.block.notes.get("exit", "0"))]
        for step, code, wanted, printed in zip(every, self.codes, codes, self.printed, strict=True):
            said = "\n".join(printed)
            if code != wanted:
                yield f"{self.block.place}: `{step.command.strip()}` ended with {code}, not {wanted}:\n{said}"
            elif step.shown is not None and not matches(step.shown, printed):
                shown = "\n".join(step.shown)
                yield f"{self.block.place}: `{step.command}` printed\n{said}\nand the page shows\n{shown}"


def play(section: Iterable[Block], on: Scene) -> Iterator[Outcome]:
    """Does what the blocks of a section say, in order; gives what its commands did.

    Files that blocks are have to be right before the next command, and at the end. Raises ValueError: one is not.
    """
    wrong: list[str] = []
    for block in section:
        if block.runs_here and block.language in COMMANDS:
            # What a page shows of a stack may need something that readers need not see.
            if block.language != SET_UP or not any(file.startswith("Pulumi.") for file in wrong):
                _right(wrong, on)
            done = [on.run(step.command) for step in steps(block)]
            yield Outcome(block, tuple(code for code, _ in done), tuple(tuple(text.splitlines()) for _, text in done))
        elif block.runs_here:
            wrong += _write(block, on.root)
    _right(wrong, on)


def _right(written: list[str], on: Scene) -> None:
    # A section that sets up one stack is about that one.
    files = [file for file in dict.fromkeys(written) if file.startswith("Pulumi.")]
    if not files and any(file.startswith("catalog/") for file in written):
        files = [path.name for path in sorted(on.root.glob("Pulumi.*.yaml"))]
    commands = [f"alertpath compile --stack-file {file}" for file in files]
    commands += [f"alertpath test {file}" for file in written if file.startswith("expectations/")]
    for command in commands:
        code, said = on.run(command)
        if code:
            raise ValueError(f"after the files of the page, `{command}` says:\n{said}")
    written.clear()


def matches(shown: Sequence[str], printed: Sequence[str]) -> bool:
    """Whether the printed lines are those shown; `...` stands for any lines, and inside a line for any text."""
    text = [line.rstrip() for line in printed]
    # The places of `text` up to which the lines seen so far can reach.
    reached = {0}
    for line in shown:
        if line.strip() == _LEFT_OUT:
            reached = set(range(min(reached), len(text) + 1)) if reached else reached
        else:
            reached = {at + 1 for at in reached if at < len(text) and _line_matches(line, text[at])}
    return len(text) in reached


def _line_matches(shown: str, printed: str) -> bool:
    return re.fullmatch(".*".join(re.escape(part) for part in shown.rstrip().split(_LEFT_OUT)), printed) is not None


def rewritten(outcome: Outcome) -> tuple[str, ...]:
    """The lines of a console block with what was printed; what it left out stays out where both fit around it."""
    lines: list[str] = []
    for step, printed in zip(steps(outcome.block), outcome.printed, strict=True):
        first, *more = step.command.splitlines()
        lines += [f"$ {first}", *more]
        shown = step.shown or ()
        lines += shown if matches(shown, printed) else _anew(shown, [line.rstrip() for line in printed])
    return tuple(lines)


def _anew(shown: Sequence[str], printed: list[str]) -> list[str]:
    # Line by line: what is shown and printed stays, `...` goes as far as the next line that is both.
    lines: list[str] = []
    at = 0
    for index, line in enumerate(shown):
        if line.strip() == _LEFT_OUT:
            later = (_find(each, printed, at) for each in shown[index + 1 :] if each.strip() != _LEFT_OUT)
            lines.append(line)
            at = next((place for place in later if place is not None), len(printed))
        elif (place := _find(line, printed, at)) is not None:
            lines += [*printed[at:place], line]
            at = place + 1
    return [*lines, *printed[at:]]


def _find(line: str, printed: Sequence[str], start: int) -> int | None:
    return next((at for at in range(start, len(printed)) if _line_matches(line, printed[at])), None)


def rewrite(page: str, work: Path) -> None:
    """Brings the outputs of a page up to date, each section's in a scene of its own below `work`."""
    path = ROOT / page
    lines = path.read_text(encoding="utf-8").splitlines()
    outcomes: list[Outcome] = []
    for number, section in enumerate(sections(page)):
        outcomes += play(section, scene(work / str(number)))
    for outcome in sorted(outcomes, key=lambda each: each.block.line, reverse=True):
        block = outcome.block
        if block.language == "console":
            new = [f"{block.indent}{line}".rstrip() for line in rewritten(outcome)]
            lines[block.line : block.line + len(block.lines)] = new
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def sections(page: str) -> list[list[Block]]:
    """The blocks of a page by the section that they stand in, those sections alone that have something to run."""
    found: dict[str, list[Block]] = {}
    for block in blocks(page):
        found.setdefault(block.section, []).append(block)
    return [each for each in found.values() if any(block.runs_here and _does(block) for block in each)]


def _does(block: Block) -> bool:
    return block.language in COMMANDS or bool(block.notes.keys() & WRITERS.keys())


def _write(block: Block, root: Path) -> list[str]:
    """Writes what a block is to the file that its note names; the files of ours that must then be right."""
    return [file for key in WRITERS if key in block.notes for file in WRITERS[key](block, root, block.notes[key])]


def _file(block: Block, root: Path, name: str) -> list[str]:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(block.text, encoding="utf-8")
    return [name]


def _insert(block: Block, root: Path, value: str) -> list[str]:
    words = _INSERT.fullmatch(value)
    if words is None:
        raise ValueError(f"{block.place}: `insert: FILE after LINE`, not {value}")
    path = root / words["file"]
    lines = path.read_text(encoding="utf-8").splitlines()
    at = [line.strip() for line in lines].index(words["line"].strip("`")) + 1
    path.write_text("\n".join([*lines[:at], *block.lines, *lines[at:], ""]), encoding="utf-8")
    return []


def _change(block: Block, root: Path, name: str) -> list[str]:
    old = "".join(f"{line[1:]}\n" for line in block.lines if line[:1] in " -")
    new = "".join(f"{line[1:]}\n" for line in block.lines if line[:1] in " +")
    text = (root / name).read_text(encoding="utf-8")
    if text.count(old) != 1:
        raise ValueError(f"{block.place}: its old lines stand {text.count(old)} times in {name}, not once")
    (root / name).write_text(text.replace(old, new), encoding="utf-8")
    return []


def _settings(block: Block, root: Path, value: str) -> list[str]:
    """Lays a block over the settings of a stack: `STACK`, or `STACK, KEY anew` without what KEY had before."""
    stack, _, anew = value.partition(",")
    path = root / f"Pulumi.{stack}.yaml"
    for each, key in ((path, "alertpath:settings"), (root / "Pulumi.yaml", "alertpath:defaults")):
        for name in anew.replace(" anew", "").split():
            _remove(each, key, name)
    document = _yaml(path)
    settings = document["config"]["alertpath:settings"]
    document["config"]["alertpath:settings"] = _merged(settings, yaml.safe_load(block.text))
    _dump(document, path)
    return [path.name]


def _catalog(block: Block, root: Path, name: str) -> list[str]:
    """Lays a block over a catalog."""
    _dump(_merged(_yaml(root / name), yaml.safe_load(block.text)), root / name)
    return [name]


def _remove(path: Path, key: str, name: str) -> None:
    document = _yaml(path)
    holder = document.get("config", {}).get(key, {})
    if holder.get("value", holder).pop(name, None) is not None:
        _dump(document, path)


def _yaml(path: Path) -> dict[str, Any]:
    return cast("dict[str, Any]", yaml.safe_load(path.read_text(encoding="utf-8")))


class _Quoting(yaml.SafeDumper):
    # All texts in quotes: readers disagree about some without.
    pass


_Quoting.add_representer(str, lambda _, text: yaml.ScalarNode("tag:yaml.org,2002:str", text, style='"'))


def _dump(document: Any, path: Path) -> None:
    path.write_text(yaml.dump(document, Dumper=_Quoting, allow_unicode=True, sort_keys=False), encoding="utf-8")


def _merged(below: Any, above: Any) -> Any:
    """Mappings are merged, key by key; anything else replaces what was there."""
    if not (isinstance(below, dict) and isinstance(above, dict)):
        return above
    one, other = cast("dict[str, Any]", below), cast("dict[str, Any]", above)
    return {**one, **{key: _merged(one.get(key), value) for key, value in other.items()}}


WRITERS: Final = {
    "file": _file,
    "insert": _insert,
    "change": _change,
    "settings": _settings,
    "catalog": _catalog,
}
"""What a note above a block does with it, by the note's key."""
