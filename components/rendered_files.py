"""A directory of files as a resource: previewed, restored when somebody edits it, removed with its stack.

This module must never move: the state of every stack remembers its path, and imports it to read, change and delete.

A preview shows a file that changes by its path (`~ alertmanager.yaml`), and not its lines: Pulumi reads a YAML text and
compares its lists by index, which reads as if other entries changed. So a property of its path says each file's digest,
and the texts are in a property that Pulumi never shows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast, final

import pulumi
from pulumi import dynamic

from alertpath.delivery import directory

_DIRECTORY: Final = "directory"
# Pulumi shows no property whose name begins so (sdk/go/common/resource, IsInternalPropertyKey).
_TEXTS: Final = "__files"
# Where a state of an earlier version has the texts.
_TEXTS_BEFORE: Final = "files"
_RESTORED: Final = "restored"
_DIGITS: Final = 12
_TAKEN: Final = frozenset({_DIRECTORY, _TEXTS_BEFORE, _RESTORED, "id", "urn"})
# What this process, which is one update's, has written. The engine deletes a resource after it made what stands for it
# under another name, or replaces it; where both are the same files, they stay.
_WRITTEN_HERE: Final[set[Path]] = set()


@final
@dataclass(frozen=True)
class RenderedFilesArgs:
    """`directory`: where, relative to the program; `files`: path below it -> text. No credentials: the state has both.

    Raises ValueError where a path is one that the resource needs for itself.
    """

    directory: str
    files: Mapping[str, str]

    def __post_init__(self) -> None:
        if taken := sorted(name for name in self.files if name in _TAKEN or name.startswith("__")):
            raise ValueError(f"no file may be called {', '.join(taken)}: choose a name with an ending, such as .yaml")


@final
class _Provider(dynamic.ResourceProvider):
    # It holds no state, so there is nothing in it to hide.
    serialize_as_secret_always = False

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> dynamic.CheckResult:
        root, files = _root(news), _files(news)
        known = {} if _moved(_olds, news) else _files(_olds)
        failures = [
            dynamic.CheckFailure(_DIRECTORY, f"{fault.at.file} {fault.message}: {fault.mend}")
            for fault in directory.faults(root, files, known)
        ]
        # Only what differs between the inputs is shown, so a preview says here which files it found changed; what an
        # earlier update restored stays there, because its removal would be shown as well.
        before = cast("dict[str, str]", _olds.get(_RESTORED) or {})
        present = directory.content(root, known)
        restored = {
            name: _otherwise("edited by hand" if name in present else "deleted by hand", before.get(name))
            for name, text in sorted(known.items())
            if present.get(name) not in (text, files.get(name))
        }
        noted = {**before, **restored}
        return dynamic.CheckResult({**news, _RESTORED: noted} if noted else news, failures)

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.DiffResult:
        # Looking at the files themselves finds what was edited or deleted by hand without a refresh.
        root, files = _root(_news), _files(_news)
        moved = _moved(_olds, _news)
        changed = (
            _olds.get(_DIRECTORY) != _news[_DIRECTORY]
            or _files(_olds) != files
            or directory.content(root, files) != files
            or bool(directory.stale(root, files, _files(_olds)))
        )
        return dynamic.DiffResult(changes=changed, replaces=[_DIRECTORY] if moved else [])

    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        _write(_root(props), _files(props))
        return dynamic.CreateResult(props[_DIRECTORY], _state(props[_DIRECTORY], _files(props)))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.UpdateResult:
        _write(_root(_news), _files(_news), known=_files(_olds))
        return dynamic.UpdateResult(_state(_news[_DIRECTORY], _files(_news)))

    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        present = directory.content(_root(props), _files(props))
        return dynamic.ReadResult(id_ if present else "", _state(props[_DIRECTORY], present))

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        root, files = _root(_props), _files(_props)
        if directory.other_stack(root, files) is None:
            directory.remove_files(root, [name for name in files if (root / name).resolve() not in _WRITTEN_HERE])


def _write(root: Path, files: Mapping[str, str], known: Iterable[str] = ()) -> None:
    directory.replace_files(root, files, known)
    _WRITTEN_HERE.update((root / name).resolve() for name in files)


def _moved(olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
    """Whether the files go to another place; another spelling of the same place is none."""
    return _DIRECTORY not in olds or _root(olds).resolve() != _root(news).resolve()


def _root(props: Mapping[str, Any]) -> Path:
    return Path(props[_DIRECTORY])


def _otherwise(word: str, before: str | None) -> str:
    return f"{word} again" if word == before else word


def _files(props: Mapping[str, Any]) -> dict[str, str]:
    return cast("dict[str, str]", props.get(_TEXTS) or props.get(_TEXTS_BEFORE) or {})


def _state(where: str, files: Mapping[str, str]) -> dict[str, Any]:
    digests = {name: hashlib.sha256(text.encode()).hexdigest()[:_DIGITS] for name, text in files.items()}
    return {_DIRECTORY: where, _TEXTS: dict(files), **digests}


@final
class RenderedFiles(dynamic.Resource, module="alertpath", name="RenderedFiles"):
    """Keeps a directory as its arguments say, by `alertpath.delivery.directory`.

    `directory`: where, once the files are there. Fails where another's file is in the way.
    """

    directory: pulumi.Output[str]

    def __init__(self, name: str, args: RenderedFilesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        # `./a/` is `a`.
        super().__init__(_Provider(), name, _state(str(Path(args.directory)), args.files), opts)
