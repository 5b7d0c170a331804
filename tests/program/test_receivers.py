"""Alertmanager takes every kind of receiver, hour and window that a catalog can say."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from alertpath.compiling.compile import compile_stack
from alertpath.inputs.stack import load

RECEIVERS: dict[str, Any] = {
    "slack-webhook": {"slack": {"channel": "#a", "webhook": "hook", "mention": "<!here>", "send_resolved": False}},
    "slack-app": {"slack": {"channel": "C024BE91L", "app_token": "token"}},
    "slack-proxy": {"slack": {"channel": "@oncall", "webhook": "hook-2", "proxy_url": "http://10.0.0.1:3128"}},
    "pagerduty": {"pagerduty": {"routing_key": "key"}},
    "pagerduty-eu": {
        "pagerduty": {"routing_key": "key-eu", "url": "https://events.eu.pagerduty.com/v2/enqueue", "severity": "error"}
    },
    "webhook": {"webhook": {"url": "http://bridge.tools.svc:8080/hook", "max_alerts": 5, "timeout": "10s"}},
    "webhook-secret": {"webhook": {"url_credential": "url", "bearer_token": "bearer"}},
    "email": {
        "email": {
            "to": "oncall@example.com",
            "from": "alerts@example.com",
            "smarthost": "smtp.example.com:587",
            "username": "alerts",
            "password": "smtp",
        }
    },
    "teams": {"msteamsv2": {"webhook": "teams"}},
    "opsgenie": {"opsgenie": {"api_key": "opsgenie", "api_url": "https://api.eu.opsgenie.com/"}},
    "both": {"slack": {"channel": "#b", "webhook": "hook-3"}, "pagerduty": {"routing_key": "key"}},
    "telegram": {
        "native": {"telegram_configs": [{"bot_token_file": "/etc/alertmanager/secrets/telegram/token", "chat_id": 42}]}
    },
    "discord": {"native": {"webhook_configs": [{"url_file": "/etc/alertmanager/secrets/other/url"}]}},
}
CREDENTIALS = (
    "hook",
    "hook-2",
    "hook-3",
    "token",
    "key",
    "key-eu",
    "url",
    "bearer",
    "smtp",
    "teams",
    "opsgenie",
    "deadman",
)
# What receivers in Alertmanager's own words name by its path.
NATIVE = {"telegram-token": {"secret": "telegram", "key": "token"}, "other-url": {"secret": "other", "key": "url"}}


def write(directory: Path, catalog: dict[str, Any], **settings: Any) -> Path:
    """A stack of all receivers with this catalog; the stack's file."""
    stack = {
        "delivery": "cluster",
        "catalog": ["team.yaml"],
        "receivers": list(RECEIVERS),
        "routing": {"default_receiver": "slack-webhook"},
        "heartbeat": {"credential": "deadman"},
        "credentials": {"provider": "existing", "values": {**dict.fromkeys(CREDENTIALS), **NATIVE}},
        **settings,
    }
    (directory / "team.yaml").write_text(json.dumps({"team": "all", "receivers": RECEIVERS, **catalog}))
    file = directory / "Pulumi.test.yaml"
    file.write_text(json.dumps({"config": {"alertpath:settings": stack}}))
    return file


def accepted(amtool: Path, stack_file: Path) -> dict[str, Any]:
    """The configuration of a stack, taken by amtool."""
    compiled = compile_stack(load(stack_file))
    configuration = stack_file.with_name("alertmanager.yaml")
    configuration.write_text(compiled.text, encoding="utf-8")
    done = subprocess.run(
        [amtool, "check-config", configuration], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return yaml.safe_load(compiled.text)


def test_every_receiver_is_taken(amtool: Path, tmp_path: Path) -> None:
    services = {name: {"any": name} for name in RECEIVERS}
    stack_file = write(tmp_path, {"services": services}, versions={"operator": "0.94.0"})
    configuration = accepted(amtool, stack_file)
    assert {receiver["name"] for receiver in configuration["receivers"]} == {*RECEIVERS, "nobody", "heartbeat"}


@pytest.mark.parametrize("version", ["0.28.0", "0.34.2"])
def test_hours_and_windows_are_taken(amtool: Path, tmp_path: Path, version: str) -> None:
    catalog: dict[str, Any] = {
        "services": {
            "web": {
                "critical": "pagerduty",
                "warning": {
                    "to": "slack-webhook",
                    "active_time_intervals": ["hours"],
                    "mute_time_intervals": ["lunch"],
                },
                "any": {"to": "webhook", "group_by": ["..."], "group_wait": "0s"},
            }
        },
        "time_intervals": {
            "hours": [{"weekdays": ["monday:friday"], "times": [{"start_time": "09:00", "end_time": "24:00"}]}],
            "lunch": [{"times": [{"start_time": "12:00", "end_time": "13:00"}], "location": "Asia/Seoul"}],
        },
        "maintenance": [
            {"name": "move", "start": "2026-12-30 22:15", "end": "2027-02-03 04:30", "location": "Europe/Berlin"}
        ],
    }
    receivers = ["pagerduty", "slack-webhook", "webhook"]
    credentials = {"provider": "existing", "values": {"hook": None, "key": None, "deadman": None}}
    stack_file = write(
        tmp_path, catalog, receivers=receivers, credentials=credentials, versions={"alertmanager": version}
    )
    configuration = accepted(amtool, stack_file)
    assert [interval["name"] for interval in configuration["time_intervals"]] == ["hours", "lunch", "move"]
