"""The user's cache: where it is, who may write to it, and how a directory gets into it whole."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tools import progress

UNFINISHED = ".new-"


def root() -> Path:
    """`$ALERTPATH_CACHE`, else `alertpath` in the user's cache directory."""
    if chosen := os.environ.get("ALERTPATH_CACHE"):
        return Path(chosen).expanduser().absolute()
    if shared := os.environ.get("XDG_CACHE_HOME"):
        return Path(shared) / "alertpath"
    return Path.home() / ".cache" / "alertpath"


@contextmanager
def locked() -> Generator[None]:
    """Only one process at a time builds, installs or removes anything."""
    root().mkdir(parents=True, exist_ok=True)
    with (root() / "lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress.say("another process is filling the same cache: waiting for it to finish")
            fcntl.flock(handle, fcntl.LOCK_EX)
        # Of processes that were killed: whoever makes one holds the lock.
        for depth in ("*", "*/*"):
            for draft in root().glob(f"{depth}/{UNFINISHED}*"):
                shutil.rmtree(draft, ignore_errors=True)
        yield


@contextmanager
def published(target: Path) -> Generator[Path]:
    """An empty directory to fill, which becomes `target` if and only if the block succeeds."""
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=target.parent))
    try:
        yield draft
        draft.chmod(0o755)
        draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


@contextmanager
def scratch() -> Generator[Path]:
    """An empty directory for the time of the block. Call it with the cache locked."""
    parent = root() / "tmp"
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=UNFINISHED, dir=parent) as made:
        yield Path(made)


def log_file(name: str) -> Path:
    """Where the output of the last build or installation of `name` is kept."""
    path = root() / "log" / f"{name}.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
