"""Recognises credentials in plain text: what must not stand in a readable file, and what no message may print."""

from __future__ import annotations

import re
from typing import Final

HIDDEN: Final = "(not shown: it looks like a credential)"
_CREDENTIAL: Final = re.compile(
    r"""(?ix)
      https?://hooks\.slack(-gov)?\.com/(services|workflows|triggers)/\S+
      | \bxox[abeprs]-[0-9a-z-]{10,}
      | https?://\S*webhook\.office\.com/webhookb2/\S+ | https?://\S*logic\.azure\.com\S*[?&]sig=\S*
      | https?://(\w+\.)?discord(app)?\.com/api/webhooks/\S+
      | [a-z][a-z0-9+.-]*://[^/\s:@]*:[^/\s@]+@\S*
      | -----BEGIN\ [A-Z ]*PRIVATE\ KEY.*
      # A PagerDuty routing key: 32 letters and digits, some of each.
      | (?<![0-9a-z])(?=[a-z]*[0-9])(?=[0-9]*[a-z])[0-9a-z]{32}(?![0-9a-z])
    """
)


def looks_pasted(text: str) -> bool:
    """Whether `text` holds what looks like a credential: a webhook's URL, a routing key, a token, a private key."""
    return _CREDENTIAL.search(text) is not None


def redact(text: str) -> str:
    """`text` without what looks like a credential."""
    return _CREDENTIAL.sub(HIDDEN, text)
