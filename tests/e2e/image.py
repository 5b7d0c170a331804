"""The file system of a pod: what the images of Alertmanager and its reloader hold, in a directory to `chroot` into."""

from __future__ import annotations

import importlib.resources
import os
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

from tools.progress import StepError

_BINARIES: Final = ("alertmanager", "prometheus-config-reloader", "sealed-secrets-controller")


@final
@dataclass(frozen=True)
class Image:
    """Makes the root directories of pods. `authority`: the certificate that they trust, and no other.

    The programs are linked statically: a root needs no libraries. It has no resolver but its own hosts file, so
    that nothing in it ever reaches out of this machine.
    """

    tool: Callable[[str], Path]
    authority: Path
    time_zones: bool = True

    def unpack(self, root: Path, hosts: Mapping[str, Iterable[str]]) -> None:
        """Makes `root`, if it is not there yet, and its hosts file: names by address."""
        files = {
            "etc/ssl/certs/ca-certificates.crt": self.authority.read_text(encoding="utf-8"),
            "etc/nsswitch.conf": "hosts: files\n",
            "etc/hosts": "".join(f"{address} {' '.join(names)}\n" for address, names in hosts.items()),
        }
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
        (root / "tmp").mkdir(exist_ok=True)
        (root / "bin").mkdir(exist_ok=True)
        for name in _BINARIES:
            if not (root / "bin" / name).exists():
                _link(self.tool(name), root / "bin" / name)
        zones = root / "usr" / "share" / "zoneinfo"
        if self.time_zones and not zones.exists():
            with importlib.resources.as_file(importlib.resources.files("tzdata") / "zoneinfo") as source:
                shutil.copytree(source, zones, copy_function=_link, ignore=shutil.ignore_patterns("*.py", "__*"))


def inside(root: Path, command: Sequence[str]) -> list[str]:
    """The command that runs `command` with `root` as its root directory."""
    return [*_chroot(), str(root), *command]


def _chroot() -> list[str]:
    if os.geteuid() == 0:
        return [_found("chroot")]
    return [_found("unshare"), "--user", "--map-root-user", _found("chroot")]


def _found(name: str) -> str:
    command = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if command is None:
        raise StepError(f"{name} is not on PATH")
    return command


def _link(source: str | Path, target: str | Path) -> None:
    """A file that costs nothing; a copy where that is another file system."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy(source, target)
