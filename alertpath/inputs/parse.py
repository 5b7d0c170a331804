"""The first stage of reading a stack: its Pulumi.<stack>.yaml and its catalogs as data, with the line of each value."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, cast, final

from alertpath.documents.places import Place, Spot
from alertpath.documents.problems import InvalidInput, Problem, did_you_mean, shown
from alertpath.documents.yaml_file import Document, read, shown_path
from alertpath.inputs.layers import laid_over, unlike

PROJECT: Final = "alertpath"
SETTINGS: Final = f"{PROJECT}:settings"
DEFAULTS: Final = f"{PROJECT}:defaults"
SHARED: Final[Place] = ("config", DEFAULTS, "value")
"""The place, in the project's file, of what its stacks share."""
HERE: Final[Place] = ("config", SETTINGS)
"""The place of the settings in a stack's file."""
_TOP: Final = ("config", "encryptionsalt", "encryptedkey", "secretsprovider", "environment")
# What Pulumi 3.255 takes for the name of a stack: sdk/go/common/tokens/stack_name.go.
_STACK_FILE: Final = re.compile(r"Pulumi\.(?P<stack>[\w.-]{1,100})\.yaml", re.ASCII)
_YAML: Final = (".yaml", ".yml")


@final
@dataclass(frozen=True)
class Written:
    """A stack's settings as data, and the document that says where each value stands.

    `shared`: the project's file, and what its stacks share there, as it is written; None: nothing.
    """

    file: Path
    document: Document
    settings: dict[str, Any]
    shared: tuple[Document, dict[str, Any]] | None = None


def stack_name(stack_file: Path) -> str:
    """`production` for Pulumi.production.yaml."""
    return stack_file.name.removeprefix("Pulumi.").removesuffix(".yaml").removesuffix(".yml")


def stacks(directory: Path) -> tuple[str, ...]:
    """The names of the stacks of a project, in order: those with a file Pulumi.NAME.yaml."""
    files = (_STACK_FILE.fullmatch(path.name) for path in directory.glob("Pulumi.*.yaml"))
    return tuple(sorted(found["stack"] for found in files if found))


def unknown_stack(at: Spot, name: str, known: Collection[str]) -> Problem:
    """That there is no stack `name` among those that are `known`."""
    return Problem(
        at,
        "unknown stack",
        shown(name),
        ", ".join(known) or "a stack with a file Pulumi.NAME.yaml in the project's directory",
        did_you_mean(name, known) or "correct the name, or write the stack's file",
    )


def parse(stack_file: Path) -> tuple[Written | None, list[Problem]]:
    """The settings in a stack's file; None: there are none."""
    named = _STACK_FILE.fullmatch(stack_file.name)
    if named and named["stack"] not in (known := stacks(stack_file.parent)):
        return None, [unknown_stack(Spot(shown_path(stack_file)), named["stack"], known)]
    try:
        document = read(stack_file, shown_path(stack_file))
    except InvalidInput as error:
        return None, list(error.problems)
    problems = list(document.problems)
    shared, defaults = _defaults(stack_file.with_name("Pulumi.yaml"), problems)
    settings = _settings_of(document, problems, optional=bool(defaults))
    if settings is None:
        return None, problems
    if shared is not None:
        problems += [
            document.problem(
                (*HERE, *inside),
                f"is of another kind than in {shared.file}",
                allowed="a mapping over a mapping, a list over a list, a value over a value",
                mend=f"correct it here, or under {DEFAULTS} there (line {shared.line((*SHARED, *inside))})",
            )
            for inside in unlike(defaults, settings)
        ]
        below = {
            (*HERE, *place[len(SHARED) :]): (shared, place)
            for place in shared.lines
            if place[: len(SHARED)] == SHARED and (*HERE, *place[len(SHARED) :]) not in document.lines
        }
        settings = laid_over(defaults, settings)
        document = saying(replace(document, elsewhere=_not_replaced(below, document)), settings)
    return Written(stack_file, document, settings, (shared, defaults) if shared is not None else None), problems


def saying(document: Document, settings: Mapping[str, Any]) -> Document:
    """A stack's file as if all of its settings, wherever they come from, stood in it."""
    data = cast("dict[str, Any]", document.data)
    config = cast("dict[str, Any]", data.get("config") or {})
    return replace(document, data={**data, "config": {**config, SETTINGS: settings}})


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


def _not_replaced(
    below: Mapping[Place, tuple[Document, Place]], document: Document
) -> dict[Place, tuple[Document, Place]]:
    """Without what stands in lists that the stack's file replaces."""
    return {
        place: origin
        for place, origin in below.items()
        if not any(isinstance(part, int) and place[:at] in document.lines for at, part in enumerate(place))
    }


def _defaults(project_file: Path, problems: list[Problem]) -> tuple[Document | None, dict[str, Any]]:
    """What the stacks of a project share: `config: alertpath:defaults: value:` in its Pulumi.yaml."""
    if not project_file.is_file():
        return None, {}
    try:
        document = read(project_file, shown_path(project_file))
    except InvalidInput as error:
        problems += error.problems
        return None, {}
    data = document.data
    data = cast("dict[str, object]", data) if isinstance(data, dict) else {}
    config = data.get("config")
    config = cast("dict[str, object]", config) if isinstance(config, dict) else {}
    # The others are of other packages, or, without a colon, of the project itself.
    ours = [key for key in config if key.startswith(f"{PROJECT}:") or (":" not in key and data.get("name") == PROJECT)]
    problems += [
        document.problem(
            ("config", key),
            "unknown key",
            value=shown(key),
            allowed=DEFAULTS,
            mend=f"what stacks share stands under {DEFAULTS}, what one of them says in its own file",
        )
        for key in ours
        if key != DEFAULTS
    ]
    if DEFAULTS not in config:
        return None, {}
    holder = config[DEFAULTS]
    values = cast("dict[str, object]", holder).get("value") if isinstance(holder, dict) else None
    if not isinstance(values, dict):
        problems.append(
            document.problem(
                SHARED,
                "is not a mapping",
                allowed=f"settings that the stacks share, as under {SETTINGS} in a stack's file",
                mend=f"write `{DEFAULTS}: {{value: {{...}}}}`",
            )
        )
        return None, {}
    # What else a project's file holds is Pulumi's.
    problems += [each for each in document.problems if each.at.place[:2] == SHARED[:2]]
    return document, cast("dict[str, Any]", values)


def _settings_of(document: Document, problems: list[Problem], *, optional: bool) -> dict[str, Any] | None:
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
        # The others are of other packages: none of our business.
        if key != SETTINGS and key.partition(":")[0] in (PROJECT, key):
            problems.append(
                document.problem(
                    ("config", key),
                    "unknown key",
                    value=shown(key),
                    allowed=SETTINGS,
                    mend=f"everything a stack says stands under {SETTINGS}",
                )
            )
    settings = config.get(SETTINGS)
    # All of it may come from what the stacks share, or from an environment.
    if settings is None and (optional or "environment" in data):
        return {}
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
