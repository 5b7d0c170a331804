"""Every mistake in tests/bad is refused: one clear message, nothing written."""

from __future__ import annotations

import base64
import io
import json
import re
import runpy
import sys
from pathlib import Path
from typing import Any

import pulumi
import pytest

from alertpath.alertmanager.destinations import destination
from alertpath.cli.main import main
from alertpath.compiling.compile import HEARTBEAT
from alertpath.compiling.summary import NOBODY
from alertpath.documents.problems import InvalidInput
from alertpath.documents.redaction import looks_pasted, reads_as_name, redact
from alertpath.inputs.credentials import is_ciphertext
from alertpath.inputs.receivers import RESERVED
from alertpath.inputs.stack import load
from tests.unit.recording_mocks import record
from tests.unit.samples import CATALOG, SETTINGS, stack

ROOT = Path(__file__).resolve().parents[2]
BAD = sorted((ROOT / "tests" / "bad").iterdir())
ENGINE = [fault for fault in BAD if (fault / "engine.json").exists()]
# Several faults; every other one is told once.
PLACES = {"empty-weekday-range": 2, "no-provider": 2, "several-at-once": 5}
SECRETS = re.compile(r"EXAMPLEEXAMPLE|0123456789example|plainly-a-secret")


@pytest.mark.parametrize("fault", [fault for fault in BAD if fault not in ENGINE], ids=lambda fault: fault.name)
def test_bad_input_is_refused(
    fault: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    code = main(["compile", "--stack-file", str(fault / "Pulumi.bad.yaml"), "--out", str(tmp_path / "out")])
    printed = capsys.readouterr()
    assert code == 1
    assert printed.out == ""
    assert not (tmp_path / "out").exists()
    assert not SECRETS.search(printed.err)
    # Written by `make golden`, read by a reviewer.
    expected = (fault / "expected.txt").read_text(encoding="utf-8")
    count = PLACES.get(fault.name, 1)
    assert printed.err == f"{expected}{count} problem{'s' * (count > 1)}; nothing was changed.\n"


@pytest.mark.parametrize("fault", ENGINE, ids=lambda fault: fault.name)
def test_what_the_engine_says_wrongly_is_refused(fault: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    value = json.loads((fault / "engine.json").read_text(encoding="utf-8"))
    with pytest.raises(InvalidInput) as caught:
        load(fault / "Pulumi.bad.yaml", engine_value=value)
    assert f"{caught.value}\n" == (fault / "expected.txt").read_text(encoding="utf-8")
    assert not SECRETS.search(str(caught.value))


def test_there_are_enough_kinds() -> None:
    assert len(BAD) >= 30


@pytest.mark.parametrize("fault", BAD, ids=lambda fault: fault.name)
def test_a_message_says_where_what_and_how(fault: Path) -> None:
    text = (fault / "expected.txt").read_text(encoding="utf-8")
    assert text.startswith(("tests/bad/", "catalog/", "Pulumi configuration: "))
    assert len(re.findall(r"^(?:\S+|Pulumi configuration): ", text, re.MULTILINE)) == PLACES.get(fault.name, 1)
    assert re.search(r"^    (?:allowed|mend): ", text, re.MULTILINE)


UUID = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"


def refused(where: Path, catalog: dict[str, Any] | None = None, **settings: Any) -> str:
    """What is said to a stack of `samples`."""
    with pytest.raises(InvalidInput) as caught:
        stack(where, catalog, **settings)
    return str(caught.value)


def values(**values: Any) -> dict[str, Any]:
    """The credentials of a stack of `samples`, some replaced."""
    credentials = SETTINGS["credentials"]
    return {**credentials, "values": {**credentials["values"], **values}}


@pytest.mark.parametrize("secret", ["hunter2", "plain-words", UUID, 12345678, "with a space", "https://h.example/x"])
@pytest.mark.parametrize("field", ["", "secret", "key", "provider", "remote", "sealed", "legacy_webhook", "unknown"])
def test_a_credential_pasted_among_the_credentials_is_not_shown(tmp_path: Path, field: str, secret: Any) -> None:
    if secret == "plain-words" and field not in ("", "remote", "sealed", "legacy_webhook"):
        return  # Takes the place of a name, and reads as one.
    told = ""
    try:
        stack(tmp_path, credentials=values(hook={field: secret} if field else secret))
    except InvalidInput as error:
        told = str(error)
    assert str(secret) not in told


@pytest.mark.parametrize("secret", ["hunter2", UUID, 12345678, "with a space", "https://h.example/x", ["a1b2"]])
@pytest.mark.parametrize(
    "receiver",
    [
        {"opsgenie": {"api_key": ...}},
        {"email": {"to": "a@b.c", "from": "a@b.c", "smarthost": "h:25", "password": ...}},
        {"webhook": {"url": "https://h.example/", "bearer_token": ...}},
        {"webhook": {"url_credential": ...}},
        {"slack": {"channel": "#a", "webhook": ...}},
        {"slack": {"channel": "#a", "app_token": ...}},
        {"msteamsv2": {"webhook": ...}},
        {"pagerduty": {"routing_key": ...}},
    ],
    ids=lambda receiver: "-".join((*receiver, *next(iter(receiver.values())))),
)
def test_a_credential_in_place_of_its_name_is_not_shown(tmp_path: Path, receiver: dict[str, Any], secret: Any) -> None:
    [(name, fields)] = receiver.items()
    filled = {name: {key: secret if value is ... else value for key, value in fields.items()}}
    told = refused(tmp_path, {"receivers": {**CATALOG["receivers"], "page": filled}})
    assert "(not shown: it may be a credential)" in told or isinstance(secret, list)
    assert (secret[0] if isinstance(secret, list) else str(secret)) not in told


def test_the_name_of_an_unknown_credential_is_shown(tmp_path: Path) -> None:
    receivers = {**CATALOG["receivers"], "page": {"pagerduty": {"routing_key": "pagerduty-key"}}}
    assert "credentials.values.pagerduty-key" in refused(tmp_path, {"receivers": receivers})


@pytest.mark.parametrize(
    ("text", "shows"),
    [
        *((name, True) for name in ("pagerduty-seedtest", "PagerDuty_Routing_Key", "slack-2", "..")),
        *((secret, False) for secret in ("hunter2", UUID, "xKdQpfmRt", "a" * 41)),
    ],
)
def test_what_reads_as_a_name(text: str, shows: bool) -> None:
    assert reads_as_name(text) == shows


PASTED = [
    "https://discord.example.com/api/webhooks/1234/abcDEF_xyz",
    "https://proxy.example/discord/api/webhooks/1234/abcDEF_xyz",
    "https://chat.example.com/hooks/xj3nq7k9mpyf8rt5wd1b6zc4ha",
    "https://rocket.example.com/hooks/5f3c2a1b9d8e7f60/aB3dE6gH9jK2mN5pQ8rS1tU4",
    "https://chat.googleapis.com/v1/spaces/AAAA/messages?key=abcdefghijkl&token=abc123def456",
    "https://api.telegram.org/bot123456:AAabc-def/sendMessage",
    f"https://hc-ping.com/{UUID}",
    "https://relay.example.com/in/aB3dE6gH9jK2mN5pQ8rS1tU4",
]
HARMLESS = [
    "https://runbooks.prometheus-operator.dev/runbooks/kubernetes/kubepodcrashlooping",
    "https://github.com/org/repo/blob/0123456789abcdef0123456789abcdef01234567/docs/runbook.md",
    "https://docs.google.com/document/d/1A2b3C4d5E6f7G8h9I0j1K2l3M4n5O6p7Q8r9S0t1U2v/edit",
    "https://www.notion.so/team/Runbook-1429989fe8ac4effbc8f57f56486db54",
    "https://wiki.example.com/x/KubePersistentVolumeFillingUpIn4DaysAnd2Hours",
    "https://wiki.example.com/How-To-Fix-Kube-Node-2024-Issue-Part-2-Rev-3",
    "https://example.com/hooks/overview-of-all-our-webhooks",
]


@pytest.mark.parametrize("text", PASTED)
def test_the_address_of_a_webhook_looks_pasted(text: str) -> None:
    assert looks_pasted(text)
    assert text not in redact(f"value: {text}")


@pytest.mark.parametrize("text", HARMLESS)
def test_a_link_to_a_runbook_does_not(text: str) -> None:
    assert not looks_pasted(text)
    assert redact(f"see {text}") == f"see {text}"


def test_a_ciphertext_has_the_form_of_kubeseals() -> None:
    sealed = base64.b64encode((512).to_bytes(2, "big") + bytes(512 + 20)).decode()
    assert is_ciphertext(sealed)
    assert not any(map(is_ciphertext, ("", "AgA", "A" * 800, sealed[:-1], base64.b64encode(b"k" * 600).decode())))


@pytest.mark.parametrize("key", ["secure", "sealed"])
def test_a_key_called_like_that_hides_nothing(tmp_path: Path, key: str) -> None:
    pasted = "https://hooks.slack.com/services/T0/B0/EXAMPLEEXAMPLE"
    native = {"receivers": [{"name": "x", "webhook_configs": [{key: pasted, "url": "https://h.example/"}]}]}
    told = refused(tmp_path, {"native": native})
    assert f"{key}: a credential stands here in plain text" in told
    assert f"hook.{key}: a credential stands" in refused(tmp_path, credentials=values(hook={key: pasted}))
    told = refused(tmp_path, credentials=values(hook={"provider": "pulumi-config", "value": {"secure": pasted}}))
    assert "hook.value.secure: a credential stands here in plain text" in told


def test_a_section_without_a_value_is_left_out(tmp_path: Path) -> None:
    empty = dict.fromkeys(("network_policy", "heartbeat", "native", "versions", "directory"))
    assert stack(tmp_path, {"timing": None, "namespaces": None}, **empty).settings == stack(tmp_path).settings
    assert "settings.delivery: is empty" in refused(tmp_path, delivery=None)
    assert "services.api: is empty" in refused(tmp_path, {"services": {"api": None}})


def test_an_invalid_name_in_a_list_or_for_a_mapping_takes_nothing_else_along(tmp_path: Path) -> None:
    services = {"api": {"critical": "a b", "any": "chat"}}
    told = refused(tmp_path, {"services": services}, receivers=["page", "chat", "c d"])
    assert [line.split(": ")[1] for line in told.splitlines() if line[0] != " "] == [
        "config.alertpath:settings.receivers.c d",
        "services.api.critical.to",
    ]


def test_the_catalogs_of_a_directory(tmp_path: Path) -> None:
    teams = tmp_path / "teams"
    (teams / "templates").mkdir(parents=True)
    (teams / "one.yaml").write_text(json.dumps(CATALOG))
    (teams / "two.yml").write_text("team: b\n")
    (teams / "README.md").write_text("- [")
    (teams / ".draft.yaml").write_text("- [")
    file = tmp_path / "Pulumi.test.yaml"

    def catalogs(*named: str) -> list[str]:
        file.write_text(json.dumps({"config": {"alertpath:settings": {**SETTINGS, "catalog": named}}}))
        return [each.team for each in load(file).catalogs]

    assert catalogs("teams") == ["a", "b"]
    (teams / "templates" / "three.yaml").write_text("team: c\n")
    with pytest.raises(InvalidInput, match="catalogs in a directory below are not read: templates"):
        catalogs("teams")
    assert catalogs("teams", "teams/templates") == ["a", "b", "c"]


def test_the_reserved_names_are_those_of_the_program() -> None:
    assert set(RESERVED) == {HEARTBEAT, NOBODY}


def test_what_is_printed_is_utf_8(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "Pulumi.test.yaml"
    file.write_text("config: {alertpath:settings: {delivery: 파일}}", encoding="utf-8")
    printed = io.BytesIO()
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(printed, encoding="ascii", write_through=True))
    assert main(["compile", "--stack-file", str(file)]) == 1
    assert "'파일'" in printed.getvalue().decode()


def test_a_directory_without_a_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["compile", "--stack", "dev", "--out", ""])
    assert caught.value.code == 2
    assert "--out: the name of the directory is empty" in capsys.readouterr().err


def test_a_name_that_is_too_long_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compile", "--stack-file", "x" * 300]) == 1
    assert "cannot be read: File name too long" in capsys.readouterr().err


@pytest.mark.parametrize("value", ["hello", "[1]"])
def test_settings_that_the_engine_cannot_read_are_told_in_our_words(value: str) -> None:
    config = {"alertpath:settings": value}
    with pytest.raises(pulumi.RunError, match=r"Pulumi configuration: alertpath:settings: is not a mapping"):
        record(
            lambda: runpy.run_path(str(ROOT / "__main__.py"), run_name="__main__"),
            stack_name="dev",
            config=config,
        )


@pytest.mark.parametrize("scheme", ["https", "HTTPS", "Http"])
@pytest.mark.parametrize("user", ["", "token@", "me:pass@"])
@pytest.mark.parametrize("rest", ["/path", "?query", "#part", "/pa th\nmore"])
def test_of_a_destination_only_the_host_is_shown(scheme: str, user: str, rest: str) -> None:
    assert (
        destination("webhook_configs", {"url": f"{scheme}://{user}host:80{rest}"}) == f"webhook {scheme}://host:80/..."
    )
    assert destination("webhook_configs", {"url": f"{scheme}://{user}host"}) == f"webhook {scheme}://host"
