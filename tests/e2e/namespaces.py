r"""A pod, its node and the network behind it, each a network namespace: the node decides about packets, as it does.

pod -- node -- world   has every address that is asked for
           \-- wall    has them too, but nobody listens: what the node refuses gets an answer, not silence
"""

from __future__ import annotations

import ctypes
import ipaddress
import os
import select
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

from alertpath.delivery.egress import Flow
from tools.progress import StepError

# Of ip(8), with the version of IP.
_FAMILIES: Final = {"-4": 4, "-6": 6}
# The node's links: the address of its own end and of the other one by family. They are of the ranges for documentation
# (RFC 5737, RFC 3849), where no test sends to.
_LINKS: Final = {
    name: {
        "-4": (f"198.51.100.{2 * number}", f"198.51.100.{2 * number + 1}"),
        "-6": (f"2001:db8::{2 * number:x}", f"2001:db8::{2 * number + 1:x}"),
    }
    for number, name in enumerate(("pod", "world", "wall"), 1)
}
_SHORTEST: Final = {"-4": 31, "-6": 127}
_WALL: Final = 100
_FIRST_RULE: Final = 1000
_KINDS: Final = {"TCP": socket.SOCK_STREAM, "UDP": socket.SOCK_DGRAM}
_MESSAGE: Final = b"egress"
_SECONDS: Final = 60


@final
@dataclass(frozen=True)
class Passage:
    """Packets that pass: to a range without some others, of a protocol, to a port or `first-last`; empty for any."""

    to: str
    without: tuple[str, ...] = ()
    protocol: str = ""
    ports: str = ""


@final
class Namespace:
    """A network namespace. It ends with the process that holds it."""

    def __init__(self, pid: int) -> None:
        self.pid: Final = pid

    def ip(self, family: str, *lines: str) -> None:
        """Runs commands of ip(8), all for one family."""
        words = ["nsenter", f"--net=/proc/{self.pid}/ns/net", "ip", family, "-batch", "-"]
        done = subprocess.run(words, input="\n".join(lines), capture_output=True, text=True, check=False)
        if done.returncode:
            raise StepError(f"ip {family}: {done.stderr.strip()}")

    def set(self, values: Mapping[str, int]) -> None:
        """Sets variables of sysctl(8), their names as below /proc/sys/net."""
        with self._entered():
            for name, value in values.items():
                Path("/proc/sys/net", name).write_text(f"{value}\n", encoding="ascii")

    def socket(self, protocol: str, address: str) -> socket.socket:
        """A socket of this namespace, for an address of either family."""
        with self._entered():
            made = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, _KINDS[protocol])
        made.settimeout(_SECONDS)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return made

    @contextmanager
    def _entered(self) -> Iterator[None]:
        before, here = Path("/proc/thread-self/ns/net"), Path(f"/proc/{self.pid}/ns/net")
        with before.open("rb") as outer, here.open("rb") as inner:
            _enter(inner.fileno())
            try:
                yield
            finally:
                _enter(outer.fileno())


@final
class Wire:
    """All of them, connected. At first everything passes."""

    def __init__(self, node: Namespace, pod: Namespace, world: Namespace, wall: Namespace) -> None:
        self._node = node
        self._pod = pod
        self._world = world
        self._wall = wall
        self._served: set[str] = set()
        self._rules = dict.fromkeys(_FAMILIES, 0)
        _connect(node, {"pod": pod, "world": world, "wall": wall})

    def let_pass(self, passages: Sequence[Passage] | None) -> None:
        """From now on the node lets those packets of the pod pass that one of the passages takes; None: all."""
        for family, version in _FAMILIES.items():
            rules: list[str] = []
            for each in passages or ():
                if ipaddress.ip_network(each.to).version == version:
                    rules += _rules(each, _FIRST_RULE + len(rules))
            if passages is not None:
                rules.append(f"lookup {_WALL}")
            gone = [f"rule del pref {_FIRST_RULE + number}" for number in range(self._rules[family])]
            made = [f"rule add pref {_FIRST_RULE + number} iif pod {rule}" for number, rule in enumerate(rules)]
            self._node.ip(family, *gone, *made)
            self._rules[family] = len(rules)

    def arrives(self, flow: Flow) -> bool:
        """Whether what the pod sends arrives in the world. AssertionError where it is not refused either."""
        self._serve(flow.address)
        target = flow.address, flow.port
        with (
            self._world.socket(flow.protocol, flow.address) as there,
            self._pod.socket(flow.protocol, flow.address) as here,
        ):
            there.bind(target)
            try:
                if flow.protocol == "TCP":
                    there.listen()
                    here.connect(target)
                    there.accept()[0].close()
                else:
                    here.connect(target)
                    # It is the reader who hears of a refusal.
                    assert _first_to_hear(here, there).recv(16) == _MESSAGE, flow
            except ConnectionRefusedError:
                return False
        return True

    def _serve(self, address: str) -> None:
        if address in self._served:
            return
        parsed = ipaddress.ip_address(address)
        # What goes to ::ffff:10.0.0.1 leaves as IPv4.
        parsed = getattr(parsed, "ipv4_mapped", None) or parsed
        family, duplicates = ("-4", "") if parsed.version == 4 else ("-6", "nodad")
        for namespace in (self._world, self._wall):
            namespace.ip(family, f"addr replace {parsed} dev lo {duplicates}")
        self._served.add(address)


@contextmanager
def connected() -> Iterator[Wire]:
    """Namespaces that end with the block. StepError where this machine does not let us have them."""
    with ExitStack() as stack:
        yield Wire(*(stack.enter_context(_new()) for _ in range(4)))


@contextmanager
def _new() -> Iterator[Namespace]:
    # It ends with its input, and that with us, however we end.
    command = ["unshare", "--net", "sh", "-c", "echo made; exec cat"]
    try:
        holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    except FileNotFoundError as error:
        raise StepError(str(error)) from error
    with holder:
        assert holder.stdin
        assert holder.stdout
        assert holder.stderr
        if holder.stdout.readline() != b"made\n":
            raise StepError(holder.stderr.read().decode().strip())
        try:
            yield Namespace(holder.pid)
        finally:
            holder.stdin.close()


def _connect(node: Namespace, others: Mapping[str, Namespace]) -> None:
    node.ip("-4", *(f"link add {name} type veth peer name node netns {one.pid}" for name, one in others.items()))
    for name, other in others.items():
        for family, (near, far) in _LINKS[name].items():
            # `nodad` is of IPv6: the other end needs no time to see whether somebody has the address.
            rest = "nodad" if family == "-6" else ""
            for end, device, address in ((node, name, near), (other, "node", far)):
                end.ip(
                    family,
                    "link set lo up",
                    f"link set {device} up",
                    f"addr add {address}/{_SHORTEST[family]} dev {device} {rest}",
                )
            other.ip(family, f"route add default via {near}")
    for family in _FAMILIES:
        world, wall = _LINKS["world"][family][1], _LINKS["wall"][family][1]
        node.ip(family, f"route add default via {world}", f"route add default via {wall} table {_WALL}")
    node.set({"ipv4/ip_forward": 1, "ipv6/conf/all/forwarding": 1})
    # It refuses as often as we ask.
    others["wall"].set({"ipv4/icmp_ratelimit": 0, "ipv6/icmp/ratelimit": 0})


def _rules(passage: Passage, first: int) -> list[str]:
    """As rules of ip-rule(8), which are tried one after the other; `first`: the number of the first one."""
    behind = first + len(passage.without) + 1
    protocol = f"ipproto {passage.protocol.lower()}" if passage.protocol else ""
    ports = f"dport {passage.ports}" if passage.ports else ""
    return [
        *(f"to {cidr} goto {behind}" for cidr in passage.without),
        f"to {passage.to} {protocol} {ports} lookup main",
    ]


def _first_to_hear(here: socket.socket, there: socket.socket) -> socket.socket:
    """Which of the two hears of what `here` sends; again and again, since UDP may lose it."""
    for _ in range(_SECONDS):
        here.send(_MESSAGE)
        if ready := select.select([here, there], [], [], 1)[0]:
            return ready[0]
    raise AssertionError("neither refused nor received")


def _enter(namespace: int) -> None:
    # Python 3.12 has os.setns.
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(namespace, 0):
        number = ctypes.get_errno()
        raise StepError(os.strerror(number))
