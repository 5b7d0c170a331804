"""From what people name on the command line to what the checks look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, cast

from alertpath.alertmanager import config as alertmanager
from alertpath.alertmanager import durations
from alertpath.alertmanager.config import Config, Route
from alertpath.alertmanager.integration_fields import ASSUMED
from alertpath.alertmanager.integrations import NO_OPERATOR, Version
from alertpath.checks.subject import DEFAULT_RETENTION, CatalogService, Mounts, Subject
from alertpath.compiling.compile import Traced, trace_stack
from alertpath.compiling.templates import STACK, STATIC
from alertpath.configurations.loaded import external_labels
from alertpath.configurations.source import NOT_SAID, Operated, read_source
from alertpath.delivery.manifests.alertmanager import mounted_secrets
from alertpath.documents.places import Place, Spot
from alertpath.documents.problems import InvalidInput, Problem
from alertpath.inputs.catalog import Catalog
from alertpath.inputs.consistency.audiences import service_matchers
from alertpath.inputs.fields import version
from alertpath.inputs.settings import LabelStandard, Routing, Versions
from alertpath.inputs.stack import Stack, load
from alertpath.rules import RuleFiles

NEWEST: Final[Version] = ASSUMED
_SHIPPED: Final = frozenset((STATIC, STACK))


def of_stack(
    file: Path, rules: RuleFiles | None, alertmanager_version: Version | None, operator: Version | None
) -> Subject:
    """A stack, its catalogs and what is known of its cluster."""
    try:
        stack = load(file)
        traced = trace_stack(stack)
    except InvalidInput as error:
        return _refused(error.problems, str(file))
    return of_traced(stack, traced, rules, alertmanager_version, operator)


def of_traced(
    stack: Stack,
    traced: Traced,
    rules: RuleFiles | None = None,
    alertmanager_version: Version | None = None,
    operator: Version | None = None,
) -> Subject:
    """As `of_stack`, for a stack that has been compiled."""
    settings = stack.settings
    versions = settings.versions
    own, *others = stack.sources.document.said_in()
    shared = [*others, *(source.document for source in stack.sources.catalogs)]

    def template_spot(name: str) -> Spot:
        entries = settings.alertmanager.templates
        index = next((i for i, entry in enumerate(entries) if Path(entry).name == name), 0)
        return stack.sources.document.nearest(stack.sources.place("alertmanager", "templates", index))

    subject = Subject(
        config=replace(traced.compiled.config, alertmanager=alertmanager_version or version(versions.alertmanager)),
        data=traced.data,
        locate=traced.spot,
        files={document.file: Path(document.file).read_text(encoding="utf-8") for document in (own, *shared)},
        shared=frozenset(document.file for document in shared),
        native=lambda place: _is_native(traced, place),
        production=stack.sources.production,
        alertmanager=alertmanager_version or version(versions.alertmanager),
        operator=operator or version(versions.operator),
        standard=settings.label_standard,
        severities=tuple(settings.routing.severities),
        external=external_labels(stack),
        paging=stack.paging,
        templates=traced.compiled.templates,
        own_templates=frozenset(traced.compiled.templates) - _SHIPPED,
        template_spot=template_spot,
        mounts=_mounts(stack),
        size=sum(len(part.encode()) for part in (traced.compiled.text, *traced.compiled.templates.values())),
        retention=_retention(settings.alertmanager.spec),
        settings=settings,
        services=_services(stack),
        rules=rules,
    )
    # With its own versions, nothing is left to refuse.
    return _judged(subject) if alertmanager_version or operator else subject


def of_config(
    texts: Mapping[str, str],
    rules: RuleFiles | None,
    alertmanager_version: Version | None,
    operator: Version | None,
    said: Operated = NOT_SAID,
    *,
    label_standard: bool = False,
) -> Subject:
    """A configuration in the texts of files of these names: Alertmanager's own, manifests with the Secret that holds
    one, AlertmanagerConfigs. `label_standard`: its alerts are to fulfil the standard that a stack has by default.
    """
    try:
        source = read_source(texts, said)
        config = replace(source.load(False), alertmanager=alertmanager_version or NEWEST)
    except InvalidInput as error:
        return _refused(error.problems, next(iter(texts)), texts)
    if operator is None and source.in_secret:
        operator = version(Versions().operator)
    file = next(iter(texts))
    templates = source.templates if source.in_secret else _templates_on_disk(config, file)
    subject = Subject(
        config=config,
        data=source.data,
        locate=source.spot,
        unwritten=source.unwritten,
        notes=source.notes,
        files=texts,
        alertmanager=alertmanager_version or NEWEST,
        operator=operator,
        templates=templates,
        own_templates=frozenset(templates or ()),
        size=source.size,
        rules=rules,
    )
    if label_standard:
        subject = replace(subject, standard=LabelStandard(), severities=tuple(Routing().severities))
    return _judged(subject)


def _judged(subject: Subject) -> Subject:
    """`subject` with the reasons not to deploy its configuration."""
    operator = subject.operator or NO_OPERATOR
    problems = alertmanager.validate(subject.config, "", subject.alertmanager, operator)
    found = [replace(problem, at=subject.locate(problem.at.place)) for problem in problems]
    return replace(subject, refusals=tuple(found))


def _refused(problems: Sequence[Problem], file: str, texts: Mapping[str, str] | None = None) -> Subject:
    return Subject(
        config=Config(route=Route()),
        locate=lambda _: Spot(file),
        files=texts or {},
        refusals=tuple(problems),
        loaded=False,
        alertmanager=NEWEST,
    )


# --- a stack


def _is_native(traced: Traced, place: Place) -> bool:
    found = traced.source(place)
    return found is not None and "native" in found[1]


def _services(stack: Stack) -> dict[str, CatalogService]:
    found: dict[str, CatalogService] = {}
    for source in stack.sources.catalogs:
        catalog: Catalog = source.catalog
        for name, service in catalog.services.items():
            conditions = tuple(service_matchers(name, service))
            found[name] = CatalogService(conditions, source.document.nearest(("services", name)))
    return found


def _mounts(stack: Stack) -> Mounts:
    settings = stack.settings.alertmanager
    keys: dict[str, frozenset[str] | None] = {}
    for credential in stack.credentials.values():
        before = keys.get(credential.secret)
        known = credential.provider != "existing" and (before is not None or credential.secret not in keys)
        keys[credential.secret] = frozenset((*(before or ()), credential.key)) if known else None
    keys |= {name: None for name in (*mounted_secrets(stack), *_names(settings.spec, "secrets")) if name not in keys}
    more = settings.mounts == "none" or bool(settings.spec.get("volumeMounts"))
    return Mounts(keys, frozenset(_names(settings.spec, "configMaps")), more)


def _names(spec: Mapping[str, Any], key: str) -> list[str]:
    found = spec.get(key)
    return [str(name) for name in cast("list[object]", found)] if isinstance(found, list) else []


def _retention(spec: Mapping[str, Any]) -> int:
    try:
        return durations.parse(str(spec.get("retention", "120h")))
    except ValueError:
        return DEFAULT_RETENTION


# --- a file


def _templates_on_disk(config: Config, file: str) -> Mapping[str, str] | None:
    """The files that `templates` names, if all of them are here; they may lie in the pod alone."""
    found: dict[str, str] = {}
    here = Path(file).parent
    for pattern in config.templates:
        if Path(pattern).is_absolute():
            return None
        files = sorted(here.glob(pattern)) if not pattern.startswith("..") else []
        if not files or file == "-":
            return None
        for each in files:
            try:
                found[str(each)] = each.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError):
                return None
    return found
