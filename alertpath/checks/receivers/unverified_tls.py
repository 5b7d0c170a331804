"""TLS to anybody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from alertpath.checks.base import Hit, check
from alertpath.checks.subject import Subject
from alertpath.documents.places import Place


def _run(subject: Subject) -> Iterator[Hit]:
    parts: list[tuple[Place, object]] = [(("global",), subject.config.global_)]
    parts += [(place, entry) for place, _, _, entry in subject.integrations()]
    for place, part in parts:
        for at in _unverified(part, place):
            yield Hit(at, "the certificate is not verified")


def _unverified(data: object, place: Place) -> Iterator[Place]:
    if isinstance(data, Mapping):
        for key, value in cast("Mapping[str, object]", data).items():
            if key == "insecure_skip_verify" and value is True:
                yield (*place, key)
            yield from _unverified(value, (*place, key))


CHECK = check(
    _run,
    id="AP408",
    name="unverified-tls",
    severity="warning",
    summary="A receiver does not verify whom it talks to: insecure_skip_verify: true.",
    why="Whoever answers at that address gets the alerts and the credential.",
    mend="give the certificate authority as ca_file",
)
