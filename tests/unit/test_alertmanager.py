"""The configuration as a whole: read, validated, written back.

What is accepted and refused was compared with amtool 0.34.2 `check-config`.
"""

from typing import Any

import pytest
import yaml

from alertpath.alertmanager import config as alertmanager
from alertpath.alertmanager import config_yaml, integrations
from alertpath.alertmanager.config import (
    Config,
    InhibitRule,
    NamedTimeInterval,
    Receiver,
    Route,
    dump,
    load,
    load_with_lines,
    validate,
)
from alertpath.alertmanager.integration_fields import OBJECTS
from alertpath.alertmanager.matchers import parse, parse_all
from alertpath.alertmanager.time_intervals import Range, TimeInterval, TimeRange
from alertpath.documents.go_yaml import Reader, plain_data
from alertpath.documents.problems import InvalidInput
from alertpath.documents.yaml_file import parse as parse_document

NEWEST = (0, 34, 2), (0, 94, 0)
RECEIVERS = """
receivers:
- name: default
- name: pager
  pagerduty_configs:
  - routing_key_file: /etc/alertmanager/secrets/pagerduty/key
"""
FULL = """\
global:
  resolve_timeout: 5m
  pagerduty_url: https://events.eu.pagerduty.com/v2/enqueue
templates:
- /etc/alertmanager/config/*.tmpl
route:
  receiver: default
  group_by: [alertname, service]
  group_wait: 30s
  group_interval: 5m
  repeat_interval: 2h
  routes:
  - receiver: pager
    matchers:
    - service="api"
    - severity=~"critical|page"
    group_by: ["..."]
    group_wait: 0s
    continue: true
  - receiver: default
    matchers:
    - severity="info"
    active_time_intervals: [business-hours]
    routes:
    - matchers:
      - component!="a\\"b"
inhibit_rules:
- source_matchers:
  - severity="critical"
  target_matchers:
  - severity=~"info|warning"
  equal: [alertname, service]
receivers:
- name: default
- name: pager
  pagerduty_configs:
  - send_resolved: true
    routing_key_file: /etc/alertmanager/secrets/pagerduty/key
    description: |-
      {{ .CommonAnnotations.summary }}
      🎉
    details:
      "no": "on"
      "1": "2"
time_intervals:
- name: business-hours
  time_intervals:
  - times:
    - start_time: "09:00"
      end_time: "18:00"
    weekdays: ['monday:friday']
    location: Asia/Seoul
"""


def _problems(text: str) -> list[str]:
    try:
        load(text, "a.yaml")
    except InvalidInput as error:
        return [f"{p.at.line} {p.at.path}: {p.message}" for p in error.problems]
    return []


def _deploy(text: str, versions: tuple[Any, Any] = NEWEST) -> list[str]:
    config, line_of = load_with_lines(text, "a.yaml")
    return [f"{p.at.line} {p.at.path}: {p.message}" for p in validate(config, "a.yaml", *versions, line_of)]


def _route(text: str) -> str:
    """A configuration whose root route has these further lines."""
    return "route:\n  receiver: default\n" + "".join(f"  {line}\n" for line in text.splitlines()) + RECEIVERS


def test_a_full_configuration() -> None:
    config = load(FULL, "a.yaml")
    assert config == Config(
        global_={"resolve_timeout": "5m", "pagerduty_url": "https://events.eu.pagerduty.com/v2/enqueue"},
        templates=("/etc/alertmanager/config/*.tmpl",),
        route=Route(
            receiver="default",
            group_by=("alertname", "service"),
            group_wait=30_000,
            group_interval=300_000,
            repeat_interval=7_200_000,
            routes=(
                Route(
                    receiver="pager",
                    matchers=parse_all('severity=~"critical|page",service="api"'),
                    group_by=("...",),
                    group_wait=0,
                    continue_=True,
                ),
                Route(
                    receiver="default",
                    matchers=(parse('severity="info"'),),
                    active_time_intervals=("business-hours",),
                    routes=(Route(matchers=(parse('component!="a\\"b"'),)),),
                ),
            ),
        ),
        inhibit_rules=(
            InhibitRule(
                source=(parse('severity="critical"'),),
                target=(parse('severity=~"info|warning"'),),
                equal=("alertname", "service"),
            ),
        ),
        receivers=(
            Receiver(name="default"),
            Receiver(
                name="pager",
                integrations={
                    "pagerduty_configs": [
                        {
                            "send_resolved": True,
                            "routing_key_file": "/etc/alertmanager/secrets/pagerduty/key",
                            "description": "{{ .CommonAnnotations.summary }}\n🎉",
                            "details": {"no": "on", "1": "2"},
                        }
                    ]
                },
            ),
        ),
        time_intervals=(
            NamedTimeInterval(
                name="business-hours",
                intervals=(
                    TimeInterval(times=(TimeRange(540, 1080),), weekdays=(Range(1, 5),), location="Asia/Seoul"),
                ),
            ),
        ),
    )
    assert validate(config, "a.yaml", *NEWEST) == []
    assert list(alertmanager.files(config)) == [
        (("receivers", 1, "pagerduty_configs", 0, "routing_key_file"), "/etc/alertmanager/secrets/pagerduty/key")
    ]


def test_dump_is_canonical() -> None:
    # This text is in the canonical form already, every quote and order included.
    assert dump(load(FULL, "a.yaml")) == FULL


def test_old_spellings_are_read_and_not_written() -> None:
    old = (
        _route("""\
routes:
- match: {service: api}
  match_re: {severity: a|b}
  matchers: [x=1]
  mute_time_intervals: [night]
""")
        + "mute_time_intervals: [{name: night, time_intervals: [{times: [{start_time: 22:00, end_time: 24:00}]}]}]\n"
    )
    old += "inhibit_rules: [{source_match: {a: b}, target_match_re: {c: d.*}, equal: [e]}]\n"
    config = load(old, "a.yaml")
    assert list(map(str, config.route.routes[0].matchers)) == ['service="api"', 'severity=~"^(?:a|b)$"', 'x="1"']
    assert config.time_intervals[0].intervals[0].times == (TimeRange(1320, 1440),)
    assert config.inhibit_rules == (
        InhibitRule(source=(parse("a=b"),), target=(parse('c=~"^(?:d.*)$"'),), equal=("e",)),
    )
    written = dump(config)
    assert "match:" not in written
    assert "match_re" not in written
    assert "\nmute_time_intervals" not in written
    assert load(written, "b.yaml") == config


def test_matchers_are_kept_in_alertmanagers_order() -> None:
    assert Route(matchers=parse_all("b=1,a=2")) == Route(matchers=parse_all("a=2,b=1"))


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("", ["0 : `route` is missing"]),
        ("[]", ["1 : is not a mapping"]),
        ("route: {receiver: a}\nroute: {receiver: a}\nreceivers: [{name: a}]", ["2 route: is written twice"]),
        ("route: {receiver: a, receiver: a}\nreceivers: [{name: a}]", ["1 route.receiver: is written twice"]),
        ("route: {receiver: a", ["2 : is not YAML: did not find expected ',' or '}'"]),
        ("%YAML 1.2\n---\nroute: {receiver: a}\nreceivers: [{name: a}]", ["1 : Go reads YAML 1.1 only"]),
        ("route: {receiver: a}\n\ufeff\nreceivers: [{name: a}]", ["2 : a byte order mark begins this line"]),
        ("route: {receiver: !!binary YQ==}\nreceivers: [{name: a}]", ["1 route.receiver: has a tag"]),
        (_route("group_wait: NULL"), ["3 route.group_wait: is null to some fields, and not to others"]),
        (_route("routes:\n- match_re: {a: '~'}"), ["4 route.routes[0].match_re.a: has no regex"]),
        (_route("") + "tracing: {endpoint: a, sampling_fraction: true}", ["9 tracing.sampling_fraction: is not a num"]),
        (_route("") + "event_recorder: {webhook_outputs: [{url: <secret>}]}", ["webhook_outputs[0].url: is not a URL"]),
        (_route("") + "event_recorder: {kafka_outputs: [{topic: t, brokers: [a, '']}]}", ["brokers: has an empty"]),
        (_route("") + "global: {pagerduty_url: null}", ["9 global.pagerduty_url: is null, which takes"]),
        (_route("") + "global: {rocketchat_token: '~'}", ["9 global.rocketchat_token: is null for Alertmanager"]),
        ("route: {receiver: a}\nreceivers: [{name: a}, {name: a}]", ["2 receivers[1].name: another one has this name"]),
        ("route: {receiver: a}\nreceivers: [{}]", ["2 receivers[0]: `name` is missing"]),
        ("route: {receiver: a}\nreceivers:\n- name: a\n- ", ["4 receivers[1]: is an empty entry"]),
        ("route: {receiver: a}", ["1 route.receiver: this receiver is not defined"]),
        ("Route: {receiver: a}", ["1 : `route` is missing", "1 Route: unknown field"]),
        (_route("matchers: [a=b]"), ["3 route.matchers: is not allowed in the root route"]),
        (_route("match: {a: b}"), ["route.matchers: is not allowed in the root route"]),
        (_route("continue: true"), ["3 route.continue: is not allowed in the root route"]),
        (_route("continue: 'true'"), ["3 route.continue: is not a boolean"]),
        (
            _route("mute_time_intervals: [x]"),
            [
                "3 route.mute_time_intervals: is not allowed in the root route",
                "3 route.mute_time_intervals[0]: this time interval is not defined",
            ],
        ),
        (_route("group_by: ['...', a]"), ["3 route.group_by: has other labels beside '...'"]),
        (_route("group_by: [a, b, a]"), ["3 route.group_by: names a label twice"]),
        (_route("group_by: [a, '']"), ["3 route.group_by: has an empty label name"]),
        (_route("group_interval: 0s"), ["3 route.group_interval: is zero"]),
        (_route("repeat_interval: 0s"), ["3 route.repeat_interval: is zero"]),
        (_route("group_wait: 30"), ["3 route.group_wait: not a duration"]),
        (_route("foo: 1"), ["3 route.foo: unknown field"]),
        (_route("routes:\n- receiver: nobody"), ["4 route.routes[0].receiver: this receiver is not defined"]),
        (
            _route("routes:\n- matchers:\n  - a=~'['\n  - b"),
            ["5 route.routes[0].matchers[0]: bad regex", "6 route.routes[0].matchers[1]: an operator is"],
        ),
        (_route("routes:\n- matchers: a=b"), ["4 route.routes[0].matchers: is not a list"]),
        (_route("routes:\n- match: {a-b: c}"), ["4 route.routes[0].match.a-b: is not a label name"]),
        (_route("routes:\n- match_re: {a: '['}"), ["4 route.routes[0].match_re.a: bad regex"]),
        (_route("routes:\n- match_re:\n    a:"), ["5 route.routes[0].match_re.a: has no regex"]),
        (_route("") + "time_intervals: [{name: a}, {name: a}]", ["9 time_intervals[1].name: another one"]),
        (_route("") + "time_intervals: [{}]", ["9 time_intervals[0]: `name` is missing"]),
        (_route("") + "inhibit_rules: [{equal: ['']}]", ["9 inhibit_rules[0].equal: has an empty label name"]),
        (_route("") + "inhibit_rules: [{source_matcher: [a=b]}]", ["9 inhibit_rules[0].source_matcher: unknown field"]),
        (_route("") + "tracing: {}", ["9 tracing: `endpoint` is missing"]),
        (_route("") + "global: {opsgenie_api_key: a, opsgenie_api_key_file: b}", ["excludes opsgenie_api_key"]),
        (
            _route("") + "global: {slack_app_token_file: a, slack_api_url_file: b}",
            ["9 global.slack_api_url_file: excludes slack_app_token_file"],
        ),
        (_route("") + "- name: c\n  opsgenie_configs: [{}]", ["10 receivers[2].opsgenie_configs[0]: api_key or"]),
        (_route("") + "- name: c\n  labels: {name: d}", ["10 receivers[2].labels.name: is not the receiver's name"]),
        (_route("") + "- name: c\n  webhook_config: []", ["10 receivers[2].webhook_config: unknown field"]),
        (_route("") + "x: &x [*x]", ["9 x[0]: this alias refers to nothing, to itself or to too much"]),
    ],
)
def test_what_alertmanager_refuses(text: str, problems: list[str]) -> None:
    found = _problems(text)
    assert len(found) == len(problems), found
    assert all(expected in problem for problem, expected in zip(found, problems, strict=True)), found


@pytest.mark.parametrize(
    "text",
    [
        _route("") + "---\nx: 1",
        _route("") + "...\nx: y: z",
        _route("routes:\n- matchers: [null, '{}']"),
        _route("") + "templates: [null]",
        _route("") + "event_recorder: {webhook_outputs: [{url: 'http://a', workers: -1, batch_flush_interval: 0s}]}",
        _route("") + "- name: c\n  webhook_configs: [{url_file: /a, timeout: 1.5h, max_alerts: 1e3}]",
        _route("") + "- name: c\n  webhook_configs: [{url_file: /a, timeout: -5m, max_alerts: 2.0}]",
    ],
)
def test_what_does_no_harm_is_read_as_alertmanager_reads_it(text: str) -> None:
    assert _problems(text) == []
    config = load(text, "a.yaml")
    assert load(dump(config), "a.yaml") == config


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        ("global", "smtp_require_tls", False),
        ("global", "resolve_timeout", "0s"),
        ("global", "smtp_hello", ""),
        ("webhook_configs", "send_resolved", False),
        ("pushover_configs", "retry", "0s"),
        ("slack_configs", "title", ""),
        ("jira_configs", "summary", ""),
        ("http_config", "follow_redirects", False),
        ("slack_configs", "link_names", None),
        ("slack_configs", "http_config", None),
    ],
)
def test_null_is_the_zero_value_where_there_is_a_default(name: str, field: str, value: object) -> None:
    found = integrations.read(Reader("a.yaml"), {field: None}, (), name)
    assert found.get(field) == value
    assert (field in found) == (value is not None)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (_route("labels: null"), "3 route.labels: `labels` of a route needs Prometheus Operator 0.95"),
        (_route("matchers: ['{}']"), "3 route.matchers: no Prometheus Operator so far takes `matchers` of the root"),
        (
            _route("routes:\n- matchers: ['a=b,\"c\"=d']"),
            "4 route.routes[0].matchers[0]: no Prometheus Operator so far",
        ),
        (_route('routes:\n- matchers: ["a\\u00a0=b"]'), "4 route.routes[0].matchers[0]: no Prometheus Operator so far"),
        (_route("") + "tracing: null", "9 tracing: no Prometheus Operator so far takes `tracing`"),
        (_route("") + "event_recorder: {}", "9 event_recorder: no Prometheus Operator so far takes `event_recorder`"),
        (_route("") + "inhibit_rules: [{name: null}]", "9 inhibit_rules[0].name: no Prometheus Operator so far takes"),
        (_route("") + "inhibit_rules: [{equal: ['...']}]", "9 inhibit_rules[0].equal: no Prometheus Operator so far"),
        (
            _route("") + "global: {smtp_require_tls: null}",
            "9 global.smtp_require_tls: no Prometheus Operator so far takes",
        ),
        (_route("") + "global: {smtp_hello: ''}", "9 global.smtp_hello: is empty: the Prometheus Operator drops it"),
        (
            _route("") + "time_intervals: [{name: a, time_intervals: [{years: [null, 1]}]}]",
            "years[0]: no Prometheus Op",
        ),
        (_route("") + "---\nx: 1", "1 : no Prometheus Operator so far takes what begins on line 9"),
    ],
)
def test_a_form_that_the_operator_takes_otherwise_is_not_deployed(text: str, problem: str) -> None:
    found = _deploy(text)
    assert len(found) == 1, found
    assert problem in found[0]
    # Written anew it is right.
    if "..." not in text and "smtp_hello" not in text:
        assert _deploy(dump(load(text, "a.yaml"))) == []


def test_a_null_field_is_judged_by_its_versions() -> None:
    text = _route("") + "- name: c\n  slack_configs: [{api_url_file: /a, timeout: null}]"
    assert _deploy(text) == []
    assert len(_deploy(text, ((0, 29, 0), (0, 85, 0)))) == 2


def test_all_mistakes_are_said_at_once() -> None:
    found = _problems(_route("group_wait: x\nrepeat_interval: y\nroutes:\n- foo: 1\n- matchers: [a]\n  receiver: z"))
    assert [problem.split(":")[0] for problem in found] == [
        "3 route.group_wait",
        "4 route.repeat_interval",
        "6 route.routes[0].foo",
        "7 route.routes[1].matchers[0]",
    ]


def test_a_bomb_of_aliases_is_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    assert any("too much" in problem for problem in _problems("\n".join(lines)))


def test_what_is_nested_too_deeply_is_refused() -> None:
    assert any("nested too deeply" in problem for problem in _problems("[" * 5000 + "]" * 5000))


def test_aliases_and_merge_keys() -> None:
    text = "route: {receiver: a, routes: [&r {receiver: a, group_wait: 1s}, {<<: *r, group_wait: 2s}]}\n"
    first, second = load(text + "receivers: [{name: a}]", "a.yaml").route.routes
    assert (first.receiver, first.group_wait, second.receiver, second.group_wait) == ("a", 1000, "a", 2000)


@pytest.mark.parametrize("name", ["on", "18:00", "2024-01-01", "1e3", "0x1", "y", "007"])
def test_unquoted_names_are_text_as_for_go(name: str) -> None:
    assert load(f"route: {{receiver: {name}}}\nreceivers: [{{name: '{name}'}}]", "a.yaml").route.receiver == name


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        (_route("repeat_interval: 1m"), ["3 route.repeat_interval: repeat_interval is below group_interval"]),
        (_route("group_interval: 5h"), ["3 route.group_interval: repeat_interval is below group_interval"]),
        (_route("group_interval: 5m\nrepeat_interval: 5m"), []),
        (
            _route("repeat_interval: 10m\nroutes:\n- group_interval: 15m\n  routes:\n  - receiver: pager"),
            ["5 route.routes[0].group_interval: repeat_interval is below group_interval"],
        ),
        (_route("group_by: [a]\nroutes:\n- group_by: []"), ["5 route.routes[0].group_by: is an empty list"]),
        (_route("group_by: []"), []),
        (_route("routes:\n- matchers: ['a=\"$(HOME)\"']"), ["4 route.routes[0].matchers: would be replaced"]),
        (_route("routes:\n- matchers: ['a=~\"[$](HOME)\"']"), []),
        (_route("") + "- name: c\n  email_configs: [{to: $(X)}]\nglobal: {smtp_smarthost: a:25, smtp_from: b}",
         ["10 receivers[2].email_configs[0].to: would be replaced"]),
        (_route("") + "templates: ['/a/$(B).tmpl']", ["9 templates[0]: would be replaced"]),
        (_route("") + "- name: $(A)", ["9 receivers[2].name: would be replaced"]),
        (_route("") + "time_intervals: [{name: x, time_intervals: [{weekdays: []}]}]",
         ["9 time_intervals[0].time_intervals[0].weekdays: is an empty list"]),
        (_route("") + "time_intervals: [{name: x, time_intervals: [{months: ['13']}]}]",
         ["9 time_intervals[0].time_intervals[0].months: has none of the months 1 to 12"]),
        (_route("routes:\n- labels: {a: b}"), ["4 route.routes[0].labels: `labels` of a route needs Prometheus Oper"]),
        (_route("") + "inhibit_rules: [{name: a}]", ["9 inhibit_rules[0].name: no Prometheus Operator so far takes"]),
        (_route("") + "tracing: {endpoint: a}", ["9 tracing: no Prometheus Operator so far takes"]),
        (_route("") + "event_recorder: {stdout_outputs: [{}]}", ["9 event_recorder: no Prometheus Operator so far"]),
        (_route("routes:\n- matchers: [a.b=c]"), ["the label name 'a.b'"]),
        (_route("group_by: [a.b]"), ["3 route.group_by: no Prometheus Operator so far takes the label name 'a.b'"]),
        (_route("") + "inhibit_rules: [{equal: [a-b]}]", ["9 inhibit_rules[0].equal: no Prometheus Operator so far"]),
        (
            _route("") + "- name: c\n  slack_configs: [{api_url: 'https://hooks.slack.com/services/T/B/x'}]",
            ["10 receivers[2].slack_configs[0].api_url: is a credential in plain text"],
        ),
        (
            _route("") + "- name: c\n  slack_configs: [{api_url_file: /a}]\nglobal: {slack_app_token_file: /b}",
            ["10 receivers[2].slack_configs[0].api_url_file: is never used"],
        ),
        (_route("") + "global: {smtp_auth_password: x}", ["9 global.smtp_auth_password: is a credential"]),
    ],
)  # fmt: skip
def test_what_must_not_be_deployed(text: str, problems: list[str]) -> None:
    found = _deploy(text)
    assert len(found) == len(problems), found
    assert all(expected in problem for problem, expected in zip(found, problems, strict=True)), found


def test_versions_of_both_are_told() -> None:
    text = _route("") + "- name: c\n  slack_configs: [{app_token_file: /a}]"
    assert _deploy(text) == []
    found = _deploy(text, ((0, 29, 0), (0, 85, 0)))
    assert found == [
        f"10 receivers[2].slack_configs[0].app_token_file: `app_token_file` needs {product}"
        for product in (
            "Alertmanager 0.30; this stack runs 0.29.0",
            "Prometheus Operator 0.88; this stack runs 0.85.0",
        )
    ]
    old = _deploy(_route("routes:\n- matchers: [a.b=c]"), ((0, 26, 0), (0, 94, 0)))
    assert any("needs Alertmanager 0.27" in problem for problem in old)


def test_a_configuration_built_in_code_is_validated_as_one_that_was_read() -> None:
    config = Config(
        route=Route(receiver="a", group_by=("x", "x"), repeat_interval=0, routes=(Route(receiver="b"),)),
        receivers=(Receiver(name="a", integrations={"slack_configs": [{"chanel": "#a"}]}),),
        inhibit_rules=(InhibitRule(equal=("",)),),
        global_={"resolve_timeout": "soon"},
    )
    problems = validate(config, "a.yaml", *NEWEST)
    assert problems == sorted(problems)
    found = [f"{p.at.path}: {p.message}" for p in problems]
    for expected in (
        "global.resolve_timeout: not a duration",
        "inhibit_rules[0].equal: has an empty label name",
        "receivers[0].slack_configs[0].chanel: unknown field",
        "receivers[0].slack_configs[0]: api_url or api_url_file",
        "route.group_by: names a label twice",
        "route.repeat_interval: is zero",
        "route.routes[0].receiver: this receiver is not defined",
    ):
        assert any(problem.startswith(expected) for problem in found), (expected, found)


def test_data_of_the_wrong_shape_is_complained_of_and_breaks_nothing() -> None:
    wrong: list[Any] = ["x", 5, None, [], {}, [["x"]], [{"a": [None]}], {"a": {"b": "c"}}]
    for name, fields in ((name, what.fields) for name, what in OBJECTS.items() if name.endswith("_configs")):
        for value in wrong:
            entry: dict[str, Any] = dict.fromkeys(fields, value)
            receivers = (Receiver(name="a", integrations={name: [entry]}),)
            config = Config(route=Route(receiver="a"), receivers=receivers, global_={"http_config": value})
            assert validate(config, "a.yaml", *NEWEST) != []


def test_native_parts_of_another_file_are_read_in_place() -> None:
    document = parse_document(
        "teams:\n  native:\n    route:\n      receiver: a\n      group_wait: 1x\n    receiver:\n      nam: b\n",
        "team.yaml",
    )
    data: Any = document.data
    reader = Reader(document.file, document.line)
    place = ("teams", "native")
    route = alertmanager.route_from(reader, data["teams"]["native"]["route"], (*place, "route"))
    alertmanager.receiver_from(reader, data["teams"]["native"]["receiver"], (*place, "receiver"))
    assert route.receiver == "a"
    assert [(p.at.file, p.at.line, p.at.path) for p in reader.problems] == [
        ("team.yaml", 5, "teams.native.route.group_wait"),
        ("team.yaml", 7, "teams.native.receiver.nam"),
        ("team.yaml", 6, "teams.native.receiver"),
    ]


ODD = [
    *("", "on", "No", "y", "~", "null", "18:00", "1e3", "0o17", "0x1f", "1_000", ".5", ".inf", "2024-01-01", "=", "<<"),
    *(
        "- a",
        "a: b",
        "a #b",
        "a:",
        " a",
        "a ",
        "#a",
        "'a'",
        '"a"',
        "{a}",
        "[a]",
        "*a",
        "&a",
        "!a",
        "|",
        ">",
        "%a",
        "@a",
    ),
    *(
        "`a",
        "---",
        "...",
        "\\",
        "\t",
        "\x07",
        "\x85",
        "\u2028",
        "\ufeff",
        "한글",
        "🎉",
        "a\nb",
        "a\nb\n",
        "a\n\n\nb\n\n",
    ),
    *("\na", "\n", " a\nb", "a \nb ", "a\n\tb", "a\r\nb", "{{ .x }}\n{{ .y }}", "30s", "-", "?", "a, b", "it's"),
]


@pytest.mark.parametrize("text", ODD)
@pytest.mark.parametrize("place", ["value", "key", "list", "flow"])
def test_every_reader_reads_the_same_text(text: str, place: str) -> None:
    shapes: dict[str, Any] = {
        "value": {"a": text},
        "key": {text: "a"},
        "list": {"a": [text, [text]]},
        "flow": {"a": (text, text)},
    }
    data = shapes[place]
    written = config_yaml.write(data)
    expected = {"a": [text, text]} if place == "flow" else data
    assert yaml.load(written, Loader=yaml.CSafeLoader) == expected
    assert yaml.safe_load(written) == expected
    assert plain_data(config_yaml.read(written, "a.yaml")[0]) == expected
    # YAML 1.2 readers take fewer words for something else, so text is safe where it is quoted or no such word.
    if text.lower() in ("on", "no", "y", "null", "~", "1e3", "0o17", "0x1f", "18:00"):
        assert f'"{text}"' in written


@pytest.mark.parametrize("value", [True, False, 0, -5, 1.5, 1e20, None, [], {}, [[1, [2]], {"a": [{"b": "c"}]}]])
def test_other_values_are_written_too(value: object) -> None:
    assert yaml.safe_load(config_yaml.write({"a": value})) == {"a": value}


def test_text_of_several_lines_is_a_block_and_emoji_stay() -> None:
    assert config_yaml.write({"a": "x: 🎉\n\n  y\n"}) == "a: |\n  x: 🎉\n\n    y\n"


def test_thousands_of_routes_are_read_fast() -> None:
    routes = "\n".join(
        f'- receiver: default\n  matchers: [service="s{n}", severity=~"critical|s{n}"]\n  group_wait: {n}s'
        for n in range(5_000)
    )
    text = _route(f"routes:\n{routes}")
    config = load(text, "a.yaml")
    assert validate(config, "a.yaml", *NEWEST) == []
    assert load(dump(config), "a.yaml") == config
