"""What a pod mounts, written as the kubelet writes it: each volume's files change all at once, by a symbolic link."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, final

_DATA: Final = "..data"
_KINDS: Final = {"secret": "Secret", "configMap": "ConfigMap"}


@final
class Missing(Exception):
    """A Secret or ConfigMap, or a key of one, is not there: the pod waits."""


# Gives the content of a Secret or ConfigMap by kind and name, or None.
Read = Callable[[str, str], Mapping[str, bytes] | None]


def decoded(kind: str, live: Mapping[str, Any]) -> dict[str, bytes]:
    """The content of a Secret or ConfigMap."""
    if kind == "Secret":
        return {key: base64.b64decode(value) for key, value in (live.get("data") or {}).items()}
    plain = {key: value.encode() for key, value in (live.get("data") or {}).items()}
    return plain | {key: base64.b64decode(value) for key, value in (live.get("binaryData") or {}).items()}


def contents(spec: Mapping[str, Any], read: Read) -> dict[str, dict[str, bytes]]:
    """The files of each volume of a pod that has any of its own. Raises Missing."""
    found: dict[str, dict[str, bytes]] = {}
    for volume in spec.get("volumes", []):
        name = volume["name"]
        if "projected" in volume:
            found[name] = {}
            for source in volume["projected"].get("sources", []):
                [(kind, wanted)] = source.items()
                found[name] |= _files(kind, wanted, wanted["name"], read)
        elif "secret" in volume:
            found[name] = _files("secret", volume["secret"], volume["secret"]["secretName"], read)
        elif "configMap" in volume:
            found[name] = _files("configMap", volume["configMap"], volume["configMap"]["name"], read)
        else:
            assert "emptyDir" in volume or "persistentVolumeClaim" in volume, volume
    return found


def _files(kind: str, source: Mapping[str, Any], name: str, read: Read) -> dict[str, bytes]:
    content = read(_KINDS[kind], name)
    if content is None:
        if source.get("optional"):
            return {}
        raise Missing(f'{_KINDS[kind].lower()} "{name}" not found')
    if "items" not in source:
        return dict(content)
    files: dict[str, bytes] = {}
    for item in source["items"]:
        if item["key"] in content:
            files[item["path"]] = content[item["key"]]
        elif not source.get("optional"):
            raise Missing(f"references non-existent secret key: {item['key']}")
    return files


def mounts(spec: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Where a pod's containers see volumes: volume and path in it by directory. The same for all that mount it."""
    found: dict[str, tuple[str, str]] = {}
    for container in [*spec.get("initContainers", []), *spec["containers"]]:
        for mount in container.get("volumeMounts", []):
            seen = mount["name"], mount.get("subPath", "")
            assert found.setdefault(mount["mountPath"], seen) == seen, f"{mount} is not the same in all containers"
    return found


def empty(root: Path, spec: Mapping[str, Any]) -> None:
    """Removes all that the pod's predecessor had, but for what its persistent claims hold."""
    claims = {volume["name"] for volume in spec.get("volumes", []) if "persistentVolumeClaim" in volume}
    kept = [root / directory.lstrip("/") for directory, (volume, _) in mounts(spec).items() if volume in claims]
    aside = root.with_name(f"{root.name}.claims")
    aside.mkdir(parents=True)
    for number, directory in enumerate(kept):
        if directory.exists():
            directory.rename(aside / str(number))
    if root.exists():
        shutil.rmtree(root)
    for number, directory in enumerate(kept):
        if (aside / str(number)).exists():
            directory.parent.mkdir(parents=True, exist_ok=True)
            (aside / str(number)).rename(directory)
    aside.rmdir()


def place(root: Path, spec: Mapping[str, Any], read: Read) -> None:
    """Brings the files below the pod's root up to date; what is mounted by its path alone stays, as in a cluster.

    Raises Missing.
    """
    content = contents(spec, read)
    for directory, (volume, inner) in mounts(spec).items():
        target = root / directory.lstrip("/")
        if volume not in content:
            target.mkdir(parents=True, exist_ok=True)
        elif inner:
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content[volume][inner])
        else:
            _replace(target, content[volume])


def _replace(directory: Path, files: Mapping[str, bytes]) -> None:
    """As the kubelet's AtomicWriter does (Kubernetes 1.37, pkg/volume/util/atomic_writer.go)."""
    directory.mkdir(parents=True, exist_ok=True)
    data = directory / _DATA
    before = data.resolve() if data.is_symlink() else None
    if before is not None and _read(before) == files:
        return
    after = directory / f"..{0 if before is None else int(before.name[2:]) + 1}"
    after.mkdir()
    for name, content in files.items():
        (after / name).parent.mkdir(parents=True, exist_ok=True)
        (after / name).write_bytes(content)
    fresh = directory / "..data_tmp"
    fresh.symlink_to(after.name)
    fresh.rename(data)
    tops = {name.split("/")[0] for name in files}
    for name in tops:
        if not (directory / name).is_symlink():
            (directory / name).symlink_to(f"{_DATA}/{name}")
    for link in directory.iterdir():
        if not link.name.startswith("..") and link.name not in tops:
            link.unlink()
    if before is not None:
        shutil.rmtree(before)


def _read(directory: Path) -> dict[str, bytes]:
    return {str(file.relative_to(directory)): file.read_bytes() for file in directory.rglob("*") if file.is_file()}
