"""Secrets that somebody else makes: mounted, never written."""

from __future__ import annotations

from typing import final

from components.credentials.provider import CredentialSource


@final
class ExistingSecrets(CredentialSource):
    """Declares nothing."""

    provider = "existing"

    def _declare(self) -> None:
        pass
