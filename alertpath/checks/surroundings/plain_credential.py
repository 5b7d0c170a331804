"""Credentials in the configuration itself."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.checks.base import Hit, check
from alertpath.checks.subject import Subject
from alertpath.checks.surroundings.refusals import hits


def _run(subject: Subject) -> Iterator[Hit]:
    return hits(subject, "plain-credential")


CHECK = check(
    _run,
    id="AP104",
    name="plain-credential",
    severity="error",
    summary="A credential stands in the configuration in plain text.",
    why="Everybody who may review or read the configuration can page people or post in your name.",
    mend="keep it in a Secret, name its file (`routing_key_file`, `api_url_file`), and replace it: it may "
    "have been seen",
)
