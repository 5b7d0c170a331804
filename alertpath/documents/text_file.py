"""Texts in UTF-8 that people name: a file's, or what is on standard input."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from alertpath.documents.places import Spot
from alertpath.documents.problems import InvalidInput, Problem

STANDARD_INPUT: Final = "(standard input)"
"""What messages call it."""


def read_text(path: Path, allowed: str = "YAML") -> str:
    """The text of a file. `allowed`: what it should be. Raises InvalidInput: it is not UTF-8; OSError."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise _not_text(str(path), allowed) from None


def read_standard_input(allowed: str = "YAML") -> str:
    """The text on standard input. Raises InvalidInput: it is not UTF-8."""
    try:
        return sys.stdin.read()
    except UnicodeDecodeError:
        raise _not_text(STANDARD_INPUT, allowed) from None


def _not_text(file: str, allowed: str) -> InvalidInput:
    return InvalidInput([Problem(Spot(file), "is not a text in UTF-8", allowed=allowed, mend="save it as UTF-8")])
