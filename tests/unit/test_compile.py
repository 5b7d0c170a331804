"""What a stack's catalog becomes: routes, hours, windows, grouping."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from alertpath.compiling.compile import compile_stack
from alertpath.compiling.maintenance import dated
from alertpath.documents.problems import InvalidInput
from alertpath.inputs.catalog import Maintenance
from alertpath.inputs.stack import load

ROOT = Path(__file__).resolve().parents[2]

STACK: dict[str, Any] = {
    "delivery": "cluster",
    "catalog": ["team.yaml"],
    "receivers": ["page", "chat"],
    "routing": {"default_receiver": "chat"},
    "credentials": {"provider": "existing", "values": {"key": None, "hook": None}},
}
CATALOG: dict[str, Any] = {
    "team": "a",
    "receivers": {
        "page": {"pagerduty": {"routing_key": "key"}, "where_absent": "chat"},
        "chat": {"slack": {"channel": "#a", "webhook": "hook"}},
    },
    "services": {"api": {"critical": "page", "warning": "chat", "info": "chat"}},
}


@pytest.fixture
def compiled(tmp_path: Path) -> Any:
    """Compiles STACK and CATALOG with some of their top-level keys replaced; returns alertmanager.yaml's data."""

    def run(stack: dict[str, Any] | None = None, catalog: dict[str, Any] | None = None) -> dict[str, Any]:
        settings = {"config": {"alertpath:settings": {**STACK, **(stack or {})}}}
        (tmp_path / "Pulumi.test.yaml").write_text(json.dumps(settings))
        (tmp_path / "team.yaml").write_text(json.dumps({**CATALOG, **(catalog or {})}))
        return yaml.safe_load(compile_stack(load(tmp_path / "Pulumi.test.yaml")).text)

    return run


def routes(configuration: dict[str, Any]) -> list[dict[str, Any]]:
    return [r for r in configuration["route"]["routes"] if r["receiver"] != "nobody"]


def test_severities_that_fare_alike_share_a_route(compiled: Any) -> None:
    assert routes(compiled()) == [
        {"receiver": "page", "matchers": ['service="api"', 'severity="critical"']},
        {"receiver": "chat", "matchers": ['service="api"', 'severity=~"warning|info"']},
    ]


def test_a_new_service_leaves_the_others_as_they_are(compiled: Any) -> None:
    before = routes(compiled())
    services = {"aaa": {"any": "chat"}, **CATALOG["services"], "web": {"critical": "page"}}
    after = routes(compiled(catalog={"services": services}))
    assert [route for route in after if route in before] == before
    assert {"receiver": "chat", "matchers": ['service="aaa"']} in after


def test_what_a_stack_lacks_goes_to_its_replacement(compiled: Any) -> None:
    values = {"provider": "existing", "values": {"hook": None}}
    configuration = compiled(stack={"receivers": ["chat"], "credentials": values})
    assert "pagerduty" not in yaml.safe_dump(configuration)
    assert routes(configuration) == [
        {"receiver": "chat", "matchers": ['service="api"', 'severity=~"critical|warning|info"']}
    ]


def test_a_service_known_by_other_labels(compiled: Any) -> None:
    service = {"match": ['app="web"', "tier=~front.*"], "any": "chat"}
    (route,) = routes(compiled(catalog={"services": {"web": service}}))
    assert route["matchers"] == ['app="web"', 'tier=~"front.*"']


def test_timing_comes_from_the_target_then_the_team_then_the_root(compiled: Any) -> None:
    services = {"api": {"critical": {"to": "page", "repeat_interval": "3h"}, "warning": "chat"}}
    timing = {"critical": {"group_wait": "0s", "repeat_interval": "4h"}}
    critical, warning = routes(compiled(catalog={"services": services, "timing": timing}))
    assert (critical["group_wait"], critical["repeat_interval"]) == ("0s", "3h")
    assert warning.keys() == {"receiver", "matchers"}


def test_external_labels_are_in_group_keys_and_inhibition(compiled: Any) -> None:
    configuration = compiled(stack={"external_labels": {"cluster": "seoul-1", "environment": "live"}})
    expected = ["alertname", "service", "namespace", "cluster", "environment"]
    assert configuration["route"]["group_by"] == expected
    assert configuration["inhibit_rules"][0]["equal"] == expected


def test_watchdog_goes_to_nobody_without_a_heartbeat(compiled: Any) -> None:
    watchdog, info_inhibitor = compiled()["route"]["routes"][:2]
    assert watchdog == {"receiver": "nobody", "matchers": ['alertname="Watchdog"']}
    assert info_inhibitor == {"receiver": "nobody", "matchers": ['alertname="InfoInhibitor"']}


def test_watchdog_goes_to_the_heartbeat(compiled: Any) -> None:
    credentials = {"provider": "existing", "values": {"key": None, "hook": None, "deadman": {"key": "url"}}}
    configuration = compiled(stack={"heartbeat": {"credential": "deadman"}, "credentials": credentials})
    watchdog = configuration["route"]["routes"][0]
    assert watchdog["receiver"] == "heartbeat"
    # Looked at twice a minute, and told at the second look: see compile.py.
    assert (watchdog["group_interval"], watchdog["repeat_interval"]) == ("30s", "50s")
    heartbeat = next(r for r in configuration["receivers"] if r["name"] == "heartbeat")
    assert heartbeat["webhook_configs"] == [
        {"send_resolved": False, "url_file": "/etc/alertmanager/secrets/alertmanager-secrets/url"}
    ]


def test_native_routes_stand_before_and_after(compiled: Any) -> None:
    route = {"receiver": "chat", "matchers": ["team=dba"], "continue": True}
    native = {"routes_before": [route], "routes_after": [{**route, "matchers": ["team=web"]}]}
    all_routes = compiled(catalog={"native": native})["route"]["routes"]
    assert all_routes[0] == {"receiver": "chat", "matchers": ['team="dba"'], "continue": True}
    assert all_routes[-1]["matchers"] == ['team="web"']


def test_nothing_goes_to_nobody_in_production(compiled: Any) -> None:
    with pytest.raises(InvalidInput, match="default_receiver: is missing"):
        compiled(stack={"routing": {}, "production": True})
    assert compiled(stack={"routing": {}})["route"]["receiver"] == "nobody"


WINDOW = {"name": "upgrade", "start": "2026-12-01 22:00", "end": "2026-12-02 02:00", "location": "Asia/Seoul"}


def test_maintenance_mutes_all_but_what_pages(compiled: Any) -> None:
    page, chat = routes(compiled(catalog={"maintenance": [WINDOW]}))
    assert "mute_time_intervals" not in page
    assert chat["mute_time_intervals"] == ["upgrade"]


@pytest.mark.parametrize("worst", ["sev1", "critical"])
def test_maintenance_leaves_the_worst_severity_alone_whatever_its_name(compiled: Any, worst: str) -> None:
    routing = {**STACK["routing"], "severities": [worst, "low"]}
    services = {"api": {worst: "chat", "low": "chat", "any": "chat"}}
    made = routes(compiled(stack={"routing": routing}, catalog={"services": services, "maintenance": [WINDOW]}))
    muted = {tuple(route["matchers"][1:]): route.get("mute_time_intervals") for route in made}
    assert muted == {(f'severity="{worst}"',): None, ('severity="low"',): ["upgrade"], (): ["upgrade"]} or muted == {
        (f'severity="{worst}"',): None,
        (): ["upgrade"],
    }


def test_maintenance_of_chosen_severities(compiled: Any) -> None:
    page, warning, info = routes(compiled(catalog={"maintenance": [{**WINDOW, "severities": ["critical", "info"]}]}))
    assert page["mute_time_intervals"] == ["upgrade"]
    assert "mute_time_intervals" not in warning
    assert info["mute_time_intervals"] == ["upgrade"]


def window(start: str, end: str) -> list[Any]:
    intervals = dated(Maintenance(name="w", start=start, end=end, location="UTC"))
    return [
        (
            i["years"][0],
            i["months"][0],
            i["days_of_month"][0],
            *(f"{t['start_time']}-{t['end_time']}" for t in i.get("times", [])),
        )
        for i in intervals
    ]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2026-12-01 22:00", "2026-12-01 23:30", [("2026", "12", "1", "22:00-23:30")]),
        ("2026-12-01 22:00", "2026-12-02 00:00", [("2026", "12", "1", "22:00-24:00")]),
        ("2026-12-01 00:00", "2026-12-02 00:00", [("2026", "12", "1")]),
        (
            "2026-12-30 22:00",
            "2027-01-02 02:00",
            [
                ("2026", "12", "30", "22:00-24:00"),
                ("2026", "12", "31"),
                ("2027", "1", "1"),
                ("2027", "1", "2", "00:00-02:00"),
            ],
        ),
        ("2028-02-27 00:00", "2028-03-01 00:00", [("2028", "2", "27:29")]),
    ],
)
def test_a_dated_window_in_alertmanagers_terms(start: str, end: str, expected: list[Any]) -> None:
    assert window(start, end) == expected


def test_a_window_splits_what_any_takes_by_severity(compiled: Any) -> None:
    namespaces = {"shop": {"any": "chat"}}
    configuration = compiled(catalog={"services": {}, "namespaces": namespaces, "maintenance": [WINDOW]})
    critical, rest = routes(configuration)
    assert critical == {"receiver": "chat", "matchers": ['namespace="shop"', 'severity="critical"']}
    assert rest == {"receiver": "chat", "matchers": ['namespace="shop"'], "mute_time_intervals": ["upgrade"]}


def test_a_window_for_one_severity_reaches_what_any_takes(compiled: Any) -> None:
    maintenance = [{**WINDOW, "severities": ["warning"]}]
    warning, rest = routes(compiled(catalog={"services": {"api": {"any": "chat"}}, "maintenance": maintenance}))
    assert (warning["matchers"][1], warning["mute_time_intervals"]) == ('severity="warning"', ["upgrade"])
    assert rest == {"receiver": "chat", "matchers": ['service="api"']}


def test_a_teams_timing_is_that_of_its_services(compiled: Any) -> None:
    catalog = {
        "timing": {"critical": {"group_wait": "0s"}},
        "services": {"api": {"any": "chat"}},
        "namespaces": {"shop": {"any": "chat"}},
    }
    critical, rest, others = routes(compiled(catalog=catalog))
    assert (critical["matchers"], critical["group_wait"]) == (['service="api"', 'severity="critical"'], "0s")
    assert rest == {"receiver": "chat", "matchers": ['service="api"']}
    assert others == {"receiver": "chat", "matchers": ['namespace="shop"']}


@pytest.mark.parametrize("group_by", [["..."], ["team"], ["alertname", "severity"]])
def test_inhibition_is_the_same_however_groups_are_made(compiled: Any, group_by: list[str]) -> None:
    stack = {"routing": {"default_receiver": "chat", "group_by": group_by}, "external_labels": {"cluster": "a"}}
    (rule,) = compiled(stack=stack)["inhibit_rules"]
    assert rule["equal"] == ["alertname", "service", "namespace", "cluster"]


def test_the_default_and_native_routes_follow_where_absent_too(compiled: Any) -> None:
    stack = {
        "receivers": ["chat"],
        "routing": {"default_receiver": "page"},
        "credentials": {"provider": "existing", "values": {"hook": None}},
    }
    native = {"routes_before": [{"matchers": ["a=b"], "receiver": "page", "routes": [{"receiver": "page"}]}]}
    route = compiled(stack=stack, catalog={"native": native})["route"]
    assert (route["receiver"], route["routes"][0]["receiver"]) == ("chat", "chat")
    assert route["routes"][0]["routes"][0]["receiver"] == "chat"


def refused(compiled: Any, **parts: Any) -> str:
    with pytest.raises(InvalidInput) as error:
        compiled(**parts)
    return str(error.value)


@pytest.mark.parametrize(
    ("severities", "message"),
    [
        ([], "is empty"),
        (["critical", "any"], "is the catalog's word for every other severity"),
        (["critical", "critical", "warning", "info"], "names a severity twice"),
        (["info", "warning", "critical"], "a milder severity stands before a worse one"),
    ],
)
def test_severities_stand_worst_first(compiled: Any, severities: list[str], message: str) -> None:
    stack = {"routing": {"default_receiver": "chat", "severities": severities}}
    assert message in refused(compiled, stack=stack, catalog={"services": {"api": {"any": "chat"}}})


def telegram(path: str, values: dict[str, Any]) -> dict[str, Any]:
    native = {"telegram_configs": [{"chat_id": 1, "bot_token_file": path}]}
    receivers = {**CATALOG["receivers"], "telegram": {"native": native}}
    return {
        "stack": {
            "receivers": ["page", "chat", "telegram"],
            "credentials": {"provider": "existing", "values": {"key": None, "hook": None, **values}},
        },
        "catalog": {"receivers": receivers},
    }


def test_a_file_that_nothing_mounts_is_refused(compiled: Any) -> None:
    path = "/etc/alertmanager/secrets/telegram/token"
    assert "no credential of the stack test is mounted there" in refused(compiled, **telegram(path, {}))
    mounted = telegram(path, {"bot": {"secret": "telegram", "key": "token"}})
    assert {"name": "telegram", "telegram_configs": [{"chat_id": 1, "bot_token_file": path}]} in [
        {**receiver, "telegram_configs": [dict(receiver["telegram_configs"][0])]}
        for receiver in compiled(**mounted)["receivers"]
        if "telegram_configs" in receiver
    ]


def test_a_token_in_place_of_a_path_is_refused_and_not_shown(compiled: Any) -> None:
    message = refused(compiled, **telegram("12345:S3cret", {}))
    assert "is not the absolute path of a file" in message
    assert "S3cret" not in message


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [
        (["service=api"], ["service=~ap.*"], True),
        (["service=api", "tier=a"], ["service=api"], True),
        (["app=web"], ["app=web", "team=x"], True),
        (["app=~web|shop"], ["app=~shop|desk"], True),
        (["app=web", "tier=a"], ["app=web", "tier=b"], False),
        (["app=~web.*"], ["app=~shop.*"], False),
        (["app=web"], ["tier=b"], False),
        (["app=~.+", "app!=web"], ["app=web"], False),
    ],
)
def test_two_services_may_not_claim_the_same_alerts(
    compiled: Any, one: list[str], other: list[str], overlap: bool
) -> None:
    catalog = {"services": {"x": {"match": one, "any": "chat"}, "y": {"match": other, "any": "page"}}}
    if overlap:
        assert "claims the same alerts as the service" in refused(compiled, catalog=catalog)
    else:
        compiled(catalog=catalog)


@pytest.mark.parametrize(
    ("mention", "message"),
    [("{{ if }", "does not compile"), ('{{ template "nope" . }}', "no template nope is defined")],
)
def test_a_text_that_would_lose_its_notification_is_refused(compiled: Any, mention: str, message: str) -> None:
    chat = {"slack": {"channel": "#a", "webhook": "hook", "mention": mention}}
    told = refused(compiled, catalog={"receivers": {**CATALOG["receivers"], "chat": chat}})
    assert message in told
    assert "team.yaml" in told


def test_a_template_in_a_comment_defines_nothing(compiled: Any, tmp_path: Path) -> None:
    (tmp_path / "own.tmpl").write_text('{{/* {{ define "own" }}x{{ end }} */}}{{ define "other" }}{{ end }}')
    chat = {"slack": {"channel": "#a", "webhook": "hook", "mention": '{{ template "own" . }}'}}
    told = refused(
        compiled,
        stack={"alertmanager": {"templates": ["own.tmpl"]}},
        catalog={"receivers": {**CATALOG["receivers"], "chat": chat}},
    )
    assert "no template own is defined" in told


@pytest.mark.parametrize(
    ("mention", "sent"),
    [
        ("@here", "<!here>"),
        ("Look, @channel: <@U12AB> and @everyone.", "Look, <!channel>: <@U12AB> and <!everyone>."),
        ("<!here> <!subteam^S1|@sre>", "<!here> <!subteam^S1|@sre>"),
        ("mail ops@here.example", "mail ops@here.example"),
    ],
)
def test_a_mention_calls_people_and_only_while_an_alert_fires(compiled: Any, mention: str, sent: str) -> None:
    chat = {"slack": {"channel": "#a", "webhook": "hook", "mention": mention}}
    made = compiled(catalog={"receivers": {**CATALOG["receivers"], "chat": chat}})
    slack = next(receiver for receiver in made["receivers"] if receiver["name"] == "chat")["slack_configs"][0]
    assert slack["pretext"] == f"{{{{ if .Alerts.Firing }}}}{sent}{{{{ end }}}}"


@pytest.mark.parametrize("mention", ["@oncall", "please @sre-team", "@here.", "@heretics"])
def test_a_mention_that_slack_does_not_know_is_refused(compiled: Any, mention: str) -> None:
    chat = {"slack": {"channel": "#a", "webhook": "hook", "mention": mention}}
    if mention == "@here.":
        compiled(catalog={"receivers": {**CATALOG["receivers"], "chat": chat}})
    else:
        assert "so nobody is called" in refused(compiled, catalog={"receivers": {**CATALOG["receivers"], "chat": chat}})


def test_a_problem_of_a_native_integration_is_told_at_its_line(tmp_path: Path) -> None:
    receiver = """\
team: a
receivers:
  page: {pagerduty: {routing_key: key}, where_absent: chat}
  chat:
    slack: {channel: "#a", webhook: hook}
    native:
      webhook_configs:
        - url: http://a.example
          send_resolved: true
        - url: http://b.example
          max_alert: 5
services: {api: {critical: page, any: chat}}
"""
    (tmp_path / "team.yaml").write_text(receiver)
    (tmp_path / "Pulumi.test.yaml").write_text(json.dumps({"config": {"alertpath:settings": STACK}}))
    with pytest.raises(InvalidInput) as caught:
        compile_stack(load(tmp_path / "Pulumi.test.yaml"))
    (problem,) = caught.value.problems
    assert (problem.at.line, problem.at.path) == (11, "receivers.chat.native.webhook_configs[1].max_alert")


def test_one_missing_receiver_is_one_problem(compiled: Any) -> None:
    services = {f"s{number}": {"critical": "page", "any": "gone"} for number in range(30)}
    with pytest.raises(InvalidInput) as caught:
        compiled(catalog={"services": services, "receivers": {**CATALOG["receivers"]}})
    assert (len(caught.value.problems), caught.value.causes) == (30, 1)
    text = str(caught.value)
    assert text.count("gone") == 1
    assert "also: " in text
    assert "and 9 more" in text


def test_a_misspelt_stack_lists_the_stacks(tmp_path: Path) -> None:
    for name in ("production", "staging"):
        (tmp_path / f"Pulumi.{name}.yaml").write_text("config: {}\n")
    with pytest.raises(InvalidInput) as caught:
        load(tmp_path / "Pulumi.prodution.yaml")
    (problem,) = caught.value.problems
    assert (problem.message, problem.allowed) == ("unknown stack", "production, staging")
    assert problem.mend == "did you mean production?"


def test_a_broken_template_file_is_refused(compiled: Any, tmp_path: Path) -> None:
    (tmp_path / "own.tmpl").write_text('{{ define "own" }}\n{{ .Foo')
    told = refused(compiled, stack={"alertmanager": {"templates": ["own.tmpl"]}})
    assert told.startswith("own.tmpl:2: does not compile")


SHARE: dict[str, Any] = {"default_receiver": "chat", "share_routes": True}


def shared(compiled: Any, services: dict[str, Any], **catalog: Any) -> list[dict[str, Any]]:
    """The routes of these services, all of them to `chat` but critical ones, where they are shared."""
    told = {"critical": "page", "warning": "chat", "info": "chat"}
    each = {name: {**told, **service} for name, service in services.items()}
    return routes(compiled(stack={"routing": SHARE}, catalog={"services": each, **catalog}))


def test_services_with_the_same_owners_share_a_route(compiled: Any) -> None:
    assert shared(compiled, {"web": {}, "api": {}, "a.b": {}}, timing={"critical": {"group_wait": "0s"}}) == [
        {
            "receiver": "chat",
            "matchers": [r'service=~"a\\.b|api|web"', 'severity=~"critical|warning|info"'],
            "routes": [{"receiver": "page", "matchers": ['severity="critical"'], "group_wait": "0s"}],
        }
    ]


def test_what_any_takes_is_above_the_other_severities(compiled: Any) -> None:
    catalog = {"services": {name: {"critical": "page", "any": "chat"} for name in ("api", "web")}}
    assert routes(compiled(stack={"routing": SHARE}, catalog=catalog)) == [
        {
            "receiver": "chat",
            "matchers": ['service=~"api|web"'],
            "routes": [{"receiver": "page", "matchers": ['severity="critical"']}],
        }
    ]


def test_a_shared_route_above_others_has_no_hours(compiled: Any) -> None:
    info = {"info": {"to": "chat", "active_time_intervals": ["office"]}}
    intervals = {"office": [{"weekdays": ["monday:friday"]}]}
    (route,) = shared(compiled, {"api": info, "web": info}, time_intervals=intervals)
    assert "active_time_intervals" not in route
    assert route["routes"][1]["active_time_intervals"] == ["office"]


def test_services_that_only_their_routes_keep_apart_share_none(compiled: Any) -> None:
    together = {"critical": {"to": "page", "group_by": ["alertname"]}}
    found = shared(compiled, {"api": together, "web": together, "x": {}, "y": {}})
    assert [route["matchers"][0] for route in found] == ['service="api"', 'service="web"', 'service=~"x|y"']


def test_a_shared_route_takes_nothing_from_a_service_known_otherwise(compiled: Any) -> None:
    found = shared(compiled, {"api": {}, "db": {"match": ["area=data"]}, "web": {}})
    assert [route["matchers"][0] for route in found] == ['service="api"', 'area="data"', 'service="web"']
    found = shared(compiled, {"api": {}, "db": {"match": ["service=~db.*"]}, "web": {}})
    assert [route["matchers"][0] for route in found] == ['service=~"api|web"', 'service=~"db.*"']


def test_many_services_known_by_other_labels_are_compared(compiled: Any) -> None:
    services = {f"s{i}": {"match": ["env=prod", f"app=a{i}"], "any": "chat"} for i in range(50)}
    assert len(routes(compiled(catalog={"services": services}))) == 50
    for match in (["app=~a4.|b"], ["env=prod"], ["app!=a1", "env=~p.*"]):
        catalog = {"services": {**services, "one-more": {"match": match, "any": "chat"}}}
        assert "claims the same alerts as the service s4" in refused(compiled, catalog=catalog)
