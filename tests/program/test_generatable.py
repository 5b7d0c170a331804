"""Whatever settings and catalogs say, what is compiled of them is taken by Alertmanager and by the operator.

What the program refuses is told as a mistake of the input and goes nowhere; most samples must be taken.
"""

from __future__ import annotations

import itertools
import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from alertpath.compiling.compile import compile_stack
from alertpath.documents.problems import InvalidInput
from alertpath.inputs.fields import version
from alertpath.inputs.stack import load
from tests.oracle import OPERATORS, Oracle
from tests.program.test_receivers import NATIVE, RECEIVERS

SAMPLES: Final = 200
# For a receiver that is in none of them.
FURTHER: Final = 20
MOST: Final = 0.75
"""At least this share of the samples must compile."""

NAMED_BY: Final = ("webhook", "app_token", "routing_key", "url_credential", "bearer_token", "password", "api_key")
PATHS: Final = {f"/etc/alertmanager/secrets/{v['secret']}/{v['key']}": {name: v} for name, v in NATIVE.items()}
# The Alertmanager and the operator that a receiver needs, where the oldest of VERSIONS would not do.
NEEDS: Final = {
    "slack-app": ((0, 30), (0, 88)),
    "webhook": ((0, 28), (0, 85)),
    "teams": ((0, 28), (0, 85)),
    "telegram": ((0, 26), (0, 85)),
    "webhook-secret": ((0, 26), (0, 85)),
    "discord": ((0, 26), (0, 85)),
}
VERSIONS: Final = ("0.25.0", "0.28.1", "0.32.0", "0.34.2")
LABELS: Final = ("service", "namespace", "severity", "alertname", "team", "cluster")
# Each means something to YAML, to a regex, to Go's quoting or to its templates.
ODD: Final = (
    *(
        "api",
        "a.b",
        "x|y",
        "w(1)",
        "데모",
        "no",
        "0x1F",
        "18:00",
        "- a",
        "{{ x }}",
        "#1",
        "a\\b",
        'say "hi"',
        "~",
        "it's",
    ),
    *(
        "a, b",
        "[x]",
        "*",
        "&a",
        "a: b",
        "null",
        "1e3",
        "naïve",
        "%d",
        "e\u0301",
        "$(",
        "\u00a0",
        "🚨",
        "a\\",
        "{a=b}",
        ",",
    ),
)
texts = st.sampled_from(ODD) | st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=8)
waits = st.sampled_from(["0s", "1s", "90s", "1m30s", "5m", "2h", "1d"])
group_intervals = st.sampled_from(["1s", "30s", "5m", "15m"])
repeat_intervals = st.sampled_from(["15m", "1h30m", "4h", "7d"])
groupings = st.lists(st.sampled_from(LABELS), unique=True, min_size=1) | st.sampled_from([["..."], [*LABELS]])
regexes = st.sampled_from(["a.*", "a|b", "", ".+", "[a-z]{2,3}", r"x\.y", "(?i)prod", "데.", r"\d+|\w*", 'q"'])
matchers = st.builds(
    lambda label, matcher: f"{label}{matcher[0]}{json.dumps(matcher[1], ensure_ascii=False)}",
    st.sampled_from(LABELS),
    st.tuples(st.sampled_from(["=", "!="]), texts) | st.tuples(st.sampled_from(["=~", "!~"]), regexes),
)
several = st.lists(matchers, min_size=1, max_size=2, unique=True)


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Mappings of some of these fields."""
    return st.fixed_dictionaries({}, optional=fields)


def listed(*values: Any) -> st.SearchStrategy[list[Any]]:
    """Lists of one or more of these values."""
    return st.lists(st.sampled_from(values), min_size=1, max_size=2, unique_by=str)


timing = {"group_wait": waits, "group_interval": group_intervals, "repeat_interval": repeat_intervals}
timings = some(group_by=groupings, **timing)
periods = some(
    weekdays=listed("monday:friday", "saturday", "sunday"),
    days_of_month=listed("1:5", "-3:-1", "31"),
    months=listed("january", "2:4", "december"),
    years=listed("2026:2028", "2030"),
    times=listed({"start_time": "09:00", "end_time": "18:30"}, {"start_time": "00:00", "end_time": "24:00"}),
    location=st.sampled_from(["UTC", "Asia/Seoul", "Europe/Berlin", "America/St_Johns"]),
)
HOURS: Final = ("office", "night")
dates = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)).map("{:%Y-%m-%d %H:%M}".format)


@st.composite
def audiences(draw: st.DrawFn, receivers: list[str], severities: list[str]) -> dict[str, Any]:
    hours = st.lists(st.sampled_from(HOURS), max_size=2, unique=True)
    name = st.sampled_from(receivers)
    target = (
        name
        | name
        | st.builds(
            lambda to, rest, when: {"to": to, **rest, **when},
            name,
            timings,
            some(active_time_intervals=hours, mute_time_intervals=hours),
        )
    )
    return draw(st.dictionaries(st.sampled_from([*severities, "any"]), target, min_size=1))


@st.composite
def catalogs(draw: st.DrawFn, receivers: list[str], severities: list[str]) -> dict[str, Any]:
    who = audiences(receivers, severities)
    # Of few kinds, so that some have the same owners.
    services = draw(
        st.dictionaries(texts, st.sampled_from(draw(st.lists(who, min_size=1, max_size=3))), min_size=2, max_size=8)
    )
    services = {name: dict(service) for name, service in services.items()}
    # With a label of its own, for else most would claim the alerts of another one.
    for number, service in enumerate(services.values()):
        if draw(st.integers(0, 7)) == 0:
            service["match"] = [f"app=a{number}", *draw(several)]
    names = sorted(services)
    windows = st.builds(
        lambda number, days, rest: {"name": f"w{number}", "start": min(days), "end": max(days), **rest},
        st.integers(0, 9),
        st.lists(dates, min_size=2, max_size=2, unique=True),
        some(severities=listed(*severities, "any"), **({"services": listed(*names)} if names else {})).map(
            lambda rest: {"location": "Asia/Seoul", **rest}
        ),
    )
    return {
        "team": "a",
        "receivers": {name: RECEIVERS[name] for name in receivers} | draw(st.just({}) | _mentions()),
        "timing": draw(st.dictionaries(st.sampled_from([*severities, "any"]), timings, max_size=2)),
        "services": services,
        "namespaces": draw(st.dictionaries(texts, who, max_size=2)),
        "time_intervals": {name: draw(st.lists(periods, min_size=1, max_size=2)) for name in HOURS},
        "maintenance": draw(st.lists(windows, max_size=2, unique_by=lambda window: window["name"])),
        "native": draw(_natives(receivers)),
    }


def _mentions() -> st.SearchStrategy[dict[str, Any]]:
    return texts.filter(lambda text: "{{" not in text and "@" not in text).map(
        lambda text: {"slack-webhook": {"slack": {"channel": "#a", "webhook": "hook", "mention": text}}}
    )


def _natives(receivers: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    name = st.sampled_from(receivers)
    leaf = st.builds(lambda to, on, rest: {"receiver": to, "matchers": on, **rest}, name, several, timings)
    route = st.builds(lambda above, below: {**above, "routes": below}, leaf, st.lists(leaf, max_size=2)) | st.builds(
        lambda above, go_on: {**above, "continue": go_on}, leaf, st.booleans()
    )
    own = [{"name": "own", "webhook_configs": [{"url": "http://127.0.0.1:9/", "max_alerts": 3}]}]
    rule = st.builds(
        lambda source, target, equal: {"source_matchers": source, "target_matchers": target, "equal": equal},
        several,
        several,
        st.lists(st.sampled_from(LABELS), min_size=1, unique=True),
    )
    return some(
        routes_before=st.lists(route, max_size=2),
        routes_after=st.lists(route, max_size=2),
        receivers=st.just(own),
        inhibit_rules=st.lists(rule, max_size=2),
        time_intervals=periods.map(lambda period: [{"name": "more", "time_intervals": [period]}]),
    )


@st.composite
def stacks(draw: st.DrawFn, needed: Sequence[str] = ()) -> tuple[dict[str, Any], dict[str, Any]]:
    """Settings and a catalog, which has the receivers that are needed."""
    versions = {"alertmanager": draw(st.sampled_from(VERSIONS)), "operator": draw(st.sampled_from(OPERATORS))}
    alertmanager, operator = (version(versions[name]) for name in ("alertmanager", "operator"))
    old, known = ((0, 0), (0, 0)), sorted(RECEIVERS)
    known = [n for n in known if alertmanager >= NEEDS.get(n, old)[0] and operator >= NEEDS.get(n, old)[1]]
    assume(set(needed) <= set(known))
    receivers = [
        *dict.fromkeys([*needed, *draw(st.lists(st.sampled_from(known), min_size=1, max_size=6, unique=True))])
    ]
    severities = draw(st.sampled_from([["critical", "warning", "info"], ["critical", "p2", "a|b", "info"], ["page"]]))
    catalog = draw(catalogs(receivers, severities))
    present = sorted(catalog["receivers"])
    routing = some(
        default_receiver=st.sampled_from(present),
        share_routes=st.sampled_from([True, True, False]),
        group_by=groupings,
        **timing,
    )
    inhibit = [{"source_matchers": ["severity=page"], "target_matchers": ["severity!=page"], "equal": ["service"]}]
    stack = {
        "delivery": "cluster",
        "catalog": ["team.yaml"],
        "receivers": present,
        "routing": {"severities": severities, **draw(routing), **draw(some(inhibit_rules=st.just(inhibit)))},
        "external_labels": draw(some(cluster=texts, environment=texts)),
        "versions": versions,
        "alertmanager": draw(some(resolve_timeout=repeat_intervals, external_url=st.just("https://a.example.com/x"))),
        "credentials": {"provider": "existing", "values": _credentials(catalog["receivers"])},
    }
    if alertmanager >= (0, 26) and draw(st.booleans()):
        stack["heartbeat"] = {"credential": "deadman", "interval": draw(st.sampled_from(["30s", "1m", "10m"]))}
        stack["credentials"]["values"]["deadman"] = None
    return stack, catalog


def _credentials(receivers: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for receiver in receivers.values():
        for kind, each in receiver.items():
            if kind == "native":
                configs = itertools.chain.from_iterable(each.values())
                for value in itertools.chain.from_iterable(config.values() for config in configs):
                    found |= PATHS.get(value, {})
            else:
                found |= {each[field]: None for field in NAMED_BY if field in each}
    return found


def _shares(stack: dict[str, Any]) -> bool:
    return stack["routing"].get("share_routes", False)


def _compiled(stack: dict[str, Any], catalog: dict[str, Any]) -> str:
    with tempfile.TemporaryDirectory() as directory:
        stack_file = Path(directory) / "Pulumi.test.yaml"
        stack_file.write_text(
            json.dumps({"config": {"alertpath:settings": stack}}, ensure_ascii=False), encoding="utf-8"
        )
        (Path(directory) / "team.yaml").write_text(json.dumps(catalog, ensure_ascii=False), encoding="utf-8")
        return compile_stack(load(stack_file)).text


@pytest.fixture(scope="module")
def oracle(tool: Callable[[str], Path]) -> Iterator[Oracle]:
    for name in ("oracle", *(f"oracle-operator-{operator}" for operator in OPERATORS)):
        tool(name)
    with Oracle() as running:
        yield running


def test_every_configuration_that_is_generated_is_accepted(oracle: Oracle) -> None:
    samples: list[tuple[dict[str, Any], str]] = []
    refused: Counter[str] = Counter()

    def draw(count: int, *needed: str) -> None:
        @settings(
            deadline=None,
            max_examples=count,
            phases=[Phase.generate],
            derandomize=True,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        )
        @given(stacks(needed))
        def each(sample: tuple[dict[str, Any], dict[str, Any]]) -> None:
            stack, catalog = sample
            try:
                samples.append((stack, _compiled(stack, catalog)))
            except InvalidInput as error:
                refused.update({problem.message for problem in error.problems})

        each()

    draw(SAMPLES)
    assert all(message.startswith("claims the same alerts as") for message in refused), refused
    assert len(samples) >= SAMPLES * MOST, f"only {len(samples)} compile: {refused.most_common(10)}"
    assert any('service=~"' in text and "    routes:" in text for stack, text in samples if _shares(stack))
    # What Hypothesis draws depends on the modules that are loaded, so on which tests ran before.
    for name in RECEIVERS:
        if not any(name in stack["receivers"] for stack, _ in samples):
            draw(FURTHER, name)
        assert any(name in stack["receivers"] for stack, _ in samples), name
    wrong = [
        f"{loaded.error}\n{text}"
        for (_, text), loaded in zip(samples, oracle.load_all(text for _, text in samples), strict=True)
        if not loaded.accepted
    ]
    pairs = {(stack["versions"]["operator"], stack["versions"]["alertmanager"]) for stack, _ in samples}
    assert {operator for operator, _ in pairs} == set(OPERATORS)
    generated: list[str] = []
    for operator, alertmanager in sorted(pairs):
        chosen = {"alertmanager": alertmanager, "operator": operator}
        given_ = [text for stack, text in samples if stack["versions"] == chosen]
        for text, operated in zip(given_, oracle.operator_all(given_, operator, alertmanager), strict=True):
            if not operated.accepted or operated.warnings:
                wrong.append(f"{operator}, {alertmanager}: {operated.error} {operated.warnings}\n{text}")
            generated.append(operated.generated)
    wrong += [
        f"what the operator makes of it: {loaded.error}\n{text}"
        for text, loaded in zip(generated, oracle.load_all(generated), strict=True)
        if not loaded.accepted
    ]
    assert not wrong, f"{len(wrong)}:\n" + "\n".join(wrong[:5])
