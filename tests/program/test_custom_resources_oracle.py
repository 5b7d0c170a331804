"""What becomes of AlertmanagerConfigs is what the operator's own generator makes of them, both versions of them."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, cast

import pytest

from alertpath.alertmanager import config
from alertpath.alertmanager.config import Config
from alertpath.alertmanager.custom_resources import STRATEGIES
from alertpath.alertmanager.integration_defaults import completed
from alertpath.configurations.source import Operated, read_source
from alertpath.documents.go_yaml import FromSecret
from alertpath.documents.problems import InvalidInput
from tests.grammars.custom_resources import NAMESPACES, Grammar, value_of
from tests.oracle import OPERATORS, Oracle

MADE: Final = 150
NEWEST: Final = OPERATORS[-1]
DEFAULT: Final = "route:\n  receiver: 'null'\nreceivers:\n- name: 'null'"
BASES: Final = (
    None,
    "route: {receiver: d}\nreceivers: [{name: d}]\n",
    """
route: {receiver: d, group_by: [job], routes: [{matchers: [a="b"], continue: true}, {match: {c: d}}]}
receivers: [{name: d, webhook_configs: [{url: 'http://x/y'}]}, {name: e}]
mute_time_intervals: [{name: m, time_intervals: [{months: ['1']}]}]
time_intervals: [{name: t, time_intervals: [{years: ['2030']}]}]
inhibit_rules: [{source_matchers: [a="b"], target_matchers: [c="d"], equal: [e]}]
global: {smtp_smarthost: 'mail:25', smtp_from: a@b}
""",
)
GLOBALS: Final[Sequence[Mapping[str, Any]]] = (
    {},
    {"resolveTimeout": "90m", "pagerdutyUrl": "https://example.com/x"},
    {
        "smtp": {"from": "a@b", "smartHost": {"host": "::1", "port": "25"}, "requireTLS": False},
        "httpConfig": {"followRedirects": False},
    },
)


@pytest.fixture(scope="module")
def oracle(tool: Callable[[str], Path]) -> Iterator[Oracle]:
    for name in ("oracle", *(f"oracle-operator-{version}" for version in OPERATORS)):
        tool(name)
    with Oracle() as running:
        yield running


def _request(number: int) -> dict[str, Any]:
    choose = random.Random(number)
    grammar = Grammar(choose, choose.choice([0, 0, 0.02, 0.1]))
    objects = grammar.objects(3)
    request: dict[str, Any] = {
        "config": choose.choice(BASES),
        "objects": objects,
        "secrets": grammar.secrets,
        "strategy": choose.choice(STRATEGIES),
        "namespace": choose.choice(NAMESPACES),
    }
    if choose.random() < 0.2:
        main = objects[0]["metadata"]
        objects[0]["spec"].get("route", {})["matchers"] = []
        request |= {
            "config": None,
            "namespace": main["namespace"],
            "main": main["name"],
            "global": choose.choice(GLOBALS),
        }
    return request


def _ours(request: Mapping[str, Any]) -> Config:
    # JSON is YAML too.
    texts = {f"{number}.yaml": json.dumps(each) for number, each in enumerate(request["objects"])}
    if request["config"] is not None:
        texts["base.yaml"] = request["config"]
    said = Operated(request["strategy"], request["namespace"])
    if "main" in request:
        spec = {
            "alertmanagerConfigSelector": {},
            "alertmanagerConfigNamespaceSelector": {},
            "alertmanagerConfigMatcherStrategy": {"type": request["strategy"]},
            "alertmanagerConfiguration": {"name": request["main"], "global": request["global"]},
        }
        owner = {"kind": "Alertmanager", "metadata": {"name": "m", "namespace": request["namespace"]}, "spec": spec}
        texts["owner.yaml"] = json.dumps(owner)
    return read_source(texts, said).load(True)


def _known(value: object) -> object:
    """`value` with what the Secrets hold."""
    if isinstance(value, FromSecret):
        return value_of(*value[:-1].split(" ", 1)[1].split("/", 2))
    if isinstance(value, Mapping):
        return {key: _known(part) for key, part in cast("Mapping[str, object]", value).items()}
    if isinstance(value, list | tuple):
        return [_known(part) for part in cast("Sequence[object]", value)]
    return value


def _parts(found: Config) -> dict[str, object]:
    """What the configuration means, in an order of its own."""
    receivers = {
        one.name: {
            name: [_known(completed(name, entry, found.global_)) for entry in entries]
            for name, entries in one.integrations.items()
        }
        for one in found.receivers
    }
    return {
        "route": found.route,
        "receivers": receivers,
        "order": [one.name for one in found.receivers],
        "rules": found.inhibit_rules,
        "intervals": {one.name: one.intervals for one in found.time_intervals},
        "global": _known(found.global_),
    }


def compare(oracle: Oracle, requests: Sequence[Mapping[str, Any]], operator: str) -> int:
    """Asserts that both say the same of each; gives how many of them are valid."""
    wrong: list[str] = []
    valid = crashed = 0
    answers = oracle.operate_all(requests, operator)
    taken = oracle.load_all(one.generated if one.accepted else "" for one in answers)
    for request, theirs, loaded in zip(requests, answers, taken, strict=True):
        accepted = theirs.accepted and not theirs.skipped and loaded.accepted
        why = theirs.error or loaded.error or theirs.skipped
        if theirs.error.startswith("panic") and "v1beta1" in json.dumps(request["objects"]):
            crashed += 1  # Its conversion of what is left out, mended in the API 0.95.
            continue
        try:
            ours = _ours(request)
        except InvalidInput as refused:
            if accepted:
                wrong.append(f"{json.dumps(request)}\nthe operator takes it; we: {refused}")
            continue
        if not accepted:
            wrong.append(f"{json.dumps(request)}\nwe take it; the operator or Alertmanager: {why}")
            continue
        valid += 1
        one, other = _parts(ours), _parts(config.load(theirs.generated, "generated"))
        wrong += [
            f"{json.dumps(request)}\n{key}\n  we:   {one[key]}\n  they: {other[key]}"
            for key in one
            if one[key] != other[key]
        ]
    assert not wrong, f"{len(wrong)}:\n" + "\n\n".join(wrong[:10])
    assert crashed < len(requests) / 10
    return valid


def test_alertmanager_configs_become_what_the_operator_makes_of_them(oracle: Oracle) -> None:
    assert compare(oracle, [_request(number) for number in range(MADE)], NEWEST) > MADE / 4
