"""What `pulumi up` runs: the stack's settings and catalogs -> Alertmanager's configuration -> AlertDelivery."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Final, cast

import pulumi

from alertpath.compiling.compile import compile_stack
from alertpath.documents.problems import InvalidInput
from alertpath.inputs.parse import PROJECT
from alertpath.inputs.stack import load
from components.alert_delivery import AlertDelivery, AlertDeliveryArgs

_PULUMI: Final = ">=3.255.0"
"""The engine's versions: from the one that the tests run on."""
_ALREADY_TOLD: Final = 32
"""The exit code by which the language host knows that the reason was printed (Pulumi 3.255, pulumi-language-python)."""


def _engine_value() -> object:
    """The settings as the engine has them, whatever the project is called; a text where they are no object."""
    config = pulumi.Config(PROJECT)
    try:
        return cast("object", config.get_object("settings", {}))
    except pulumi.ConfigTypeError:
        return config.get("settings")


def _require_engine() -> None:
    try:
        pulumi.require_pulumi_version(_PULUMI)
    except Exception as error:  # The SDK has no class of its own for it.
        raise pulumi.RunError(f"{error}: this program needs Pulumi {_PULUMI}; `make up` gets one") from None


def main() -> None:
    """Declares the stack; nothing of it where the input is invalid."""
    # How the engine ends a program once a resource has failed: what failed is told by then, and a trace would hide it.
    signal.signal(signal.SIGINT, lambda *_: os._exit(_ALREADY_TOLD))
    _require_engine()
    try:
        stack = load(
            Path(__file__).parent / f"Pulumi.{pulumi.get_stack()}.yaml",
            engine_value=_engine_value(),
        )
        compiled = compile_stack(stack)
        delivery = AlertDelivery("alertmanager", AlertDeliveryArgs(stack, compiled))
    except InvalidInput as error:
        raise pulumi.RunError(str(error)) from None
    # An output for each class of alerts: of a mapping, Pulumi (3.255) shows also what stays the same.
    for alerts, told in compiled.routing.items():
        pulumi.export(f"routing: {alerts}", told)
    pulumi.export("digest", compiled.digest)
    pulumi.export("rendered", delivery.rendered)
    if pulumi.runtime.is_dry_run():
        pulumi.log.info("What changes for alerts, class by class, and the lines: alertpath review --base main")


main()
