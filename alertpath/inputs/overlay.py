"""The third stage of reading a stack: what Pulumi's engine says of the settings, laid over what the file says."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import cast

from alertpath.documents.problems import Problem
from alertpath.documents.yaml_file import Place
from alertpath.inputs.conceal import credential_values
from alertpath.inputs.credentials import Concealed
from alertpath.inputs.parse import HERE, Written


def overlay(written: Written, engine_value: object | None) -> tuple[Written, list[Problem]]:
    """What the file says, with the credential values that the engine has decrypted. `engine_value` None: no engine.

    The order of the keys is the file's: the engine sorts those of every mapping. That both say the same is checked.
    """
    if engine_value is None:
        return written, []
    settings = copy.deepcopy(written.settings)
    given = copy.deepcopy(engine_value)
    decrypted = credential_values(given)
    for name, entry in credential_values(settings).items():
        value = decrypted.get(name, {}).pop("value", None)
        if isinstance(value, str):
            entry["value"] = Concealed(value)
        if "value" in entry and name in decrypted:
            decrypted[name]["value"] = entry["value"]
    problems: list[Problem] = []
    if (at := _difference(settings, given, HERE)) is not None:
        problems.append(
            written.document.problem(
                at,
                "Pulumi's engine has another value here than this file",
                allowed="the settings of this file alone",
                mend="run Pulumi without --config-file; quote the value, if it is a text",
            )
        )
    return replace(written, settings=settings), problems


def _difference(ours: object, theirs: object, place: Place) -> Place | None:
    """The first place where two values differ; the order of keys is no difference."""
    pairs: list[tuple[str | int, object, object]] = []
    if isinstance(ours, dict) and isinstance(theirs, dict):
        one, other = cast("dict[str, object]", ours), cast("dict[str, object]", theirs)
        # What one of them lacks, is null for the other at most.
        pairs = [(key, one.get(key), other.get(key)) for key in {**one, **other}]
    elif isinstance(ours, list) and isinstance(theirs, list):
        these, those = cast("list[object]", ours), cast("list[object]", theirs)
        if len(these) != len(those):
            return place
        pairs = [(index, this, that) for index, (this, that) in enumerate(zip(these, those, strict=True))]
    if pairs:
        found = (_difference(this, that, (*place, key)) for key, this, that in pairs)
        return next((at for at in found if at is not None), None)
    same = ours == theirs and isinstance(ours, bool) == isinstance(theirs, bool)
    return None if same else place
