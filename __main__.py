"""What `pulumi up` runs: the stack's settings and catalogs -> Alertmanager's configuration -> AlertDelivery."""

from __future__ import annotations

from pathlib import Path

import pulumi

from alertpath.compile import compile_stack
from alertpath.problems import InvalidInput
from alertpath.stack import load
from components.alert_delivery import AlertDelivery, AlertDeliveryArgs


def main() -> None:
    """Declares the stack; nothing of it where the input is invalid."""
    try:
        stack = load(
            Path(__file__).parent / f"Pulumi.{pulumi.get_stack()}.yaml",
            engine_value=pulumi.Config().require_object("settings"),
        )
        compiled = compile_stack(stack)
        delivery = AlertDelivery("alertmanager", AlertDeliveryArgs(stack, compiled))
    except InvalidInput as error:
        raise pulumi.RunError(str(error)) from None
    # Plain and line by line, so that a preview shows one line for one changed class of alerts.
    pulumi.export("routing", compiled.routing)
    pulumi.export("configuration", compiled.text)
    pulumi.export("rendered", delivery.rendered)


main()
