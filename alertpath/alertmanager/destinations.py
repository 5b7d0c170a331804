"""Where an integration's messages go, in a few words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

_URL: Final = re.compile(r"(?is)(https?://)(?:[^/?#\s]*@)?([^/?#\s@]+)(?P<rest>[/?#].+|.*)")
_KINDS: Final[Mapping[str, str]] = {
    "slack": "Slack",
    "pagerduty": "PagerDuty",
    "webhook": "webhook",
    "email": "e-mail",
    "msteamsv2": "Microsoft Teams",
    "opsgenie": "Opsgenie",
}


def destination(integration: str, config: Mapping[str, Any]) -> str:
    """Where an integration's messages go, in a few words: `Slack #seedtest-alerts`, `PagerDuty`.

    Of a URL only the host, for the rest is a credential often enough.
    """
    kind = integration.removesuffix("_configs")
    name = _KINDS.get(kind, kind)
    for field in ("channel", "to", "url", "room_id", "api_channel", "topic_arn"):
        if (value := config.get(field)) and not (kind == "pagerduty" and field == "url"):
            return f"{name} {_URL.sub(_host, str(value))}"
    return name


def _host(url: re.Match[str]) -> str:
    return url[1] + url[2] + ("/..." if len(url["rest"]) > 1 else url["rest"])
