"""Forms of output that several commands have: JSON, and the commands of GitHub Actions; no credential is in either."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import cast

from alertpath.documents.redaction import redact


def json_text(data: object) -> str:
    """`data` as JSON, redacted, ended by a line feed."""
    return json.dumps(_redacted(data), indent=2, ensure_ascii=False) + "\n"


def _redacted(data: object) -> object:
    if isinstance(data, str):
        return redact(data)
    if isinstance(data, Mapping):
        return {redact(key): _redacted(value) for key, value in cast("Mapping[str, object]", data).items()}
    if isinstance(data, list | tuple):
        return list(map(_redacted, cast("list[object]", data)))
    return data


def workflow_command(level: str, file: str, line: int, title: str, message: str) -> str:
    """What GitHub Actions shows at a line of a pull request (0: at the file); `level`: error, warning or notice."""
    options = [f"file={_property(file)}"]
    options += [f"line={line}"] if line else []
    options.append(f"title={_property(redact(title))}")
    return f"::{level} {','.join(options)}::{_data(redact(message))}"


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
