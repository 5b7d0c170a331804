"""These tests need the engine, and no provider plugin: what `make up` has got."""

from __future__ import annotations

from tests.program.conftest import engine_env, new_project  # noqa: F401
