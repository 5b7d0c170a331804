"""The settings of a stack as they are merged of what all stacks share and its own file, and who says each value."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, cast

from alertpath.documents.places import Place
from alertpath.documents.problems import InvalidInput
from alertpath.inputs.conceal import conceal
from alertpath.inputs.credentials import Concealed
from alertpath.inputs.parse import HERE, parse

# Others are quoted: what begins with a digit, or is a word of YAML's, could be something else than a text.
_PLAIN: Final = re.compile(r"(?!(?i:y|n|yes|no|on|off|true|false|null)$)[A-Za-z][\w./-]*")
_WIDEST: Final = 72
_HIDDEN: Final = "(encrypted)"
_Row = tuple[str, Place]


def merged(stack_file: Path) -> str:
    """The settings as YAML, a comment `# FILE:LINE` behind each value; what is encrypted is not shown.

    Raises InvalidInput: a file cannot be read, the two do not go together, or a credential stands there in plain text.
    """
    written, problems = parse(stack_file)
    if written is not None:
        written, found = conceal(written)
        problems += found
    if written is None or problems:
        raise InvalidInput(problems)
    rows = list(_rows(written.settings, HERE, ""))
    width = max((len(text) for text, place in rows if place and len(text) <= _WIDEST), default=0)
    lines = [f"{text:{width}}  # {written.document.at(place)}" if place else text for text, place in rows]
    return "".join(f"{line}\n" for line in lines)


def _rows(value: object, place: Place, lead: str) -> Iterator[_Row]:
    """The lines of a mapping or list, each value's with its place; `lead`: what the first of them begins with."""
    rest = " " * len(lead)
    if isinstance(value, Mapping):
        entries = [(key, f"{_text(key)}:", each) for key, each in cast("Mapping[str, object]", value).items()]
    else:
        entries = [(index, "-", each) for index, each in enumerate(cast("list[object]", value))]
    for key, name, each in entries:
        inside = (*place, key)
        if _is_short(each):
            yield f"{lead}{name} {_short(each, inside)}", inside
        elif name == "-":
            yield from _rows(each, inside, f"{lead}- ")
        else:
            yield f"{lead}{name}", ()
            yield from _rows(each, inside, f"{rest}  ")
        lead = rest


def _is_short(value: object) -> bool:
    if isinstance(value, list):
        return not any(isinstance(each, list | dict) for each in cast("list[object]", value))
    return not isinstance(value, dict) or not value


def _short(value: object, place: Place) -> str:
    if isinstance(value, Concealed) or (isinstance(value, str) and place[-1] == "sealed"):
        return _HIDDEN
    if isinstance(value, list):
        return f"[{', '.join(_short(each, (*place, 0)) for each in cast('list[object]', value))}]"
    return _text(value) if isinstance(value, str) else json.dumps(value)


def _text(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)
