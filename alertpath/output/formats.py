"""Forms of output that several commands have: JSON, XML, and the commands of GitHub Actions, without credentials."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from alertpath.documents.redaction import redact
from alertpath.documents.safe_text import printable, safe, safe_json
from alertpath.output.door import Exact

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


def json_text(data: object) -> Exact:
    """`data` as JSON, redacted, ended by a line feed."""
    return Exact(safe_json(json.dumps(_redacted(data), indent=2, ensure_ascii=False)) + "\n")


def _redacted(data: object) -> object:
    if isinstance(data, str):
        return redact(data)
    if isinstance(data, Mapping):
        return {redact(str(key)): _redacted(value) for key, value in cast("Mapping[object, object]", data).items()}
    if isinstance(data, list | tuple):
        return list(map(_redacted, cast("list[object]", data)))
    return data


def xml_text(root: Element) -> Exact:
    """An XML document, redacted, ended by a line feed."""
    from xml.etree.ElementTree import indent, tostring

    for element in root.iter():
        element.text = safe(element.text) if element.text else element.text
        for name, value in element.items():
            element.set(name, printable(redact(value)))
    indent(root)
    return Exact(f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n')


def workflow_command(level: str, file: str, line: int, title: str, message: str) -> str:
    """What GitHub Actions shows at a line of a pull request (0: at the file); `level`: error, warning or notice."""
    options = [f"file={_property(redact(file))}"]
    options += [f"line={line}"] if line else []
    options.append(f"title={_property(redact(title))}")
    return f"::{level} {','.join(options)}::{_data(redact(message))}"


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
