"""Credential files that are not in the pods."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from alertpath.alertmanager.config import files
from alertpath.checks.base import Hit, check
from alertpath.checks.subject import Mounts, Subject
from alertpath.checks.surroundings.refusals import hits

# https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.AlertmanagerSpec
_MOUNTED: Final = re.compile(r"/etc/alertmanager/(secrets|configmaps)/([^/]+)/([^/]+)")
# What every pod has without a mount of its own.
_EVERYWHERE: Final = ("/var/run/secrets/kubernetes.io/", "/run/secrets/kubernetes.io/", "/etc/ssl/", "/etc/pki/")
_CONFIGURATION: Final = "/etc/alertmanager/config/"


def _run(subject: Subject) -> Iterator[Hit]:
    yield from hits(("file-not-mounted",), subject)
    if subject.mounts is None:
        for place, path in files(subject.config):
            if not path.startswith("/"):
                yield Hit(
                    place, "a relative path: it is looked up beside the configuration, where Secrets are not", path
                )
        return
    for place, path in files(subject.config):
        if (fault := _fault(path, subject.mounts)) is not None:
            yield Hit(place, fault, path)


def _fault(path: str, mounts: Mounts) -> str | None:
    found = _MOUNTED.fullmatch(path)
    if found is None:
        known = path.startswith((*_EVERYWHERE, _CONFIGURATION)) or mounts.more
        return None if known else "nothing mounts a file there"
    kind, name, key = found.groups()
    if kind == "configmaps":
        return None if name in mounts.config_maps or mounts.more else f"the ConfigMap {name} is not mounted"
    if name not in mounts.secrets:
        return None if mounts.more else f"the Secret {name} is not mounted"
    keys = mounts.secrets[name]
    if keys is None or key in keys:
        return None
    return f"the Secret {name} has no key {key}, only {', '.join(sorted(keys))}"


CHECK = check(
    _run,
    id="AP107",
    name="file-not-mounted",
    severity="error",
    summary="A file that Alertmanager reads a credential or certificate from is not in its pods.",
    why="Alertmanager starts without the file; the notification fails at the moment when it is needed.",
    mend="name a credential of the stack instead, or mount the Secret: `alertmanager.spec.secrets`, "
    "files at /etc/alertmanager/secrets/SECRET/KEY",
)
