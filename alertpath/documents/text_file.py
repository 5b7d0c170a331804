"""Texts in UTF-8 that people name: a file's, or what is on standard input."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from alertpath.documents.places import Spot
from alertpath.documents.problems import InvalidInput, Problem

STANDARD_INPUT: Final = "(standard input)"
"""What messages call it."""
SAVE_AS_UTF_8: Final = "save it as UTF-8"


def read_text(path: Path, name: str = "", allowed: str = "YAML") -> str:
    """The text of a file, called `name` (default: the path) in messages. `allowed`: what it should be.

    Raises InvalidInput: it is not UTF-8; OSError.
    """
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise not_utf_8(name or str(path), allowed) from None


def read_standard_input(allowed: str = "YAML") -> str:
    """The text on standard input. Raises InvalidInput: it is not UTF-8."""
    try:
        return sys.stdin.read()
    except UnicodeDecodeError:
        raise not_utf_8(STANDARD_INPUT, allowed) from None


def not_utf_8(file: str, allowed: str = "YAML") -> InvalidInput:
    """That the bytes of `file` are no text in UTF-8."""
    return InvalidInput([Problem(Spot(file), "is not a text in UTF-8", allowed=allowed, mend=SAVE_AS_UTF_8)])
