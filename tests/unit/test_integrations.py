"""Receivers' integrations against the table: structure, dependencies, credentials and versions.

What is accepted and refused was compared with amtool 0.34.2 `check-config`.
"""

from collections.abc import Mapping
from typing import Any

import pytest

from alertpath.alertmanager import config, integrations, urls
from alertpath.alertmanager.integration_fields import INTEGRATIONS, OBJECTS
from alertpath.alertmanager.integration_rules import SLACK_API
from alertpath.alertmanager.integrations import NO_OPERATOR, check_inherited
from alertpath.documents.go_yaml import Plain, Reader

NEWEST = (0, 34, 2), (0, 94, 0)
SLACK = {"api_url_file": "/s/slack"}
PAGERDUTY = {"routing_key_file": "/s/pagerduty"}
AUTHORIZED = {"http_config": {"authorization": {"credentials_file": "/s/token"}}}

# For each integration one entry that both readers take at their newest, and that the `global` section completes.
GOOD: Mapping[str, dict[str, Any]] = {
    "discord_configs": {"webhook_url_file": "/s/a"},
    "email_configs": {"to": "a@example.org", "smarthost": "mail.example.org:587", "from": "b@example.org"},
    "incidentio_configs": {"url": "https://api.incident.io/v2/alert_events", "alert_source_token_file": "/s/a"},
    "jira_configs": {"project": "OPS", "issue_type": "Bug", "api_url": "https://example.atlassian.net"},
    "mattermost_configs": {"webhook_url_file": "/s/a"},
    "msteams_configs": {"webhook_url_file": "/s/a"},
    "msteamsv2_configs": {"webhook_url_file": "/s/a"},
    "opsgenie_configs": {"api_key_file": "/s/a", "responders": [{"name": "ops", "type": "Team"}]},
    "pagerduty_configs": PAGERDUTY,
    "pushover_configs": {"user_key_file": "/s/a", "token_file": "/s/b", "retry": "1m"},
    "rocketchat_configs": {"token_file": "/s/a", "token_id_file": "/s/b"},
    "slack_configs": SLACK,
    "sns_configs": {"topic_arn": "arn:aws:sns:eu-west-1:1:x", "sigv4": {"region": "eu-west-1"}},
    "telegram_configs": {"bot_token_file": "/s/a", "chat_id": -1001234567890},
    "victorops_configs": {"api_key_file": "/s/a", "routing_key": "ops"},
    "webex_configs": {"room_id": "x", **AUTHORIZED},
    "webhook_configs": {"url": "http://bridge.monitoring.svc:8080/alerts"},
    "wechat_configs": {"api_secret_file": "/s/a", "corp_id": "x"},
}


def _read(name: str, data: object) -> list[str]:
    reader = Reader("f.yaml")
    found = integrations.read(reader, data, (), name)
    integrations.check_inherited(reader, {name: [found]}, (), {})
    return [f"{p.at.path}: {p.message}" for p in reader.problems]


def _judge(name: str, data: Mapping[str, object], versions: tuple[Any, Any] = NEWEST) -> list[str]:
    reader = Reader("f.yaml")
    found = integrations.read(reader, data, (), name)
    assert reader.problems == []
    integrations.judge(reader, found, (), name, *versions)
    return [f"{p.at.path}: {p.message}" for p in reader.problems]


def test_every_integration_has_a_good_example() -> None:
    assert set(GOOD) == set(INTEGRATIONS)
    assert len(INTEGRATIONS) == 18


@pytest.mark.parametrize("name", sorted(GOOD))
def test_good_examples(name: str) -> None:
    assert _read(name, GOOD[name]) == []
    refused = ["webhook_url_file: no Prometheus Operator so far takes `webhook_url_file`"]
    refused.append(": the Prometheus Operator takes no `webhook_url_file` here, and the URL is a credential")
    assert _judge(name, GOOD[name]) == (refused if name == "msteams_configs" else [])


@pytest.mark.parametrize("name", sorted(GOOD))
def test_without_what_is_required_it_is_refused(name: str) -> None:
    assert _read(name, {}) != []


def test_the_table_is_consistent() -> None:
    for name, what in OBJECTS.items():
        groups = (what.required, *what.one_of, *what.at_most_one, *(own for own, _ in what.inherited))
        named = {key for group in groups for key in group} | what.defaults
        assert named <= set(what.fields), name
        assert {key for _, shared in what.inherited for key in shared} <= set(OBJECTS["global"].fields), name
        for key, field in what.fields.items():
            assert not field.of or field.of in OBJECTS, (name, key)
            assert not field.twin or field.twin in what.fields, (name, key)
            assert not field.twin or what.fields[field.twin].path, (name, key)
            assert key.endswith("_file") <= field.path, (name, key)


@pytest.mark.parametrize(
    ("name", "change", "problems"),
    [
        ("slack_configs", {"chanel": "#a"}, ["chanel: unknown field"]),
        ("slack_configs", {"api_url_file": None}, ["[]: api_url or api_url_file or app_token or app_token_file is"]),
        ("slack_configs", {"app_token_file": "/s/b"}, ["app_token_file: excludes api_url_file"]),
        ("slack_configs", {"link_names": "yes"}, ["link_names: is not a boolean"]),
        ("slack_configs", {"channel": 5}, ["channel: is not text"]),
        ("slack_configs", {"fields": {"title": "a"}}, ["fields: is not a list"]),
        ("slack_configs", {"fields": [{"title": "a"}]}, ["fields[0]: `value` is missing"]),
        ("slack_configs", {"actions": [{"type": "button", "text": "x"}]}, ["actions[0]: one of url, name is missing"]),
        (
            "slack_configs",
            {"actions": [{"type": "button", "text": "x", "name": "y", "confirm": {}}]},
            ["actions[0].confirm: `text` is missing"],
        ),
        ("slack_configs", {"update_message": True}, ["update_message: needs a bot token"]),
        ("slack_configs", {"timeout": "1d"}, ["timeout: not a duration"]),
        (
            "slack_configs",
            {"api_url_file": None, "app_token_file": "/s/b", **AUTHORIZED},
            ["http_config.authorization: excludes app tokens"],
        ),
        ("pagerduty_configs", {"routing_key": "x"}, ["routing_key_file: excludes routing_key"]),
        ("pagerduty_configs", {"routing_key_file": ""}, [": one of routing_key, routing_key_file"]),
        ("pagerduty_configs", {"url": "events.pagerduty.com"}, ["url: is not a URL"]),
        ("pagerduty_configs", {"links": [{"url": "x"}]}, ["links[0].url: unknown field"]),
        ("pagerduty_configs", {"details": ["x"]}, ["details: is not a mapping"]),
        ("webhook_configs", {"url_file": "/s/a"}, ["url_file: excludes url"]),
        ("webhook_configs", {"url": "ftp://x"}, ["url: is not a URL"]),
        ("webhook_configs", {"url": "http://"}, ["url: is not a URL"]),
        ("webhook_configs", {"url": "http://x/{{ .x"}, ["url: has a template that is not closed"]),
        ("webhook_configs", {"max_alerts": -1}, ["max_alerts: is not such a number"]),
        ("webhook_configs", {"max_alerts": "5"}, ["max_alerts: is not such a number"]),
        ("email_configs", {"smarthost": "mail.example.org"}, ["smarthost: is not an address"]),
        ("email_configs", {"smarthost": None}, ["[]: smarthost is missing"]),
        ("email_configs", {"headers": {"Subject": "a", "subject": "b"}}, ["headers.subject: is written twice"]),
        ("email_configs", {"threading": {"enabled": True}}, ["threading: `thread_by_date` is missing"]),
        (
            "email_configs",
            {"threading": {"enabled": True, "thread_by_date": "daily"}, "headers": {"References": "x"}},
            ["headers.References: excludes threading.enabled"],
        ),
        ("opsgenie_configs", {"responders": [{"type": "team"}]}, ["responders[0]: one of id, name, username"]),
        ("opsgenie_configs", {"responders": [{"name": "a", "type": "x"}]}, ["responders[0].type: is not a type"]),
        ("jira_configs", {"api_type": "server"}, ["api_type: is not one of the allowed values"]),
        ("jira_configs", {"reopen_duration": "1x"}, ["reopen_duration: not a duration"]),
        ("telegram_configs", {"chat_id": 0}, [": one of chat_id, chat_id_file is missing"]),
        ("telegram_configs", {"chat_id_file": "/s/b"}, ["chat_id_file: excludes chat_id"]),
        ("telegram_configs", {"parse_mode": "markdown"}, ["parse_mode: is not one of the allowed values"]),
        ("sns_configs", {"target_arn": "x"}, ["target_arn: excludes topic_arn"]),
        ("sns_configs", {"sigv4": {"external_id": "x"}}, ["sigv4.external_id: needs role_arn"]),
        ("victorops_configs", {"custom_fields": {"entity_id": "x"}}, ["custom_fields.entity_id: is a fixed field"]),
        ("webex_configs", {"http_config": {}}, [": `http_config.authorization` is missing"]),
        ("incidentio_configs", AUTHORIZED, [": has both a token and http_config.authorization"]),
        ("wechat_configs", {"message_type": "html"}, ["message_type: is not one of the allowed values"]),
        ("wechat_configs", {"corp_id": None}, ["[]: corp_id is missing"]),
        ("pushover_configs", {"html": True, "monospace": True}, ["monospace: excludes html"]),
        ("mattermost_configs", {"attachments": [{"x": "y"}]}, ["attachments[0].x: unknown field"]),
        ("rocketchat_configs", {"actions": [{"image_url": "x"}]}, ["actions[0].image_url: unknown field"]),
    ],
)
def test_what_alertmanager_refuses(name: str, change: Mapping[str, object], problems: list[str]) -> None:
    found = _read(name, {**GOOD[name], **change})
    assert len(found) == len(problems), found
    for problem, expected in zip(found, problems, strict=True):
        assert expected.removeprefix("[]") in problem


@pytest.mark.parametrize(
    ("http", "problem"),
    [
        # Alertmanager looks at whether they are there, not at what is in them.
        ({"basic_auth": {}, "authorization": {}}, "authorization: excludes basic_auth"),
        ({"basic_auth": {"username": "a"}, "authorization": {"type": "x"}}, "authorization: excludes basic_auth"),
        ({"bearer_token_file": "/a", "oauth2": {"client_id": "a", "token_url": "b"}}, "excludes oauth2"),
        ({"bearer_token": "a", "bearer_token_file": "/a"}, "excludes bearer_token"),
        ({"authorization": {"type": " Basic "}}, "authorization.type: may not be basic"),
        ({"authorization": {"credentials": "a", "credentials_file": "b"}}, "credentials_file: excludes credentials"),
        ({"oauth2": {"client_id": "a"}}, "oauth2: `token_url` is missing"),
        ({"no_proxy": "x"}, "no_proxy: needs proxy_url"),
        ({"proxy_from_environment": True, "proxy_url": "http://p"}, "proxy_url: excludes proxy_from_environment"),
        ({"proxy_connect_header": {"a": ["b"]}}, "proxy_connect_header: needs proxy_url"),
        ({"tls_config": {"cert_file": "/a"}}, "tls_config: has cert_file but not key_file"),
        ({"tls_config": {"ca": "a", "ca_file": "/a"}}, "tls_config.ca_file: excludes ca"),
        ({"tls_config": {"min_version": "1.2"}}, "tls_config.min_version: is not one of"),
        ({"tls_config": {"min_version": "TLS13", "max_version": "TLS12"}}, "max_version: is below min_version"),
        ({"http_headers": {"AUTHORIZATION": {"values": ["x"]}}}, "AUTHORIZATION: this header may not be set"),
        ({"http_headers": {"X": {"value": ["x"]}}}, "http_headers.X.value: unknown field"),
        ({"follow_redirect": True}, "follow_redirect: unknown field"),
    ],
)
def test_http_clients(http: Mapping[str, object], problem: str) -> None:
    found = _read("http_config", http)
    assert len(found) == 1, found
    assert problem in found[0]


@pytest.mark.parametrize(
    ("name", "change", "place", "allowed"),
    [
        (
            "slack_configs",
            {"api_url_file": None, "api_url": "https://hooks.slack.com/services/T/B/x"},
            "api_url",
            "api_url_file",
        ),
        ("slack_configs", {"api_url_file": None, "app_token": "xoxb-x"}, "app_token", "app_token_file"),
        ("pagerduty_configs", {"routing_key_file": None, "routing_key": "0" * 32}, "routing_key", "routing_key_file"),
        ("email_configs", {"auth_password": "x"}, "auth_password", "auth_password_file"),
        ("opsgenie_configs", {"api_key_file": None, "api_key": "x"}, "api_key", "api_key_file"),
        ("webhook_configs", {"url": "http://u:p@x/"}, "url", "url_file"),
        ("webhook_configs", {"url": "http://x/?token=y"}, "url", "url_file"),
        ("webhook_configs", {"url": "https://hc-ping.com/ab"}, "url", "url_file"),
        ("webhook_configs", {"url": "https://x.example/b1946ac92492d2347c6235b4d2611184"}, "url", "url_file"),
        ("webhook_configs", {"url": "<secret>"}, "url", "url_file"),
        ("webhook_configs", {"http_config": {"bearer_token": "x"}}, "http_config.bearer_token", "bearer_token_file"),
        (
            "webhook_configs",
            {"http_config": {"basic_auth": {"username": "a", "password": "b"}}},
            "http_config.basic_auth.password",
            "password_file",
        ),
        (
            "webhook_configs",
            {"http_config": {"oauth2": {"client_id": "a", "token_url": "http://t", "client_secret": "x"}}},
            "http_config.oauth2.client_secret",
            "client_secret_file",
        ),
        ("webhook_configs", {"http_config": {"proxy_url": "http://u:p@proxy:3128"}}, "http_config.proxy_url", ""),
        (
            "webhook_configs",
            {"http_config": {"http_headers": {"X-A": {"secrets": ["x"]}}}},
            "http_config.http_headers.X-A.secrets",
            "files",
        ),
        (
            "webhook_configs",
            {"http_config": {"http_headers": {"X-Api-Key": {"values": ["x"]}}}},
            "http_config.http_headers.X-Api-Key.values",
            "files",
        ),
        ("sns_configs", {"sigv4": {"access_key": "a", "secret_key": "b"}}, "sigv4.secret_key", ""),
    ],
)
def test_credentials_in_plain_text_are_named_and_never_shown(
    name: str, change: Mapping[str, object], place: str, allowed: str
) -> None:
    reader = Reader("f.yaml")
    found = integrations.read(reader, {**GOOD[name], **change}, (), name)
    integrations.judge(reader, found, (), name, *NEWEST)
    assert [p.at.path for p in reader.problems] == [place]
    assert reader.problems[0].message == "is a credential in plain text"
    assert f"`{allowed}`" in reader.problems[0].allowed or not allowed
    assert "not shown" in reader.problems[0].value


@pytest.mark.parametrize(
    "change",
    [
        {"url": "http://alert-bridge.monitoring.svc:8080/v1/alerts"},
        {"url": "https://events.example.org/alertmanager-bridge-v2-production"},
        {"http_config": {"proxy_url": "http://proxy:3128"}},
        {"url": "http://[::1]:8080/"},
        {"http_config": {"http_headers": {"X-Scope-OrgID": {"values": ["team"]}}}},
    ],
)
def test_what_is_no_credential(change: Mapping[str, object]) -> None:
    assert _judge("webhook_configs", {**GOOD["webhook_configs"], **change}) == []


def test_pagerdutys_own_api_is_no_credential() -> None:
    data = {**PAGERDUTY, "url": "https://events.eu.pagerduty.com/v2/enqueue"}
    assert _judge("pagerduty_configs", data) == []


@pytest.mark.parametrize("proxy", ["foo", "proxy:3128", "http://proxy:3128"])
def test_alertmanager_takes_a_proxy_without_a_scheme(proxy: str) -> None:
    assert _judge("webhook_configs", {**GOOD["webhook_configs"], "http_config": {"proxy_url": proxy}}) == []


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("slack_configs", {"api_url": SLACK_API, "post_updates_to_thread": True, **AUTHORIZED}),
        (
            "incidentio_configs",
            {"url": "https://example.com/x", "alert_source_token_file": "/x", "metadata": {"a": "b"}},
        ),
        ("rocketchat_configs", {"token_file": "/x", "token_id_file": "/y", "message_text": "x"}),
        ("telegram_configs", {"bot_token_file": "/x", "chat_id": 1, "timeout": "5s"}),
        ("event_recorder", {"stdout_outputs": [{"name": "a"}]}),
    ],
)
def test_fields_of_0_35(name: str, data: dict[str, Any]) -> None:
    assert any("needs Alertmanager 0.35" in one for one in _judge(name, data, ((0, 34, 2), NO_OPERATOR)))
    assert _judge(name, data, ((0, 35, 0), NO_OPERATOR)) == []
    assert any("no Prometheus Operator so far takes" in one for one in _judge(name, data, ((0, 35, 0), (0, 94, 0))))


def test_since_0_35_each_output_of_events_has_a_name_of_its_own() -> None:
    unnamed = {"stdout_outputs": [{}], "file_outputs": [{"path": "/x"}]}
    assert _judge("event_recorder", unnamed, ((0, 34, 2), NO_OPERATOR)) == []
    found = _judge("event_recorder", unnamed, ((0, 35, 0), NO_OPERATOR))
    assert [one.partition(": ")[0] for one in found] == ["stdout_outputs[0]", "file_outputs[0]"]
    twice = {"stdout_outputs": [{"name": "a"}, {"name": "a"}], "file_outputs": [{"name": "a", "path": "/x"}]}
    assert _read("event_recorder", twice) == ["stdout_outputs[1].name: another output has this name"]


@pytest.mark.parametrize("option", ["update_message", "post_updates_to_thread"])
def test_slacks_updates_need_its_api(option: str) -> None:
    for wrong in ({"api_url_file": "/x"}, {"api_url": "https://hooks.slack.com/services/T/B/x"}):
        assert [one for one in _read("slack_configs", {**wrong, option: True}) if "needs a bot token" in one], wrong
    assert _read("slack_configs", {"app_token_file": "/x", option: True}) == []


@pytest.mark.parametrize(
    ("globals_", "right"),
    [
        ({"slack_api_url": SLACK_API}, True),
        ({"slack_api_url_file": "/x"}, False),
        ({"slack_app_token_file": "/x"}, True),
        ({"slack_app_token_file": "/x", "slack_app_url": "https://example.com/x"}, False),
    ],
)
def test_slacks_updates_by_what_global_gives(globals_: dict[str, Any], right: bool) -> None:
    reader = Reader("f")
    check_inherited(reader, {"slack_configs": [{"update_message": True}]}, (), globals_)
    assert [one.message.startswith("needs a bot token") for one in reader.problems] == [] if right else [True]


@pytest.mark.parametrize(
    ("versions", "told"),
    [
        (((0, 20, 0), (0, 94, 0)), "Alertmanager 0.20.0 is older than 0.25, the oldest one that is known here"),
        (((0, 34, 2), (0, 60, 0)), "Prometheus Operator 0.60.0 is older than 0.85, the oldest one that is known here"),
    ],
)
def test_a_version_older_than_all_that_is_known_is_told_once(versions: Any, told: str) -> None:
    text = "route: {receiver: a}\nreceivers: [{name: a, slack_configs: [{api_url_file: /x, channel: c, title: t}]}]\n"
    found = config.validate(config.load(text, "f"), "f", *versions)
    assert [one.message for one in found] == [told]


def test_since_is_the_version_in_which_a_field_came() -> None:
    data = {"name": "r", "msteamsv2_configs": [{"webhook_url_file": "/x"}]}
    assert _judge("receiver", data, ((0, 34, 2), (0, 84, 0))) == []
    assert _judge("receiver", data, ((0, 34, 2), (0, 79, 2))) == [
        "msteamsv2_configs: `msteamsv2_configs` needs Prometheus Operator 0.80; this stack runs 0.79.2"
    ]


def test_slacks_own_api_is_no_credential() -> None:
    data = {"api_url": "https://slack.com/api/chat.postMessage", "update_message": True, **AUTHORIZED}
    assert _judge("slack_configs", data) == []


@pytest.mark.parametrize(
    ("name", "change", "alertmanager", "operator", "problems"),
    [
        ("slack_configs", {"timeout": "5s"}, (0, 30, 0), (0, 88, 0), []),
        ("slack_configs", {"timeout": "5s"}, (0, 29, 0), (0, 88, 0), ["`timeout` needs Alertmanager 0.30"]),
        ("slack_configs", {"timeout": "5s"}, (0, 34, 2), (0, 87, 1), ["`timeout` needs Prometheus Operator 0.88"]),
        (
            "slack_configs",
            {"timeout": "5s"},
            (0, 28, 1),
            (0, 85, 0),
            [
                "needs Alertmanager 0.30; this stack runs 0.28.1",
                "needs Prometheus Operator 0.88; this stack runs 0.85.0",
            ],
        ),
        ("slack_configs", {"update_message": False}, (0, 32, 0), (0, 91, 0), []),
        ("slack_configs", {"update_message": False}, (0, 32, 0), (0, 90, 0), ["needs Prometheus Operator 0.91"]),
        ("discord_configs", {}, (0, 34, 2), (0, 93, 0), ["`webhook_url_file` needs Prometheus Operator 0.94"]),
        ("discord_configs", {}, (0, 34, 2), (0, 94, 0), []),
        ("jira_configs", {"summary": {"template": "x"}}, (0, 34, 2), (0, 94, 0), ["no Prometheus Operator so far"]),
        ("jira_configs", {"summary": "x"}, (0, 34, 2), (0, 94, 0), []),
        ("mattermost_configs", {"type": "x"}, (0, 34, 2), (0, 94, 0), ["no Prometheus Operator so far"]),
        ("webhook_configs", {"url": "http://x/{{ .GroupLabels.a }}"}, (0, 30, 0), (0, 90, 0), ["needs Alertmanager"]),
        (
            "webhook_configs",
            {"http_config": {"http_headers": {"X-A": {"values": ["b"]}}}},
            (0, 28, 0),
            (0, 88, 0),
            ["`http_headers` needs Prometheus Operator 0.89"],
        ),
        ("receiver", {"name": "a", "labels": {"x": "y"}}, (0, 34, 2), (0, 94, 0), ["no Prometheus Operator so far"]),
        ("receiver", {"name": "a", "incidentio_configs": []}, (0, 28, 0), (0, 94, 0), ["needs Alertmanager 0.29"]),
        ("global", {"slack_app_token_file": "/a"}, (0, 30, 0), (0, 87, 0), ["needs Prometheus Operator 0.88"]),
    ],
)
def test_versions(
    name: str, change: Mapping[str, object], alertmanager: object, operator: object, problems: list[str]
) -> None:
    found = _judge(name, {**GOOD.get(name, {}), **change}, (alertmanager, operator))
    assert len(found) == len(problems), found
    assert all(expected in problem for problem, expected in zip(found, problems, strict=True))


def test_pagerduty_details_that_are_no_text() -> None:
    data = {**PAGERDUTY, "details": {"a": "x", "b": {"c": 1}}}
    assert _judge("pagerduty_configs", data) == []
    assert "0.30" in _judge("pagerduty_configs", data, ((0, 29, 0), (0, 94, 0)))[0]
    assert "0.90" in _judge("pagerduty_configs", data, ((0, 34, 2), (0, 89, 0)))[0]
    assert _judge("pagerduty_configs", {**PAGERDUTY, "details": {"a": "x"}}, ((0, 29, 0), (0, 85, 0))) == []


def test_an_empty_text_comes_back_as_the_default() -> None:
    assert "drops it" in _judge("slack_configs", {**SLACK, "title": ""})[0]
    assert _judge("slack_configs", {**SLACK, "title": '{{ "" }}', "image_url": ""}) == []


def test_incidentio_without_token_is_refused_by_the_operator_alone() -> None:
    data = {"url": "https://api.incident.io/v2/alert_events"}
    assert _read("incidentio_configs", data) == []
    assert _judge("incidentio_configs", data) == [": a token is missing"]


@pytest.mark.parametrize(
    ("name", "entry", "shared", "complete"),
    [
        ("slack_configs", {}, {"slack_api_url_file": "/a"}, True),
        ("slack_configs", {}, {"slack_app_token_file": "/a"}, True),
        ("slack_configs", AUTHORIZED, {"slack_app_token_file": "/a"}, False),
        ("email_configs", {"to": "a"}, {"smtp_smarthost": "a:25", "smtp_from": "b"}, True),
        ("opsgenie_configs", {}, {"opsgenie_api_key_file": "/a"}, True),
        ("rocketchat_configs", {}, {"rocketchat_token_file": "/a"}, False),
        ("telegram_configs", {"chat_id": 1}, {"telegram_bot_token_file": "/a"}, True),
        ("mattermost_configs", {}, {"mattermost_webhook_url_file": "/a"}, True),
        ("victorops_configs", {}, {"victorops_api_key_file": "/a"}, True),
        ("jira_configs", {}, {"jira_api_url": "http://a"}, True),
    ],
)
def test_what_the_global_section_completes(
    name: str, entry: Mapping[str, object], shared: Mapping[str, object], complete: bool
) -> None:
    reader = Reader("f.yaml")
    integrations.check_inherited(reader, {name: [entry]}, (), shared)
    assert (reader.problems == []) is complete


def test_unquoted_scalars_are_read_by_their_field() -> None:
    data = {
        "channel": Plain("1e3"),
        "api_url_file": Plain("0x1"),
        "send_resolved": Plain("off"),
        "title": Plain("on"),
        "fields": [{"title": Plain("18:00"), "value": Plain("0o17"), "short": Plain("Y")}],
    }
    reader = Reader("f.yaml")
    assert integrations.read(reader, data, (), "slack_configs") == {
        "channel": "1e3",
        "api_url_file": "0x1",
        "send_resolved": False,
        "title": "on",
        "fields": [{"title": "18:00", "value": "0o17", "short": True}],
    }
    webhook = integrations.read(
        reader,
        {"url": "http://x", "max_alerts": Plain("0x10"), "payload": {"a": Plain("010"), "b": [Plain("no")]}},
        (),
        "webhook_configs",
    )
    assert (webhook["max_alerts"], webhook["payload"]) == (16, {"a": 8, "b": [False]})
    assert reader.problems == []


def test_files_are_found_at_every_depth() -> None:
    data = {
        "name": "a",
        "webhook_configs": [
            {
                "url_file": "/s/url",
                "http_config": {
                    "authorization": {"credentials_file": "/s/token"},
                    "tls_config": {"ca_file": "/s/ca"},
                    "http_headers": {"X-A": {"files": ["/s/header"]}},
                },
            }
        ],
    }
    assert {path: ".".join(map(str, place)) for place, path in integrations.files(data, "receiver")} == {
        "/s/url": "webhook_configs.0.url_file",
        "/s/token": "webhook_configs.0.http_config.authorization.credentials_file",
        "/s/ca": "webhook_configs.0.http_config.tls_config.ca_file",
        "/s/header": "webhook_configs.0.http_config.http_headers.X-A.files.0",
    }


def test_fields_are_written_in_the_tables_order() -> None:
    data = {"title": "a", "actions": [{"url": "b", "text": "c", "type": "d"}], "send_resolved": True}
    ordered = integrations.ordered(data, "slack_configs")
    assert ordered == data
    assert list(ordered) == ["send_resolved", "title", "actions"]
    assert list(ordered["actions"][0]) == ["type", "text", "url"]  # pyright: ignore


@pytest.mark.parametrize(
    ("name", "change", "problem"),
    [
        ("webhook_configs", {"http_config": {"proxy_url": "http://[::1"}}, "http_config.proxy_url: is not a URL"),
        ("webhook_configs", {"http_config": {"proxy_url": "~"}}, "http_config.proxy_url: is not a URL"),
        ("webhook_configs", {"http_config": {"proxy_connect_header": {"a": None}}}, "needs proxy_url"),
        ("webhook_configs", {"http_config": {"http_headers": {"Host": None}}}, "Host: this header may not be set"),
        ("rocketchat_configs", {"token_file": None, "token": "~"}, "token: is null for Alertmanager"),
        ("jira_configs", {"summary": "null"}, "summary: is null for Alertmanager"),
        ("jira_configs", {"api_type": None}, "api_type: is not one of the allowed values"),
        ("opsgenie_configs", {"responders": [{"name": "a", "type": "{{"}]}, "type: has a template that is not closed"),
        ("webhook_configs", {"max_alerts": 1.5}, "max_alerts: is not such a number"),
        ("webhook_configs", {"timeout": "1"}, "timeout: not a duration"),
    ],
)
def test_what_alertmanager_refuses_of_odd_values(name: str, change: Mapping[str, object], problem: str) -> None:
    found = _read(name, {**GOOD[name], **change})
    assert len(found) == 1, found
    assert problem in found[0]


@pytest.mark.parametrize(
    ("name", "change", "operator", "problem"),
    [
        ("rocketchat_configs", {"actions": [{"type": "button"}]}, (0, 94, 0), "actions: no Prometheus Operator so far"),
        ("email_configs", {"smarthost": "[::1]:25"}, (0, 90, 0), "an IPv6 address needs Prometheus Operator 0.91"),
        ("pushover_configs", {"url": "x"}, (0, 88, 0), "url: is not a URL to the Prometheus Operator"),
        ("sns_configs", {"api_url": "x"}, (0, 89, 0), "api_url: is not a URL to the Prometheus Operator"),
        ("mattermost_configs", {"icon_url": "x"}, (0, 94, 0), "icon_url: is not a URL to the Prometheus Operator"),
        ("mattermost_configs", {"attachments": [{"title_link": "{{ x }}"}]}, (0, 94, 0), "title_link: has a template"),
        ("webhook_configs", {"url": 'http://x/"'}, (0, 94, 0), "url: has a character that"),
        ("webhook_configs", {"timeout": "1.5h"}, (0, 94, 0), "timeout: not a duration to the Prometheus Operator"),
        ("jira_configs", {"summary": {}}, (0, 94, 0), "takes a mapping for `summary`"),
        ("email_configs", {"threading": {"thread_by_date": "x"}}, (0, 94, 0), "thread_by_date: is not one of"),
        ("pagerduty_configs", {"details": {"a": float("inf")}}, (0, 94, 0), "details: has a number that JSON"),
        (
            "slack_configs",
            {"short_fields": True, "fields": [{"title": "a", "value": "b", "short": False}]},
            (0, 94, 0),
            "fields[0].short: the Prometheus Operator drops `short: false`",
        ),
    ],
)
def test_what_an_operator_refuses_or_changes(
    name: str, change: Mapping[str, object], operator: tuple[int, ...], problem: str
) -> None:
    found = _judge(name, {**GOOD[name], **change}, ((0, 34, 2), operator))
    assert len(found) == 1, found
    assert problem in found[0]


@pytest.mark.parametrize(
    ("name", "change", "operator"),
    [
        ("pushover_configs", {"url": "x"}, (0, 87, 1)),
        ("pushover_configs", {"url": '{{ template "x" . }}'}, (0, 94, 0)),
        ("sns_configs", {"api_url": "x"}, (0, 88, 1)),
        ("email_configs", {"smarthost": "[::1]:25"}, (0, 91, 0)),
        ("slack_configs", {"fields": [{"title": "a", "value": "b", "short": False}]}, (0, 94, 0)),
    ],
)
def test_what_an_operator_takes(name: str, change: Mapping[str, object], operator: tuple[int, ...]) -> None:
    assert _judge(name, {**GOOD[name], **change}, ((0, 34, 2), operator)) == []


@pytest.mark.parametrize(
    "text", ["", "a", "/a?b#c", "mailto:x", "//h", "http://u:p@h:1/%20", "http://[::1]:3128", "a:b"]
)
def test_references_that_go_parses(text: str) -> None:
    urls.check_reference(text)


@pytest.mark.parametrize(
    "text", [":a", "1:a", "http://a b/", "http://h:x", "/%2", "\n", "http://[::1", "null", "//h/#%"]
)
def test_references_that_go_refuses(text: str) -> None:
    with pytest.raises(ValueError, match="is not a URL"):
        urls.check_reference(text)
