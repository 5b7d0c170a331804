"""Configurations by what people call them: a file, a stack, or either of them at a git revision."""

from __future__ import annotations

import os
import shlex
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final, final

from alertpath.configurations.loaded import Loaded, of_names, of_stack, of_texts
from alertpath.configurations.repository import Repository
from alertpath.configurations.source import NOT_SAID, Operated
from alertpath.documents.places import Place, Spot
from alertpath.documents.problems import InvalidInput, Problem, shown
from alertpath.inputs.parse import stack_name


@final
class NotThere(InvalidInput):
    """There is no file, or no stack, of that name. `revision`: "" for the working tree; `stack`: "" for a file."""

    def __init__(self, revision: str, name: str, stack: str) -> None:
        self.stack: Final = stack
        mend = f"`git log --all -- {shlex.quote(name)}` says when it did"
        if revision:
            problem = Problem(Spot(f"{revision}:{name}"), f"does not exist at revision {shown(revision)}", mend=mend)
        else:
            problem = Problem(Spot(name), "does not exist", mend=mend)
        super().__init__([problem])


def resolve(spec: str, project: Path, said: Operated = NOT_SAID) -> Loaded:
    """The configuration that `spec` names.

    `spec`: a file with a configuration, with the Secret that holds one, or with AlertmanagerConfigs; several such files
    with commas between them, or a directory of them; - for standard input, a stack's file `Pulumi.NAME.yaml`, the name
    of a stack of the directory `project`, or `REVISION:` before any of these but -. Files are relative to the working
    directory, those at a revision also to the root of the repository, as in git.
    Raises InvalidInput (NotThere: not at that revision), OSError.
    """
    if spec == "-":
        return of_names([spec], said)
    path = Path(spec)
    if path.exists() and not (path.is_dir() and _stack_file(project, spec).is_file()):
        return of_stack(path) if _is_stack_file(path) else of_names([spec], said)
    if "," in spec and all(Path(name).exists() for name in spec.split(",")):
        return of_names(spec.split(","), said)
    revision, colon, name = spec.partition(":")
    if colon and revision and name:
        return _resolve_at(revision, name, project, said)
    if (stack_file := _stack_file(project, spec)).is_file():
        return of_stack(stack_file)
    if _is_stack_file(path):
        raise NotThere("", spec, stack_name(path))
    stacks = sorted(stack_name(file) for file in project.glob("Pulumi.*.yaml") if file.name != "Pulumi.yaml")
    problem = Problem(
        Spot(spec),
        "is neither a file nor a stack",
        allowed=f"a file, a stack ({', '.join(stacks) or 'here are none'}), or REVISION:FILE or REVISION:STACK",
    )
    raise InvalidInput([problem])


@contextmanager
def at_revision(project: Path, revision: str) -> Generator[Path]:
    """The directory `project` as of a git revision, in a temporary directory that is gone afterwards.

    Files above it are there too if they may be catalogs or templates. InvalidInput that is raised inside of the `with`
    names files as git does: `main:catalog/team.yaml`. Raises InvalidInput.
    """
    with _extracted(project, revision) as (directory, _):
        yield directory


_Rename = Callable[[str], str]


@contextmanager
def _extracted(project: Path, revision: str) -> Generator[tuple[Path, _Rename]]:
    # The directory, and what names files in it as git does.
    repository = Repository(project, revision)
    path = repository.path(project)
    with tempfile.TemporaryDirectory(prefix="alertpath-") as temporary:
        root = Path(temporary).resolve()
        repository.extract(root, path)
        directory = root / path
        if not directory.is_dir():
            raise NotThere(revision, path, "")
        rename = _renaming(root, revision)
        try:
            yield directory, rename
        except NotThere:
            raise
        except InvalidInput as error:
            raise InvalidInput(_renamed(problem, rename) for problem in error.problems) from None


def _is_stack_file(path: Path) -> bool:
    return path.name.startswith("Pulumi.") and path.name != "Pulumi.yaml" and path.suffix in (".yaml", ".yml")


def _stack_file(project: Path, stack: str) -> Path:
    return project / f"Pulumi.{stack}.yaml"


def _resolve_at(revision: str, name: str, project: Path, said: Operated) -> Loaded:
    path = Path(name)
    repository = Repository(Path.cwd(), revision)
    if _is_stack_file(path):
        here = path.absolute()
        elsewhere = repository.text(repository.path(here)) is None and repository.text(name) is not None
        return _stack_at(revision, repository.root / name if elsewhere else here)
    if texts := _texts_at(repository, revision, name):
        return of_texts(texts, said)
    stack_file = _stack_file(project, name)
    if repository.text(repository.path(stack_file)) is None and not stack_file.is_file():
        raise NotThere(revision, name, "")
    return _stack_at(revision, stack_file)


def _texts_at(repository: Repository, revision: str, name: str) -> dict[str, str] | None:
    # Those of a file, of files with commas between them, or of a directory; None: not all are there.
    texts: dict[str, str] = {}
    whole = repository.text(repository.path(Path(name).absolute()))
    for one in [name] if whole is not None else name.split(","):
        for at in (repository.path(Path(one).absolute()), one):
            inside = [each for each in repository.files(at) if each.endswith((".yaml", ".yml"))]
            found = {each: text for each in inside or [at] if (text := repository.text(each)) is not None}
            if found:
                texts |= {f"{revision}:{each if inside else one}": text for each, text in found.items()}
                break
        else:
            return None
    return texts


def _stack_at(revision: str, stack_file: Path) -> Loaded:
    name = stack_name(stack_file)
    repository = Repository(stack_file.parent, revision)
    if repository.text(repository.path(stack_file)) is None:
        raise NotThere(revision, repository.path(stack_file), name)
    with _extracted(stack_file.parent, revision) as (directory, rename):
        loaded = of_stack(directory / stack_file.name)

    def origin(place: Place) -> Spot:
        found = loaded.origin(place)
        return replace(found, file=rename(found.file))

    return replace(loaded, name=f"{revision}:{name}", origin=origin)


def _renaming(root: Path, revision: str) -> _Rename:
    # Paths below `root`, absolute or relative to the working directory, as git names them.
    prefixes = [f"{root}{os.sep}", f"{os.path.relpath(root)}{os.sep}"]

    def rename(text: str) -> str:
        for prefix in prefixes:
            text = text.replace(prefix, f"{revision}:")
        return text

    return rename


def _renamed(problem: Problem, rename: _Rename) -> Problem:
    return problem.renamed(rename, rename)
