"""The files that together are one configuration: Alertmanager's own, Secrets with it, AlertmanagerConfigs.

Files are taken as the Prometheus Operator takes them: at most one of them has the configuration itself, and the
AlertmanagerConfigs of all of them are added to it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, cast, final

from alertpath.alertmanager import config as alertmanager
from alertpath.alertmanager import config_yaml
from alertpath.alertmanager.config import Config
from alertpath.alertmanager.custom_resources import CONFIG, KINDS, Data, generated
from alertpath.alertmanager.resource_fields import Strategy
from alertpath.documents.manifests import Manifest
from alertpath.documents.places import Place, Spot
from alertpath.documents.problems import InvalidInput, Problem
from alertpath.documents.secret_manifest import Packed, manifests, unpacked_beside
from alertpath.documents.text_file import STANDARD_INPUT, read_standard_input, read_text

_FIRST: Final = "the first one is in"


@final
@dataclass(frozen=True, slots=True)
class Operated:
    """What the command line says of the Alertmanager that takes AlertmanagerConfigs, where no such object does."""

    strategy: Strategy | None = None
    namespace: str = ""


NOT_SAID: Final = Operated()


@final
@dataclass(frozen=True, slots=True)
class Source:
    """One configuration. `data`: as in Alertmanager's YAML. `load`: reads it, with the checks across its parts or not.

    `spot`: where a part of a `Config` was written. `templates`: those beside it in a Secret. `in_secret`: an operator
    reads it. `size`: of all in bytes. `notes`: what was left out, in words. `unwritten`: whether nobody wrote a part,
    but the operator puts it there.
    """

    name: str
    data: Data
    spot: Callable[[Place], Spot]
    load: Callable[[bool], Config]
    templates: Mapping[str, str] | None
    in_secret: bool
    size: int
    notes: tuple[str, ...] = ()
    unwritten: Callable[[Place], bool] = lambda _: False


def read_files(names: Sequence[str]) -> dict[str, str]:
    """The texts of these files by name; - is standard input, a directory stands for its *.yaml and *.yml.

    Raises InvalidInput: one is not UTF-8, or a directory has none; OSError.
    """
    texts: dict[str, str] = {}
    for name in names:
        path = Path(name)
        if name == "-":
            texts[STANDARD_INPUT] = read_standard_input()
        elif path.is_dir():
            inside = sorted(each for each in path.iterdir() if each.suffix in (".yaml", ".yml") and each.is_file())
            if not inside:
                raise InvalidInput([Problem(Spot(name), "no *.yaml file is in this directory")])
            texts |= {str(each): read_text(each) for each in inside}
        else:
            texts[name] = read_text(path)
    return texts


def read_source(texts: Mapping[str, str], said: Operated = NOT_SAID) -> Source:
    """The configuration in the files of these names and texts. Raises InvalidInput."""
    objects: list[Manifest] = []
    bases: list[tuple[str, Packed]] = []
    problems: list[Problem] = []
    for file, text in texts.items():
        try:
            objects += manifests(text, file, KINDS)
            if packed := unpacked_beside(text, file, KINDS):
                bases.append((file, packed))
        except InvalidInput as error:
            problems += error.problems
    if len(bases) > 1 and not problems:
        problems += [
            Problem(Spot(file), "is a second configuration", mend=f"{_FIRST} {bases[0][0]}: give only one of them")
            for file, _ in bases[1:]
        ]
    if problems:
        raise InvalidInput(problems)
    name = ", ".join(texts)
    base = _Base(*bases[0]) if bases else None
    if base and not any(each.kind == CONFIG for each in objects) and not _is_main(objects):
        return base.alone(name)
    if base and base.packed.generated:
        message = "is what the operator has made, with the AlertmanagerConfigs in it"
        raise InvalidInput([Problem(Spot(base.file), message, mend="give it alone, or the Secret that it was made of")])
    return _together(name, base, objects, said)


def _is_main(objects: Sequence[Manifest]) -> bool:
    # Whether an Alertmanager names an AlertmanagerConfig instead of a Secret.
    specs = (each.data.get("spec") for each in objects)
    return any(isinstance(spec, Mapping) and "alertmanagerConfiguration" in spec for spec in specs)


@final
class _Base:
    # A configuration that is written as one.
    def __init__(self, file: str, packed: Packed) -> None:
        self.file: Final = file
        self.packed: Final = packed
        try:
            read, self._line_of = config_yaml.read(packed.text, file)
        except InvalidInput as error:
            raise self._moved(error) from None
        self._read: Final[object] = read
        self.data: Final[Data] = cast("Data", read) if isinstance(read, Mapping) else {}

    def spot(self, place: Place) -> Spot:
        """Where the part at `place` of the text stands."""
        return Spot(self.file, self.packed.line(self._line_of(place)), place)

    def load(self, whole: bool = True) -> Config:
        """The configuration alone. Raises InvalidInput."""
        try:
            return alertmanager.load_data(self._read, self.file, self._line_of, parts_alone=not whole)
        except InvalidInput as error:
            raise self._moved(error) from None

    def alone(self, name: str) -> Source:
        """It without anything added."""
        packed = self.packed
        size = sum(len(part.encode()) for part in (packed.text, *(packed.templates or {}).values()))
        return Source(
            name,
            self.data,
            lambda place: self.spot(alertmanager.written(self.data, place)),
            self.load,
            packed.templates,
            packed.in_secret,
            size,
        )

    def _moved(self, error: InvalidInput) -> InvalidInput:
        return InvalidInput(
            replace(one, at=replace(one.at, line=self.packed.line(one.at.line))) for one in error.problems
        )


def _together(name: str, base: _Base | None, objects: Sequence[Manifest], said: Operated) -> Source:
    if base:
        base.load()  # What is wrong with it is said of it alone.
    found = generated(base.data if base else None, objects, said.strategy, said.namespace)

    def below(place: Place) -> Spot:
        return base.spot(place) if base else Spot(name, 0, place)

    def spot(place: Place) -> Spot:
        return found.spot(alertmanager.written(found.data, place), below)

    def load(whole: bool) -> Config:
        try:
            return alertmanager.load_data(found.data, name, lambda _: 0, parts_alone=not whole)
        except InvalidInput as error:
            raise InvalidInput(replace(one, at=found.spot(one.at.place, below)) for one in error.problems) from None

    templates = base.packed.templates if base else None
    size = len(config_yaml.write(found.data).encode()) + sum(len(text.encode()) for text in (templates or {}).values())
    return Source(name, found.data, spot, load, templates, True, size, found.notes, found.unwritten)
