"""Stacks for tests: small, valid, each value replaceable."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from alertpath.compiling.compile import Compiled, compile_stack
from alertpath.inputs.stack import Stack, load

# As kubeseal writes it: the length of an RSA block, the block, and what AES-GCM made.
CIPHERTEXT = base64.b64encode(b"\x02\x00" + bytes(512 + 32)).decode()
SETTINGS: dict[str, Any] = {
    "delivery": "cluster",
    "catalog": ["team.yaml"],
    "receivers": ["page", "chat"],
    "routing": {"default_receiver": "chat"},
    "credentials": {
        "provider": "external-secrets",
        "external_secrets": {"store": {"name": "vault-backend"}},
        "values": {
            "hook": {"remote": {"key": "slack", "property": "url"}},
            "key": {"provider": "existing", "secret": "pagerduty", "key": "routing_key"},
        },
    },
}
CATALOG: dict[str, Any] = {
    "team": "a",
    "receivers": {
        "page": {"pagerduty": {"routing_key": "key"}},
        "chat": {"slack": {"channel": "#a", "webhook": "hook"}},
    },
    "services": {"api": {"critical": "page", "any": "chat"}},
}


def stack(where: Path, catalog: dict[str, Any] | None = None, **settings: Any) -> Stack:
    """The stack `test` of SETTINGS and CATALOG with some of their top-level keys replaced, its files in `where`."""
    file = where / "Pulumi.test.yaml"
    file.write_text(json.dumps({"config": {"alertpath:settings": {**SETTINGS, **settings}}}))
    (where / "team.yaml").write_text(json.dumps({**CATALOG, **(catalog or {})}))
    return load(file)


def compiled(where: Path, catalog: dict[str, Any] | None = None, **settings: Any) -> tuple[Stack, Compiled]:
    """The same stack and its configuration."""
    found = stack(where, catalog, **settings)
    return found, compile_stack(found)
