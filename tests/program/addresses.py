"""Ports and ranges of this machine's loopback for servers of the tests: no two get the same, in whatever process."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterable
from typing import Final

# Linux takes the ports of outgoing connections from 32768 on (ip-sysctl, ip_local_port_range).
_PORTS: Final = range(10_000, 32_768)
# A server binds its port later, and again after a restart. Until this process ends, the port's twin of UDP keeps it.
_kept: Final[list[socket.socket]] = []


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1. Raises OSError where there are none."""
    return [_first(("127.0.0.1", port) for port in random.sample(_PORTS, 1000))[1] for _ in range(count)]


def free_range(prefix: str, port: int) -> str:
    """`127.X.N` for a prefix `127.X`: the caller alone has `port` on the addresses 127.X.N.0/24.

    Raises PermissionError where only root may listen on that port, and OSError where all ranges are in use.
    """
    first, _ = _first((f"{prefix}.{number}.1", port) for number in random.sample(range(1, 255), 254))
    return first.removesuffix(".1")


def _first(candidates: Iterable[tuple[str, int]]) -> tuple[str, int]:
    for address in candidates:
        twin = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            twin.bind(address)
            socket.create_server(address).close()
        except PermissionError:
            twin.close()
            raise
        except OSError:
            twin.close()
        else:
            _kept.append(twin)
            return address
    raise OSError("every address of the loopback that was tried is in use")
