"""What a stack's catalog becomes: routes, hours, windows, grouping."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from alertpath.catalog import Maintenance
from alertpath.compile import compile_stack, dated
from alertpath.problems import InvalidInput
from alertpath.stack import load

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
    assert watchdog["repeat_interval"] == "1m"
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
