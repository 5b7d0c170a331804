"""For all tests."""

from __future__ import annotations

import signal

# A shell's background commands ignore it, and so would all that they start: Pulumi then waits 5 s for each plugin.
signal.signal(signal.SIGINT, signal.default_int_handler)
