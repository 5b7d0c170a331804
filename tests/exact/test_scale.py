"""Shared routes deliver as each service's own do, and nobody's group key depends on another service without them."""

from __future__ import annotations

import itertools
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from alertpath.alertmanager.config import Config, Route
from alertpath.compiling.compile import compile_stack
from alertpath.diff.deliveries.comparison import diff
from alertpath.documents.problems import InvalidInput
from alertpath.inputs.stack import load
from alertpath.semantics.routing import Router
from bench.scale import project

NAMES = ("api", "web", "a.b", "a|b", "ap", "w(1)", "데모 ♥", "x y")
SPACES = ("shop", "desk")
SEVERITIES = ("critical", "warning", "info", "none", "")
RECEIVERS = {
    "page": {"pagerduty": {"routing_key": "key"}},
    "chat": {"slack": {"channel": "#a", "webhook": "hook"}},
    "mail": {"email": {"to": "a@example.com", "from": "b@example.com", "smarthost": "mail.example.com:25"}},
}
WINDOW = {"name": "upgrade", "start": "2026-12-01 22:00", "end": "2026-12-02 02:00", "location": "Asia/Seoul"}

slow = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
receivers = st.sampled_from(["page", "chat", "chat", "mail"])
grouping = st.sampled_from([["alertname"], ["service"], ["alertname", "service", "namespace"], ["..."]])
# Few kinds, so that many services fare alike.
targets = receivers | st.fixed_dictionaries(
    {"to": receivers},
    optional={
        "group_by": grouping,
        "group_wait": st.sampled_from(["0s", "30s"]),
        "active_time_intervals": st.just(["office"]),
        "mute_time_intervals": st.just(["office"]),
    },
)
audiences = st.dictionaries(st.sampled_from(["critical", "warning", "info", "any"]), targets, min_size=1)
LITERAL = ([], [], [], [], ["service={}"], ["service={}", "namespace=shop"], ["service={}", "namespace=desk"])
# All but the last take alerts of services known by their name alone, if they are asked first.
ODD = (
    ["namespace=shop"],
    ["severity=none"],
    ['alertname="A"', "namespace!=desk"],
    ['service=~"q|r.*"', "severity=~.*"],
)


@st.composite
def catalogs(draw: st.DrawFn) -> dict[str, Any]:
    """A team's catalog; few are refused, since services claim the same alerts."""
    kinds = st.sampled_from(draw(st.lists(audiences, min_size=1, max_size=2)))
    services: dict[str, Any] = {}
    for name in draw(st.lists(st.sampled_from(NAMES), min_size=2, unique=True)):
        quoted = json.dumps(name, ensure_ascii=False)
        services[name] = draw(kinds) | {"match": [each.format(quoted) for each in draw(st.sampled_from(LITERAL))]}
    if draw(st.integers(0, 3)):
        entries = [*services.items()]
        entries.insert(
            draw(st.integers(1, len(entries))), ("odd", draw(audiences) | {"match": draw(st.sampled_from(ODD))})
        )
        services = dict(entries)
    chosen = st.lists(st.sampled_from(sorted(services)), unique=True)
    window = st.fixed_dictionaries({}, optional={"severities": st.just(["warning"]), "services": chosen})
    return {
        "team": "a",
        "receivers": RECEIVERS,
        "timing": draw(st.sampled_from([{}, {}, {"critical": {"group_wait": "0s"}}])),
        "services": services,
        "namespaces": draw(st.dictionaries(st.sampled_from(SPACES), audiences, max_size=1)),
        "time_intervals": {"office": [{"weekdays": ["monday:friday"]}]},
        "maintenance": [WINDOW | draw(window)] if draw(st.booleans()) else [],
    }


def _config(catalog: Mapping[str, Any], group_by: list[str] | None = None, *, share: bool = False) -> Config:
    routing = {"default_receiver": "mail", "share_routes": share} | ({"group_by": group_by} if group_by else {})
    stack = {
        "delivery": "cluster",
        "catalog": ["team.yaml"],
        "receivers": list(catalog["receivers"]),
        "routing": routing,
        "external_labels": {"cluster": "one"},
        "credentials": {"provider": "existing", "values": {"key": None, "hook": None}},
    }
    with tempfile.TemporaryDirectory() as directory:
        stack_file = Path(directory) / "Pulumi.test.yaml"
        stack_file.write_text(json.dumps({"config": {"alertpath:settings": stack}}), encoding="utf-8")
        (Path(directory) / "team.yaml").write_text(json.dumps(catalog), encoding="utf-8")
        return compile_stack(load(stack_file)).config


def _alerts(names: tuple[str, ...] = NAMES) -> list[dict[str, str]]:
    labels = itertools.product(("A", "B"), (*names, ""), (*SPACES, ""), SEVERITIES)
    return [
        {"alertname": alert, "service": service, "namespace": namespace, "severity": severity}
        for alert, service, namespace, severity in labels
    ]


def _count(route: Route) -> int:
    return 1 + sum(map(_count, route.routes))


def _check_same(plain: Config, shared: Config, alerts: list[dict[str, str]]) -> None:
    found = diff(plain, shared)
    assert not found.inhibition
    assert not found.general
    assert all(change.kind == "regrouped" and change.proven for change in found.changes), found.changes
    # Two alerts share a group in the one iff they do in the other.
    routers = Router(plain), Router(shared)
    keys = {tuple(router.group_keys(alert) for router in routers) for alert in alerts}
    assert len(keys) == len({before for before, _ in keys}) == len({after for _, after in keys})


@settings(slow, max_examples=200)
@given(catalogs(), st.none() | grouping)
def test_shared_routes_deliver_as_own_ones_do(catalog: dict[str, Any], group_by: list[str] | None) -> None:
    try:
        plain = _config(catalog, group_by)
    except InvalidInput as refused:
        assert "claims the same alerts" in str(refused)  # noqa: PT017
        assume(False)
        return
    shared = _config(catalog, group_by, share=True)
    event("fewer routes" if _count(shared.route) < _count(plain.route) else "no fewer routes")
    _check_same(plain, shared, _alerts())


def test_so_do_those_of_hundreds_of_services(tmp_path: Path) -> None:
    plain, shared = (
        compile_stack(load(project(tmp_path / str(share), 400, 12, share=share))).config for share in (False, True)
    )
    assert _count(shared.route) < _count(plain.route) / 4
    names = tuple(sorted({m.value for route in plain.route.routes for m in route.matchers if m.label == "service"}))
    assert len(names) == 400
    spaces = ("team-000-apps", "team-007-apps", "elsewhere")
    alerts = [
        {"alertname": "A", "service": service, "namespace": namespace, "severity": severity}
        for service in names
        for namespace in spaces
        for severity in SEVERITIES
    ]
    _check_same(plain, shared, alerts)
    assert diff(plain, shared).changes, "their routes have other keys"


@settings(slow, max_examples=100)
@given(catalogs(), st.data())
def test_without_them_a_new_service_changes_no_other_services_group_key(
    catalog: dict[str, Any], data: st.DataObject
) -> None:
    new = data.draw(st.sampled_from(sorted(catalog["services"])))
    receivers_ = {**RECEIVERS, **{f"new-{name}": receiver for name, receiver in RECEIVERS.items()}}
    services = {**catalog["services"], new: _told_apart(catalog["services"][new])}
    fewer = {name: service for name, service in services.items() if name != new}
    without = {**catalog, "receivers": receivers_, "maintenance": []}
    try:
        before, after = (Router(_config({**without, "services": each})) for each in (fewer, services))
    except InvalidInput as refused:
        assert "claims the same alerts" in str(refused)  # noqa: PT017
        assume(False)
        return
    for alert in _alerts():
        (route,) = after.match(alert)
        if not route.receiver.startswith("new-"):
            assert before.group_keys(alert) == after.group_keys(alert)


def _told_apart(service: Mapping[str, Any]) -> dict[str, Any]:
    """The service with receivers of its own: another's route may have the same matchers as its."""

    def renamed(target: Any) -> Any:
        return f"new-{target}" if isinstance(target, str) else {**target, "to": f"new-{target['to']}"}

    return {key: value if key == "match" else renamed(value) for key, value in service.items()}
