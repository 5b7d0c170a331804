"""The reference of settings and catalog, made from the models that read them, so that both agree."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from typing import Annotated, Any, Final, Literal

from alertpath.inputs import fields
from alertpath.inputs.catalog import Catalog, Service
from alertpath.inputs.models import Field, Model
from alertpath.inputs.settings import Settings
from tools.checks_page import checks_page

_LAYERS: Final = """\
What all stacks share stands once, in `Pulumi.yaml`, under `config: alertpath:defaults: value:`. A stack's settings are
laid over it: mappings are merged key by key, a list replaces the list, `null` takes a value away.
`alertpath compile --settings` says where each value comes from:

```console
$ alertpath compile --stack production --settings
...
delivery: cluster ... # Pulumi.production.yaml:5
...
```

`pulumi` also lays over them what an ESC environment (`environment:`), `--config` or `--config-file` says. Only `pulumi`
knows that. A mistake in it is told as one of the "Pulumi configuration"."""
_PAGES: Final[dict[str, tuple[str, str, type[Model]]]] = {
    "docs/settings.md": (
        "Settings",
        (
            "Look up here what `alertpath:settings` in a `Pulumi.<stack>.yaml` takes. Unknown keys are refused. "
            "Made from `alertpath/inputs/settings.py`.\n\n"
            f"{_LAYERS}"
        ),
        Settings,
    ),
    "docs/catalog-reference.md": (
        "Catalog",
        (
            "Look up here what a file in `catalog/` takes; [catalog.md](catalog.md) says how to use it. Unknown keys "
            "are refused. Made from `alertpath/inputs/catalog.py`."
        ),
        Catalog,
    ),
}
_KINDS: Final = {
    id(getattr(fields, name)): words
    for name, words in {
        "KubernetesName": "Kubernetes name",
        "DnsLabel": "Kubernetes name without dots",
        "PodLabel": "label name of pods",
        "PodLabelValue": "label value of pods",
        "TemplatePath": "path of NAME.tmpl",
        "MailServer": "HOST:PORT",
        "CredentialName": "name of a credential",
        "SecretKey": "Secret key",
        "ApiVersion": "API version",
        "GroupingLabel": "label name",
        "Channel": "Slack channel",
        "Identifier": "name",
        "Location": "time zone",
        "Cidr": "CIDR",
        "Url": "URL",
        "Version": "version",
        "Duration": "duration",
        "PositiveDuration": "duration above zero",
        "HeartbeatInterval": "duration of at least 10s",
        "Mention": "text with mentions of Slack's",
        "MatcherText": "matcher",
        "Port": "port",
        "LabelValue": "text",
    }.items()
}


def page(title: str, introduction: str, model: type[Model]) -> str:
    """The reference of a model and of every model in it, as Markdown."""
    parts = [f"# {title}\n", f"{introduction}\n"]
    seen: list[type[Model]] = [model, Service] if model is Catalog else [model]
    for each in seen:
        parts.append(f"## {each.__name__}\n")
        parts.append(f"{_paragraphs(each.__doc__ or '')}\n")
        rows = [_row(field) for field in each.fields().values()]
        if rows:
            parts.append("| key | takes | default |\n| --- | --- | --- |\n" + "".join(rows))
        for field in each.fields().values():
            seen += [found for found in _models(field.annotation) if found not in seen]
    return "\n".join(parts)


def _paragraphs(text: str) -> str:
    return "\n".join(line.strip() for line in text.strip().splitlines())


def _row(field: Field) -> str:
    return f"| `{field.key}` | {_kind(field.annotation)} | {_default(field)} |\n"


def _default(field: Field) -> str:
    if field.required:
        return "required"
    value = field.left_out()
    if value is None or value in ({}, [], ""):
        return ""
    if isinstance(value, list) and value and isinstance(value[0], Model):
        return "the cluster Argo CD runs in"
    if isinstance(value, Model):
        return "as below"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _kind(annotation: Any) -> str:
    if id(annotation) in _KINDS:
        return _KINDS[id(annotation)]
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Annotated:
        same = [words for key, words in _KINDS.items() if _by_id(key) == annotation]
        return same[0] if same else _kind(arguments[0])
    if origin in (typing.Union, types.UnionType):
        return " or ".join(_kind(part) for part in arguments if part is not type(None))
    if origin is Literal:
        return ", ".join(f"`{value}`" for value in arguments)
    if origin is list:
        return f"list of {_kind(arguments[0])}"
    if origin is dict:
        return f"mapping of {_kind(arguments[0])} to {_kind(arguments[1])}"
    if isinstance(annotation, type) and issubclass(annotation, Model):
        return f"[{annotation.__name__}](#{annotation.__name__.lower()})"
    names: dict[Any, str] = {str: "text", int: "whole number", bool: "true, false"}
    return names.get(annotation, "Alertmanager's own YAML")


def _by_id(key: int) -> Any:
    return next(value for value in vars(fields).values() if id(value) == key)


def _models(annotation: Any) -> Iterator[type[Model]]:
    if isinstance(annotation, type) and issubclass(annotation, Model):
        yield annotation
    for part in typing.get_args(annotation):
        yield from _models(part)


def pages() -> dict[str, str]:
    """The text of each generated page, by its file."""
    return {name: page(*parts) for name, parts in _PAGES.items()} | {"docs/checks.md": checks_page()}
