"""Something that goes on while a block runs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def every(seconds: float, do: Callable[[], None], name: str) -> Iterator[None]:
    """Calls `do` after each `seconds` in a thread of that name, until the block is left."""
    stopped = threading.Event()

    def repeat() -> None:
        while not stopped.wait(seconds):
            do()

    thread = threading.Thread(target=repeat, name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()
