"""From a stack to Alertmanager's configuration, validated, and the templates beside it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final, final

from alertpath.alertmanager import config as alertmanager
from alertpath.alertmanager.template_faults import template_faults
from alertpath.compiling.assemble import HEARTBEAT, Draft
from alertpath.compiling.summary import routing_overview
from alertpath.compiling.templates import SHIPPED, templates
from alertpath.documents.go_yaml import Reader
from alertpath.documents.places import Place, Spot
from alertpath.documents.problems import InvalidInput, Problem, shown
from alertpath.documents.secret_manifest import CONFIGURATION
from alertpath.documents.text_file import SAVE_AS_UTF_8
from alertpath.documents.yaml_file import Document
from alertpath.inputs.fields import version
from alertpath.inputs.models import SECRET
from alertpath.inputs.stack import Stack

__all__ = ["CONFIGURATION", "HEARTBEAT", "LARGEST", "Compiled", "Traced", "compile_stack", "trace_stack"]

_DEFINED: Final = re.compile(r'\{\{-?\s*define\s+"([^"]+)"')
# Kubernetes refuses a Secret whose data is larger (core/v1 MaxSecretSize).
LARGEST: Final = 1024 * 1024
"""Bytes that the configuration and its templates may have together."""


@final
@dataclass(frozen=True)
class Compiled:
    """A stack's configuration.

    `config` is its content, `text` is alertmanager.yaml, `templates` are further keys of the same Secret.
    """

    config: alertmanager.Config
    text: str
    templates: Mapping[str, str]

    @property
    def digest(self) -> str:
        """What `sha256sum` says of alertmanager.yaml."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @cached_property
    def routing(self) -> Mapping[str, str]:
        """For each class of alerts who is told, and when."""
        return routing_overview(self.config)


@final
@dataclass(frozen=True)
class Traced:
    """A stack's configuration and the way back: `source` gives the document and place that a part of it came from.

    `data` is the configuration as plain data. `fallback`: the stack's settings.
    """

    compiled: Compiled
    data: Mapping[str, Any]
    source: Callable[[Place], tuple[Document, Place] | None]
    fallback: Spot

    def spot(self, place: Place) -> Spot:
        """Where the part at `place` was written; `fallback` where nobody wrote it."""
        found = self.source(place)
        return self.fallback if found is None else found[0].nearest(found[1])


def compile_stack(stack: Stack) -> Compiled:
    """The configuration of `stack`.

    Raises InvalidInput where Alertmanager or the Prometheus Operator, in the stack's versions, would refuse it.
    """
    return trace_stack(stack).compiled


def trace_stack(stack: Stack) -> Traced:
    """As `compile_stack`, with the way back to what people wrote."""
    draft = Draft(stack)
    problems = draft.native_problems()
    reader = Reader(f"the configuration of {stack.name}")
    versions = stack.settings.versions
    runs = version(versions.alertmanager)
    config = replace(alertmanager.config_from(reader, draft.mapping), alertmanager=runs)
    found = reader.problems or alertmanager.validate(config, reader.file, runs, version(versions.operator))
    problems += [draft.origins.at_its_source(problem) for problem in found]
    problems += [draft.origins.at_its_source(problem) for problem in _relative_files(config, reader.file)]
    files, found = _templates(stack)
    problems += found
    if not problems:
        problems += [
            draft.origins.at_its_source(problem) for problem in _broken_templates(stack, config, files, reader.file)
        ]
    if problems:
        raise InvalidInput(problems)
    text = alertmanager.dump(config)
    size = sum(len(part.encode()) for part in (text, *files.values()))
    if size > LARGEST:
        raise InvalidInput(
            [
                Problem(
                    Spot(stack.sources.document.file),
                    "the configuration is too large for a Secret",
                    f"{size / LARGEST:.1f} MiB",
                    "at most 1 MiB with its templates",
                    "set routing.share_routes, share receivers, or split the teams over several Alertmanagers",
                )
            ]
        )
    return Traced(
        Compiled(config, text, files),
        draft.mapping,
        draft.origins.source,
        stack.sources.document.nearest(stack.sources.place()),
    )


def _broken_templates(
    stack: Stack, config: alertmanager.Config, files: Mapping[str, str], file: str
) -> Iterator[Problem]:
    allowed = "templates that Go compiles, and names that a template file or Alertmanager itself defines"
    own = {name: text for name, text in files.items() if name not in SHIPPED}
    defined = [name for shipped in SHIPPED for name in _DEFINED.findall(files[shipped])]
    for fault in template_faults(config, own, version(stack.settings.versions.alertmanager), defined):
        kind = "unknown-to-version" if fault.kind == "version" else ""
        if fault.file:
            yield Problem(Spot(fault.file, fault.line), fault.message, allowed=allowed, mend=fault.mend, kind=kind)
        else:
            yield Problem(Spot(file, 0, fault.place), fault.message, shown(fault.text), allowed, fault.mend, kind)


def _relative_files(config: alertmanager.Config, file: str) -> Iterator[Problem]:
    for place, path in alertmanager.files(config):
        if not path.startswith("/"):
            yield Problem(
                Spot(file, 0, place),
                "is not the absolute path of a file",
                SECRET,
                "the path of a mounted file: /etc/alertmanager/secrets/SECRET/KEY",
                "if it is the credential itself, replace it at its service and store the new one in a Secret",
            )


def _templates(stack: Stack) -> tuple[dict[str, str], list[Problem]]:
    """The templates that ship with the configuration, and the stack's own files."""
    labels = stack.settings.external_labels
    files = templates(stack.settings.alertmanager.external_url, labels.cluster, labels.environment)
    problems: list[Problem] = []
    for index, entry in enumerate(stack.settings.alertmanager.templates):
        path = stack.directory / entry
        place = stack.sources.place("alertmanager", "templates", index)

        def complain(message: str, mend: str = "correct the path", place: Place = place, entry: str = entry) -> None:
            problems.append(
                stack.sources.document.problem(
                    place,
                    message,
                    value=shown(entry),
                    allowed="a readable file NAME.tmpl in UTF-8, relative to the stack's file, each name once",
                    mend=mend,
                )
            )

        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            complain("is not a text in UTF-8", SAVE_AS_UTF_8)
            continue
        except OSError as error:
            complain(f"cannot be read: {error.strerror}")
            continue
        if path.suffix != ".tmpl" or path.name in files:
            complain("this name cannot be used" if path.suffix != ".tmpl" else "a template of this name exists already")
            continue
        files[path.name] = text
    return files, problems
