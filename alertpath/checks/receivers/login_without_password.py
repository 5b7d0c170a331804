"""Mail that cannot log in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from alertpath.checks.base import Hit, check
from alertpath.checks.subject import Subject

_SECRETS: Final = ("auth_password", "auth_password_file", "auth_secret", "auth_secret_file")


def _run(subject: Subject) -> Iterator[Hit]:
    shared = subject.config.global_
    for place, receiver, name, entry in subject.integrations():
        user = entry.get("auth_username") or shared.get("smtp_auth_username")
        if name != "email_configs" or not user:
            continue
        if not any(entry.get(key) or shared.get(f"smtp_{key}") for key in _SECRETS):
            yield Hit(place, f"{receiver.name} logs in as {user} without a password")


CHECK = check(
    _run,
    id="AP412",
    name="login-without-password",
    severity="error",
    summary="A mail receiver has a user name and no password.",
    why="Alertmanager stops where the server asks for the login, so no mail goes out.",
    mend="add auth_password_file, or smtp_auth_password_file under global",
)
