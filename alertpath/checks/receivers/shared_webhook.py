"""One Slack webhook for several channels."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.checks.base import Hit, check
from alertpath.checks.subject import Subject
from alertpath.inputs.credentials import Credential, Credentials


def _run(subject: Subject) -> Iterator[Hit]:
    channels: dict[str, str] = {}
    shared = {name for name, credential in _credentials(subject) if credential.legacy_webhook}
    for place, receiver, name, entry in subject.integrations():
        webhook, channel = str(entry.get("api_url_file") or ""), str(entry.get("channel") or "")
        if name != "slack_configs" or not webhook or not channel or any(webhook.endswith(each) for each in shared):
            continue
        first = channels.setdefault(webhook, channel)
        if first != channel:
            yield Hit((*place, "channel"), f"{receiver.name} posts to {channel} with the webhook of {first}")


def _credentials(subject: Subject) -> Iterator[tuple[str, Credential]]:
    credentials = subject.settings.credentials if subject.settings else Credentials()
    for name, credential in credentials.values.items():
        if credential is not None:
            yield f"/{credential.secret or credentials.secret}/{credential.key or name}", credential


CHECK = check(
    _run,
    id="AP406",
    name="shared-webhook",
    severity="warning",
    summary="Two Slack channels have one webhook.",
    why="The webhook of a Slack app posts to its own channel only and ignores channel: one of the two never "
    "gets a message.",
    mend="give each channel its own webhook, or use an app token",
)
