"""For all tests."""

from __future__ import annotations

import os
import signal

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tools import guard

# Servers, controllers and workers end with this process, however it ends. The workers are what it has started.
if "PYTEST_XDIST_WORKER" not in os.environ:
    guard.protect()
# A shell's background commands ignore it, and so would all that they start: Pulumi then waits 5 s for each plugin.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Where tests run side by side, those of a file stay together, and so do files that share what takes long to make.
_TOGETHER = (
    ("e2e/test_no_leak.py", "e2e/test_providers.py"),
    ("e2e/test_kills.py", "e2e/test_load.py", "e2e/test_outages.py"),
    ("program/verify/test_command.py", "program/verify/test_faults.py", "program/verify/test_send.py"),
)
_GROUPS = {f"tests/{file}": files[0] for files in _TOGETHER for file in files}


class _ByFile(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        file, _, _ = nodeid.partition("::")
        return _GROUPS.get(file, file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """How `--numprocesses` distributes them; its own groups do not work with pytest 9.2 (xdist 3.8.0, remote.py)."""
    return _ByFile(config, log)
