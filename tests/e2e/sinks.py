"""Slack and PagerDuty: HTTPS servers that answer as the real ones do, remember what came, and fail when told to."""

from __future__ import annotations

import json
import re
import secrets
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final, final

from tests.e2e import certificates
from tests.e2e.network import HTTPS

SLACK: Final = "hooks.slack.com"
PAGERDUTY: Final = "events.pagerduty.com"
_ROUTING_KEY: Final = re.compile(r"[0-9A-Za-z]{32}")


@final
@dataclass(frozen=True)
class Received:
    """A request: `to` is Slack's channel or PagerDuty's routing key, `at` the time (Unix, seconds)."""

    at: float
    to: str
    body: dict[str, Any]
    code: int


@final
@dataclass(frozen=True)
class Fault:
    """What a sink does instead of accepting: answers with `code`, or, where it `hangs`, never, whatever it did."""

    code: int = 500
    hangs: bool = False


@final
class Sinks:
    """Both services. `certificate` is the authority that clients must trust; `ended`: they are to stop."""

    def __init__(self, certificate: Path) -> None:
        self.certificate: Final = certificate
        self.received: Final[list[Received]] = []
        self.faults: Final[dict[str, Fault]] = {}
        """By channel or routing key."""
        self.ended: Final = threading.Event()
        self._channels: dict[str, str] = {}

    def webhook(self, channel: str) -> str:
        """A new incoming webhook, which posts to this channel whatever a message says."""
        path = f"/services/T00000000/B{len(self._channels):08}/{secrets.token_hex(12)}"
        self._channels[path] = channel
        return f"https://{SLACK}{path}"

    def to(self, target: str) -> list[Received]:
        """What was accepted for a channel or a routing key."""
        return [each for each in list(self.received) if each.to == target and each.code < 300]

    @contextmanager
    def failing(self, target: str, fault: Fault) -> Iterator[None]:
        """The channel or routing key has this fault in the block; a request that hangs then hangs on."""
        self.faults[target] = fault
        try:
            yield
        finally:
            del self.faults[target]

    def answer(self, host: str, path: str, body: dict[str, Any]) -> tuple[int, str]:
        """The status code and text for a request, which is remembered as soon as it comes."""
        if host == SLACK:
            to = self._channels.get(path, "")
            code, text = (200, "ok") if to else (404, "no_service")
        elif host == PAGERDUTY and path == "/v2/enqueue":
            to = str(body.get("routing_key", ""))
            code, text = (202, '{"status":"success"}') if _ROUTING_KEY.fullmatch(to) else (400, "invalid event")
        else:
            to, code, text = "", 404, "not found"
        if fault := self.faults.get(to):
            code, text = fault.code, "fault"
        self.received.append(Received(time.time(), to, body, code))
        if fault and fault.hangs:
            self.ended.wait()
        return code, text


@contextmanager
def running(work: Path, address: str) -> Iterator[Sinks]:
    """The sinks on port 443 of an address."""
    certificate, key = certificates.self_signed(work, (SLACK, PAGERDUTY))
    sinks = Sinks(certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # The head and the body of an answer are two writes.
        disable_nagle_algorithm = True

        def setup(self) -> None:
            # In the connection's own thread, which a client that says nothing may block.
            self.request = context.wrap_socket(self.request, server_side=True)
            super().setup()

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            code, text = sinks.answer(self.headers["Host"], self.path, json.loads(content))
            self.send_response(code)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = _Server((address, HTTPS), Handler)
    thread = threading.Thread(target=server.serve_forever, name="sinks", daemon=True)
    thread.start()
    try:
        yield sinks
    finally:
        sinks.ended.set()
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # As many clients as come at once; the default of 5 makes the others wait for a second.
    request_queue_size = 1024

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is none of ours."""
