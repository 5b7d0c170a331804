"""A directory of files as a resource: previewed, restored when somebody edits it, removed with its stack.

This module must never move: the state of every stack remembers its path, and imports it to read, change and delete.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast, final

import pulumi
from pulumi import dynamic

from alertpath import directory

_WRITTEN: Final = "files"


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
        known = _files(_olds) if _olds.get("directory") == news["directory"] else {}
        clashes = directory.foreign(root, files, known)
        failures = [
            dynamic.CheckFailure(
                "directory",
                f"{root / name} is in the way: alertpath did not write it. "
                "Move it, or choose another `directory` in the stack's settings",
            )
            for name in clashes
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
        moved = _olds.get("directory") != _news["directory"]
        changed = (
            moved
            or _files(_olds) != files
            or directory.content(root, files) != files
            or bool(directory.stale(root, files, _files(_olds)))
        )
        return dynamic.DiffResult(changes=changed, replaces=["directory"] if moved else [])

    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        directory.replace_files(_root(props), _files(props))
        return dynamic.CreateResult(props["directory"], _state(props["directory"], _files(props)))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.UpdateResult:
        directory.replace_files(_root(_news), _files(_news), known=_files(_olds))
        return dynamic.UpdateResult(_state(_news["directory"], _files(_news)))

    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        present = directory.content(_root(props), _files(props))
        return dynamic.ReadResult(id_ if present else "", _state(props["directory"], present))

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        directory.remove_files(_root(_props), _files(_props))


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
        super().__init__(_Provider(), name, _state(args.directory, args.files), opts)
