"""A directory of rendered files: what is in it, what would change, and the change itself.

The directory's kustomization.yaml names, in its first lines, the stack that writes there and the files that were
written with it. Only those, and those that a state remembers, are ever overwritten or removed: whatever else lies there
belongs to somebody else, and all of it where another stack is named.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from alertpath.documents.places import Spot
from alertpath.documents.problems import InvalidInput, Problem

INDEX: Final = "kustomization.yaml"
_HEADING: Final = "# Written by alertpath for the stack {stack}: edits are overwritten. The files written with it:\n"
_FIRST_LINE: Final = re.compile(
    r"# Written by alertpath( for the stack (?P<stack>\S+))?: edits are overwritten. The files written with it:\n"
)
# The keys that a Secret takes, but for `.` and `..`.
_NAME: Final = r"(?!\.\.?[/\n])[-._a-zA-Z0-9]+"
_ENTRY: Final = re.compile(rf"#   (?P<name>{_NAME}(/{_NAME})?)\n")


def heading(stack: str, names: Iterable[str]) -> str:
    """The first lines of a stack's kustomization.yaml."""
    return _HEADING.format(stack=stack) + "".join(f"#   {name}\n" for name in sorted(names))


def written(root: Path) -> frozenset[str]:
    """The files that kustomization.yaml lists."""
    text = _read(root / INDEX) or ""
    if (first := _FIRST_LINE.match(text)) is None:
        return frozenset()
    names: set[str] = set()
    for line in text[first.end() :].splitlines(keepends=True):
        if (entry := _ENTRY.fullmatch(line)) is None:
            break
        names.add(entry["name"])
    return frozenset(names)


def other_stack(root: Path, files: Mapping[str, str]) -> str | None:
    """The stack that writes there, where it is another one than the stack of `files`."""
    there, ours = _stack(_read(root / INDEX)), _stack(files.get(INDEX))
    return there if there != ours else None


def _stack(index: str | None) -> str | None:
    first = _FIRST_LINE.match(index or "")
    return first["stack"] if first else None


def content(root: Path, names: Iterable[str]) -> dict[str, str]:
    """The text of those of the files that are there."""
    return {name: text for name in sorted(names) if (text := _read(root / name)) is not None}


def stale(root: Path, files: Mapping[str, str], known: Iterable[str] = ()) -> list[str]:
    """The files that were written, or are `known` to have been, are still there, and are none of `files`."""
    return sorted(name for name in written(root).union(known) - files.keys() if (root / name).is_file())


def foreign(root: Path, files: Mapping[str, str], known: Iterable[str] = ()) -> list[str]:
    """Those of `files` that would overwrite something else than what was written before."""
    ours = written(root).union(known)
    return [
        name
        for name, text in files.items()
        if name not in ours and (root / name).exists() and _read(root / name) != text
    ]


def faults(root: Path, files: Mapping[str, str], known: Iterable[str] = ()) -> list[Problem]:
    """Why `files` may not be written there; empty: they may."""
    if stack := other_stack(root, files):
        return [
            Problem(
                Spot(str(root)),
                f"belongs to the stack {stack}",
                allowed="a directory for each stack",
                mend=f"choose another `directory`; if the stack {stack} is gone, remove this one",
            )
        ]
    return [
        Problem(
            Spot(str(root / name)),
            "is in the way: alertpath did not write it",
            allowed="a directory for alertpath's files alone",
            mend="move the file, or choose another `directory`",
        )
        for name in foreign(root, files, known)
    ]


def replace_files(root: Path, files: Mapping[str, str], known: Iterable[str] = ()) -> None:
    """Makes `root` hold `files`, and no others that were written before; see `faults` for what it refuses.

    Every file is written beside its place before the first one is moved there, so that a full disk or a missing
    permission changes nothing. Raises InvalidInput, OSError.
    """
    known = frozenset(known)
    if problems := faults(root, files, known):
        raise InvalidInput(problems)
    outdated = stale(root, files, known)
    staged: list[tuple[Path, Path]] = []
    try:
        # kustomization.yaml goes last: until then it lists what was there.
        for name, text in sorted(files.items(), key=lambda file: file[0] == INDEX):
            target = root / name
            if _read(target) != text:
                target.parent.mkdir(parents=True, exist_ok=True)
                # A name that no file of a stack has, and no longer than a file's name may be.
                staged.append((target.with_name(f".alertpath-{len(staged)}.new~"), target))
                staged[-1][0].write_bytes(text.encode())
        for new, target in staged:
            new.replace(target)
    except OSError:
        for new, _ in staged:
            new.unlink(missing_ok=True)
        raise
    remove_files(root, outdated)


def remove_files(root: Path, names: Iterable[str]) -> None:
    """Removes these files, and the directories that are empty without them."""
    parents = {root}
    for name in names:
        (root / name).unlink(missing_ok=True)
        parents.add((root / name).parent)
    for parent in sorted(parents, reverse=True):
        if parent.is_dir() and not any(parent.iterdir()):
            parent.rmdir()


def _read(file: Path) -> str | None:
    try:
        return file.read_bytes().decode()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, UnicodeDecodeError):
        return None
