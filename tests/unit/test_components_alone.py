"""Components in somebody else's program: the examples of docs/components.md, and what they promise."""

from __future__ import annotations

import inspect
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi_kubernetes import Provider

from components.alert_delivery import AlertDelivery
from components.argocd_application import ArgoCdApplication
from components.cluster import cluster_provider
from components.configuration_secret import ConfigurationSecret, ConfigurationSecretArgs
from components.credentials import ExternalSecrets, PulumiConfigSecrets
from components.network_policy import NetworkPolicy
from components.testing import declared
from tests.unit.recording_mocks import Recording, record
from tests.unit.samples import CATALOG, SETTINGS, stack

ROOT = Path(__file__).resolve().parents[2]
KUBECONFIG = "apiVersion: v1\nkind: Config\nusers: [{name: a, user: {token: hunter2}}]\n"


def examples() -> list[Any]:
    text = (ROOT / "docs" / "components.md").read_text(encoding="utf-8")
    found: list[Any] = []
    for number, part in enumerate(re.findall(r"```python\n(.*?)```", text, re.DOTALL)):
        names = re.findall(r"import (?:declared|(\w+))\n", part)
        found.append(pytest.param(part, id=f"{number}-{names[-1] or 'testing'}"))
    return found


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with what the examples read."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(ROOT / "tests" / "golden" / "production" / "alertmanager.yaml", tmp_path)
    (tmp_path / "alerts").mkdir()
    for region in ("eu", "us"):
        settings = {**SETTINGS, "alertmanager": {"mounts": "none"}}
        text = json.dumps({"config": {"alertpath:settings": settings}})
        (tmp_path / "alerts" / f"Pulumi.{region}.yaml").write_text(text)
    (tmp_path / "alerts" / "team.yaml").write_text(json.dumps(CATALOG))
    sops = tmp_path / "bin" / "sops"
    sops.parent.mkdir()
    sops.write_text("""#!/bin/sh\necho '{"slack": {"url": "https://hooks.slack.com/services/x"}}'\n""")
    sops.chmod(0o755)
    monkeypatch.setenv("PATH", str(sops.parent), prepend=":")
    return tmp_path


def state(kind: str, _name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    if kind.startswith("random:"):
        return {**inputs, "result": "R" * 32}
    if kind == "pulumi:pulumi:StackReference":
        return {"name": inputs["name"], "outputs": {"kubeconfig-eu": KUBECONFIG, "kubeconfig-us": KUBECONFIG}}
    return inputs


@pytest.mark.parametrize("example", examples())
@pytest.mark.usefixtures("here")
def test_the_example_runs(example: str) -> None:
    if "def test_" in example:
        exec(compile(example, "docs/components.md", "exec"), {})  # noqa: S102 - our own
        return
    assert len([line for line in example.splitlines() if line.strip()]) <= 14
    config = {"test:routing-key": "0123456789abcdefghijklmnopqrstuv"}
    made = record(
        lambda: exec(compile(example, "docs/components.md", "exec"), {"__name__": "__main__"}),  # noqa: S102 - our own
        state=state,
        config={name.replace("test:", "alertpath:"): value for name, value in config.items()},
    )
    assert {each.type for each in made.resources} - {"pulumi:pulumi:Stack"}
    # Whoever runs it finds each name once.
    names = [(each.type, each.parent, each.name) for each in made.resources]
    assert len(names) == len(set(names))


def two(here: Path, opts: pulumi.ResourceOptions | None = None) -> Recording:
    first = stack(here, namespace={"name": "one"}, alertmanager={"mounts": "object"})
    (here / "other").mkdir()
    second = stack(here / "other", namespace={"name": "two"}, alertmanager={"mounts": "object"})

    def program() -> None:
        AlertDelivery("alertmanager", {"stack": first}, opts)
        AlertDelivery("second", {"stack": second}, opts)

    return record(program)


def test_two_deliveries_in_one_program(tmp_path: Path) -> None:
    made = two(tmp_path)
    urns = [(each.type, each.parent.partition("::")[0], each.name) for each in made.resources]
    assert len(urns) == len(set(urns))
    secrets = [each for each in made.resources if each.type.endswith(":Secret")]
    assert {each.inputs["metadata"]["namespace"] for each in secrets} == {"one", "two"}
    assert {each.provider.rpartition("::")[2] for each in secrets} == {"alertmanager-cluster", "second-cluster"}


def test_the_callers_provider_is_used(tmp_path: Path) -> None:
    args = stack(tmp_path, alertmanager={"mounts": "none"})

    def program() -> None:
        provider = cluster_provider("mine", kubeconfig=pulumi.Output.from_input(KUBECONFIG))
        AlertDelivery("alerts", {"stack": args}, pulumi.ResourceOptions(provider=provider))
        parent = pulumi.ComponentResource("acme:platform:Base", "base", None, pulumi.ResourceOptions(provider=provider))
        under = pulumi.ResourceOptions(parent=parent)
        ConfigurationSecret("inside", {"files": {"alertmanager.yaml": "x"}}, under)

    made = record(program)
    assert [each.name for each in made.resources if each.type.startswith("pulumi:providers:")] == ["mine"]
    objects = [each for each in made.resources if each.type.startswith("kubernetes:")]
    assert {each.provider.rpartition("::")[2] for each in objects} == {"mine"}
    assert len(objects) == 4


def test_two_clusters_named_at_once_are_refused(tmp_path: Path) -> None:
    args = stack(tmp_path, cluster={"context": "prod"})
    with pytest.raises(pulumi.RunError, match=r"the provider that it is given says which cluster, and so do its"):
        record(
            lambda: AlertDelivery("alerts", {"stack": args}, pulumi.ResourceOptions(provider=cluster_provider("mine")))
        )


@pytest.mark.parametrize("made_of", [str, pulumi.Output.from_input, pulumi.Output.secret])
def test_a_kubeconfigs_content_is_a_secret(made_of: Any) -> None:
    made = declared(lambda: cluster_provider("mine", kubeconfig=made_of(KUBECONFIG)))
    [provider] = made.all("kubernetes")
    assert provider.secrets == {"kubeconfig"}


def test_a_provider_takes_over_what_exists() -> None:
    """Where the SDK knows it: since the provider 4.29, creating what exists fails without `upsertExistingObjects`."""
    known = "upsert_existing_objects" in inspect.signature(Provider._internal_init).parameters
    applies = declared(lambda: cluster_provider("mine")).one("kubernetes").inputs
    reads = declared(lambda: cluster_provider("mine", skip_unreachable=True)).one("kubernetes").inputs
    assert applies["enableSecretMutable"] == "true"
    assert applies.get("upsertExistingObjects") == ("true" if known else None)
    assert "upsertExistingObjects" not in reads


def test_what_uses_an_output_waits_for_the_object() -> None:
    def program() -> pulumi.Output[str]:
        secret = ConfigurationSecret("alerts", ConfigurationSecretArgs(files={"alertmanager.yaml": "x"})).secret
        PulumiConfigSecrets("after", {"secrets": {"other": {"name": secret}}})
        return secret

    made = record(lambda: pulumi.export("secret", program()))
    [after] = [each for each in made.resources if each.name == "after-other"]
    assert "kubernetes:core/v1:Secret::alerts-alertmanager-main" in after.depends_on
    assert declared(program).returned == ["alertmanager-main"]


def test_a_value_of_another_resource_goes_where_it_may() -> None:
    def program() -> None:
        later = pulumi.Output.from_input("later")
        ExternalSecrets("a", {"namespace": later, "store": later, "secrets": {"s": {"k": {"key": later}}}})
        ArgoCdApplication("b", {"repo_url": later, "path": "x", "destination": later})
        ConfigurationSecret("c", {"files": {"alertmanager.yaml": later}, "namespace": later})

    made = declared(program)
    spec = made.one("ExternalSecret").inputs["spec"]
    assert spec["secretStoreRef"]["name"] == "later"
    assert spec["data"] == [{"secretKey": "k", "remoteRef": {"key": "later"}}]
    assert made.one("Application").inputs["spec"]["source"]["repoURL"] == "later"
    assert made.one("core/v1:Secret").inputs["data"] == {"alertmanager.yaml": "bGF0ZXI="}
    assert made.one("core/v1:Secret").secrets == {"data"}


def test_a_stacks_transform_reaches_every_object(tmp_path: Path) -> None:
    args = stack(tmp_path)
    seen: set[str] = set()

    def note(resource: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult:
        seen.add(resource.type_)
        props = dict(resource.props)
        if "metadata" in props and isinstance(props["metadata"], dict):
            metadata: dict[str, Any] = props["metadata"]
            props["metadata"] = {**metadata, "labels": {**metadata.get("labels", {}), "owner": "acme"}}
        return pulumi.ResourceTransformationResult(props, resource.opts)

    def program() -> None:
        pulumi.runtime.register_stack_transformation(note)
        AlertDelivery("alerts", {"stack": args})

    made = record(program, state=lambda _, name, inputs: LIVE if name.endswith("-live") else inputs)
    objects = [each for each in made.resources if each.type.startswith("kubernetes:") and not each.read]
    assert {each.type for each in objects} <= seen
    assert {each.inputs["metadata"]["labels"]["owner"] for each in objects} == {"acme"}


LIVE: dict[str, Any] = {"metadata": {"name": "main"}, "spec": {}}


@pytest.mark.parametrize(
    ("args", "told"),
    [
        ({"configuration": "x", "egres": "open"}, "unknown argument egres; allowed: configuration, namespace"),
        ({"namespace": "x"}, "missing argument configuration"),
        ("x", "str is neither NetworkPolicyArgs nor a mapping"),
    ],
)
def test_wrong_arguments_are_told(args: Any, told: str) -> None:
    with pytest.raises(TypeError, match=told):
        declared(lambda: NetworkPolicy("egress", args))


def test_no_resource_of_the_kind_is_told() -> None:
    made = declared(lambda: ConfigurationSecret("alerts", {"files": {"alertmanager.yaml": "x"}}))
    with pytest.raises(LookupError, match=r"0 resources of type NetworkPolicy; declared are: .*core/v1:Secret alerts-"):
        made.one("NetworkPolicy")


def test_a_program_may_ask_for_an_engines_version() -> None:
    assert declared(lambda: pulumi.require_pulumi_version(">=3.255.0")).returned == [None]
