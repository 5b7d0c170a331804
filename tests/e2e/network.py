"""Addresses of this machine's loopback that stand for the network: a range a cluster, an address a pod."""

from __future__ import annotations

from typing import Final, final

from tests.program.addresses import free_range
from tools.progress import StepError

# Alertmanager's configuration has them without a port.
HTTPS: Final = 443
_FIRST_POD: Final = 10


@final
class Network:
    """127.88.N.0/24 for an N that no other cluster on this machine uses: its address 1 serves Slack and PagerDuty."""

    def __init__(self) -> None:
        try:
            self._prefix = free_range("127.88", HTTPS)
        except PermissionError as error:
            raise StepError(
                f"port {HTTPS} of the loopback needs root or net.ipv4.ip_unprivileged_port_start"
            ) from error
        self._pods: dict[tuple[str, str], str] = {}
        self.outside: Final = f"{self._prefix}.1"

    def pod(self, namespace: str, name: str) -> str:
        """The address of a pod; a pod that comes back under its name has it again."""
        key = namespace, name
        if key not in self._pods:
            self._pods[key] = f"{self._prefix}.{_FIRST_POD + len(self._pods)}"
        return self._pods[key]
