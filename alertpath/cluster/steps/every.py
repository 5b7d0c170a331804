"""All steps of `alertpath verify`, in the order in which causes come before what follows from them."""

from __future__ import annotations

from typing import Final

from alertpath.cluster.steps import (
    access,
    alertmanager,
    configuration,
    credentials,
    deliveries,
    duplicates,
    egress,
    gossip,
    inhibition,
    mounts,
    objects,
    operator,
    permissions,
    pods,
    rotation,
    running,
    silences,
    sources,
    time_zones,
    update,
)
from alertpath.cluster.steps.base import Step

STEPS: Final[tuple[Step, ...]] = (
    access.STEP,
    permissions.STEP,
    update.STEP,
    configuration.STEP,
    alertmanager.STEP,
    objects.STEP,
    sources.STEP,
    credentials.STEP,
    operator.STEP,
    pods.STEP,
    mounts.STEP,
    running.STEP,
    gossip.STEP,
    egress.STEP,
    deliveries.STEP,
    duplicates.STEP,
    inhibition.STEP,
    time_zones.STEP,
    silences.STEP,
    rotation.STEP,
)
