"""Alertmanager's own tool takes each rendered configuration, and routes as the guide's table says."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from alertpath.compiling.compile import compile_stack
from alertpath.inputs.stack import load
from tests.program.conftest import ROOT

STACKS = ("dev", "staging", "production")
PAGE, ALERTS, LOW = "pagerduty-seedtest", "slack-seedtest", "slack-lowprio"

# Labels of an alert, and its receiver in production and in staging.
TABLE = [
    ("service=seedtest-api severity=critical", PAGE, ALERTS),
    ("service=seedtest-api severity=critical namespace=seedtest", PAGE, ALERTS),
    ("service=seedtest-api severity=critical namespace=elsewhere", PAGE, ALERTS),
    ("service=seedtest-api severity=warning", ALERTS, ALERTS),
    ("service=seedtest-api severity=warning namespace=seedtest", ALERTS, ALERTS),
    ("service=seedtest-api severity=info", ALERTS, ALERTS),
    ("service=seedtest-api severity=info namespace=seedtest", ALERTS, ALERTS),
    ("namespace=seedtest service=seedtest-web severity=critical", LOW, LOW),
    ("namespace=seedtest service=seedtest-web severity=warning", LOW, LOW),
    ("namespace=seedtest service=seedtest-web severity=info", LOW, LOW),
    ("namespace=seedtest", LOW, LOW),
    # What the guide leaves open goes to the default receiver, not to nobody and not to a page.
    ("service=seedtest-api", LOW, LOW),
    ("service=seedtest-api severity=page", LOW, LOW),
    ("service=seedtest-api2 severity=critical", LOW, LOW),
    ("service=my-seedtest-api severity=critical", LOW, LOW),
    ("service=Seedtest-API severity=critical", LOW, LOW),
    ("severity=critical", LOW, LOW),
    ("namespace=seedtest2 severity=critical", LOW, LOW),
    ("namespace=kube-system service=etcd severity=critical", LOW, LOW),
    ("alertname=Watchdog severity=none", "nobody", "nobody"),
    ("alertname=Watchdog service=seedtest-api severity=critical", "nobody", "nobody"),
    ("alertname=InfoInhibitor namespace=seedtest severity=none", "nobody", "nobody"),
]


@pytest.fixture(scope="module")
def configurations(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    files: dict[str, Path] = {}
    for stack in STACKS:
        files[stack] = tmp_path_factory.mktemp(stack) / "alertmanager.yaml"
        files[stack].write_text(compile_stack(load(ROOT / f"Pulumi.{stack}.yaml")).text, encoding="utf-8")
    return files


def run(amtool: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([amtool, *arguments], capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("stack", STACKS)
def test_amtool_takes_the_configuration(amtool: Path, configurations: dict[str, Path], stack: str) -> None:
    done = run(amtool, "check-config", str(configurations[stack]))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("labels", "production", "staging"), TABLE, ids=[row[0] for row in TABLE])
def test_amtool_routes_as_the_table_says(
    amtool: Path, configurations: dict[str, Path], labels: str, production: str, staging: str
) -> None:
    # Only dev shows a heartbeat.
    dev = "heartbeat" if "alertname=Watchdog" in labels else production
    for stack, receiver in (("dev", dev), ("production", production), ("staging", staging)):
        done = run(amtool, "config", "routes", "test", "--config.file", str(configurations[stack]), *labels.split())
        assert done.stdout.strip() == receiver, f"{stack}: {done.stderr}"


def test_staging_knows_no_pagerduty(configurations: dict[str, Path]) -> None:
    text = configurations["staging"].read_text(encoding="utf-8").lower()
    assert "pagerduty" not in text
    assert "routing_key" not in text
