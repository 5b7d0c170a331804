"""Reads alerts that fire: label sets that somebody wrote down, or what Alertmanager or Prometheus list.

Three forms, as JSON or YAML: a list of label mappings; a list of alerts with `labels`, as `amtool alert query -o json`
and Alertmanager's `/api/v2/alerts` answer; what Prometheus answers at `/api/v1/alerts`, without its external labels.
Sources: Alertmanager 0.34.2, api/v2/openapi.yaml; Prometheus 3, web/api/v1/api.go.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Final, cast

from alertpath.alertmanager import config_yaml
from alertpath.documents.go_yaml import LineOf, Reader, no_line
from alertpath.documents.places import Place, Spot
from alertpath.documents.problems import InvalidInput, Problem, shown
from alertpath.documents.text_file import STANDARD_INPUT, read_standard_input, read_text

_FORMS: Final = (
    "a list of label mappings, the JSON of `amtool alert query -o json` or of /api/v2/alerts, "
    "or that of Prometheus's /api/v1/alerts"
)
_NOT_FIRING: Final = ("pending", "inactive")


def read_alerts(path: Path) -> list[dict[str, str]]:
    """The labels of each alert in the file that fires, in its order; without empty labels, which are absent ones.

    Those that Prometheus calls pending, or that say that they are resolved, are left out. Silenced and inhibited ones
    fire: they inhibit others. Raises InvalidInput, OSError.
    """
    return parse_alerts(read_text(path, allowed=_FORMS), str(path))


def read_alerts_from_standard_input() -> list[dict[str, str]]:
    """As `read_alerts`, for what is on standard input. Raises InvalidInput."""
    return parse_alerts(read_standard_input(_FORMS), STANDARD_INPUT)


def parse_alerts(text: str, file: str) -> list[dict[str, str]]:
    """As `read_alerts`, for the text of a file of that name. Raises InvalidInput."""
    try:
        data, line_of = _data(text, file)
    except RecursionError:
        raise InvalidInput([Problem(Spot(file), "is nested too deeply", allowed=_FORMS)]) from None
    reader = Reader(file, line_of)
    entries, place = _entries(reader, data)
    found = [_labels(reader, entry, (*place, index)) for index, entry in enumerate(entries)]
    if reader.problems:
        raise InvalidInput(reader.problems)
    return [labels for labels in found if labels]


def _data(text: str, file: str) -> tuple[object, LineOf]:
    # JSON first: YAML takes most of it too, but a hundred times as long, which for a dump of all alerts is seconds.
    twice: list[str] = []

    def mapping(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) < len(pairs):
            twice.extend(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        return found

    try:
        data = json.loads(text, object_pairs_hook=mapping)
    except ValueError:
        return config_yaml.read(text, file)
    if twice:
        raise InvalidInput(
            Problem(Spot(file), "a key is written twice", shown(name), "each key once", "remove one of the two")
            for name in twice
        )
    return data, no_line


def _entries(reader: Reader, data: object) -> tuple[list[object], Place]:
    place: Place = ()
    for key in ("data", "alerts"):
        if isinstance(data, Mapping) and key in data:
            data, place = cast("Mapping[str, object]", data)[key], (*place, key)
    if isinstance(data, list):
        return cast("list[object]", data), place
    reader.complain(place, "is not a list of alerts", allowed=_FORMS, mend="begin each alert with `- `")
    return [], place


def _labels(reader: Reader, entry: object, place: Place) -> dict[str, str] | None:
    if not isinstance(entry, Mapping):
        reader.complain(place, "is not an alert", allowed="a mapping of labels, or one with `labels`")
        return None
    alert = cast("Mapping[str, object]", entry)
    inside = isinstance(alert.get("labels"), Mapping)
    if inside and (alert.get("state") in _NOT_FIRING or alert.get("status") == "resolved"):
        return None
    labels = reader.text_map(alert["labels"] if inside else alert, (*place, "labels") if inside else place)
    found = {name: value for name, value in labels.items() if value}
    if not found:
        reader.complain(place, "has no label", allowed="at least one label with a value")
    if "" in found:
        reader.complain(place, "has a label without a name", allowed="a name for each label")
    return found
