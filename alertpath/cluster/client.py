"""The Kubernetes client library, which has no type stubs, behind a few functions that do."""

from __future__ import annotations

import importlib
import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, cast, final

_SECONDS: Final = (5, 30)
"""To connect, and to answer."""
_IN_CLUSTER: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount/token")


@final
class Unreachable(Exception):
    """There is no cluster to ask: no kubeconfig, no such context, no answer, or it does not know the user."""


@final
class Refused(Exception):
    """The API server did not do it. `code`: the HTTP status; `message`: its words."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code: Final = code
        self.message: Final = message


@final
class Forwarded:
    """A connection to a port of a pod; `socket` is one for http.client, `error` what the kubelet said, or ""."""

    def __init__(self, forward: Any, port: int) -> None:
        self._forward = forward
        self._port = port
        self.socket: Final[Any] = forward.socket(port)

    @property
    def error(self) -> str:
        """Why nothing comes from the pod, where it is known."""
        return cast("str | None", self._forward.error(self._port)) or ""

    def close(self) -> None:
        """Ends it."""
        self._forward.close()


@final
class Api:
    """An API server. `server` is its address."""

    def __init__(self, client: Any, seconds: tuple[int, int] = _SECONDS) -> None:
        self._client = client
        self._seconds = seconds
        self.server: Final = cast("str", client.configuration.host)

    def get(self, path: str, query: Mapping[str, str] | None = None) -> dict[str, Any]:
        """What it answers at a path such as `/api/v1/namespaces/monitoring`. Raises Refused, Unreachable."""
        return self._ask("GET", path, query or {})

    def patch(self, path: str, body: object, kind: str, query: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The object after a change of a kind such as `application/json-patch+json`. Raises Refused, Unreachable."""
        return self._ask("PATCH", path, query or {}, body, kind)

    def _ask(
        self, method: str, path: str, query: Mapping[str, str], body: object = None, kind: str = ""
    ) -> dict[str, Any]:
        request = self._client.param_serialize(
            method=method,
            resource_path=path,
            query_params=list(query.items()),
            header_params={"Accept": "application/json", **({"Content-Type": kind} if kind else {})},
            body=body,
            auth_settings=["BearerToken"],
        )
        try:
            answer = self._client.call_api(*request, _request_timeout=self._seconds)
            content = cast("bytes", answer.read() or b"")
        except Exception as error:
            # urllib3's, ssl's, the library's own, and those of plugins that log in.
            raise Unreachable(_short(error)) from None
        status = cast("int", answer.status)
        if status == 401:
            raise Unreachable("the API server does not accept the credentials of the kubeconfig; log in again")
        if not 200 <= status < 300:
            raise Refused(status, _message(content))
        return cast("dict[str, Any]", json.loads(content))

    def forward(self, namespace: str, pod: str, port: int) -> Forwarded:
        """A connection to a port of a pod. Raises Refused."""
        stream, client = _module("stream"), _module("client")
        connect = client.CoreV1Api(self._client).connect_get_namespaced_pod_portforward
        try:
            found = stream.portforward(connect, pod, namespace, ports=str(port))
        except Exception as error:
            code = cast("int", getattr(error, "status", 0) or 0)
            text = _short(error)
            raise Refused(403 if "403" in text else code, text) from None
        return Forwarded(found, port)


def connect(kubeconfig: str | None, context: str | None, seconds: tuple[int, int] = _SECONDS) -> Api:
    """The API server of a context of the kubeconfig, by kubectl's conventions. Raises Unreachable.

    `seconds`: how long it may take to connect, and to answer.
    """
    places = _places(kubeconfig)
    found = any(Path(place).expanduser().exists() for place in places)
    inside = not found and kubeconfig is None and context is None and _IN_CLUSTER.exists()
    if not found and not inside:
        raise Unreachable(f"there is no kubeconfig {' or '.join(places)}")
    config, client = _module("config"), _module("client")
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    settings = client.Configuration()
    settings.retries = False
    try:
        if inside:
            config.load_incluster_config(client_configuration=settings)
        else:
            # The file is only read: it is the user's own.
            config.load_kube_config(os.pathsep.join(places), context, settings, persist_config=False)
    except Exception as error:
        # ConfigException, YAML's, the file system's, and those of plugins that log in.
        raise Unreachable(_short(error)) from None
    return Api(client.ApiClient(settings), seconds)


def _places(kubeconfig: str | None) -> list[str]:
    """Where a kubeconfig may be; several are merged. As kubectl 1.37: an empty $KUBECONFIG is none."""
    named = kubeconfig or os.environ.get("KUBECONFIG") or "~/.kube/config"
    return [place for place in named.split(os.pathsep) if place] or [named]


def _module(name: str) -> Any:
    # Imported when needed: it takes a quarter of a second.
    return importlib.import_module(f"kubernetes.{name}")


def _message(body: bytes) -> str:
    try:
        return str(json.loads(body)["message"])
    except (ValueError, KeyError, TypeError):
        return "no reason given"


def _short(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return (lines[-1] if lines else type(error).__name__)[:300]
