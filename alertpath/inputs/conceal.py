"""The second stage of reading a stack: no credential goes on as readable text, wherever it was written."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, Final, cast

from alertpath.documents.places import Place
from alertpath.documents.problems import Problem
from alertpath.documents.redaction import looks_pasted
from alertpath.documents.yaml_file import Document
from alertpath.inputs.credentials import Concealed, is_ciphertext
from alertpath.inputs.models import SECRET
from alertpath.inputs.parse import HERE, SHARED, Written

# What Pulumi's secrets managers write: v1:NONCE:TEXT, or base64 alone.
_ENCRYPTED: Final = re.compile(r"[A-Za-z0-9+/=:]{24,}")


def conceal(written: Written) -> tuple[Written, list[Problem]]:
    """The settings with encrypted values as Concealed; problems: encrypted in the wrong place, or not encrypted."""
    document = written.document
    problems = pasted(document, written.settings, HERE)
    if written.shared is not None:
        # Also what each stack says otherwise stands in the project's file. A stack's key decrypts nothing there.
        problems += pasted(*written.shared, SHARED)
        problems += [_misplaced(written.shared[0], place) for place in _secures(written.shared[1], SHARED)]
    settings = copy.deepcopy(written.settings)
    for at in list(_secures(written.settings, HERE)):
        inside = at[len(HERE) :]
        parent: Any = settings
        for part in inside[:-1]:
            parent = parent[part]
        if _is_value(inside):
            parent[inside[-1]] = Concealed()
        else:
            problems.append(_misplaced(document, at))
            parent[inside[-1]] = None
    for name, entry in credential_values(settings).items():
        if "value" in entry and not isinstance(entry["value"], Concealed):
            problems.append(
                document.problem(
                    (*HERE, "credentials", "values", name, "value"),
                    "a credential stands here in plain text",
                    value=SECRET,
                    allowed="a value encrypted by Pulumi",
                    kind="plain-credential",
                    mend=f"pulumi config set --stack STACK --secret --path 'settings.credentials.values.{name}.value'",
                )
            )
            entry["value"] = Concealed()
    return replace(written, settings=settings), problems


def conceal_catalogs(documents: Sequence[Document | None]) -> tuple[Sequence[Document | None], list[Problem]]:
    """`documents`, and a problem for each credential in them, encrypted or not: none belongs into a catalog."""
    problems: list[Problem] = []
    for document in filter(None, documents):
        problems += pasted(document, document.data, ())
        problems += [_misplaced(document, place) for place in _secures(document.data, ())]
    return documents, problems


def credential_values(settings: object) -> dict[str, dict[str, Any]]:
    """The entries of `credentials.values` by name, those that are mappings; they can be changed in place."""
    for key in ("credentials", "values"):
        settings = cast("dict[str, Any]", settings).get(key) if isinstance(settings, dict) else None
    entries = cast("dict[str, Any]", settings) if isinstance(settings, dict) else {}
    return {name: entry for name, entry in entries.items() if isinstance(entry, dict)}


def _strings(data: object, place: Place) -> Iterator[tuple[Place, str]]:
    if isinstance(data, str):
        yield place, data
    elif isinstance(data, dict):
        for key, value in cast("dict[str, object]", data).items():
            yield (*place, key), key
            yield from _strings(value, (*place, key))
    elif isinstance(data, list):
        for index, value in enumerate(cast("list[object]", data)):
            yield from _strings(value, (*place, index))


def _is_secure(data: object) -> bool:
    return isinstance(data, dict) and set(cast("dict[str, object]", data)) == {"secure"}


def pasted(document: Document, data: object, place: Place) -> list[Problem]:
    """A problem for each credential in plain text in `data`, which stands at `place`."""
    looks = cache(looks_pasted)  # A catalog says the same names again and again.
    return [
        document.problem(
            at,
            "a credential stands here in plain text",
            value=SECRET,
            kind="plain-credential",
            allowed="the name of a credential",
            mend="take it out of the file and its history, replace it at its service, "
            "and give the new one to the stack's credential provider",
        )
        for at, text in _strings(data, place)
        if looks(text) and not _is_encrypted(data, at[len(place) :], text)
    ]


def _is_encrypted(data: object, inside: Place, text: str) -> bool:
    """Whether `text` is a ciphertext where one may stand: ciphertexts are long enough to look like anything."""
    if inside[-1:] == ("sealed",):
        return len(inside) == 4 and inside[:2] == ("credentials", "values") and is_ciphertext(text)
    if inside[-1:] == ("secure",) and _ENCRYPTED.fullmatch(text):
        # In the wrong place it is told as that.
        for part in inside[:-1]:
            data = cast("Any", data)[part]
        return _is_secure(data) and (text.startswith("v1:") or _is_value(inside[:-1]))
    return False


def _is_value(inside: Place) -> bool:
    return len(inside) == 4 and inside[:2] == ("credentials", "values") and inside[3] == "value"


def _secures(data: object, place: Place) -> Iterator[Place]:
    if _is_secure(data):
        yield place
    elif isinstance(data, dict):
        for key, value in cast("dict[str, object]", data).items():
            yield from _secures(value, (*place, key))
    elif isinstance(data, list):
        for index, value in enumerate(cast("list[object]", data)):
            yield from _secures(value, (*place, index))


def _misplaced(document: Document, place: Place) -> Problem:
    return document.problem(
        place,
        "an encrypted value is in the wrong place",
        allowed="secure: only as `value` of a credential in a stack's settings",
        mend="pulumi config set --stack STACK --secret --path 'settings.credentials.values.NAME.value'",
    )
