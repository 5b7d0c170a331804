"""How long a rotated credential takes until it is used; Alertmanager reads the file each time it notifies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from alertpath.cluster.expected import Expected
from alertpath.cluster.observed import Observed
from alertpath.cluster.outcomes import Outcome, ok
from alertpath.cluster.steps.base import Step
from alertpath.cluster.steps.words import KUBELET, applied
from alertpath.output.alert_classes import listed


def _look(expected: Expected, observed: Observed) -> Iterator[Outcome]:  # noqa: ARG001 - every step is given both
    secrets: dict[str, set[str]] = {}
    for credential in expected.stack.credentials.values():
        secrets.setdefault(credential.provider, set()).add(credential.secret)
    settings = expected.stack.settings.credentials.external_secrets
    for provider, names in sorted(secrets.items()):
        subject = expected.subject("Secret", listed(sorted(names)))
        if provider == "external-secrets" and settings:
            interval = f"{settings.refresh_interval} (refresh_interval)"
            how = f"{interval} and {KUBELET} (kubelet) after it is in the store"
        elif provider in ("existing", "sealed-secrets"):
            how = f"{KUBELET} (kubelet) after the Secret has changed"
        else:
            how = f"{KUBELET} (kubelet) after {applied(expected)}"
        yield ok(subject, f"a rotated value is used within {how}, without a restart")
    if not secrets:
        yield ok("rotation", "this stack has no credentials")


STEP: Final = Step("rotation", "how long a rotation takes", _look)
