"""Servers of tests that run side by side do not take each other's ports."""

from __future__ import annotations

import random
import socket
import subprocess
import sys

import pytest

from tests.program import addresses


def test_another_process_is_never_given_the_same() -> None:
    [mine] = addresses.free_ports(1)
    other = (
        "import random; from tests.program import addresses;"
        f"random.sample = lambda *_: range({mine}, {mine + 10}); print(*addresses.free_ports(1))"
    )
    given = subprocess.run([sys.executable, "-c", other], capture_output=True, text=True, check=True).stdout
    assert mine < int(given) < mine + 10


def test_one_that_somebody_serves_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    number = int(addresses.free_range("127.66", 8443).split(".")[2])
    monkeypatch.setattr(random, "sample", lambda _population, _count: [number])
    with socket.create_server((f"127.67.{number}.1", 8443)), pytest.raises(OSError, match="in use"):
        addresses.free_range("127.67", 8443)
