"""For all tests."""

from __future__ import annotations

import signal

import pytest

# A shell's background commands ignore it, and so would all that they start: Pulumi then waits 5 s for each plugin.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where tests run side by side, those of a file stay together, and files that share what is dear to make."""
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(str(item.path)))
