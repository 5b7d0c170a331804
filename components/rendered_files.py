"""A directory of files as a resource: previewed, restored when somebody edits it, removed with its stack.

This module must never move: the state of every stack remembers its path, and imports it to read, change and delete.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast, final

import pulumi
from pulumi import dynamic

from alertpath.delivery import directory

_WRITTEN: Final = "files"
# What this process, which is one update's, has written. The engine deletes a resource after it made what stands for it
# under another name, or replaces it; where both are the same files, they stay.
_WRITTEN_HERE: Final[set[Path]] = set()


@final
@dataclass(frozen=True)
class RenderedFilesArgs:
    """`directory`: where, relative to the program; `files`: path below it -> text. No credentials: both are shown."""

    directory: str
    files: Mapping[str, str]


@final
class _Provider(dynamic.ResourceProvider):
    # It holds no state, so there is nothing in it to hide.
    serialize_as_secret_always = False

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> dynamic.CheckResult:
        root, files = _root(news), _files(news)
        known = {} if _moved(_olds, news) else _files(_olds)
        failures = [
            dynamic.CheckFailure("directory", f"{fault.file} {fault.message}: {fault.mend}")
            for fault in directory.faults(root, files, known)
        ]
        # Only what differs between the inputs is shown, so a preview says here which files it found changed.
        present = directory.content(root, known)
        restored = {
            name: "edited by hand" if name in present else "deleted by hand"
            for name, text in sorted(known.items())
            if present.get(name) not in (text, files.get(name))
        }
        return dynamic.CheckResult({**news, "restored": restored} if restored else news, failures)

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.DiffResult:
        # Looking at the files themselves finds what was edited or deleted by hand without a refresh.
        root, files = _root(_news), _files(_news)
        moved = _moved(_olds, _news)
        changed = (
            _olds.get("directory") != _news["directory"]
            or _files(_olds) != files
            or directory.content(root, files) != files
            or bool(directory.stale(root, files, _files(_olds)))
        )
        return dynamic.DiffResult(changes=changed, replaces=["directory"] if moved else [])

    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        _write(_root(props), _files(props))
        return dynamic.CreateResult(props["directory"], _state(props["directory"], _files(props)))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.UpdateResult:
        _write(_root(_news), _files(_news), known=_files(_olds))
        return dynamic.UpdateResult(_state(_news["directory"], _files(_news)))

    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        present = directory.content(_root(props), _files(props))
        return dynamic.ReadResult(id_ if present else "", _state(props["directory"], present))

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        root, files = _root(_props), _files(_props)
        if directory.other_stack(root, files) is None:
            directory.remove_files(root, [name for name in files if (root / name).resolve() not in _WRITTEN_HERE])


def _write(root: Path, files: Mapping[str, str], known: Iterable[str] = ()) -> None:
    directory.replace_files(root, files, known)
    _WRITTEN_HERE.update((root / name).resolve() for name in files)


def _moved(olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
    """Whether the files go to another place; another spelling of the same place is none."""
    return "directory" not in olds or _root(olds).resolve() != _root(news).resolve()


def _root(props: Mapping[str, Any]) -> Path:
    return Path(props["directory"])


def _files(props: Mapping[str, Any]) -> dict[str, str]:
    return cast("dict[str, str]", props.get(_WRITTEN) or {})


def _state(where: str, files: Mapping[str, str]) -> dict[str, Any]:
    return {"directory": where, _WRITTEN: dict(files)}


@final
class RenderedFiles(dynamic.Resource, module="alertpath", name="RenderedFiles"):
    """Keeps a directory as its arguments say, by `alertpath.directory`; fails where another's file is in the way."""

    directory: pulumi.Output[str]
    files: pulumi.Output[Mapping[str, str]]

    def __init__(self, name: str, args: RenderedFilesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        # `./a/` is `a`.
        super().__init__(_Provider(), name, _state(str(Path(args.directory)), args.files), opts)
