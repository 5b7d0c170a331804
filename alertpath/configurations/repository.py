"""A git repository at a revision, read by git itself."""

from __future__ import annotations

import os
import subprocess
import tarfile
import tempfile
from pathlib import Path, PurePosixPath
from typing import IO, Final, final

from alertpath.documents.places import Spot
from alertpath.documents.problems import InvalidInput, Problem, shown
from alertpath.documents.text_file import not_utf_8

_ELSEWHERE: Final = frozenset((".yaml", ".yml", ".tmpl"))
"""What a project may name outside of its own directory: catalogs and templates."""


@final
class Repository:
    """The git repository around a directory, which need not exist any more, at a revision. Raises InvalidInput."""

    def __init__(self, directory: Path, revision: str) -> None:
        self._revision: Final = revision
        self._there = directory.absolute()
        while not self._there.is_dir():
            self._there = self._there.parent
        top = self._git("rev-parse", "--show-toplevel")
        if top.returncode:
            raise self._invalid(
                f"{self._there} is in no git repository: {_words(top.stderr)}", "compare files, or run it in a checkout"
            )
        self._there = Path(os.fsdecode(top.stdout).rstrip("\n")).resolve()
        self._commit: Final = self._found()

    @property
    def root(self) -> Path:
        """The directory of the working tree."""
        return self._there

    def path(self, path: Path) -> str:
        """A path as git names it, from the root of the repository."""
        there = path.absolute().parent.resolve() / path.absolute().name
        return PurePosixPath(os.path.relpath(there, self._there)).as_posix()

    def text(self, path: str) -> str | None:
        """The text of a file at the revision; None: there is none. Raises InvalidInput: it is not UTF-8."""
        found = self._git("cat-file", "blob", f"{self._commit}:{path}")
        if found.returncode:
            return None
        try:
            return found.stdout.decode()
        except UnicodeDecodeError:
            raise not_utf_8(f"{self._revision}:{path}") from None

    def files(self, path: str) -> list[str]:
        """The files right in a directory at the revision, as git names them; []: there is no such directory."""
        found = self._git("ls-tree", "-z", "--full-tree", "--name-only", f"{self._commit}:{path}".removesuffix(":."))
        inside = os.fsdecode(found.stdout).split("\0") if not found.returncode else []
        return [each if path == "." else f"{path}/{each}" for each in inside if each]

    def extract(self, root: Path, inside: str) -> None:
        """Writes the files of the directory `inside` below `root`, and what it may name elsewhere in the repository.

        Nothing leads out of `root`. Files that `.gitattributes` exports differently are as exported. Raises
        InvalidInput.
        """
        command = ["git", "-C", str(self._there), "archive", "--format=tar", self._commit]
        with (
            tempfile.TemporaryFile() as errors,
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors) as process,
        ):
            try:
                if process.stdout is not None:
                    _extract(process.stdout, root, PurePosixPath(inside))
            except tarfile.TarError:
                process.kill()
            if process.wait():
                errors.seek(0)
                raise self._invalid(f"not all of its files can be read: {_words(errors.read())}", "git fetch")

    def _found(self) -> str:
        wanted = f"{self._revision}^{{commit}}"
        found = self._git("rev-parse", "--verify", "--quiet", "--end-of-options", wanted)
        if not found.returncode:
            return _words(found.stdout)
        if self._git("rev-parse", "--is-shallow-repository").stdout.strip() == b"true":
            raise self._invalid(
                "is not in this clone, which is a shallow one",
                "git fetch --unshallow; in GitHub Actions fetch-depth: 0 for the checkout, in GitLab CI GIT_DEPTH: 0",
            )
        remote, _, branch = self._revision.partition("/")
        mend = f"`git fetch {remote} {branch}`, if it is a branch there; " if branch else ""
        raise self._invalid(
            "is no revision of this repository", f"{mend}`git branch --all` and `git tag` list what there is"
        )

    def _git(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        command = ["git", "-C", str(self._there), *arguments]
        try:
            return subprocess.run(command, capture_output=True, check=False, env={**os.environ, "LC_ALL": "C"})
        except FileNotFoundError:
            raise self._invalid("cannot be read without git, which is not installed", "install git") from None

    def _invalid(self, message: str, mend: str) -> InvalidInput:
        return InvalidInput([Problem(Spot(f"revision {shown(self._revision)}"), message, mend=mend)])


def _words(output: bytes) -> str:
    return " ".join(output.decode(errors="replace").split())


def _extract(archive: IO[bytes], root: Path, inside: PurePosixPath) -> None:
    links: list[tuple[Path, str]] = []
    with tarfile.open(fileobj=archive, mode="r|") as tar:
        for member in tar:
            path = PurePosixPath(member.name)
            if path.is_absolute() or ".." in path.parts:
                continue
            if not path.is_relative_to(inside) and path.suffix not in _ELSEWHERE and not member.issym():
                continue
            target = root / path
            if member.issym():
                links.append((target, member.linkname))
            elif member.isfile() and (content := tar.extractfile(member)):
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content.read())
            elif member.isdir():
                target.mkdir(parents=True, exist_ok=True)
    # Last, so that nothing is written through one.
    for link, to in links:
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(to)
    for link, _ in links:
        if not link.resolve().is_relative_to(root):
            link.unlink()
