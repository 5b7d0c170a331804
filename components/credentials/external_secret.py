"""External Secrets Operator (https://external-secrets.io) reads the values from a store; the program never has them."""

from __future__ import annotations

from typing import final

from alertpath.delivery.manifests import credentials
from components.credentials.provider import CredentialSource


@final
class ExternalSecrets(CredentialSource):
    """An ExternalSecret for each Secret, and the Vault store where the stack declares it."""

    provider = "external-secrets"

    def _declare(self) -> None:
        after = self._after
        if store := credentials.vault_store(self._stack):
            after = [self._source(store, after)]
        for manifest in credentials.external_secrets(self._stack):
            self._source(manifest, after)
