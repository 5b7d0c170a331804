"""What the program registers for each way to deliver credentials and mounts: names, and what replaces a resource.

The engine is not needed for it, and no cluster. It is recorded with the states: see README.md.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from alertpath.inputs.credentials import Concealed
from components.alert_delivery import AlertDelivery, AlertDeliveryArgs
from tests.unit.recording_mocks import Recording, Registered
from tests.unit.recording_mocks import record as run
from tests.unit.samples import CIPHERTEXT, compiled

FILE: Final = "registered.json"
_STORE: Final = {"store": {"name": "vault-backend"}}
_VAULT: Final = {
    "server": "https://vault:8200",
    "path": "secret",
    "auth": {"tokenSecretRef": {"name": "t", "key": "t"}},
}
_KEY: Final = {"secret": "pagerduty", "key": "routing_key"}
_BOTH: Final = {"hook": {"key": "url"}, "key": _KEY}
_SECURE: Final = {name: {**each, "value": {"secure": "v1:"}} for name, each in _BOTH.items()}
_SEALED: Final = {"hook": {"sealed": CIPHERTEXT}, "key": {**_KEY, "sealed": CIPHERTEXT}}
_REMOTE: Final = {"hook": {"remote": {"key": "kv"}}, "key": {**_KEY, "remote": {"key": "kv"}}}
CASES: Final[Mapping[str, Mapping[str, Any]]] = {
    "mounts-patched": {},
    "mounts-with-the-object": {"alertmanager": {"mounts": "object"}},
    "mounts-elsewhere": {"alertmanager": {"mounts": "none"}},
    "nothing-retained": {"alertmanager": {"retain": False}},
    "other-names": {"namespace": {"name": "alerts", "create": True}, "alertmanager": {"secret": "other"}},
    "another-cluster": {"cluster": {"context": "prod"}},
    "no-network-policy": {"network_policy": {"enabled": False}},
    "external-secrets": {
        "credentials": {
            "provider": "external-secrets",
            "external_secrets": {**_STORE, "vault": _VAULT},
            "values": _REMOTE,
        }
    },
    "existing": {"credentials": {"provider": "existing", "values": _BOTH}},
    "generated": {"credentials": {"provider": "generated", "values": _BOTH}},
    "pulumi-config": {"credentials": {"provider": "pulumi-config", "values": _SECURE}},
    "sealed-secrets": {"credentials": {"provider": "sealed-secrets", "values": _SEALED}},
    "sops": {"credentials": {"provider": "sops", "sops": {"file": "x.yaml"}, "values": {"hook": None, "key": None}}},
    "files": {"delivery": "files", "alertmanager": {"mounts": "none"}},
    "files-and-application": {
        "delivery": "files",
        "alertmanager": {"mounts": "none"},
        "argocd": {"repo_url": "https://example.com/a.git", "path": "x", "application": "apply"},
    },
}
"""Settings over those of `tests.unit.samples`, by a name."""
_VALUES: Final = {"hook": "https://hooks.slack.com/services/T0EXAMPLE/B0EXAMPLE/example", "key": "0" * 32}


def registrations(where: Path, settings: Mapping[str, Any]) -> Recording:
    """What a preview of the stack with these settings registers; its files go to the directory `where`."""
    args = AlertDeliveryArgs(*compiled(where, **settings))
    for name, credential in args.stack.credentials.items():
        if credential.provider == "pulumi-config":
            object.__setattr__(credential, "value", Concealed(_VALUES[name]))

    def state(_kind: str, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
        return {} if name.endswith("-live") else inputs

    return run(lambda: AlertDelivery("alertmanager", args), preview=True, state=state)


def replaced_by(resource: Registered) -> dict[str, Any]:
    """The inputs of a resource whose change would replace it."""
    inputs = resource.inputs
    if resource.type.startswith("kubernetes:"):
        return {key: inputs.get("metadata", {}).get(key) for key in ("name", "namespace")}
    if resource.type.startswith(("pulumi:providers:", "random:")):
        return inputs
    return {key: inputs[key] for key in ("directory",) if key in inputs}


def record(directory: Path, where: Path) -> None:
    """Keeps what today's program registers."""
    found = {
        case: {
            each.known_as[0]: replaced_by(each) for each in registrations(where, settings).resources if not each.read
        }
        for case, settings in CASES.items()
    }
    (directory / FILE).write_text(f"{json.dumps(found, indent=1)}\n", encoding="utf-8")
