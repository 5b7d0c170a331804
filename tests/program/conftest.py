"""The real tools: found on PATH or built once into the user's cache by tools/gotools.py."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import pytest

from tests.program import engine as real
from tests.program.engine import Project
from tools import engine, gotools
from tools.progress import StepError

ROOT = Path(__file__).resolve().parents[2]


class NewProject(Protocol):
    """Makes a copy of the project with its stack `stack`; `providers`: the provider plugins that it needs."""

    def __call__(self, stack: str, stack_text: str | None = None, providers: Sequence[str] = ()) -> Project: ...


@pytest.fixture(scope="session")
def tool() -> Callable[[str], Path]:
    """Gives the binary of a tool by name. Where it cannot be had the test is skipped, but never in CI."""

    def find(name: str) -> Path:
        with _had(name):
            return gotools.ensure(name)

    return find


@pytest.fixture(scope="session")
def amtool(tool: Callable[[str], Path]) -> Path:
    return tool("amtool")


@pytest.fixture(scope="session")
def engine_env(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Sequence[str]], Mapping[str, str]]:
    """Gives the environment of the engine with these provider plugins; one PULUMI_HOME for all tests."""
    home = tmp_path_factory.mktemp("pulumi-home")
    known: dict[tuple[str, ...], Mapping[str, str]] = {}

    def env(providers: Sequence[str]) -> Mapping[str, str]:
        wanted = tuple(providers)
        if wanted not in known:
            with _had("the engine"):
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


class _had:  # noqa: N801
    """Skips the test where a tool cannot be had, but never in CI."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, StepError) and not os.environ.get("CI"):
            pytest.skip(f"{self.name} cannot be had: {error}")
