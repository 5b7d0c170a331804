"""The real tools: found on PATH or built once into the user's cache by tools/gotools.py."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import pytest

from tests.program import cluster as loopback
from tests.program import engine as real
from tests.program.cluster import Cluster
from tests.program.engine import Project
from tests.program.stand_ins import saying_ready
from tests.recorded import OTHERS
from tools import engine, gotools
from tools.progress import StepError

ROOT = Path(__file__).resolve().parents[2]


class NewProject(Protocol):
    """Makes a copy of the project with its stack `stack`; `providers`: the provider plugins that it needs."""

    def __call__(self, stack: str, stack_text: str | None = None, providers: Sequence[str] = ()) -> Project: ...


class OnCluster(Protocol):
    """A copy of the project whose stack applies to a new namespace of the cluster.

    `changes` are made to the stack's file, each a text that stands there once and what replaces it.
    """

    def __call__(self, stack: str, namespace: str, *changes: tuple[str, str]) -> Project: ...


@pytest.fixture(scope="session")
def tool() -> Callable[[str], Path]:
    """Gives the binary of a tool by name. Where it cannot be had the test is skipped, but never in CI."""

    def find(name: str) -> Path:
        with had(name):
            return gotools.ensure(name)

    return find


@pytest.fixture(scope="session")
def amtool(tool: Callable[[str], Path]) -> Path:
    return tool("amtool")


@pytest.fixture(scope="session")
def engine_env() -> Callable[[Sequence[str]], Mapping[str, str]]:
    """Gives the environment of the engine with these provider plugins; one PULUMI_HOME for all tests.

    `make e2e` has put the plugins there already.
    """
    home = ROOT / ".pulumi" / "tests"
    known: dict[tuple[str, ...], Mapping[str, str]] = {}

    def env(providers: Sequence[str]) -> Mapping[str, str]:
        wanted = tuple(providers)
        if wanted not in known:
            with had("the engine"):
                known[wanted] = engine.engine_env(wanted, home=home)
        return known[wanted]

    return env


@pytest.fixture(scope="session")
def new_project(
    tmp_path_factory: pytest.TempPathFactory, engine_env: Callable[[Sequence[str]], Mapping[str, str]]
) -> NewProject:
    def new(stack: str, stack_text: str | None = None, providers: Sequence[str] = ()) -> Project:
        return real.create(tmp_path_factory.mktemp(stack), stack, engine_env(providers), stack_text)

    return new


@pytest.fixture(scope="package")
def cluster(tmp_path_factory: pytest.TempPathFactory, tool: Callable[[str], Path]) -> Iterator[Cluster]:
    work = tmp_path_factory.mktemp("cluster")
    with had("the custom resources"), loopback.running(work, tool) as running, saying_ready(running):
        yield running


@pytest.fixture(scope="package")
def on_cluster(cluster: Cluster, new_project: NewProject) -> OnCluster:
    def new(stack: str, namespace: str, *changes: tuple[str, str]) -> Project:
        cluster.new_namespace(namespace)
        project = new_project(stack, providers=("kubernetes", "random"))
        delivery = "    delivery: cluster\n"
        project.edit(project.stack_file, (delivery, f"{delivery}    namespace: {{name: {namespace}}}\n"), *changes)
        said = (file.read_text(encoding="utf-8") for file in (project.stack_file, project.project_file))
        if any("provider: existing" in text for text in said):
            cluster.put(OTHERS, namespace, "platform")
        return project.with_env(KUBECONFIG=str(cluster.kubeconfig))

    return new


class had:  # noqa: N801
    """Skips the test where a tool cannot be had, but never in CI."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, StepError) and not os.environ.get("CI"):
            pytest.skip(f"{self.name} cannot be had: {error}")
