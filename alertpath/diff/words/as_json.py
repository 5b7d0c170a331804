"""A difference between two configurations as JSON, complete.

    {
      "old": "main:production", "new": "production",
      "summary": {"loses_pages": true, "lost": 1, ..., "silenced": 0, "no longer silenced": 0},
      "changes": [{
        "kind": "lost",               one of diff.KINDS, worst first
        "loses_page": true,           whether somebody may no longer be woken up
        "where": {"service": {"one_of": ["api"]}, "env": {"none_of": [], "like": ["db-.*"], "unlike": []}},
        "classes": [{"where": WHERE, "except": [WHERE, ...]}, ...],   an alert of any of these; `where` is the first's
        "proven": true,               false: whether there are such alerts cannot be decided
        "before": [DELIVERY, ...], "after": [DELIVERY, ...],
        "besides": false,             whether others are told as before (with `apart`: are told)
        "differing": [{"name": "slack.channel", "before": "\"#a\"", "after": "\"#b\""}],   settings as JSON
        "orphans": false,             whether open incidents (PagerDuty, Opsgenie, Splunk On-Call) get no resolve
        "varies": 0,                  1: told coarsely; it holds all that differs, and maybe alerts that fare as before
        "apart": false,               true: independent of other routes, which may be in further classes of these alerts
        "example": {"service": "api"} or null
      }],
      "inhibition": [{
        "kind": "silenced", "loses_page": true, "source": WHERE, "target": WHERE, "equal": [], "unequal": [],
        "rule": "its name", "proven": true, "paged": "yes" | "no" | "not proven",
        "example": {"target": {...}, "source": {...}} or null
      }],
      "general": ["templates"]
    }

The value "" of a label is its absence. DELIVERY: `receiver`, `pages`, `group_by`, `group_wait`, `group_interval`,
`repeat_interval` ("5m"), `hours` in words, `active` and `mute` (names of intervals), `labels`, and `integrations`, each
with `integration`, `to` in words and `pages`. In `differing`, `before` and `after` are null where they vary.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from alertpath.alertmanager import durations
from alertpath.diff.deliveries.comparison import Difference
from alertpath.diff.deliveries.inhibition import InhibitionChange
from alertpath.diff.deliveries.notifications import Delivery, Endpoint
from alertpath.diff.deliveries.verdicts import KINDS, Change
from alertpath.diff.words import hours
from alertpath.diff.words.causes import paired
from alertpath.diff.words.delivery import destination, details
from alertpath.diff.words.phrases import loses_page, loses_pages, silences_page
from alertpath.output import formats
from alertpath.semantics.label_sets import Values, Where


def json_text(difference: Difference, old: str, new: str) -> str:
    """For programs, complete, redacted. `old`, `new`: names of the two configurations."""
    return formats.json_text(as_data(difference, old, new))


def as_data(difference: Difference, old: str, new: str) -> dict[str, Any]:
    """What the JSON holds."""
    kinds = Counter(change.kind for change in difference.changes)
    silenced = Counter(change.kind for change in difference.inhibition)
    return {
        "old": old,
        "new": new,
        "summary": {
            "loses_pages": loses_pages(difference),
            **{kind: kinds[kind] for kind in KINDS},
            **{kind: silenced[kind] for kind in ("silenced", "no longer silenced")},
        },
        "changes": list(map(_change, difference.changes)),
        "inhibition": list(map(_inhibition, difference.inhibition)),
        "general": list(difference.general),
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "kind": change.kind,
        "loses_page": loses_page(change),
        "where": _where(change.where),
        "classes": [
            {"where": _where(one.where), "except": list(map(_where, one.exceptions))} for one in change.classes
        ],
        "proven": change.proven,
        "before": list(map(_delivery, change.before)),
        "after": list(map(_delivery, change.after)),
        "besides": change.besides,
        "differing": list(_differing(change)),
        "orphans": change.orphans,
        "varies": change.varies,
        "apart": change.apart,
        "example": change.example(),
    }


def _inhibition(change: InhibitionChange) -> dict[str, Any]:
    example = change.page is not None and change.firing is not None
    return {
        "kind": change.kind,
        "loses_page": silences_page(change),
        "source": _where(change.source),
        "target": _where(change.target),
        "equal": list(change.equal),
        "unequal": list(change.unequal),
        "rule": change.rule.name,
        "proven": change.proven,
        "paged": change.paged,
        "example": {"target": change.page, "source": change.firing} if example else None,
    }


def _where(where: Where) -> dict[str, dict[str, list[str]]]:
    return {label: _values(values) for label, values in where.labels if values != Values()}


def _values(values: Values) -> dict[str, list[str]]:
    if values.one_of is not None:
        return {"one_of": sorted(values.one_of)}
    return {name: sorted(getattr(values, name)) for name in ("none_of", "like", "unlike")}


def _delivery(delivery: Delivery) -> dict[str, Any]:
    return {
        "receiver": delivery.receiver,
        "pages": delivery.pages,
        "group_by": list(delivery.group_by),
        **{
            name: durations.text(getattr(delivery, name))
            for name in ("group_wait", "group_interval", "repeat_interval")
        },
        "hours": hours.in_words(delivery.hours),
        "active": list(delivery.active),
        "mute": list(delivery.mute),
        "labels": dict(delivery.labels),
        "integrations": list(map(_endpoint, delivery.endpoints)),
    }


def _endpoint(endpoint: Endpoint) -> dict[str, Any]:
    return {"integration": endpoint.integration, "to": destination(endpoint), "pages": endpoint.pages}


def _differing(change: Change) -> Iterator[dict[str, str | None]]:
    if change.varies:
        yield from ({"name": name, "before": None, "after": None} for name in change.differing)
        return
    for before, after in paired(change.before, change.after)[0]:
        if before.receiver != after.receiver:
            yield {"name": "receiver", "before": before.receiver, "after": after.receiver}
        for detail in details(before, after):
            yield {"name": detail.name, "before": detail.before, "after": detail.after}
