"""What receives notifications: an HTTP server that takes what comes, or refuses it as the real ones do."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, final

SLACK, SLACK_LOW, PAGERDUTY = "/services/alerts", "/services/notify", "/v2/enqueue"
# As Slack and PagerDuty answer: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks,
# https://developer.pagerduty.com/docs/events-api-v2-overview.
NO_SERVICE: Final = (404, "no_service")
NO_CHANNEL: Final = (404, "channel_not_found")
REVOKED: Final = (403, "invalid_token")
INVALID_KEY: Final = (
    400,
    '{"status":"invalid event","message":"Event object is invalid","errors":["Invalid routing key"]}',
)
_ACCEPTED: Final = (202, '{"status":"success","message":"Event processed","dedup_key":"x"}')


@final
@dataclass
class Sink:
    """`answers`: what a path answers, where it does not accept. `received`: path and body, in their order."""

    url: str
    answers: dict[str, tuple[int, str]] = field(default_factory=dict[str, tuple[int, str]])
    received: list[tuple[str, Any]] = field(default_factory=list[tuple[str, Any]])

    def took(self, path: str) -> list[Any]:
        """What came to a path."""
        return [body for there, body in list(self.received) if there == path]


@contextmanager
def serving() -> Iterator[Sink]:
    """A sink at a port of the loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    sink = Sink(f"http://127.0.0.1:{server.server_address[1]}")
    _Handler.sinks[server.server_address[1]] = sink
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield sink
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    sinks: Final[dict[int, Sink]] = {}

    def do_POST(self) -> None:
        assert isinstance(self.server, ThreadingHTTPServer)
        sink = self.sinks[self.server.server_address[1]]
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        sink.received.append((self.path, body))
        code, text = sink.answers.get(self.path, _ACCEPTED if self.path == PAGERDUTY else (200, "ok"))
        self.send_response(code)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        pass
