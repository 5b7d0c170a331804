"""Which files of expectations are held against which configurations, from what people name on the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

from alertpath.alertmanager.integration_fields import Version
from alertpath.configurations import loaded
from alertpath.configurations.loaded import Loaded
from alertpath.documents.places import Spot
from alertpath.documents.problems import InvalidInput, Problem, did_you_mean, shown
from alertpath.documents.yaml_file import shown_path
from alertpath.expectations.cases import ExpectationFile, read_expectations
from alertpath.expectations.run import Trial
from alertpath.inputs.parse import stacks, unknown_stack

DIRECTORY: Final = "expectations"
_YAML: Final = (".yaml", ".yml")
_ALLOWED: Final = "`stacks: [NAME, ...]` or `config: FILE`"


@final
@dataclass(frozen=True, slots=True, eq=False)
class _Target:
    # A configuration that is not loaded yet; `key` tells it from others.
    key: Path
    stack: str | None
    load: Callable[[], Loaded]


def read_files(paths: Sequence[Path], project: Path) -> list[ExpectationFile]:
    """The files at these paths; a directory stands for its *.yaml and *.yml. No paths: `expectations` of the project.

    Raises InvalidInput with all problems of all files.
    """
    files: list[ExpectationFile] = []
    problems: list[Problem] = []
    for path in paths or [project / DIRECTORY]:
        inside = sorted(each for each in path.iterdir() if _is_yaml(each)) if path.is_dir() else [path]
        if not inside or (not paths and not path.exists()):
            problems.append(_no_files(path))
            continue
        for each in inside:
            try:
                files.append(read_expectations(each, shown_path(each)))
            except InvalidInput as error:
                problems += error.problems
    if problems:
        raise InvalidInput(problems)
    return files


def against_config(files: Sequence[ExpectationFile], config: Loaded, stack: str | None) -> list[Trial]:
    """All files against one configuration; `stack`: with what they expect in this stack, those alone that are for it.

    Raises InvalidInput.
    """
    meant = [file for file in files if stack is None or stack in (file.expectations.stacks or [stack])]
    _refuse(problem for file in meant for problem in file.unsaid(stack))
    return [Trial(config, stack, meant)] if meant else _nothing(files, stack)


def against_stacks(
    files: Sequence[ExpectationFile], project: Path, stack: str | None, alertmanager: Version | None = None
) -> list[Trial]:
    """Each file against the stacks of the project, or the configuration, that it names; `stack`: against this alone.

    `alertmanager`: the version that reads them; None: each stack's own.
    Raises InvalidInput, OSError.
    """
    meant: dict[_Target, list[ExpectationFile]] = {}
    targets: dict[Path, _Target] = {}
    problems: list[Problem] = []
    for file in files:
        try:
            for target in _targets(file, project, stack):
                meant.setdefault(targets.setdefault(target.key, target), []).append(file)
                problems += file.unsaid(target.stack)
        except InvalidInput as error:
            problems += error.problems
    _refuse(problems)
    if not meant:
        return _nothing(files, stack)
    trials: list[Trial] = []
    for target, some in meant.items():
        try:
            trials.append(Trial(target.load().read_by(alertmanager), target.stack, some))
        except InvalidInput as error:
            problems += error.problems
    _refuse(problems)
    return trials


def stacks_gone(files: Sequence[ExpectationFile], project: Path) -> list[Problem]:
    """The names of stacks that the project does not have any more: what these expect is not held against anything."""
    there = stacks(project)
    return [
        file.document.problem(("stacks", index), f"there is no stack {shown(name)} here: what it expects is not held")
        for file in files
        for index, name in sorted(_gone(file, there).items())
    ]


def _gone(file: ExpectationFile, there: Sequence[str]) -> dict[int, str]:
    # A name that is like one of ours is a misspelt one, and so may be every name of a file that names none of ours.
    named = file.expectations.stacks
    if not set(named) & set(there):
        return {}
    return {at: name for at, name in enumerate(named) if name not in there and not did_you_mean(name, there)}


def _targets(file: ExpectationFile, project: Path, only: str | None) -> Iterator[_Target]:
    expectations = file.expectations
    if expectations.config:
        if only is None:
            config = file.path.parent / expectations.config
            yield _Target(config.resolve(), None, lambda: loaded.of_file(Path(shown_path(config))))
        return
    if not expectations.stacks and only is None and not file.for_every_stack:
        problem = file.document.problem(
            (),
            "does not say which configuration it is for",
            allowed=_ALLOWED,
            mend="add one of them, or run with --stack or --config",
        )
        raise InvalidInput([problem])
    there = stacks(project)
    gone = _gone(file, there)
    _refuse(
        unknown_stack(file.document.at(("stacks", index)), name, there)
        for index, name in enumerate(expectations.stacks)
        if name not in there and (index not in gone or name == only)
    )
    for name in dict.fromkeys(expectations.stacks or (there if only is None else [only])):
        if only in (None, name) and (name in there or name not in expectations.stacks):
            stack_file = project / f"Pulumi.{name}.yaml"
            yield _Target(stack_file, name, lambda stack_file=stack_file: loaded.of_stack(stack_file))


def _no_files(path: Path) -> Problem:
    mend = "write the first one: docs/expectations.md" if path.name == DIRECTORY else "correct the name"
    return Problem(Spot(shown_path(path)), "no expectations are there", allowed="*.yaml files", mend=mend)


def _nothing(files: Sequence[ExpectationFile], stack: str | None) -> list[Trial]:
    named = sorted({name for file in files for name in file.expectations.stacks})
    problem = Problem(
        Spot(", ".join(file.document.file for file in files), 0, ("stacks",)),
        "nothing is expected in this stack",
        value=shown(stack),
        allowed=", ".join(named) or "files that name stacks; these are for configurations",
        mend=did_you_mean(stack or "", named) or "name another stack, or add it to `stacks` of a file",
    )
    raise InvalidInput([problem])


def _refuse(problems: Iterator[Problem] | Sequence[Problem]) -> None:
    if found := list(problems):
        raise InvalidInput(found)


def _is_yaml(path: Path) -> bool:
    return path.suffix.lower() in _YAML and not path.name.startswith(".")
