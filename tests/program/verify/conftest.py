"""One cluster for all tests here; each finds it sound."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.program.cluster import Cluster
from tests.program.conftest import OnCluster, had
from tests.program.verify.world import World, delivered


@pytest.fixture(scope="package")
def shared_world(
    cluster: Cluster, on_cluster: OnCluster, tool: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    work = tmp_path_factory.mktemp("alertmanagers")
    with had("Alertmanagers"), delivered(on_cluster, cluster, tool, work) as world:
        yield world


@pytest.fixture
def world(shared_world: World) -> Iterator[World]:
    try:
        yield shared_world
    finally:
        shared_world.reset()
