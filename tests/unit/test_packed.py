"""Configurations inside of Secrets, also of such as nobody should write."""

from __future__ import annotations

import base64
import gzip

import pytest
import yaml

from alertpath.documents.problems import InvalidInput
from alertpath.documents.secret_manifest import unpacked

PLAIN = "route: {receiver: a}\nreceivers: [{name: a}]\n"


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def secret(name: str, **data: str) -> str:
    lines = "".join(f"  {key.replace('_', '.')}: {value}\n" for key, value in data.items())
    return f"apiVersion: v1\nkind: Secret\nmetadata: {{name: {name}}}\ndata:\n{lines}"


def test_a_list_as_kubectl_writes_it_is_looked_through() -> None:
    other, main = secret("other", x="eA=="), secret("main", alertmanager_yaml=encoded(PLAIN.encode()))
    items = "".join(f"- {one.replace(chr(10), chr(10) + '  ').rstrip()}\n" for one in (other, main))
    assert unpacked(f"apiVersion: v1\nkind: List\nitems:\n{items}", "x").text == PLAIN


def test_data_may_come_by_a_merge_key() -> None:
    mine, other = encoded(PLAIN.encode()), encoded(b"other: 1")
    shared = f"x: &c {{alertmanager.yaml: {other}}}\ny: &d {{alertmanager.yaml: {mine}}}\n"
    for data in ("{<<: *d}", "{<<: [*d, *c]}", f"{{alertmanager.yaml: {mine}, <<: *c}}"):
        assert unpacked(f"kind: Secret\n{shared}data: {data}\n", "x").text == PLAIN
    with pytest.raises(InvalidInput, match="no Secret with the key"):
        unpacked("kind: Secret\ndata: &d {<<: *d}\n", "x")


def test_what_the_operator_generated_does_not_hide_what_people_wrote() -> None:
    generated = secret("generated", alertmanager_yaml_gz=encoded(gzip.compress(b"other: 1")))
    assert unpacked(f"{generated}---\n{secret('main', alertmanager_yaml=encoded(PLAIN.encode()))}", "x").text == PLAIN


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (secret("a", alertmanager_yaml="eA==") + "---\n" + secret("b", alertmanager_yaml="eA=="), "2 Secrets in it"),
        (secret("a", alertmanager_yaml_gz=encoded(gzip.compress(PLAIN.encode())[:-9])), 'x:5: data."alertmanager.yaml'),
        (secret("a", alertmanager_yaml_gz=encoded(b"\x1f\x8b\x08\x00" + b"\xff" * 40)), "cannot be decoded"),
        (secret("a", alertmanager_yaml_gz=encoded(gzip.compress(bytes(1 << 27)))), "of at most 64 MiB"),
        (secret("a", alertmanager_yaml=encoded(gzip.compress(PLAIN.encode()))), "cannot be decoded"),
        (secret("a", alertmanager_yaml="eA==", a_tmpl=encoded(b"\xff")), 'x:6: data."a.tmpl": cannot be decoded'),
        (secret("a", alertmanager_yaml="ENC[AES256_GCM]"), "decrypt the file first"),
    ],
)
def test_what_cannot_be_told_is_refused(text: str, reason: str) -> None:
    with pytest.raises(InvalidInput) as error:
        unpacked(text, "x")
    assert reason in str(error.value)


def test_what_is_too_deep_is_left_to_whoever_reads_it() -> None:
    # Composing it would end the interpreter.
    text = f"kind: Secret\na: {'[' * 100_000}{']' * 100_000}\n"
    assert unpacked(text, "x").text == text


HELM = """
# Values of a chart.
grafana: {enabled: false}
alertmanager:
  enabled: true
  config:
    global: {resolve_timeout: 5m}
    route:
      receiver: a

      group_bye: [x]
    receivers:
    - name: a   # the only one
  templateFiles:
    team.tmpl: |
      {{ define "x" }}{{ end }}
prometheus: {}
"""


def test_helm_values_hold_a_configuration_and_its_templates() -> None:
    packed = unpacked(HELM, "values.yaml")
    assert yaml.safe_load(packed.text) == yaml.safe_load(HELM)["alertmanager"]["config"]
    assert packed.templates == {"team.tmpl": '{{ define "x" }}{{ end }}\n'}
    wrong = packed.text.split("\n").index("  group_bye: [x]") + 1
    assert HELM.split("\n")[packed.line(wrong) - 1].strip() == "group_bye: [x]"


@pytest.mark.parametrize(
    "text",
    [
        f"alertmanager: {{config: {{{', '.join(PLAIN.split(chr(10))[:2])}}}}}\n",
        f"alertmanager:\n  stringConfig: |\n    {PLAIN.replace(chr(10), chr(10) + '    ')}\n",
        f"kube-prometheus-stack:\n  alertmanager:\n    config:\n      {PLAIN.replace(chr(10), chr(10) + '      ')}\n",
        f"alertmanager_config: |\n  {PLAIN.replace(chr(10), chr(10) + '  ')}\n",
        f"template_files: {{}}\nalertmanager_config:\n  {PLAIN.replace(chr(10), chr(10) + '  ')}\n",
        f"config:\n  {PLAIN.replace(chr(10), chr(10) + '  ')}\n",
    ],
)
def test_forms_around_a_configuration(text: str) -> None:
    assert yaml.safe_load(unpacked(text, "x").text) == yaml.safe_load(PLAIN)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("apiVersion: apps/v1\nkind: Deployment\n", "this is a manifest of kind Deployment"),
        ("kind: AlertmanagerConfig\nspec: {}\n", "this is a manifest of kind AlertmanagerConfig"),
        ("kind: Secret\ndata: {x: eA==}\n", "no Secret with the key alertmanager.yaml"),
        ("route: ENC[x]\nsops: {mac: x}\n", "SOPS has encrypted this"),
    ],
)
def test_what_is_something_else_is_named(text: str, message: str) -> None:
    with pytest.raises(InvalidInput) as error:
        unpacked(text, "x")
    assert message in str(error.value)
