"""What commands say of configurations that hold credentials in plain text names none of them."""

from __future__ import annotations

import base64
import gzip
import itertools
import json
import random
import string
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from alertpath.cli.main import main
from tests.program.leaks import leaks

# `SECRET` stands for a value of letters alone, which nothing but its place tells from a word.
GLOBAL: Final = {
    "smtp_smarthost": "mail.example.com:25",
    "smtp_from": "a@example.com",
    "smtp_auth_username": "u",
    "smtp_auth_password": "SECRET",
    "smtp_auth_secret": "SECRET",
    "slack_api_url": "https://hooks.example.com/SECRET",
    "opsgenie_api_key": "SECRET",
    "wechat_api_secret": "SECRET",
    "wechat_api_corp_id": "corp",
    "victorops_api_key": "SECRET",
    "telegram_bot_token": "SECRET",
    "rocketchat_token": "SECRET",
    "rocketchat_token_id": "SECRET",
    "mattermost_webhook_url": "https://hooks.example.com/SECRET",
    "jira_api_url": "https://u:SECRET@jira.example.com/",
    "http_config": {"proxy_url": "http://u:SECRET@proxy.example.com:80", "bearer_token": "SECRET"},
}
HTTP: Final[tuple[dict[str, Any], ...]] = (
    {"basic_auth": {"username": "u", "password": "SECRET"}},
    {"authorization": {"type": "Bearer", "credentials": "SECRET"}},
    {"bearer_token": "SECRET"},
    {"oauth2": {"client_id": "u", "client_secret": "SECRET", "token_url": "https://u:SECRET@auth.example.com/"}},
    {
        "oauth2": {
            "client_id": "u",
            "client_certificate_key": "SECRET",
            "token_url": "https://auth.example.com/",
            "endpoint_params": {"password": "SECRET"},
        }
    },
    {"http_headers": {"X-Api-Key": {"values": ["SECRET"]}, "Authorization-Two": {"secrets": ["SECRET", "SECRET"]}}},
    {"proxy_url": "http://u:SECRET@proxy.example.com:80", "proxy_connect_header": {"Proxy-Token": ["SECRET"]}},
    {"tls_config": {"cert": "cert", "key": "SECRET"}},
)
WEBHOOK: Final = "https://hooks.example.com/SECRET"
INTEGRATIONS: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    *(("webhook", {"url": "https://example.com/", "http_config": http}) for http in HTTP),
    ("webhook", {"url": WEBHOOK}),
    ("webhook", {"url": "https://u:SECRET@hooks.example.com/"}),
    ("webhook", {"url": "https://hooks.example.com/?token=SECRET"}),
    ("discord", {"webhook_url": WEBHOOK}),
    ("email", {"to": "a@example.com", "auth_password": "SECRET", "auth_secret": "SECRET"}),
    ("incidentio", {"url": WEBHOOK, "alert_source_token": "SECRET"}),
    ("jira", {"project": "P", "issue_type": "T", "http_config": HTTP[0]}),
    ("mattermost", {"webhook_url": WEBHOOK, "channel": "c"}),
    ("msteams", {"webhook_url": WEBHOOK}),
    ("msteamsv2", {"webhook_url": WEBHOOK}),
    ("opsgenie", {"api_key": "SECRET", "api_url": "https://u:SECRET@ops.example.com/"}),
    ("pagerduty", {"routing_key": "SECRET", "url": "https://u:SECRET@pd.example.com/"}),
    ("pagerduty", {"service_key": "SECRET"}),
    ("pushover", {"user_key": "SECRET", "token": "SECRET"}),
    ("rocketchat", {"token": "SECRET", "token_id": "SECRET", "channel": "#c"}),
    ("slack", {"api_url": WEBHOOK, "channel": "#c"}),
    ("slack", {"app_token": "SECRET", "channel": "#c"}),
    ("sns", {"topic_arn": "arn", "sigv4": {"region": "r", "access_key": "AKIA", "secret_key": "SECRET"}}),
    ("telegram", {"bot_token": "SECRET", "chat_id": 1}),
    ("victorops", {"api_key": "SECRET", "routing_key": "r"}),
    ("webex", {"room_id": "r", "http_config": HTTP[1]}),
    ("wechat", {"api_secret": "SECRET"}),
)
EXPECTATIONS: Final = {
    "expectations": [
        {"labels": {"to": f"r{index}"}, "receivers": ["r99"], "destinations": ["nobody"]}
        for index in range(len(INTEGRATIONS))
    ]
}
ANSWERS: Final = (
    *(f"check --config FILE --format {form}" for form in ("text", "json", "sarif", "github")),
    *(f"explain --config FILE --format {form} to=RECEIVER" for form in ("text", "json")),
    *(f"test --config FILE --format {form} expectations" for form in ("text", "json", "junit", "github")),
    *(
        f"diff {sides} --format {form}"
        for sides in ("plain.yaml FILE", "FILE plain.yaml", "FILE rotated.yaml")
        for form in ("text", "markdown", "json")
    ),
)
PASTED: Final = (
    "https://hooks.slack.com/services/T0/B0/{}",
    "{}",  # A routing key.
    "https://u:{}@example.com/",
    "xoxb-{}",
)
ROOT: Final = Path(__file__).resolve().parents[2]
_NUMBERS: Final = random.Random(1)


def _value() -> str:
    return "".join(_NUMBERS.choices(string.ascii_lowercase, k=24))


def _configuration() -> dict[str, Any]:
    receivers = [{"name": f"r{i}", f"{kind}_configs": [entry]} for i, (kind, entry) in enumerate(INTEGRATIONS)]
    routes = [{"receiver": each["name"], "matchers": [f'to="{each["name"]}"']} for each in receivers]
    return {"global": GLOBAL, "route": {"receiver": "r0", "routes": routes}, "receivers": receivers}


def _filled(data: Any, planted: dict[str, str], path: str = "") -> Any:
    """`data` with a value of its own for each SECRET, which `planted` has by its place."""
    if isinstance(data, Mapping):
        return {key: _filled(value, planted, f"{path}.{key}") for key, value in data.items()}
    if isinstance(data, list):
        return [_filled(value, planted, f"{path}.{index}") for index, value in enumerate(data)]
    if isinstance(data, str) and "SECRET" in data:
        return data.replace("SECRET", planted.setdefault(path, _value()))
    return data


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Writes FILE and two to compare it with into the working directory; the values in them by their places."""
    monkeypatch.chdir(tmp_path)
    found: dict[str, str] = {}
    rotated: dict[str, str] = {}
    configuration = _configuration()
    (tmp_path / "FILE").write_text(yaml.safe_dump(_filled(configuration, found)))
    (tmp_path / "rotated.yaml").write_text(yaml.safe_dump(_filled(configuration, rotated)))
    plain = {"name": "p", "webhook_configs": [{"url_file": "/a"}]}
    receivers = [{**plain, "name": each["name"]} for each in configuration["receivers"]]
    (tmp_path / "plain.yaml").write_text(yaml.safe_dump({"route": configuration["route"], "receivers": receivers}))
    (tmp_path / "expectations").mkdir()
    (tmp_path / "expectations" / "a.yaml").write_text(yaml.safe_dump(EXPECTATIONS))
    assert len(found) > 50
    return found | {f"rotated {path}": value for path, value in rotated.items()}


@pytest.mark.parametrize("answer", ANSWERS)
def test_no_answer_shows_one(answer: str, planted: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    said: dict[str, str] = {}
    receivers = [f"r{index}" for index in range(len(INTEGRATIONS))] if "RECEIVER" in answer else [""]
    for receiver in receivers:
        code = main(answer.replace("RECEIVER", receiver).split())
        printed = capsys.readouterr()
        assert code in (0, 1)
        assert "Traceback" not in printed.err
        said[receiver] = printed.out + printed.err
        assert len(said[receiver]) > 40
    assert leaks(planted, "\n".join(said.values()).encode()) == set()


def test_the_search_sees_them(planted: dict[str, str]) -> None:
    found = leaks(planted, Path("FILE").read_bytes() + Path("rotated.yaml").read_bytes())
    assert {leak.name for leak in found} == planted.keys()


def _spoiled(data: Any) -> Iterator[Any]:
    """The configuration with one mistake each, as people make them around a credential."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            for other in _spoiled(value):
                yield {**data, key: other}
            if isinstance(value, str) and "SECRET" in value:
                # Misspelt, and beside what excludes it.
                yield {**{other: data[other] for other in data if other != key}, f"{key}l": value}
                yield {**data, f"{key}_file": "/a"}
    elif isinstance(data, list):
        for index, value in enumerate(data):
            for other in _spoiled(value):
                yield [*data[:index], other, *data[index + 1 :]]
    if "SECRET" in str(data):
        yield "SECRET"
        yield ["SECRET"]
        yield {"a": "SECRET"}
        yield [["SECRET"]]


@pytest.mark.parametrize("form", ["text", "json", "sarif", "github"])
def test_no_refusal_shows_one(form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parts = [{"global": GLOBAL}]
    parts += [{"receivers": [{"name": "r", f"{kind}_configs": [entry]}]} for kind, entry in INTEGRATIONS]
    root = {"route": {"receiver": "r"}, "receivers": [{"name": "r"}]}
    file = tmp_path / "FILE"
    count = 0
    for part in parts:
        for spoiled in itertools.islice(_spoiled(part), None if form == "text" else 3):
            if not isinstance(spoiled, dict):
                continue
            planted: dict[str, str] = {}
            file.write_text(yaml.safe_dump(_filled({**root, **spoiled}, planted)))
            main(["check", "--config", str(file), "--format", form])
            printed = capsys.readouterr()
            assert leaks(planted, (printed.out + printed.err).encode()) == set(), f"{spoiled}\n{printed}"
            count += 1
    assert count > 20


@pytest.mark.parametrize(
    "broken",
    [
        "global: {slack_api_url: 'SECRET}\nroute: {receiver: r}\n",
        'global: {slack_api_url: "\\SECRET"}\n',
        "global:\n  slack_api_url: SECRET: b\n",
        "global:\n  slack_api_url: SECRET\n bad: indentation\n",
        "global:\n\tslack_api_url: SECRET\n",
        "global: {slack_api_url: *SECRET}\n",
        "global: {slack_api_url: !SECRET a, b: !<tag:SECRET> c}\n",
        "global: {? {SECRET: a} : b}\n",
        "global: SECRET\n",
        "SECRET\n",
        "SECRET: SECRET\nroute: {receiver: r}\n",
        "global: {slack_api_url: SECRET, slack_api_url: SECRET}\n",
        "global: {slack_api_url: !!binary SECRET}\n",
        "global: {slack_api_url: SECRET}\nroute: {receiver: r}\n\x00",
        "kind: Secret\ndata: {alertmanager.yaml: SECRET}\n",
        "kind: Secret\nstringData: {alertmanager.yaml: 'global: {slack_api_url: [SECRET]}'}\n",
        "kind: Secret\nstringData: {SECRET: SECRET}\n",
    ],
)
@pytest.mark.parametrize("command", ["check --config FILE", "explain --config FILE a=b", "diff FILE FILE"])
def test_no_message_about_yaml_shows_one(
    command: str, broken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    planted = {"it": _value()}
    (tmp_path / "FILE").write_text(broken.replace("SECRET", planted["it"]))
    assert main(command.split()) == 1
    printed = capsys.readouterr()
    assert leaks(planted, (printed.out + printed.err).encode()) == set(), printed.err


@pytest.mark.parametrize("packed", ["data", "stringData", "gz"])
def test_a_secret_of_the_cluster_is_unpacked_and_not_shown(
    packed: str, planted: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    text = Path("FILE").read_bytes()
    content = {
        "data": {"data": {"alertmanager.yaml": base64.b64encode(text).decode()}},
        "stringData": {"stringData": {"alertmanager.yaml": text.decode()}},
        "gz": {"data": {"alertmanager.yaml.gz": base64.b64encode(gzip.compress(text)).decode()}},
    }[packed]
    manifest = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}, **content}
    Path("manifest").write_text(json.dumps(manifest))
    assert {leak.name for leak in leaks(planted, Path("manifest").read_bytes())} >= {".global.opsgenie_api_key"}
    for command in ("check --config manifest", "explain --config manifest to=r8", "diff plain.yaml manifest"):
        main(command.split())
        printed = capsys.readouterr()
        assert len(printed.out) > 40
        assert leaks(planted, (printed.out + printed.err).encode()) == set()


def _pasted(data: Any, secret: str) -> Iterator[Any]:
    """`data` with `secret` in place of one text, or of one key."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            yield {secret if other == key else other: data[other] for other in data}
            for other in _pasted(value, secret):
                yield {**data, key: other}
    elif isinstance(data, list):
        for index, value in enumerate(data):
            for other in _pasted(value, secret):
                yield [*data[:index], other, *data[index + 1 :]]
    else:
        yield secret


@pytest.mark.parametrize(
    ("file", "least"), [("Pulumi.yaml", 100), ("Pulumi.production.yaml", 5), ("catalog/seedtest.yaml", 100)]
)
def test_a_credential_pasted_anywhere_is_not_shown(
    file: str, least: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("Pulumi.yaml", "Pulumi.production.yaml", "catalog/seedtest.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    monkeypatch.chdir(tmp_path)
    data = yaml.safe_load((ROOT / file).read_text())
    commands = ["compile --stack production", "compile --stack production --table", "check --stack production"]
    commands += ["check --stack production --format sarif", "explain --stack production service=seedtest-api"]
    count = 0
    for number, form in enumerate(PASTED * sum(1 for _ in _pasted(data, ""))):
        value = _value().upper()[:12] + "".join(_NUMBERS.choices(string.ascii_lowercase + string.digits, k=18)) + "x7"
        spoiled = next(itertools.islice(_pasted(data, form.format(value)), number // len(PASTED), None))
        (tmp_path / file).write_text(yaml.safe_dump(spoiled, sort_keys=False))
        main(commands[number % len(commands)].split())
        printed = capsys.readouterr()
        assert "Traceback" not in printed.err
        assert leaks({"it": value}, (printed.out + printed.err).encode()) == set(), f"{spoiled}\n{printed}"
        count += 1
    assert count > least
