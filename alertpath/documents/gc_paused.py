"""Python's search for garbage, and when not to."""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def no_search() -> Generator[None]:
    """No search for cyclic garbage meanwhile, for what makes very many values and keeps them; a decorator, too.

    Python searches all of them again whenever their number has grown by a quarter.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
