"""Nothing is left of a cluster whose tests were killed: tests/unit/test_guard.py, with real servers."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.test_guard import ends, left, noted, running

PROGRAM = """
import os, sys, time
from pathlib import Path
from tools import gotools, guard
from tests.program import cluster
guard.protect()
work = Path(sys.argv[1])
with cluster.running(work, gotools.ensure):
    (work / "note").write_text(f"{os.getpid()} {os.getppid()}")
    time.sleep(86400)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_server_is_left(tmp_path: Path, tool: Callable[[str], Path], number: signal.Signals) -> None:
    for name in ("etcd", "kube-apiserver", "kube-controller-manager"):
        tool(name)
    mark = str(tmp_path)
    with running([sys.executable, "-c", PROGRAM, mark], tmp_path, mark) as process:
        program, _ = noted(tmp_path)
        assert len(left(f"--data-dir={mark}")) == 1
        ends(process, mark, tmp_path, lambda: os.kill(program, number))
