"""Sealed Secrets (https://github.com/bitnami-labs/sealed-secrets): its controller opens the stack's ciphertexts."""

from __future__ import annotations

from typing import final

from alertpath.delivery.manifests import credentials
from components.credentials.provider import CredentialSource


@final
class SealedSecrets(CredentialSource):
    """A SealedSecret for each Secret."""

    provider = "sealed-secrets"

    def _declare(self) -> None:
        for manifest in credentials.sealed_secrets(self._stack):
            self._source(manifest, self._after)
