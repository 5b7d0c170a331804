"""Reads what people write for one stack: its Pulumi.<stack>.yaml and the catalogs that it names."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar, cast, final

from alertpath.documents.gc_paused import no_search
from alertpath.documents.problems import InvalidInput, Problem, shown
from alertpath.documents.redaction import looks_pasted
from alertpath.documents.yaml_file import Document, Place, read, shown_path
from alertpath.inputs.catalog import Catalog
from alertpath.inputs.credentials import Concealed, is_ciphertext
from alertpath.inputs.models import SECRET, Model, read_model
from alertpath.inputs.settings import Settings

PROJECT: Final = "alertpath"
SETTINGS: Final = f"{PROJECT}:settings"
_TOP: Final = ("config", "encryptionsalt", "encryptedkey", "secretsprovider", "environment")
_YAML: Final = (".yaml", ".yml")
# What Pulumi's secrets managers write: v1:NONCE:TEXT, or base64 alone.
_ENCRYPTED: Final = re.compile(r"[A-Za-z0-9+/=:]{24,}")
_M = TypeVar("_M", bound=Model)


@final
@dataclass(frozen=True)
class CatalogSource:
    """A team's catalog and the document it was read from."""

    document: Document
    catalog: Catalog


@final
@dataclass(frozen=True)
class Sources:
    """One stack as written, without the values that are invalid by themselves.

    `removed`: the places of those values, by file. `unread`: whether a catalog could not be read at all.
    """

    name: str
    directory: Path
    document: Document
    settings: Settings
    catalogs: tuple[CatalogSource, ...]
    removed: Mapping[str, frozenset[Place]]
    unread: bool

    def place(self, *path: str | int) -> Place:
        """The place in the stack's file of a value of the settings."""
        return ("config", SETTINGS, *path)

    def damaged(self, document: Document, place: Place) -> bool:
        """Whether an invalid value was left out at, below or above `place`: then nothing follows from its absence."""
        return any(
            removed[: len(place)] == place[: len(removed)] for removed in self.removed.get(document.file, frozenset())
        )


def stack_name(stack_file: Path) -> str:
    """`production` for Pulumi.production.yaml."""
    return stack_file.name.removeprefix("Pulumi.").removesuffix(".yaml").removesuffix(".yml")


@no_search()
def read_sources(stack_file: Path, engine_value: object | None = None) -> tuple[Sources | None, list[Problem]]:
    """The sources of a stack and all problems of its files; None where they leave nothing to go on with.

    `engine_value`: the settings as Pulumi's engine read them; they hold the values that the file holds encrypted.
    """
    problems: list[Problem] = []
    try:
        document = read(stack_file, shown_path(stack_file))
    except InvalidInput as error:
        return None, list(error.problems)
    problems += document.problems
    written = _settings_of(document, problems)
    if written is None:
        return None, problems
    place: Place = ("config", SETTINGS)
    problems += _pasted(document, written, place)
    written = _conceal(document, written, place, problems)
    if engine_value is not None:
        written = _with_engine_values(document, written, place, engine_value, problems)
    settings, found, culprits = _read_what_is_valid(Settings, document, place, written)
    problems += found
    removed = {document.file: culprits}

    catalogs: list[CatalogSource] = []
    files = list(_catalog_files(document, stack_file.parent, written, problems))
    for file in files:
        try:
            catalog_document = read(file, shown_path(file))
        except InvalidInput as error:
            problems += error.problems
            continue
        problems += catalog_document.problems
        problems += _pasted(catalog_document, catalog_document.data, ())
        problems += _no_secure(catalog_document)
        catalog, found, culprits = _read_what_is_valid(Catalog, catalog_document, (), catalog_document.data)
        problems += found
        removed[catalog_document.file] = culprits
        if catalog is not None:
            catalogs.append(CatalogSource(catalog_document, catalog))
    problems = _first_of_each_place(problems)
    if settings is None:
        return None, problems
    unread = not files or len(catalogs) < len(files)
    return Sources(
        stack_name(stack_file), stack_file.parent, document, settings, tuple(catalogs), removed, unread
    ), problems


def _first_of_each_place(problems: list[Problem]) -> list[Problem]:
    """What is wrong with a value first; that it is also wrong otherwise helps nobody."""
    return list({(problem.file, problem.line, problem.path): problem for problem in reversed(problems)}.values())


def _settings_of(document: Document, problems: list[Problem]) -> dict[str, Any] | None:
    """The settings in a stack's file; the only configuration that the program reads."""
    data = document.data
    if not isinstance(data, dict):
        problems.append(
            document.problem(
                (),
                "is not a stack's file",
                allowed=f"a mapping with `config: {{{SETTINGS}: ...}}`",
                mend="start from Pulumi.dev.yaml",
            )
        )
        return None
    data = cast("dict[str, Any]", data)
    for key in data:
        if key not in _TOP:
            problems.append(
                document.problem(
                    (key,),
                    "unknown key",
                    value=shown(key),
                    allowed=", ".join(_TOP),
                    mend=f"put settings under config.{SETTINGS}",
                )
            )
    config = data.get("config")
    config = cast("dict[str, Any]", config) if isinstance(config, dict) else {}
    for key in config:
        if key != SETTINGS and not key.startswith("pulumi:"):
            problems.append(
                document.problem(
                    ("config", key),
                    "unknown key",
                    value=shown(key),
                    allowed=SETTINGS,
                    mend=f"everything a stack says stands under {SETTINGS}"
                    + ("; the cluster is settings.cluster" if key.startswith("kubernetes:") else ""),
                )
            )
    settings = config.get(SETTINGS)
    if not isinstance(settings, dict):
        problems.append(
            document.problem(
                ("config", SETTINGS),
                "is missing" if settings is None else "is not a mapping",
                allowed="the stack's settings",
                mend="start from Pulumi.dev.yaml",
            )
        )
        return None
    return cast("dict[str, Any]", settings)


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


def _pasted(document: Document, data: object, place: Place) -> list[Problem]:
    looks = cache(looks_pasted)  # A catalog says the same names again and again.
    return [
        document.problem(
            at,
            "a credential stands here in plain text",
            value=SECRET,
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


def _no_secure(document: Document) -> list[Problem]:
    return [_misplaced(document, place) for place in _secures(document.data, ())]


def _conceal(document: Document, written: dict[str, Any], place: Place, problems: list[Problem]) -> dict[str, Any]:
    """A copy in which encrypted values are Concealed; in the wrong place, or plain in theirs, they are problems."""
    result = copy.deepcopy(written)
    for at in list(_secures(written, place)):
        inside = at[len(place) :]
        parent: Any = result
        for part in inside[:-1]:
            parent = parent[part]
        if _is_value(inside):
            parent[inside[-1]] = Concealed()
        else:
            problems.append(_misplaced(document, at))
            parent[inside[-1]] = None
    for name, entry in _credential_values(result).items():
        if "value" in entry and not isinstance(entry["value"], Concealed):
            problems.append(
                document.problem(
                    (*place, "credentials", "values", name, "value"),
                    "a credential stands here in plain text",
                    value=SECRET,
                    allowed="a value encrypted by Pulumi",
                    mend=f"pulumi config set --stack STACK --secret --path 'settings.credentials.values.{name}.value'",
                )
            )
            entry["value"] = Concealed()
    return result


def _credential_values(settings: object) -> dict[str, dict[str, Any]]:
    for key in ("credentials", "values"):
        settings = cast("dict[str, Any]", settings).get(key) if isinstance(settings, dict) else None
    entries = cast("dict[str, Any]", settings) if isinstance(settings, dict) else {}
    return {name: entry for name, entry in entries.items() if isinstance(entry, dict)}


def _with_engine_values(
    document: Document, written: dict[str, Any], place: Place, engine_value: object, problems: list[Problem]
) -> dict[str, Any]:
    """What the file says, with the credential values that the engine has decrypted.

    Not what the engine says: it sorts the keys of every mapping. That both say the same is checked.
    """
    result = copy.deepcopy(written)
    given = copy.deepcopy(engine_value)
    decrypted = _credential_values(given)
    for name, entry in _credential_values(result).items():
        value = decrypted.get(name, {}).pop("value", None)
        if isinstance(value, str):
            entry["value"] = Concealed(value)
        if "value" in entry and name in decrypted:
            decrypted[name]["value"] = entry["value"]
    if not problems and (at := _difference(result, given, place)) is not None:
        problems.append(
            document.problem(
                at,
                "Pulumi's engine has another value here than this file",
                allowed="the settings of this file alone",
                mend="run Pulumi without --config-file; quote the value, if it is a text",
            )
        )
    return result


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


def _catalog_files(
    document: Document, directory: Path, written: Mapping[str, Any], problems: list[Problem]
) -> Iterator[Path]:
    """The catalog files that the settings name; a directory stands for its *.yaml and *.yml files by name."""
    entries = written.get("catalog")
    if entries is None:
        entries = ["catalog"]
    if not isinstance(entries, list):
        return
    named = {directory / entry for entry in cast("list[object]", entries) if isinstance(entry, str)}
    for index, entry in enumerate(cast("list[object]", entries)):
        if not isinstance(entry, str):
            continue
        path = directory / entry
        place = ("config", SETTINGS, "catalog", index)
        if place not in document.lines:
            place = place[:3]
        try:
            files = [path] if path.is_file() else list(_in_directory(document, place, path, named, problems))
        except OSError as error:
            problems.append(
                document.problem(
                    place,
                    f"cannot be read: {error.strerror}",
                    value=shown(entry),
                    allowed="a YAML file, or a directory with *.yaml files, relative to the stack's file",
                    mend="check the name and the permissions",
                )
            )
            continue
        if not files:
            problems.append(
                document.problem(
                    place,
                    "no catalog is there",
                    value=shown(entry),
                    allowed="a YAML file, or a directory with *.yaml files, relative to the stack's file",
                    mend="correct the path, or write the team's catalog",
                )
            )
            continue
        yield from files


def _in_directory(
    document: Document, place: Place, directory: Path, named: set[Path], problems: list[Problem]
) -> Iterator[Path]:
    """The catalogs in a directory. Hidden files and other kinds of files are no catalogs.

    A directory inside it that holds YAML must be named in the settings by itself.
    """
    if not directory.exists():
        return
    for path in sorted(directory.iterdir()):
        if path.name.startswith("."):
            continue
        if not path.is_dir():
            if path.suffix.lower() in _YAML:
                yield path
        elif path not in named and any(file.suffix.lower() in _YAML for file in path.iterdir()):
            problems.append(
                document.problem(
                    place,
                    f"catalogs in a directory below are not read: {path.name}",
                    value=shown(str(path.relative_to(directory.parent))),
                    allowed="*.yaml and *.yml files directly in the directory",
                    mend="name the directory in `catalog` too, or move its files",
                )
            )


def _read_what_is_valid(
    model: type[_M], document: Document, place: Place, data: object
) -> tuple[_M | None, list[Problem], frozenset[Place]]:
    """The model of `data` without its invalid parts, so that the rest is examined; all problems; the parts' places."""
    result, misfits = read_model(model, document, place, data)
    if result is not None:
        return result, [], frozenset()
    problems: list[Problem] = []
    removed: set[Place] = set()
    rest = copy.deepcopy(data)
    while True:
        # That something is missing where an invalid value was taken out, or above, is no mistake of its own.
        problems += [
            misfit.problem
            for misfit in misfits
            if not any(gone[: len(misfit.place)] == misfit.place for gone in removed)
        ]
        culprits = {misfit.culprit for misfit in misfits}
        if result is not None or place in culprits:
            return result, problems, frozenset(removed)
        # Deepest and last first, so that removing one leaves the places of the others as they are.
        for culprit in sorted(culprits, key=lambda at: [str(part).zfill(9) for part in at], reverse=True):
            _remove(rest, culprit[len(place) :])
        removed |= culprits
        result, misfits = read_model(model, document, place, rest)


def _remove(data: Any, place: Place) -> None:
    """Takes out the value at `place`, or what stands for it: a name in a list of names, or a name for a mapping."""
    inside: Any = None
    last: str | int = ""
    for part in place:
        if isinstance(data, dict) or (isinstance(data, list) and isinstance(part, int)):
            inside, last, data = cast("Any", data), part, cast("Any", data)[part]
        elif isinstance(data, list):
            cast("list[Any]", data).remove(part)
            return
        else:
            break
    del inside[last]
