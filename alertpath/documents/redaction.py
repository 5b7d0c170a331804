"""Recognises credentials in plain text: what must not stand in a readable file, and what no message may print."""

from __future__ import annotations

import re
from typing import Final

HIDDEN: Final = "(not shown: it looks like a credential)"
_CREDENTIAL: Final = re.compile(
    r"""(?ix)
      # Pages that people read, whose addresses are random: no credentials.
      (?P<page> https?://((docs|drive)\.google\.com|([\w-]+\.)?notion\.(so|site))/\S* )
      | https?://hooks\.slack(-gov)?\.com/(services|workflows|triggers)/\S+
      | \bxox[abeprs]-[0-9a-z-]{10,}
      | https?://\S*webhook\.office\.com/webhookb2/\S+ | https?://\S*logic\.azure\.com\S*[?&]sig=\S*
      # Discord's and what imitates it, Mattermost's, Rocket.Chat's, whatever the host.
      | https?://[^\s/]+/(\S*/)?api/(v[0-9]+/)?webhooks/[^\s/]+/[^\s/]+
      | https?://[^\s/]+/(\S*/)?hooks/([0-9a-z]{8,}/)?(?=[a-z]*[0-9])[0-9a-z]{20,}
      | https?://api\.telegram\.org/(file/)?bot[0-9]+:\S+
      | https?://hc-ping\.com/[0-9a-f-]{36} | https?://nosnch\.in/[0-9a-f]{8,}
      | https?://uptime\.betterstack\.com/api/v1/heartbeat/\S+
      | https?://\S*[?&]((access_|api_|auth_)?token|api_?key|key|sig|signature|secret|password)=[\w%+/.~-]{12,}
      # Any long random part of a URL: capitals, small letters, and digits in three places at least.
      | https?://[^\s/]+/(\S*[/=])?(?-i:(?=[0-9a-z]*[A-Z])(?=[0-9A-Z]*[a-z]))
        (?=([a-z]*[0-9]+[a-z]+){2}[a-z]*[0-9])[0-9a-z]{24,}(?![\w-])
      | \b(gh[oprsu]_|github_pat_|glpat-|sk_live_|rk_live_)[0-9a-z_-]{16,}
      | [a-z][a-z0-9+.-]*://[^/\s:@]*:[^/\s@]+@\S*
      | -----BEGIN\ [A-Z ]*PRIVATE\ KEY.*
      # A PagerDuty routing key: 32 letters and digits, some of each.
      | (?<![0-9a-z])(?=[a-z]*[0-9])(?=[0-9]*[a-z])[0-9a-z]{32}(?![0-9a-z])
    """
)


def looks_pasted(text: str) -> bool:
    """Whether `text` holds what looks like a credential: a webhook's URL, a routing key, a token, a private key."""
    return any(found["page"] is None for found in _CREDENTIAL.finditer(text))


def redact(text: str) -> str:
    """`text` without what looks like a credential."""
    return _CREDENTIAL.sub(lambda found: HIDDEN if found["page"] is None else found[0], text)


# Words as people name things; a number only as a part of its own. `hunter2` and `xK29dfQ` are none.
_WORD: Final = r"(?:[A-Z]?[a-z]{1,16}|(?:[A-Z][a-z]{2,16}){2}|[A-Z]{1,16})"
_NAME: Final = re.compile(rf"{_WORD}(?:[-_.]+(?:{_WORD}|[0-9]{{1,3}}))*")


def reads_as_name(text: str) -> bool:
    """Whether `text`, found where a name belongs, may be shown: it does not look like a credential pasted there."""
    short = len(re.sub(r"[\W_]", "", text)) < 4
    return len(text) <= 40 and (short or _NAME.fullmatch(text) is not None)
