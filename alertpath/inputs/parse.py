"""The first stage of reading a stack: its Pulumi.<stack>.yaml and its catalogs as data, with the line of each value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast, final

from alertpath.documents.problems import InvalidInput, Problem, shown
from alertpath.documents.yaml_file import Document, Place, read, shown_path

PROJECT: Final = "alertpath"
SETTINGS: Final = f"{PROJECT}:settings"
HERE: Final[Place] = ("config", SETTINGS)
"""The place of the settings in a stack's file."""
_TOP: Final = ("config", "encryptionsalt", "encryptedkey", "secretsprovider", "environment")
_YAML: Final = (".yaml", ".yml")


@final
@dataclass(frozen=True)
class Written:
    """A stack's settings as data, and the document that says where each value stands."""

    file: Path
    document: Document
    settings: dict[str, Any]


def stack_name(stack_file: Path) -> str:
    """`production` for Pulumi.production.yaml."""
    return stack_file.name.removeprefix("Pulumi.").removesuffix(".yaml").removesuffix(".yml")


def parse(stack_file: Path) -> tuple[Written | None, list[Problem]]:
    """The settings in a stack's file; None: there are none."""
    try:
        document = read(stack_file, shown_path(stack_file))
    except InvalidInput as error:
        return None, list(error.problems)
    problems = list(document.problems)
    settings = _settings_of(document, problems)
    return None if settings is None else Written(stack_file, document, settings), problems


def parse_catalogs(written: Written) -> tuple[Sequence[Document | None], list[Problem]]:
    """The catalogs that the settings name; None: one that cannot be read."""
    problems: list[Problem] = []
    documents: list[Document | None] = []
    for file in list(_catalog_files(written.document, written.file.parent, written.settings, problems)):
        try:
            documents.append(document := read(file, shown_path(file)))
            problems += document.problems
        except InvalidInput as error:
            documents.append(None)
            problems += error.problems
    return documents, problems


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
