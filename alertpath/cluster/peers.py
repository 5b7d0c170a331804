"""Alertmanagers and their HTTP API, through the API server's port-forward or at an address that somebody names.

Source: Alertmanager 0.34.2, api/v2/openapi.yaml.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, cast, final
from urllib.parse import urlsplit

from alertpath.cluster.client import Api, Forwarded, Refused
from alertpath.cluster.metrics import Metrics
from alertpath.cluster.observed import Object, Peer

PORT: Final = 9093
_SECONDS: Final = 15


@final
class NoAnswer(Exception):
    """An Alertmanager could not be asked. `forbidden`: by the API server, which lacks a permission."""

    def __init__(self, message: str, *, forbidden: bool = False) -> None:
        super().__init__(message)
        self.forbidden: Final = forbidden


@final
@dataclass(frozen=True)
class Address:
    """Where an Alertmanager answers: its name in messages, how to connect, and what its paths begin with."""

    name: str
    connect: Callable[[], http.client.HTTPConnection]
    prefix: str = ""

    def ask(self, path: str, body: object = None) -> str:
        """The answer at a path; with a `body`, to it. Raises NoAnswer."""
        sent = None if body is None else json.dumps(body)
        headers = {"Content-Type": "application/json", "Connection": "close"}
        connection: http.client.HTTPConnection | None = None
        try:
            connection = self.connect()
            connection.request("GET" if body is None else "POST", f"{self.prefix}{path}", sent, headers)
            answer = connection.getresponse()
            text = answer.read().decode(errors="replace")
        except Refused as error:
            raise NoAnswer(error.message, forbidden=error.code == 403) from None
        except (OSError, http.client.HTTPException) as error:
            told = connection.told() if isinstance(connection, _Through) else ""
            raise NoAnswer(told or str(error) or type(error).__name__) from None
        finally:
            if connection is not None:
                connection.close()
        if answer.status != 200:
            raise NoAnswer(f"{path} answers {answer.status}")
        return text

    def post(self, alerts: Sequence[Mapping[str, object]]) -> None:
        """Posts alerts as Prometheus does. Raises NoAnswer."""
        self.ask("/api/v2/alerts", alerts)

    def metrics(self) -> Metrics:
        """Its counters. Raises NoAnswer."""
        return Metrics(self.ask("/metrics"))

    def read(self) -> Peer:
        """All that is to be known of it. Raises NoAnswer where the API server forbids it."""
        try:
            return Peer(
                self.name,
                status=_object(self.ask("/api/v2/status")),
                metrics=self.metrics(),
                alerts=_list(self.ask("/api/v2/alerts")),
                silences=_list(self.ask("/api/v2/silences")),
            )
        except NoAnswer as error:
            if error.forbidden:
                raise
            return Peer(self.name, str(error))
        except ValueError:
            return Peer(self.name, "what answers there is no Alertmanager: no JSON comes back")


@final
class _Through(http.client.HTTPConnection):
    """A connection through the API server."""

    def __init__(self, forward: Callable[[], Forwarded]) -> None:
        super().__init__("localhost", PORT, timeout=_SECONDS)
        self._forward = forward
        self._forwarded: Forwarded | None = None

    def connect(self) -> None:
        """Opens it."""
        self._forwarded = self._forward()
        self.sock = self._forwarded.socket
        self.sock.settimeout(_SECONDS)

    def told(self) -> str:
        """What the kubelet said."""
        return self._forwarded.error if self._forwarded else ""

    def close(self) -> None:
        """Ends it."""
        super().close()
        if self._forwarded is not None:
            with suppress(OSError):
                self._forwarded.close()


def of_pod(api: Api, namespace: str, pod: str, prefix: str) -> Address:
    """The Alertmanager in a pod, whose paths begin with `prefix`, such as `/alertmanager`."""

    def connect() -> http.client.HTTPConnection:
        return _Through(lambda: api.forward(namespace, pod, PORT))

    return Address(pod, connect, prefix.rstrip("/"))


def of_url(url: str) -> Address:
    """The Alertmanager at an http or https URL. Raises ValueError."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
        raise ValueError(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    host, port = parts.hostname, parts.port

    def connect() -> http.client.HTTPConnection:
        return kind(host, port, timeout=_SECONDS)

    return Address(url, connect, parts.path.rstrip("/"))


def _object(text: str) -> Object:
    found: object = json.loads(text)
    if not isinstance(found, dict):
        raise ValueError(text)
    return cast("dict[str, Any]", found)


def _list(text: str) -> list[Object]:
    found: object = json.loads(text)
    if not isinstance(found, list):
        raise ValueError(text)
    return [cast("Object", each) for each in cast("list[object]", found) if isinstance(each, dict)]
