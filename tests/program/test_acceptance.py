"""What `load` and `validate` say is what Alertmanager and the Prometheus Operator do.

The corpus has every field of the table with each of VALUES, in the smallest object around it that is accepted, and the
parts that the table does not hold, and YAML as such, in TEXTS.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

import pytest
import yaml

from alertpath.alertmanager import config
from alertpath.alertmanager.config import Config
from alertpath.alertmanager.integration_fields import INTEGRATIONS, OBJECTS, Field, Version
from alertpath.alertmanager.integrations import NO_OPERATOR
from alertpath.documents.problems import InvalidInput, Problem
from tests.oracle import OPERATORS, Loaded, Oracle

Verdict = tuple[str, Loaded, Config | InvalidInput]

NEWEST: Final = (0, 34, 2)
VALUES: Final[Sequence[object]] = (
    None, "", "x", "~", "null", 0, -1, 1.5, 2.0, True, float("inf"), [], {}, [None], ["a"], ["a", ""], {"a": "b"},
    {"a": None}, {"a": ["b"]}, "5m", "-5m", "1.5h", "http://example.com/x", 'http://example.com/"', "http://[::1",
    ":25", "[::1]:25", "{{ .X }}", "{{ toUpper .X }}", "{{", "<secret>",
)  # fmt: skip
SAMPLES: Final[Mapping[str, object]] = {
    "url": "https://example.com/x", "template_url": "https://example.com/x", "reference": "http://proxy:3128",
    "host_port": "mail.example.com:25", "boolean": True, "integer": 3, "duration": "5m", "go_duration": "5s",
    "texts": ["x"], "text_map": {"a": "b"}, "header_map": {"A": ["b"]}, "any_map": {"a": "b"},
}  # fmt: skip
# Where the first choice by the table would not do.
SMALLEST: Final[Mapping[str, Mapping[str, object]]] = {
    "authorization": {"credentials_file": "/s/a"},
    "event_recorder": {"stdout_outputs": [{}]},
    "sns_configs": {"sigv4": {"region": "eu-west-1"}, "topic_arn": "arn:aws:sns:eu-west-1:1:x"},
    "webex_configs": {"room_id": "x", "http_config": {"authorization": {"credentials_file": "/s/a"}}},
}

# What `load` refuses and Alertmanager takes, by its message and, where that says too little, its place: the list of
# alertmanager.STRICTER, in its order.
STRICTER: Final = (
    r"is an empty entry",
    r"global\.\w+: is null, which takes Alertmanager's default away",
    r"tracing\.client_type: is not one of the allowed values",
    r"is null to some fields, and not to others",
    r"has a tag|: a key must be text",
    r"is not such a number",
    r"timeout: not a duration",
    r"the label name is empty",
    r"token(_id)? or token(_id)?_file is missing|webhook_configs\[0\]\.url: is not a URL",
)
# What the operator changes without a difference in any notification.
HARMLESS: Final = (
    r" +proxy_url: \"\"",  # As none.
    r" +rocketchat_token(_id)?: \"\"",  # No receiver may rely on it.
    r" +short: false",  # `validate` complains where short_fields would make it true.
)


def _sample(field: Field) -> object:
    if field.choices:
        return field.choices[0]
    if field.of:
        return _around(field, _smallest(field.of))
    if field.path:
        return "/s/a" if field.kind == "text" else ["/s/a"]
    return SAMPLES.get(field.kind, "x")


def _around(field: Field, value: object) -> object:
    return {"objects": [value], "object_map": {"a": value}}.get(field.kind, value)


def _smallest(name: str) -> dict[str, object]:
    what = OBJECTS[name]
    if name in SMALLEST:
        return dict(SMALLEST[name])
    groups = (*((key,) for key in what.required), *what.one_of, *(own for own, _ in what.inherited))
    keys = [next((key for key in group if what.fields[key].path), group[0]) for group in groups]
    return {key: _sample(what.fields[key]) for key in keys}


def _without_rivals(name: str, key: str) -> dict[str, object]:
    rivals = {rival for group in OBJECTS[name].at_most_one if key in group for rival in group} - {key}
    return {own: value for own, value in _smallest(name).items() if own not in rivals}


def _fields() -> Iterator[str]:
    """Every object of the table in one place, every field of it with every value."""

    def receiver(name: str) -> Callable[[object], object]:
        return lambda entry: {"route": {"receiver": "r"}, "receivers": [{"name": "r", name: [entry]}]}

    def section(name: str) -> Callable[[object], object]:
        bare = {"route": {"receiver": "r"}, "receivers": [{"name": "r", "webhook_configs": [{"url_file": "/s/a"}]}]}
        return lambda entry: {**bare, name: entry}

    def inside(outer: Callable[[object], object], name: str, key: str, field: Field) -> Callable[[object], object]:
        return lambda entry: outer({**_without_rivals(name, key), key: _around(field, entry)})

    waiting = [(name, receiver(name)) for name in INTEGRATIONS]
    waiting += [(name, section(name)) for name in ("global", "tracing", "event_recorder")]
    seen: set[str] = set()
    for name, place in waiting:
        if name in seen:
            continue
        seen.add(name)
        yield _yaml(place(_smallest(name)))
        for key, field in OBJECTS[name].fields.items():
            if field.of:
                waiting.append((field.of, inside(place, name, key, field)))
            for value in (_sample(field), *VALUES):
                yield _yaml(place({**_without_rivals(name, key), key: value}))
    assert seen == set(OBJECTS) - {"receiver"}


def _yaml(data: object) -> str:
    return yaml.dump(data, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False)


NIGHT: Final = "time_intervals: [{{name: a, time_intervals: [{{{}}}]}}]"
# Each after a receiver `r`; a text that begins with `=` stands alone.
TEXTS: Final = (
    *(f"route: {{receiver: r, {part}}}" for part in (
        "group_by: null", "group_by: []", "group_by: [null]", "group_by: ['']", "group_by: [a, a]", "labels: null",
        "group_by: ['...']", "group_by: ['...', '...']", "group_wait: null", "group_wait: Null", "group_wait: '~'",
        "group_interval: 0s", "repeat_interval: 0", "continue: null", "continue: false", "matchers: null",
        "matchers: []", "matchers: ['{}']", "matchers: [null]", "routes: [null]", "routes: [{}]", "match: {}",
        "mute_time_intervals: [null]", "labels: {a: null}",
    )),
    *(f"route: {{receiver: r, routes: [{{{part}}}]}}" for part in (
        "labels: null", "matchers: [null]", "matchers: ['']", "matchers: ['{}']", "matchers: ['\"\"=x']",
        "matchers: ['a=b,\"c\"=d']", "matchers: [\"a\\u00a0=b\"]", "matchers: ['\"a\"=b']", "matchers: ['a.b=c']",
        "matchers: [!!binary YQ==]", "matchers: ['a=~\"[\"']", "matchers: ['{a=b,c=~d}']", "matchers: [a=b c]",
        *(f"match_re: {{a: {value}}}" for value in ("null", "Null", "'~'", "'null'", "''", "'['", "b")),
        *(f"match: {{a: {value}}}" for value in ("null", "'~'", "on", "1.5")),
    )),
    *(f"route: {{receiver: r}}\n{part}" for part in (
        "inhibit_rules: [null]", "inhibit_rules: [{name: null}]", "inhibit_rules: [{equal: ['...']}]",
        "inhibit_rules: [{equal: [null]}]", "inhibit_rules: [{equal: [a-b]}]", "inhibit_rules: [{source_matchers: []}]",
        "inhibit_rules: [{source_match_re: {a: '~'}}]", "time_intervals: [null]", "time_intervals: [{name: a}]",
        "templates: [null]", "templates: null", "global: null", "tracing: null", "event_recorder: null",
        "event_recorder: {}", "mute_time_intervals: [{name: a}]", "---", "...", "---\nx: 1", "...\nx: y", "--- [",
        "...\n: [", "\ufeff", "1: b", "x: &x [*x]", "global: {smtp_hello: ''}", "global: {smtp_require_tls: null}",
        *(NIGHT.format(f"{field}: [{value}]") for field in ("weekdays", "days_of_month", "months", "years") for value in
          ("null", "0", "13", "-1", "'0:3'", "'1:13'", "'-32'", "32", "'3:1'", "1.5", "'monday:'", "'13:14'", "may")),
        NIGHT.format("times: [null]"), NIGHT.format("times: []"), NIGHT.format("location: null"),
        NIGHT.format("times: [{start_time: '00:00', end_time: null}]"),
    )),
    *(f"route: {{receiver: r}}\ninhibit_rules: []\nreceivers:\n- name: r\n  pagerduty_configs:\n"
      f"  - {{routing_key_file: /s/a, details: {{{part}}}}}" for part in
      ("a: null", "firing: null", "a: .inf", "a: .nan", "a: 1", "null: b", "1: b", "a: !!int '5'", "a: on")),
    *(f"route: {{receiver: r}}\nreceivers:\n- name: r\n  slack_configs:\n"
      f"  - {{api_url_file: /s/a, short_fields: {all_}, fields: [{{title: a, value: b, short: {one}}}]}}"
      for all_ in ("true", "false") for one in ("true", "false", "null")),
    "=", "=[]", "=null", "=---", "=%YAML 1.1\n---\nroute: {receiver: r}\nreceivers: [{name: r}]",
    "=%YAML 1.2\n---\nroute: {receiver: r}\nreceivers: [{name: r}]",
    "=\ufeffroute: {receiver: r}\nreceivers: [{name: r}]",
    "=route: {receiver: NULL}\nreceivers: [{name: r}]",
)  # fmt: skip


def _corpus() -> list[str]:
    texts = [
        text.removeprefix("=") if text.startswith("=") or "receivers:" in text else f"receivers:\n- name: r\n{text}\n"
        for text in TEXTS
    ]
    return list(dict.fromkeys((*_fields(), *texts)))


@pytest.fixture(scope="module")
def oracle(tool: Callable[[str], Path]) -> Iterator[Oracle]:
    for name in ("oracle", *(f"oracle-operator-{version}" for version in OPERATORS)):
        tool(name)
    with Oracle() as running:
        yield running


@pytest.fixture(scope="module")
def verdicts(oracle: Oracle) -> list[Verdict]:
    texts = _corpus()
    return [(text, loaded, _load(text)) for text, loaded in zip(texts, oracle.load_all(texts), strict=True)]


@pytest.fixture(scope="module")
def show(oracle: Oracle) -> Callable[[int], str]:
    return lru_cache(maxsize=None)(oracle.show)


def _data(text: str) -> object:
    try:
        return yaml.load(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError:
        return None


def _load(text: str) -> Config | InvalidInput:
    try:
        return config.load(text, "f")
    except InvalidInput as refused:
        return refused


def _refusals(found: Config | InvalidInput, alertmanager: Version) -> Sequence[Problem]:
    """Why that version would not load it; `load` takes what any version does, `validate` says which one needs more."""
    if isinstance(found, InvalidInput):
        return found.problems
    older = config.validate(found, "f", NEWEST, NO_OPERATOR)
    said = config.validate(found, "f", alertmanager, NO_OPERATOR)
    return [each for each in said if each.kind == "unknown-to-version" or each not in older]


def _wrong(
    texts: Iterable[str], errors: Iterable[str], found: Iterable[Config | InvalidInput], alertmanager: Version
) -> tuple[list[str], set[str]]:
    used: set[str] = set()
    wrong: list[str] = []
    for text, error, one in zip(texts, errors, found, strict=True):
        refusals = _refusals(one, alertmanager)
        if bool(refusals) == bool(error):
            continue
        said = [f"{p.at.path}: {p.message}" for p in refusals]
        reasons = {reason for reason in STRICTER if said and all(re.search(reason, one) for one in said)}
        used |= reasons
        if not reasons:
            wrong.append(f"{text}\nAlertmanager: {error or 'takes it'}\nload: {said or 'takes it'}\n")
    return wrong, used


def test_load_takes_what_alertmanager_takes(verdicts: list[Verdict]) -> None:
    assert len(verdicts) > 5_000
    texts, loaded, found = zip(*verdicts, strict=True)
    wrong, used = _wrong(texts, ("" if one.accepted else one.error for one in loaded), found, NEWEST)
    assert not wrong, f"{len(wrong)}:\n" + "\n".join(wrong[:20])
    assert used == set(STRICTER), "not seen any more"


def test_load_takes_what_the_next_alertmanager_takes(
    oracle: Oracle, tool: Callable[[str], Path], verdicts: list[Verdict]
) -> None:
    tool("oracle-load-0.35.0")
    texts, _, found = zip(*verdicts, strict=True)
    wrong, _ = _wrong(texts, oracle.unloadable(texts, "0.35.0"), found, (0, 35, 0))
    assert not wrong, f"{len(wrong)}:\n" + "\n".join(wrong[:20])


def test_dump_keeps_what_it_means(oracle: Oracle, show: Callable[[int], str], verdicts: list[Verdict]) -> None:
    both = [
        (text, loaded, config.dump(found))
        for text, loaded, found in verdicts
        if loaded.accepted and isinstance(found, Config)
    ]
    wrong: list[str] = []
    for (text, loaded, written), other in zip(both, oracle.load_all(one for _, _, one in both), strict=True):
        if not other.accepted:
            wrong.append(f"{text}\n{other.error}")
        elif _data(text) == _data(written):
            pass
        elif config.dump(config.load(written, "f")) != written:
            wrong.append(f"{text}\n{written}")
        elif "match" in text or "time_intervals" in text:
            pass  # These are written in another form.
        elif difference := _difference(show(loaded.handle), show(other.handle)):
            wrong.append(f"{text}\n{difference}")
    assert not wrong, f"{len(wrong)}:\n" + "\n".join(wrong[:20])


@pytest.mark.parametrize("operator", OPERATORS)
def test_what_validate_passes_reaches_alertmanager_unchanged(
    operator: str,
    oracle: Oracle,
    show: Callable[[int], str],
    verdicts: list[Verdict],
) -> None:
    version = tuple(map(int, operator.split(".")))
    passed = [
        (text, loaded)
        for text, loaded, found in verdicts
        if loaded.accepted and isinstance(found, Config) and not config.validate(found, "f", NEWEST, version)
    ]
    assert len(passed) > 1_000
    operated = oracle.operator_all((text for text, _ in passed), operator)
    wrong = [f"{text}\n{one.error}" for (text, _), one in zip(passed, operated, strict=True) if not one.accepted]
    taken = [(*one, other) for one, other in zip(passed, operated, strict=True) if other.accepted]
    generated = oracle.load_all(one.generated for _, _, one in taken)
    for (text, loaded, one), other in zip(taken, generated, strict=True):
        if not other.accepted:
            wrong.append(f"{text}\n{other.error}\n{one.generated}")
        elif difference := _difference(show(loaded.handle), show(other.handle)):
            wrong.append(f"{text}\n{difference}")
    assert not wrong, f"{len(wrong)}:\n" + "\n".join(wrong[:20])


def _difference(before: str, after: str) -> str:
    """The lines of only one of them, without those of HARMLESS."""
    lines: list[set[str]] = [set(text.splitlines()) for text in (before, after)]
    only = [line for line in lines[0] ^ lines[1] if not any(re.fullmatch(harmless, line) for harmless in HARMLESS)]
    return "\n".join(only)
