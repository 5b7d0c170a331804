"""The third stage of reading a stack: what Pulumi's engine says of the settings, laid over what the files say."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, cast

from alertpath.documents.problems import Problem
from alertpath.documents.yaml_file import Document
from alertpath.inputs.conceal import credential_values, pasted
from alertpath.inputs.credentials import Concealed
from alertpath.inputs.layers import changed, laid_over
from alertpath.inputs.parse import HERE, SETTINGS, Written, saying

CONFIGURATION: Final = "Pulumi configuration"
"""What the values are called that no file beside the program says: of an ESC environment, --config or another file."""


def overlay(written: Written, engine_value: object | None) -> tuple[Written, list[Problem]]:
    """What the files say, and over it what the engine says; the values of credentials are Concealed.

    `engine_value` None: no engine. The order of the keys is the files': the engine sorts those of every mapping.
    """
    if engine_value is None:
        return written, []
    elsewhere = Document(CONFIGURATION, None)
    if not isinstance(engine_value, Mapping):
        problem = elsewhere.problem(
            (SETTINGS,),
            "is not a mapping",
            allowed="the stack's settings, or some of them",
            mend="correct it where it comes from: `environment`, --config, --config-file",
        )
        return written, [problem]
    given: dict[str, Any] = copy.deepcopy(dict(cast("Mapping[str, Any]", engine_value)))
    known = credential_values(written.settings)
    for name, entry in credential_values(given).items():
        value = entry.get("value")
        if isinstance(value, str):
            entry["value"] = Concealed(value)
        # Decrypted, it is the same credential as in the file.
        if "value" in known.get(name, {}):
            known[name]["value"] = entry.get("value")
    if problems := pasted(elsewhere, given, (SETTINGS,)):
        return written, problems
    places = [(*HERE, *inside) for inside in changed(written.settings, given)]
    document = written.document
    lines = {place: line for place, line in document.lines.items() if not any(place[: len(at)] == at for at in places)}
    origins = {at: (elsewhere, (SETTINGS, *at[len(HERE) :])) for at in places}
    document = replace(document, lines=lines, elsewhere={**document.elsewhere, **origins})
    settings = laid_over(written.settings, given)
    return replace(written, document=saying(document, settings), settings=settings), []
