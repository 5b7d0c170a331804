"""The notification templates that ship with the configuration: one file for every stack, one of this stack's facts."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from importlib import resources
from typing import Final

STATIC: Final = "alertpath.tmpl"
STACK: Final = "stack.tmpl"
SHIPPED: Final = (STATIC, STACK)

# A fact is the label that the alerts agree on, else the stack's value; where they disagree, neither would be true.
# A template's output can be neither tested nor joined, so `place` and `origin` work the facts out again.
_CLUSTER: Final = """
{{- $cluster := .CommonLabels.cluster -}}
{{- if not $cluster -}}
{{- range .Alerts -}}{{- if .Labels.cluster -}}{{- $cluster = "several clusters" -}}{{- end -}}{{- end -}}
{{- end -}}
{{- $cluster = or $cluster @cluster@ -}}
"""
_ENVIRONMENT: Final = _CLUSTER.replace("cluster", "environment")
_PLACE: Final = (
    _CLUSTER
    + _ENVIRONMENT.lstrip()
    + """\
{{- $place := or $cluster $environment -}}
{{- if and $cluster $environment -}}{{- $place = printf "%s / %s" $cluster $environment -}}{{- end -}}
"""
)
_ORIGIN: Final = """
{{- $url := @url@ -}}
{{- $origin := or (reReplaceAll `^[a-z]+://([^/?#]*).*$` "${1}" $url) "Alertmanager" -}}
{{- with $place -}}{{- $origin = printf "%s / %s" . $origin -}}{{- end -}}
{{- template "alertpath.line.safe" (reReplaceAll "(?s)^(.{99}).+$" "${1}…" $origin) -}}
"""
_DEFINITIONS: Final[Mapping[str, str]] = {
    "external_url": "\n{{- @url@ -}}\n",
    "cluster": _CLUSTER + '{{- template "alertpath.line.safe" $cluster -}}\n',
    "environment": _ENVIRONMENT + '{{- template "alertpath.line.safe" $environment -}}\n',
    "place": _PLACE + '{{- with $place }} ({{ template "alertpath.line.safe" . }}){{ end -}}\n',
    "origin": _PLACE + _ORIGIN,
}
_STACK: Final = "{{- /* What this stack knows of itself. Generated. */ -}}\n" + "".join(
    f'\n{{{{- define "alertpath.{name}" -}}}}{body}{{{{- end -}}}}\n' for name, body in _DEFINITIONS.items()
)


def templates(external_url: str | None, cluster: str | None, environment: str | None) -> dict[str, str]:
    """The template files by name: further keys of the configuration's Secret."""
    facts = {
        "url": _quoted(external_url.rstrip("/")) if external_url else 'reReplaceAll "/+$" "" .ExternalURL',
        "cluster": _quoted(cluster or ""),
        "environment": _quoted(environment or ""),
    }
    # One pass: a fact that looks like a placeholder stays what it is.
    return {STATIC: _static(), STACK: re.sub(r"@(\w+)@", lambda found: facts[found[1]], _STACK)}


def _static() -> str:
    # alertpath/templates has no __init__.py: it would hide this module.
    return resources.files("alertpath.compiling.templates").joinpath(STATIC).read_text(encoding="utf-8")


def _quoted(text: str) -> str:
    # JSON's escapes are Go's too, but for surrogate pairs, which JSON writes only when it keeps to ASCII.
    return json.dumps(text, ensure_ascii=False)
