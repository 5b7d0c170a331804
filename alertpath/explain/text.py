"""An explanation for people, as text that ends with a verdict of one line, and for programs, as JSON with all of it."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

from alertpath.alertmanager import durations
from alertpath.alertmanager.matchers import Matcher
from alertpath.documents.places import Place
from alertpath.documents.safe_text import printable
from alertpath.explain.explanation import INHERITABLE, Asked, Endpoint, Explanation, Hours, Taken, Threat
from alertpath.output import formats
from alertpath.semantics.inhibition import Inhibited, Spared, Unequal
from alertpath.semantics.intervals import Silence
from alertpath.semantics.routing import Labels

_FEW: Final = 8
"""So many routes of one level that do not match are shown; of more, the nearest ones."""
_NEARLY: Final = 0.85
"""So alike are values that may be meant to be the same."""
_WAITS: Final = (("group_wait", "first after"), ("group_interval", "changes after"), ("repeat_interval", "again after"))


def as_text(explanation: Explanation, everything: bool = False) -> str:
    """The explanation, ended by a line feed; `everything`: each route that was asked, however many."""
    said = [
        f"alert  {_labels(explanation.labels)}",
        f"time   {_time(explanation.moment)}",
        *(f"hint   {hint}" for hint in explanation.hints),
        "",
        f"routes of {explanation.loaded.name}, in the order in which they are asked:",
        *_tree(explanation, explanation.root, "  ", everything),
    ]
    for taken in explanation.taken:
        said += ["", *_told(explanation, taken)]
    said += ["", *_inhibition(explanation, everything), "", f"=> {verdict(explanation)}", ""]
    return "\n".join(map(printable, said))


def verdict(explanation: Explanation) -> str:
    """What happens to the alert, in one line."""
    if explanation.inhibited:
        first = explanation.inhibited[0]
        others = f" and {len(explanation.inhibited) - 1} more" if len(explanation.inhibited) > 1 else ""
        rule = _rule_name(explanation, first)
        return f"silent: inhibited by {_labels(first.source)} ({rule}){others}"
    told = [part for taken in explanation.taken if not taken.silence for part in _tells(taken)]
    later = [(taken, taken.silence) for taken in explanation.taken if taken.silence and taken.endpoints]
    waiting = [f"{_receiver(taken)} not {_until(silence, taken)}" for taken, silence in later]
    if told:
        return "; ".join([", and ".join(told), *waiting])
    if len(later) == 1:
        taken, silence = later[0]
        then = f", then {_receiver(taken)}" if silence.until else ""
        return f"nobody is told {_until(silence, taken)}{then}"
    if later:
        return f"nobody is told now: {'; '.join(waiting)}"
    receivers = list(dict.fromkeys(taken.route.receiver for taken in explanation.taken))
    if len(receivers) > 1:
        return f"goes to nobody: the receivers {', '.join(receivers)} are empty"
    return f"goes to nobody: receiver {receivers[0]} is empty"


def _tells(taken: Taken) -> Iterator[str]:
    wait = f"after {durations.text(taken.route.group_wait)}" if taken.route.group_wait else "now"
    for verb, pages in (("pages", True), ("tells", False)):
        words = " and ".join(endpoint.words for endpoint in taken.endpoints if endpoint.pages == pages)
        if words:
            yield f"{verb} {words} ({taken.route.receiver}) {wait}"


def _receiver(taken: Taken) -> str:
    return f"{' and '.join(endpoint.words for endpoint in taken.endpoints)} ({taken.route.receiver})"


def _until(silence: Silence, taken: Taken) -> str:
    names = ", ".join(silence.by)
    why = f"muted by {names}" if silence.kind == "mute" else f"outside of {names}"
    if silence.until is None:
        return f"in the next 40 years ({why})"
    zones = {zone for hours in taken.hours for zone in hours.zones if hours.name in silence.by} or {"UTC"}
    zone = zones.pop() if len(zones) == 1 else "UTC"
    return f"until {_local(silence.until, zone)} ({why})"


def _tree(explanation: Explanation, asked: Asked, indent: str, everything: bool) -> Iterator[str]:
    origin = explanation.loaded.origin(asked.place)
    goes_on = ", and goes on (continue)" if asked.route.continue_ else ""
    what = _matchers(asked.route.matchers) or "every alert"
    to = f" -> {asked.route.receiver}" if asked.route.receiver else ""
    if asked.failed:
        yield f"{indent}no     {what}{to}: {_because(explanation.labels, asked, asked.failed)}  [{origin}]"
        return
    yield f"{indent}{'TAKES' if asked.taken else 'yes':5}  {what}{to}{goes_on}  [{origin}]"
    shown, hidden = (asked.below, ()) if everything else _cut(explanation, asked.below)
    for one in shown:
        yield from _tree(explanation, one, f"{indent}  ", everything)
    if hidden:
        yield f"{indent}  no     {_summary(hidden)}"
    if left := len(asked.route.routes) - len(asked.below):
        yield f"{indent}  {_count(left, 'later route is', 'later routes are')} not asked: the last one does not go on"


def _cut(explanation: Explanation, asked: Sequence[Asked]) -> tuple[list[Asked], list[Asked]]:
    # Of many routes that do not match those are shown that demand what the alert has and few others demand.
    failed = [one for one in asked if one.failed]
    if len(failed) <= _FEW:
        return list(asked), []
    labels = explanation.labels
    met = {id(one): [matcher for matcher in one.route.matchers if _is_met(matcher, labels)] for one in failed}
    common = Counter(matcher for matchers in met.values() for matcher in matchers)
    near = [one for one in failed if met[id(one)]]
    near.sort(key=lambda one: min(common[matcher] for matcher in met[id(one)]))
    kept = set(map(id, near[:_FEW]))
    return (
        [one for one in asked if not one.failed or id(one) in kept],
        [one for one in failed if id(one) not in kept],
    )


def _is_met(matcher: Matcher, labels: Labels) -> bool:
    return matcher.op in ("=", "=~") and matcher.label in labels and matcher.matches(labels)


def _summary(hidden: Sequence[Asked]) -> str:
    by_label = Counter(one.failed.label for one in hidden if one.failed)
    why = ", ".join(f"{label} ({count})" for label, count in by_label.most_common(5))
    return f"{_count(len(hidden), 'more', 'more')}, which want another value of {why}; --all shows them"


def _because(labels: Labels, asked: Asked, failed: Matcher) -> str:
    value = labels.get(failed.label)
    actual = f"{failed.label} is {_value(value)}" if value else f"{failed.label} is absent"
    several = sum(matcher.label == failed.label for matcher in asked.route.matchers) > 1
    return f"{failed} fails, {actual}" if several else actual


def _told(explanation: Explanation, taken: Taken) -> Iterator[str]:
    origin, route = explanation.loaded.origin, taken.route
    yield f"{_matchers(route.path) or 'every alert'}  [{origin(route.place)}]"
    words = " and ".join(f"{one.words}{' (pages)' if one.pages else ''}" for one in taken.endpoints)
    yield f"  receiver     {route.receiver}: {words or 'empty, tells nobody'}  [{origin(taken.receiver_place)}]"
    waits = ", ".join(f"{words} {durations.text(getattr(route, name))}" for name, words in _WAITS)
    yield f"  timing       {waits.replace('first after 0s', 'first at once')}"
    if taken.endpoints:
        yield f"  resolved     {_resolved(taken)}"
    yield f"  grouped by   {', '.join(route.group_by) or 'nothing'}; here {_labels(taken.group_labels)}"
    yield f"  group key    {taken.group_key}"
    for place in dict.fromkeys(taken.inherited.values()):
        names = ", ".join(name for name, other in taken.inherited.items() if other == place)
        yield f"  inherits     {names} from {origin(place) if place else 'Alertmanager (default)'}"
    for hours in taken.hours:
        kind = "mute" if hours.kind == "mute" else "active only"
        there = ", ".join(_local(explanation.moment, zone) for zone in hours.zones)
        state = "inside" if hours.inside else "outside"
        yield f"  {kind:11}  {hours.name}: {state} at {there or 'any time'}  [{origin(hours.place)}]"
    if taken.endpoints:
        at_any_time = "now" if taken.hours else "at any time"
        yield f"  notifies     {f'not {_until(taken.silence, taken)}' if taken.silence else at_any_time}"


def _resolved(taken: Taken) -> str:
    said = {True: [one.words for one in taken.endpoints if one.resolved]}
    said[False] = [one.words for one in taken.endpoints if not one.resolved]
    if not said[True]:
        return "is not told (send_resolved is false)"
    if not said[False]:
        return "is told too"
    return f"is told to {' and '.join(said[True])}, not to {' and '.join(said[False])} (send_resolved is false)"


def _inhibition(explanation: Explanation, everything: bool) -> Iterator[str]:
    if explanation.firing is not None:
        yield f"inhibition, with {_count(explanation.firing, 'other alert', 'other alerts')} firing:"
        for one in explanation.inhibited:
            yield f"  silent while {_labels(one.source)} fires, by {_rule_name(explanation, one)}"
            if absent := [name for name in one.rule.equal if not explanation.labels.get(name)]:
                yield f"    neither alert has {' or '.join(absent)}, which counts as equal"
        if not explanation.inhibited:
            yield "  none of them silences it"
        yield from _spared(explanation, everything)
        return
    yield "inhibition, if other alerts fire (--firing FILE says which do):"
    for threat in explanation.threats:
        yield f"  {_rule_name(explanation, threat)} silences it while an alert fires"
        yield f"    with {_matchers(threat.rule.source) or 'any labels'}"
        if threat.equal:
            same = (f"{name}={_value(value)}" if value else f"no {name}" for name, value in threat.equal.items())
            yield f"    and with {', '.join(same)}, as here"
        if threat.unless:
            yield f"    but not with {_matchers(threat.unless)}"
    if not explanation.threats:
        yield "  no rule can silence it"


def _spared(explanation: Explanation, everything: bool) -> Iterator[str]:
    # Why the rest does not silence it: by rule; of many alerts those that are nearest to do.
    for _, group in groupby(explanation.spared, key=lambda one: one.index):
        found = list(group)
        first = found[0]
        if first.target:
            why = _unmet(first.target, explanation.labels, "")
            yield f"  {_rule_name(explanation, first)} is not for this alert: {why}"
            continue
        yield f"  {_rule_name(explanation, first)} does not work by these:"
        sources = [one for one in found if one.failed is None]
        shown = found if everything or len(found) <= _FEW else sources[:_FEW]
        for one in shown:
            yield f"    {_labels(one.source)}: {_spared_by(one)}"
        if len(found) > len(shown):
            others = len(found) - len(shown)
            no_source = f", of which {len(found) - len(sources)} are no source" if len(found) > len(sources) else ""
            yield f"    {_count(others, 'more', 'more')}{no_source}; --all shows them"


def _spared_by(one: Spared) -> str:
    if one.failed:
        return f"is no source: {_unmet(one.failed, one.source, '')}"
    if not one.unequal:
        return "both alerts are source and target of the rule, and such alerts do not silence each other"
    return "; ".join(map(_unequal, one.unequal))


def _unmet(failed: Matcher, labels: Labels, where: str) -> str:
    value = labels.get(failed.label)
    return f"{failed} fails, {failed.label} is {_value(value) if value else 'absent'}{where}"


def _unequal(one: Unequal) -> str:
    if not one.source:
        return f"{one.name} is absent there, {_value(one.target)} here"
    if not one.target:
        return f"{one.name} is {_value(one.source)} there, absent here"
    near = ""
    if one.source.strip().casefold() == one.target.strip().casefold():
        near = ", and capitals and spaces count"
    elif difflib.SequenceMatcher(None, one.source[:100], one.target[:100]).ratio() > _NEARLY:
        near = ", which is nearly the same, and not equal"
    return f"{one.name} is {_value(one.source)} there, {_value(one.target)} here{near}"


def _rule_name(explanation: Explanation, one: Inhibited | Threat | Spared) -> str:
    name = f"rule {one.rule.name}" if one.rule.name else f"inhibit_rules[{one.index}]"
    return f"{name} [{explanation.loaded.origin(('inhibit_rules', one.index))}]"


def _matchers(matchers: Sequence[Matcher]) -> str:
    return ", ".join(map(str, matchers))


def _labels(labels: Labels) -> str:
    return f"{{{', '.join(f'{name}={_value(value)}' for name, value in labels.items())}}}"


def _value(text: str) -> str:
    return str(Matcher(" ", "=", text)).partition("=")[2]


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _time(moment: datetime) -> str:
    own = str(moment.tzinfo)
    utc = _local(moment, "UTC")
    return utc if moment.utcoffset() == UTC.utcoffset(None) else f"{utc}, {moment:%a %Y-%m-%d %H:%M} {own}"


def _local(moment: datetime, zone: str) -> str:
    # Alertmanager's `Local` is the pod's zone, which is UTC.
    there = moment.astimezone(UTC if zone in ("UTC", "Local") else ZoneInfo(zone))
    return f"{there:%a %Y-%m-%d %H:%M} {zone}"


def as_json(explanation: Explanation) -> str:
    """The explanation as JSON, ended by a line feed: every route that was asked, and all else."""
    data = {
        "configuration": explanation.loaded.name,
        "labels": dict(explanation.labels),
        "time": explanation.moment.isoformat(),
        "hints": list(explanation.hints),
        "routes": _asked_data(explanation, explanation.root),
        "taken": [_taken_data(explanation, taken) for taken in explanation.taken],
        "firing": explanation.firing,
        "inhibited_by": [{**_rule_data(explanation, one), "source": dict(one.source)} for one in explanation.inhibited],
        "not_inhibited_by": [_spared_data(explanation, one) for one in explanation.spared],
        "could_be_inhibited_by": [
            {
                **_rule_data(explanation, threat),
                "source_matchers": list(map(str, threat.rule.source)),
                "equal": dict(threat.equal),
                "unless": list(map(str, threat.unless)),
            }
            for threat in explanation.threats
        ],
        "verdict": verdict(explanation),
    }
    return formats.json_text(data)


def _asked_data(explanation: Explanation, asked: Asked) -> dict[str, object]:
    found: dict[str, object] = {
        "origin": _origin_data(explanation, asked.place),
        "matchers": list(map(str, asked.route.matchers)),
        "receiver": asked.route.receiver,
        "continue": asked.route.continue_,
        "matches": asked.failed is None,
    }
    if asked.failed:
        found["failed"] = {"matcher": str(asked.failed), "value": explanation.labels.get(asked.failed.label)}
        return found
    return found | {
        "taken": asked.taken,
        "routes": [_asked_data(explanation, one) for one in asked.below],
        "not_asked": len(asked.route.routes) - len(asked.below),
    }


def _taken_data(explanation: Explanation, taken: Taken) -> dict[str, object]:
    route, silence = taken.route, taken.silence
    values = {name: getattr(route, name) for name in INHERITABLE}
    return {
        "origin": _origin_data(explanation, route.place),
        "receiver": {
            "name": route.receiver,
            "origin": _origin_data(explanation, taken.receiver_place),
            "integrations": [_endpoint_data(endpoint) for endpoint in taken.endpoints],
        },
        "pages": taken.pages,
        "group_by": list(route.group_by),
        "group_labels": dict(taken.group_labels),
        "group_key": taken.group_key,
        **{name: durations.text(value) for name, value in values.items() if isinstance(value, int)},
        "labels": dict(route.labels),
        "inherited": {
            name: _origin_data(explanation, place) if place else "default" for name, place in taken.inherited.items()
        },
        "hours": [_hours_data(explanation, hours) for hours in taken.hours],
        "muted": silence
        and {
            "kind": silence.kind,
            "by": list(silence.by),
            "until": silence.until.astimezone(UTC).isoformat() if silence.until else None,
        },
    }


def _endpoint_data(endpoint: Endpoint) -> dict[str, object]:
    return {
        "integration": endpoint.integration,
        "destination": endpoint.words,
        "pages": endpoint.pages,
        "resolved": endpoint.resolved,
    }


def _hours_data(explanation: Explanation, hours: Hours) -> dict[str, object]:
    return {
        "kind": hours.kind,
        "name": hours.name,
        "inside": hours.inside,
        "zones": list(hours.zones),
        "origin": _origin_data(explanation, hours.place),
    }


def _spared_data(explanation: Explanation, one: Spared) -> dict[str, object]:
    found = _rule_data(explanation, one)
    if one.target:
        return found | {"target_fails": str(one.target)}
    reason: dict[str, object] = (
        {"source_fails": str(one.failed)}
        if one.failed
        else {"unequal": {each.name: [each.source, each.target] for each in one.unequal}}
    )
    return found | {"source": dict(one.source), **reason}


def _rule_data(explanation: Explanation, one: Inhibited | Threat | Spared) -> dict[str, object]:
    origin = _origin_data(explanation, ("inhibit_rules", one.index))
    return {"rule": one.index, "name": one.rule.name, "origin": origin}


def _origin_data(explanation: Explanation, place: Place) -> dict[str, object]:
    origin = explanation.loaded.origin(place)
    return {"file": origin.file, "line": origin.line, "path": origin.path}
