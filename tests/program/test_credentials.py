"""Every credential provider with its real tool, up to the Secret on a real API server; no value anywhere else."""

from __future__ import annotations

import base64
import json
import os
import re
import shlex
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from alertpath.inputs.credentials import shape_fault
from tests.documented import blocks
from tests.program.cluster import Cluster
from tests.program.conftest import NewProject
from tests.program.engine import Project, assert_hidden, run
from tests.program.test_previews import EXTERNAL

WEBHOOK = "https://hooks.slack.com/services/T0EXAMPLE/B0EXAMPLE/sopsabcdefghijklmnopqrst"
ROUTING_KEY = "0123456789abcdefghijklmnopqrstuv"
TOKEN = "xoxb-0000000000-sealedabcdefghijklmnop"
UNUSED = "never-asked-for-abcdefgh"
SEALED = "          sealed: "

CATALOG = """\
team: providers
receivers:
  by-sops: {slack: {channel: "#a", webhook: from-sops}}
  by-config: {pagerduty: {routing_key: from-config}}
  by-sealing: {slack: {channel: "#b", app_token: from-sealing}}
  by-store: {msteamsv2: {webhook: from-store}}
  by-others: {opsgenie: {api_key: from-others}}
  by-chance-webhook: {webhook: {url_credential: chance-webhook}}
  by-chance-key: {pagerduty: {routing_key: chance-key}}
  by-chance-token: {slack: {channel: "#c", app_token: chance-token}}
services:
  a: {any: by-sops}
  b: {any: by-config}
  c: {any: by-sealing}
  d: {any: by-store}
  e: {any: by-others}
  f: {any: by-chance-webhook}
  g: {any: by-chance-key}
  h: {any: by-chance-token}
"""
STACK = """\
config:
  alertpath:settings:
    delivery: cluster
    namespace: {name: providers}
    catalog: [catalog.yaml]
    alertmanager: {mounts: object}
    versions: {operator: "0.93.0"}
    receivers:
      - by-sops
      - by-config
      - by-sealing
      - by-store
      - by-others
      - by-chance-webhook
      - by-chance-key
      - by-chance-token
    routing: {default_receiver: by-sops}
    credentials:
      provider: generated
      secret: by-chance
      sops: {file: credentials.enc.yaml}
      external_secrets:
        store: {name: vault}
        vault: {server: "https://vault.example.com", path: kv, auth: {tokenSecretRef: {name: vault, key: token}}}
      values:
        from-sops: {provider: sops, secret: by-sops, key: url, field: slack.alerts}
        from-config: {provider: pulumi-config, secret: by-config, key: routing_key}
        from-sealing:
          provider: sealed-secrets
          secret: by-sealing
          key: token
        from-store: {provider: external-secrets, secret: by-store, key: url, remote: {key: monitoring/teams}}
        from-others: {provider: existing, secret: by-others, key: api_key}
        chance-webhook: {key: webhook}
        chance-key: {key: routing_key}
        chance-token: {key: token}
"""


@pytest.fixture(scope="session")
def tools_env(tool: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """PATH with sops and a kubeseal that keeps a record of how it was called, and an age key for sops."""
    work = tmp_path_factory.mktemp("tools")
    record, wrapper = work / "kubeseal.record", work / "kubeseal"
    real = tool("kubeseal")
    wrapper.write_text(f'#!/bin/sh\n{{ printf "%s\\n" "$@"; env; }} >>{record}\nexec {real} "$@"\n', encoding="utf-8")
    wrapper.chmod(0o755)
    (work / "sops").symlink_to(tool("sops"))
    key = work / "age.key"
    run([tool("age-keygen"), "-o", key], work, os.environ).expect(0)
    return {"PATH": str(work), "SOPS_AGE_KEY_FILE": str(key), "RECORD": str(record)}


def with_tools(project: Project, tools_env: Mapping[str, str]) -> Project:
    return project.with_env(
        PATH=f"{tools_env['PATH']}{os.pathsep}{project.env['PATH']}", SOPS_AGE_KEY_FILE=tools_env["SOPS_AGE_KEY_FILE"]
    )


def encrypt(project: Project, file: Path, values: object) -> None:
    """Writes an encrypted file as a user does: sops and an age recipient."""
    key = Path(project.env["SOPS_AGE_KEY_FILE"]).read_text(encoding="utf-8")
    recipient = re.findall(r"public key: (\S+)", key)[0]
    command = ["sops", "--encrypt", "--age", recipient, "--input-type", "json", "--output-type", "yaml", "/dev/stdin"]
    file.write_text(run(command, project.root, project.env, stdin=json.dumps(values)).expect(0).out, encoding="utf-8")


@pytest.fixture(scope="module")
def providers(cluster: Cluster, new_project: NewProject, tools_env: Mapping[str, str]) -> Project:
    """A stack with a credential of every provider, applied."""
    cluster.new_namespace("providers")
    others = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "by-others"}}
    cluster.put({**others, "data": {"api_key": base64.b64encode(TOKEN.encode()).decode()}}, "providers", "platform")
    project = with_tools(new_project("providers", STACK, providers=["kubernetes", "random"]), tools_env)
    project = project.with_env(KUBECONFIG=str(cluster.kubeconfig))
    (project.root / "catalog.yaml").write_text(CATALOG, encoding="utf-8")
    encrypt(project, project.root / "credentials.enc.yaml", {"slack": {"alerts": WEBHOOK}, "unused": UNUSED})
    seal = ["seal", "from-sealing", "--stack", "providers", "--certificate", str(cluster.certificate)]
    project.alertpath(*seal, stdin=f"{TOKEN}\n").expect(0)
    [command] = blocks("credentials.md", "pulumi-config")
    words = shlex.split(command.replace("production", "providers").replace("pagerduty-seedtest", "from-config"))
    run(words, project.root, project.env, stdin=ROUTING_KEY).expect(0)
    project.up()
    return project


def test_each_secret_has_its_keys_and_values(cluster: Cluster, providers: Project) -> None:
    assert cluster.data("providers", "by-sops") == {"url": WEBHOOK}
    assert cluster.data("providers", "by-config") == {"routing_key": ROUTING_KEY}
    # The configuration reads each of them where the Alertmanager mounts it.
    configuration = cluster.data("providers", "alertmanager-main")["alertmanager.yaml"]
    paths = set(re.findall(r"/etc/alertmanager/secrets/(\S+)", configuration))
    live = cluster.get("Alertmanager", "providers", "main")
    assert live is not None
    assert {path.split("/")[0] for path in paths} == set(live["spec"]["secrets"])
    assert paths == {
        "by-sops/url",
        "by-config/routing_key",
        "by-sealing/token",
        "by-store/url",
        "by-others/api_key",
        "by-chance/webhook",
        "by-chance/routing_key",
        "by-chance/token",
    }
    assert configuration == providers.alertpath("compile", "--stack", "providers").expect(0).out


def test_generated_values_have_their_shapes(cluster: Cluster, providers: Project) -> None:
    values = cluster.data("providers", "by-chance")
    assert shape_fault(values["webhook"], "https-url") is None
    assert values["webhook"].startswith("http://127.0.0.1")
    assert shape_fault(values["routing_key"], "routing-key") is None
    assert shape_fault(values["token"], "slack-app-token") is None
    assert_hidden(providers.state_text(), *values.values())


@pytest.mark.usefixtures("providers")
def test_a_store_gets_its_objects(cluster: Cluster) -> None:
    external = cluster.get("ExternalSecret", "providers", "by-store")
    store = cluster.get("SecretStore", "providers", "vault")
    assert external is not None
    assert store is not None
    (entry,) = external["spec"]["data"]
    assert entry["secretKey"] == "url"
    assert entry["remoteRef"]["key"] == "monitoring/teams"
    assert external["spec"]["secretStoreRef"] == {"kind": "SecretStore", "name": "vault"}
    assert store["spec"]["provider"]["vault"]["server"] == "https://vault.example.com"


def test_existing_is_never_written(cluster: Cluster, providers: Project) -> None:
    assert providers.resources()
    # By sealing and by store: their controllers make them, and none runs here.
    assert cluster.names("Secret", "providers") == {
        *("alertmanager-main", "by-sops", "by-config", "by-chance"),
        "by-others",
    }
    live = cluster.get("Secret", "providers", "by-others")
    assert live is not None
    assert {entry["manager"] for entry in live["metadata"]["managedFields"]} == {"platform"}


def test_the_sealed_value_opens_only_as_what_it_was_sealed_for(cluster: Cluster, providers: Project) -> None:
    sealed = cluster.get("SealedSecret", "providers", "by-sealing")
    assert sealed is not None
    unseal = ["kubeseal", "--recovery-unseal", "--recovery-private-key", str(cluster.key), "--format", "json"]

    def unsealed(changes: Mapping[str, Any]) -> Any:
        manifest = {**sealed, "metadata": {"name": "by-sealing", "namespace": "providers", **changes}}
        return run(unseal, providers.root, providers.env, stdin=json.dumps(manifest))

    opened = unsealed({}).expect(0).json()
    assert opened["data"].keys() == {"token"}
    assert_opened(opened["data"]["token"], TOKEN)
    # Strict scope.
    unsealed({"namespace": "elsewhere"}).failed()
    unsealed({"name": "another"}).failed()


def assert_opened(encoded: str, value: str) -> None:
    with pytest.raises(AssertionError):
        assert_hidden(encoded, value)


def test_a_second_up_changes_nothing(providers: Project) -> None:
    providers.up("--expect-no-changes")
    providers.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes").expect(0)


def test_no_value_is_anywhere_else(cluster: Cluster, providers: Project, tools_env: Mapping[str, str]) -> None:
    values = [WEBHOOK, ROUTING_KEY, TOKEN, UNUSED, *cluster.data("providers", "by-chance").values()]
    assert_hidden(providers.state_text(), *values)
    assert_hidden(providers.pulumi("stack", "export").expect(0).text, *values)
    assert_hidden(providers.pulumi("stack", "output", "--json").expect(0).text, *values)
    assert_hidden(providers.preview("--diff").text, *values)
    assert_hidden(providers.alertpath("compile", "--stack", "providers").expect(0).text, *values)
    assert_hidden(Path(tools_env["RECORD"]).read_text(encoding="utf-8"), *values)
    written = [file for file in providers.root.rglob("*") if file.is_file() and not file.is_symlink()]
    for file in written:
        if ".venv" not in file.parts:
            assert_hidden(file.read_bytes().decode(errors="replace"), *values)


# --- sops: what is wrong is said, and the Secret stays


@pytest.fixture
def by_sops(cluster: Cluster, providers: Project) -> Any:
    """The stack; what the test did to its files and environment is undone, and must not have changed the Secret."""
    files = [providers.stack_file, providers.root / "credentials.enc.yaml"]
    before = [file.read_bytes() for file in files]
    yield providers
    for file, content in zip(files, before, strict=True):
        file.write_bytes(content)
    assert cluster.data("providers", "by-sops") == {"url": WEBHOOK}


def said(project: Project) -> str:
    """What a failing `up` says; no value, and no traceback."""
    text = project.up(code=None).failed().text
    assert "Traceback" not in text
    assert_hidden(text, WEBHOOK, ROUTING_KEY, TOKEN, UNUSED)
    return text


def test_a_changed_sops_file_is_refused(by_sops: Project) -> None:
    file = by_sops.root / "credentials.enc.yaml"
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join(line for line in lines if not line.startswith("unused:")), encoding="utf-8")
    assert "credentials.enc.yaml: its message authentication code does not match" in said(by_sops)

    file.write_text(re.sub(r"(alerts: ENC\[AES256_GCM,data:)..", r"\1AA", "".join(lines)), encoding="utf-8")
    assert "credentials.enc.yaml: a value cannot be decrypted: somebody changed the file" in said(by_sops)


def test_without_a_key_a_preview_goes_on_and_an_update_does_not(by_sops: Project, tmp_path: Path) -> None:
    project = by_sops.with_env(SOPS_AGE_KEY_FILE=str(tmp_path / "none"), HOME=str(tmp_path))
    message = "credentials.enc.yaml: none of the keys that it is encrypted for is available"
    assert message in said(project)
    assert message in project.preview().text


def test_without_sops_a_preview_goes_on_and_an_update_does_not(by_sops: Project, tmp_path: Path) -> None:
    # No directory of PATH but those of the engine; a host without a shell has no engine either.
    (tmp_path / "bin").mkdir()
    for name in ("pulumi", "sh", "env", "python3"):
        if found := shutil.which(name, path=by_sops.env["PATH"]):
            (tmp_path / "bin" / name).symlink_to(found)
    engine = str(Path(shutil.which("pulumi", path=by_sops.env["PATH"]) or "").parent)
    project = by_sops.with_env(PATH=os.pathsep.join([engine, str(tmp_path / "bin")]))
    message = "credentials.enc.yaml: the program sops cannot be run (No such file or directory)"
    assert message in said(project)
    assert message in project.preview().text


def test_a_value_of_the_wrong_shape_is_refused_unseen(by_sops: Project) -> None:
    encrypt(
        by_sops, by_sops.root / "credentials.enc.yaml", {"slack": {"alerts": "http://plain.example.com/wrong-shape"}}
    )
    by_sops.set_secret("from-config", "wrong-shape-of-a-routing-key")
    text = by_sops.up(code=None).failed().text
    assert "credentials.enc.yaml: slack.alerts: is not an https URL" in text
    assert "wrong-shape" not in text

    encrypt(by_sops, by_sops.root / "credentials.enc.yaml", {"slack": {"alerts": WEBHOOK}})
    text = by_sops.up(code=None).failed().text
    assert "values.from-config.value: is not a PagerDuty routing key" in text
    assert "wrong-shape" not in text


# --- alertpath seal


@pytest.fixture
def sealing(new_project: NewProject, tools_env: Mapping[str, str]) -> Project:
    """A stack whose credential is still to be sealed; the engine is not needed for that."""
    project = with_tools(new_project("staging"), tools_env)
    project.edit(
        project.stack_file,
        ("      provider: external-secrets\n", "      provider: sealed-secrets\n"),
        (EXTERNAL, ""),
        ("          remote: {key: monitoring/alertmanager/slack, property: webhook_url}\n", ""),
        ("          remote: {key: monitoring/alertmanager/slack, property: webhook_url_notify}\n", ""),
    )
    return project


def test_seal_writes_the_ciphertext_and_nothing_else(
    cluster: Cluster, sealing: Project, tools_env: Mapping[str, str]
) -> None:
    # The stack's own entry; what it says besides, all stacks share.
    settings = "  alertpath:settings:\n"
    mine = (
        f"{settings}    credentials:\n      values:\n        slack-seedtest-alerts:\n          key: slack_webhook_url\n"
    )
    sealing.edit(sealing.stack_file, (settings, mine))
    before = sealing.stack_file.read_text(encoding="utf-8")
    _, documented = blocks("credentials.md", "sealed-secrets")[0].splitlines()
    shutil.copy2(cluster.certificate, sealing.root / "pub.pem")
    _, *command = shlex.split(documented.replace("production", "staging"))
    done = sealing.alertpath(*command, stdin=f"{WEBHOOK}\n").expect(0)
    after = sealing.stack_file.read_text(encoding="utf-8")
    added = [line for line in after.splitlines(keepends=True) if line.startswith(SEALED)]
    assert len(added) == 1
    assert after.replace(added[0], "", 1) == before
    assert after.index("slack-seedtest-alerts:") < after.index(added[0]) < after.index("key: slack_webhook_url")
    assert_hidden(done.text + after + Path(tools_env["RECORD"]).read_text(encoding="utf-8"), WEBHOOK)

    # Again, with another value and the certificate of the settings: the ciphertext is replaced.
    shutil.copy2(cluster.certificate, sealing.root / "sealed-secrets.pem")
    place = "      provider: sealed-secrets\n"
    sealing.edit(sealing.stack_file, (place, f"{place}      sealed_secrets: {{certificate: sealed-secrets.pem}}\n"))
    for name in ("slack-seedtest-alerts", "slack-seedtest-notify"):
        sealing.alertpath("seal", name, "--stack", "staging", stdin=f"{WEBHOOK}/{name}").expect(0)
    again = sealing.stack_file.read_text(encoding="utf-8")
    assert again.count(SEALED.strip()) == 2, "one of them in an entry that was not there"
    assert added[0] not in again
    sealing.alertpath("compile", "--stack", "staging").expect(0)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("slack-seedtest-alerts", "http://hooks.example.com/plainly-a-secret", "the value is not an https URL"),
        ("slack-seedtest-alerts", "https://hooks.example.com/plainly-a-secret x", "the value has white space inside"),
        ("slack-seedtest-alerts", "", "the value is empty"),
        ("slack-seedtest-alrts", "https://hooks.example.com/plainly-a-secret", "is missing"),
    ],
    ids=["plain-http", "white-space", "empty", "unknown-name"],
)
def test_seal_refuses_what_is_wrong(cluster: Cluster, sealing: Project, name: str, value: str, told: str) -> None:
    before = sealing.stack_file.read_bytes()
    done = sealing.alertpath(
        "seal", name, "--stack", "staging", "--certificate", str(cluster.certificate), stdin=value
    ).expect(1)
    assert told in done.err
    assert "plainly-a-secret" not in done.text
    assert sealing.stack_file.read_bytes() == before


def test_seal_says_what_is_wrong_with_kubeseal(sealing: Project, tmp_path: Path) -> None:
    before = sealing.stack_file.read_bytes()
    certificate = tmp_path / "certificate.pem"
    command = ["seal", "slack-seedtest-alerts", "--stack", "staging", "--certificate", str(certificate)]
    certificate.write_text("no certificate\n", encoding="utf-8")
    done = sealing.alertpath(*command, stdin=WEBHOOK).expect(1)
    assert "kubeseal: slack-seedtest-alerts: failed: " in done.err
    assert "mend: check the certificate" in done.err
    assert_hidden(done.text, WEBHOOK)

    done = sealing.with_env(PATH=str(tmp_path)).alertpath(*command, stdin=WEBHOOK).expect(1)
    assert "kubeseal: slack-seedtest-alerts: is not installed" in done.err
    assert sealing.stack_file.read_bytes() == before
