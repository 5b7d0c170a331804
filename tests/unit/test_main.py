"""The real program, once for each stack of the repository."""

from __future__ import annotations

import hashlib
import json
import runpy
import signal
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml

from alertpath.compiling.compile import compile_stack
from alertpath.inputs.parse import SETTINGS
from alertpath.inputs.stack import load
from tests.unit.recording_mocks import Engine, Recording, record

ROOT = Path(__file__).resolve().parents[2]


def run(stack: str, file: Path | None = None, engine: Engine | None = None) -> Recording:
    settings = yaml.safe_load((file or ROOT / f"Pulumi.{stack}.yaml").read_text())["config"][SETTINGS]

    def state(_kind: str, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
        return {"metadata": {}, "spec": {}} if name.endswith("-live") else inputs

    config = {SETTINGS: json.dumps(settings)}
    interrupted = signal.getsignal(signal.SIGINT)
    try:
        return record(
            lambda: runpy.run_path(str(ROOT / "__main__.py"), run_name="__main__"),
            stack_name=stack,
            config=config,
            state=state,
            engine=engine,
        )
    finally:
        signal.signal(signal.SIGINT, interrupted)


@pytest.mark.parametrize("stack", ["dev", "staging", "production"])
def test_a_stack_exports_its_routing_line_by_line_and_a_digest(stack: str) -> None:
    compiled = compile_stack(load(ROOT / f"Pulumi.{stack}.yaml"))
    exports = run(stack).exports()
    assert {name: told for name, told in exports.items() if name.startswith("routing: ")} == {
        f"routing: {alerts}": told for alerts, told in compiled.routing.items()
    }
    assert exports["digest"] == hashlib.sha256(compiled.text.encode()).hexdigest()
    assert "configuration" not in exports


def test_dev_writes_files_and_nothing_else() -> None:
    made = run("dev")
    assert made.types() == {"alertpath:components:AlertDelivery", "pulumi-python:dynamic/alertpath:RenderedFiles"}
    assert made.exports()["rendered"] == "rendered/dev"


def test_staging_never_mentions_pagerduty() -> None:
    made = run("staging")
    assert "pagerduty" not in str(made.exports()).lower()
    assert "pagerduty" not in str([each.inputs for each in made.resources]).lower()


def test_production_keeps_its_secret() -> None:
    made = run("production")
    assert made.only("v1:Secret").retained
    [mounts] = [each for each in made.resources if each.name == "alertmanager-main" and each.type.endswith("Patch")]
    assert mounts.inputs["spec"]["secrets"] == ["alertmanager-secrets", "pagerduty-routing-key"]


def test_an_engine_that_is_too_old_is_told_so() -> None:
    with pytest.raises(
        pulumi.RunError, match=r"^no 3\.100\.0: this program needs Pulumi >=3\.255\.0; `make up` gets one$"
    ):
        run("dev", engine=Engine("no 3.100.0"))


def test_a_stack_without_a_file_registers_nothing_and_says_why() -> None:
    with pytest.raises(pulumi.RunError, match=r"Pulumi\.nowhere\.yaml: unknown stack"):
        run("nowhere", ROOT / "Pulumi.dev.yaml")
