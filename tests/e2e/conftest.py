"""One real cluster for all tests of this directory, and no longer; each test has a namespace of its own on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest

from tests.e2e import cluster as real
from tests.e2e.cluster import RealCluster
from tests.e2e.faulty import faulty  # noqa: F401
from tests.e2e.provided import certificate, stacks  # noqa: F401
from tests.program.conftest import NewProject, engine_env, had, new_project, tool  # noqa: F401
from tests.program.engine import Project
from tests.program.test_credentials import tools_env  # noqa: F401
from tools import gotools
from tools.recipes import E2E


class OnCluster(Protocol):
    """A copy of the project whose stack applies to a namespace of the cluster.

    `changes` are made to the stack's file, each a text that stands there once and what replaces it.
    """

    def __call__(self, stack: str, namespace: str, *changes: tuple[str, str]) -> Project: ...


@pytest.fixture(scope="package")
def cluster(tmp_path_factory: pytest.TempPathFactory, tool: Callable[[str], Path]) -> Iterator[RealCluster]:  # noqa: F811
    with had("the cluster"):
        # At once: one build reuses what those before it compiled.
        gotools.ensure_all(E2E)
        with real.running(tmp_path_factory.mktemp("real-cluster"), tool) as running:
            yield running


@pytest.fixture(scope="package")
def on_cluster(cluster: RealCluster, new_project: NewProject) -> OnCluster:  # noqa: F811
    def new(stack: str, namespace: str, *changes: tuple[str, str]) -> Project:
        project = new_project(stack, providers=("kubernetes", "random"))
        delivery = "    delivery: cluster\n"
        project.edit(project.stack_file, (delivery, f"{delivery}    namespace: {{name: {namespace}}}\n"), *changes)
        return project.with_env(KUBECONFIG=str(cluster.api.kubeconfig))

    return new
