"""Every check finds its bad example, and nothing in the good one; what it says of routes is exact."""

from __future__ import annotations

import base64
import gzip
import io
import json
import re
import shutil
import time
from dataclasses import replace
from pathlib import Path

import pytest

from alertpath.alertmanager.config import Config, Receiver, Route
from alertpath.checks import CHECKS, RULES, Subject, examine
from alertpath.checks.gather import NEWEST, of_config, of_stack
from alertpath.checks.subject import Mounts
from alertpath.checks.surroundings import file_not_mounted, refusals
from alertpath.cli.main import main
from alertpath.documents.places import Spot
from alertpath.output.findings import Report
from alertpath.rules import read_rules

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "tests" / "checks"
# Too large to be committed.
GENERATED = {"AP108"}


def example(directory: Path, which: str) -> Report:
    rules = directory / f"{which}.rules.yaml"
    read = read_rules([rules]) if rules.exists() else None
    stack = directory / f"Pulumi.{which}.yaml"
    if stack.exists():
        return examine(of_stack(stack, read, None, None))
    return config((directory / f"{which}.yaml").read_text(encoding="utf-8"))


def config(text: str, name: str = "alertmanager.yaml") -> Report:
    return examine(of_config({name: text}, None, None, None))


def ids(report: Report) -> list[str]:
    return [finding.rule.id for finding in report.findings]


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.id not in GENERATED], ids=lambda rule: rule.id)
def test_a_check_finds_its_bad_example_alone(rule, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    report = example(EXAMPLES / rule.id, "bad")
    assert set(ids(report)) == {rule.id}
    assert report.failed == (rule.severity == "error")
    for finding in report.findings:
        assert finding.line > 0 or rule.id == "AP501"
        assert not finding.message.endswith(".")


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.id not in GENERATED], ids=lambda rule: rule.id)
def test_a_check_finds_nothing_in_its_good_example(rule, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert ids(example(EXAMPLES / rule.id, "good")) == []


def test_the_list_of_checks_is_sound() -> None:
    assert len(CHECKS) >= 30
    assert len({rule.id for rule in RULES}) == len({rule.name for rule in RULES}) == len(RULES) == len(CHECKS) + 2
    assert {directory.name for directory in EXAMPLES.iterdir()} == {rule.id for rule in RULES} - GENERATED
    files = {path.stem.replace("_", "-") for path in (ROOT / "alertpath" / "checks").glob("*/[a-z]*.py")}
    assert {each.rule.name for each in CHECKS} == files - {"refusals"} | {each.rule.name for each in refusals.CHECKS}
    for rule in RULES:
        assert re.fullmatch(r"AP[0-5]\d\d", rule.id)
        assert rule.summary.endswith(".")
        assert rule.why.endswith(".")
        assert not rule.mend.endswith(".")


@pytest.mark.parametrize("stack", ["dev", "staging", "production"])
def test_the_stacks_have_no_errors(stack: str, capsys: pytest.CaptureFixture[str], monkeypatch) -> None:
    monkeypatch.chdir(ROOT)
    assert main(["check", "--stack", stack, "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    # The guide's own routing, and what everybody should know of it: taken on with a reason.
    told = [each["file"] for each in answer["suppressed"] if each["id"] == "AP207"]
    assert told == ([] if stack == "staging" else ["Pulumi.yaml", "catalog/seedtest.yaml"])


def test_refused_stacks_are_findings_in_every_format(capsys: pytest.CaptureFixture[str], monkeypatch) -> None:
    monkeypatch.chdir(ROOT)
    for fault, found in (
        ("operator-too-old", "AP102"),
        ("variable-in-value", "AP103"),
        ("native-plain-credential", "AP104"),
        ("pasted-webhook", "AP104"),
        ("unknown-time-zone", "AP105"),
        ("repeat-below-group-interval", "AP216"),
        ("not-yaml", "AP101"),
        ("configuration-too-large", "AP101"),
    ):
        for form in ("text", "json", "sarif", "github"):
            code = main(["check", "--stack-file", f"tests/bad/{fault}/Pulumi.bad.yaml", "--format", form])
            printed = capsys.readouterr().out
            assert code == 1
            assert found in printed, fault
            assert f"tests/bad/{fault}/" in printed
            assert not re.search(r"EXAMPLEEXAMPLE|0123456789example|plainly-a-secret", printed)


# --- where a configuration comes from

PLAIN = """\
route:
  receiver: chat
  routes:
    - matchers: ['team=~"a"']
      receiver: chat
      repeat_interval: 1d
receivers:
  - name: chat
    slack_configs: [{api_url_file: /etc/alertmanager/secrets/slack/chat, channel: "#chat"}]
"""


def secret(content: str) -> str:
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: x}}\n---\napiVersion: v1\nkind: Secret\n{content}"


def test_a_configuration_inside_of_a_secret_is_found_at_its_line() -> None:
    block = "stringData:\n  alertmanager.yaml: |\n" + "".join(f"    {line}\n" for line in PLAIN.splitlines())
    text = secret(block)
    (finding,) = config(text).findings
    assert finding.rule.id == "AP214"
    assert "matchers" in text.splitlines()[finding.line - 1]


@pytest.mark.parametrize("packed", [False, True])
def test_base64_has_the_line_of_its_key(packed: bool) -> None:
    content = gzip.compress(PLAIN.encode()) if packed else PLAIN.encode()
    key = "alertmanager.yaml.gz" if packed else "alertmanager.yaml"
    text = secret(f"data:\n  {key}: {base64.b64encode(content).decode()}\n")
    (finding,) = config(text).findings
    assert (finding.rule.id, finding.path) == ("AP214", "route.routes[0].matchers")
    assert key in text.splitlines()[finding.line - 1]


def test_templates_of_a_secret_count() -> None:
    text = PLAIN.replace('"#chat"', '"#chat", text: \'{{ template "own" . }}\'').replace('=~"a"', '="a"')
    block = "stringData:\n  alertmanager.yaml: |\n" + "".join(f"    {line}\n" for line in text.splitlines())
    assert ids(config(secret(block))) == ["AP110"]
    assert ids(config(secret(block + "  own.tmpl: '{{ define \"own\" }}x{{ end }}'\n"))) == []


def test_a_dot_between_quotes_is_a_dot() -> None:
    assert "AP215" in ids(config(PLAIN.replace('=~"a"', '=~"a.b|c"')))
    assert "AP215" not in ids(config(PLAIN.replace('=~"a"', '=~"\\\\Qa.b\\\\E|c"')))


def test_what_holds_no_configuration_is_refused() -> None:
    assert ids(config("kind: Secret\ndata: {other: aGk=}\n")) == ["AP101"]
    assert ids(config("kind: Secret\ndata: {alertmanager.yaml: '%%'}\n")) == ["AP101"]
    assert ids(config("route: [")) == ["AP101"]
    assert ids(config("")) == ["AP101"]


def test_standard_input_and_exit_codes(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(PLAIN))
    assert main(["check", "--config", "-", "--format", "json"]) == 0
    assert [each["id"] for each in json.loads(capsys.readouterr().out)["findings"]] == ["AP214"]
    monkeypatch.setattr("sys.stdin", io.StringIO("route: {}"))
    assert main(["check", "--config", "-"]) == 1
    capsys.readouterr()
    assert main(["check", "--config", "/nowhere/at/all"]) == 1
    with pytest.raises(SystemExit) as usage:
        main(["check", "--config", "x", "--operator-version", "new"])
    assert usage.value.code == 2


def test_versions_are_those_that_are_given(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "alertmanager.yaml"
    file.write_text(PLAIN.replace('=~"a"', '="a"').replace("repeat_interval: 1d", "labels: {x: y}, receiver: chat"))
    file.write_text(PLAIN.replace("      repeat_interval: 1d", "      labels: {tier: gold}").replace("=~", "="))
    assert main(["check", "--config", str(file)]) == 0
    assert main(["check", "--config", str(file), "--alertmanager-version", "0.33.0"]) == 1
    assert main(["check", "--config", str(file), "--operator-version", "0.94.0"]) == 1
    assert "AP102" in capsys.readouterr().out


# --- suppressions


def test_a_reason_suppresses_on_the_line_and_above_it_alone() -> None:
    line = "    - matchers: ['team=~\"a\"']"
    same = PLAIN.replace(line, f"{line}  # alertpath: ignore AP214 because the list grows soon")
    above = PLAIN.replace(line, f"    # alertpath: ignore AP214, AP213 because why\n    # not\n\n{line}")
    behind = PLAIN.replace("  routes:", "  routes:  # alertpath: ignore AP214 because wrong line")
    report = config(same)
    assert not report.findings
    assert report.suppressed[0].reason == "the list grows soon"
    assert ids(config(above)) == ["AP002"]
    assert ids(config(behind)) == ["AP002", "AP214"]
    assert "there is no check AP999" in config(same.replace("AP214", "AP999")).findings[0].message


@pytest.mark.parametrize("comment", ["ignore", "ignore AP214", "ignore AP214 since", "ignore because of me"])
def test_without_a_reason_nothing_is_suppressed(comment: str) -> None:
    assert ids(config(PLAIN.replace("  routes:", f"  routes:\n    # alertpath: {comment}"))) == ["AP001", "AP214"]


@pytest.mark.parametrize("stack", sorted(file.name for file in ROOT.glob("Pulumi.*.yaml")))
def test_the_shipped_stacks_have_no_finding(monkeypatch: pytest.MonkeyPatch, stack: str) -> None:
    monkeypatch.chdir(ROOT)
    report = examine(of_stack(ROOT / stack, None, None, None))
    assert report.findings == ()
    assert all(finding.reason for finding in report.suppressed)


def test_what_stacks_share_may_suppress_what_another_stack_finds(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "catalog", "catalog")
    for file in ROOT.glob("Pulumi*.yaml"):
        shutil.copy(file, tmp_path)
    # In the project's file and in the catalog; staging has no page.
    for stack, expected in (("production", ["AP207", "AP207", "AP210", "AP226"]), ("staging", [])):
        report = examine(of_stack(Path(f"Pulumi.{stack}.yaml"), None, None, None))
        assert sorted(finding.rule.id for finding in report.suppressed) == expected
        assert ids(report) == []
    # Where it is the stack's alone, a comment without a finding is one.
    Path("Pulumi.staging.yaml").write_text(
        Path("Pulumi.staging.yaml")
        .read_text()
        .replace("    delivery", "    # alertpath: ignore AP207 because x\n    delivery")
    )
    assert ids(examine(of_stack(Path("Pulumi.staging.yaml"), None, None, None))) == ["AP002"]


def test_templates_beside_a_configuration_count(tmp_path: Path) -> None:
    file = tmp_path / "alertmanager.yaml"
    text = PLAIN.replace("=~", "=").replace('"#chat"', '"#chat", text: \'{{ template "own" . }}\'')
    file.write_text(text + "templates: ['*.tmpl']\n")
    (tmp_path / "own.tmpl").write_text('{{ define "own" }}\n{{ oops }}{{ end }}')
    (finding,) = config(file.read_text(), str(file)).findings
    assert (finding.rule.id, Path(finding.file).name, finding.line) == ("AP109", "own.tmpl", 2)
    (tmp_path / "own.tmpl").write_text('{{ define "own" }}{{ end }}{{ define "more" }}{{ end }}')
    assert ids(config(file.read_text(), str(file))) == ["AP403"]
    # What lies in the pod alone is not known here.
    file.write_text(text + "templates: ['/etc/alertmanager/*.tmpl']\n")
    assert ids(config(file.read_text(), str(file))) == []


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/etc/alertmanager/secrets/known/key", False),
        ("/etc/alertmanager/secrets/known/other", True),
        ("/etc/alertmanager/secrets/by-hand/any", False),
        ("/etc/alertmanager/secrets/absent/key", True),
        ("/etc/alertmanager/configmaps/ca/ca.crt", False),
        ("/etc/alertmanager/configmaps/absent/ca.crt", True),
        ("/etc/alertmanager/config/ca.crt", False),
        ("/var/run/secrets/kubernetes.io/serviceaccount/token", False),
        ("/opt/key", True),
    ],
)
def test_files_are_there_where_something_mounts_them(path: str, found: bool) -> None:
    receiver = Receiver(name="r", integrations={"slack_configs": [{"api_url_file": path}]})
    mounts = Mounts({"known": frozenset(["key"]), "by-hand": None}, frozenset(["ca"]))
    for more in (False, True):
        subject = Subject(
            config=Config(route=Route(receiver="r"), receivers=(receiver,)),
            locate=lambda _: Spot(""),
            files={},
            alertmanager=NEWEST,
            mounts=replace(mounts, more=more),
        )
        hits = list(file_not_mounted.CHECK.run(subject))
        # With mounts that nobody here knows of, only a missing key is certain.
        assert bool(hits) == (found and (not more or path.endswith("known/other")))


def test_a_relative_credential_file_is_told() -> None:
    assert ids(config(PLAIN.replace("=~", "=").replace("/etc/alertmanager/secrets/slack/", ""))) == ["AP107"]


# --- a size that cannot be committed, and speed


def large(namespaces: int) -> str:
    routes = "".join(
        f"""\
    - matchers: ['namespace="ns{i}"', 'severity="critical"']
      receiver: page
    - matchers: ['namespace="ns{i}"', 'severity="warning"']
      receiver: chat
    - matchers: ['namespace="ns{i}"']
      receiver: low
"""
        for i in range(namespaces)
    )
    return f"""\
route:
  receiver: page
  group_by: [alertname, namespace, cluster]
  routes:
{routes}
receivers:
  - name: page
    pagerduty_configs: [{{routing_key_file: /etc/alertmanager/secrets/pagerduty/key}}]
  - name: chat
    slack_configs: [{{api_url_file: /etc/alertmanager/secrets/slack/chat, channel: "#chat"}}]
  - name: low
    slack_configs: [{{api_url_file: /etc/alertmanager/secrets/slack/low, channel: "#low"}}]
"""


def test_a_large_configuration_is_checked_in_time() -> None:
    text = large(1_000)
    start = time.process_time()
    assert ids(config(text)) == []
    # To reach is 1 s on an idle machine; the rest is for a busy one.
    assert time.process_time() - start < 2


def test_a_configuration_near_the_limit_is_told() -> None:
    assert ids(config(large(4_200))) == ["AP108"]


def found(text: str, rules: Path | None = None, *, standard: bool = False) -> list[tuple[str, str]]:
    """What is found in a configuration: ids and messages."""
    read = read_rules([rules]) if rules else None
    report = examine(of_config({"alertmanager.yaml": text}, read, None, None, label_standard=standard))
    return [(finding.rule.id, finding.message) for finding in report.causes]


NAMES_ONLY = """
route:
  receiver: Default
  group_by: [namespace]
  routes:
  - {matchers: [alertname = Watchdog], receiver: Default}
  - {matchers: [alertname = InfoInhibitor], receiver: "null"}
  - {matchers: [severity = critical], receiver: Critical}
inhibit_rules:
- {source_matchers: [severity = critical], target_matchers: ["severity =~ warning|info"], equal: [namespace, alertname]}
- {source_matchers: [alertname = InfoInhibitor], target_matchers: [severity = info], equal: [namespace]}
- target_matchers: [alertname = InfoInhibitor]
receivers: [{name: Default}, {name: Critical}, {name: "null"}]
"""
PAGER = """
route:
  receiver: chat
  group_by: [alertname, cluster]
  routes:
  - {matchers: ['severity="critical"'], receiver: page}
inhibit_rules: []
receivers:
- name: page
  pagerduty_configs: [{routing_key_file: /key}]
- name: chat
  slack_configs: [{api_url_file: /hook, channel: "#chat"}]
"""


def test_what_charts_ship_has_no_error() -> None:
    """A tree whose receivers only have names is filled in by its users: that is one finding."""
    assert found(NAMES_ONLY) == [("AP224", "no receiver has an integration: nobody is told of any alert")]
    filled = NAMES_ONLY.replace("{name: Critical}", "{name: Critical, pagerduty_configs: [{routing_key_file: /key}]}")
    assert {name for name, _ in found(filled)} == {"AP224", "AP210"}


@pytest.mark.parametrize(
    ("rule", "ids"),
    [
        ("{target_matchers: [severity=warning]}", {"AP305"}),
        ("{target_matchers: [severity=warning], equal: [namespace]}", set[str]()),
        ("{source_matchers: [alertname=Paused], equal: [region]}", {"AP302"}),
        ("{target_matchers: ['alertname=~InfoInhibitor|Watchdog']}", set[str]()),
        ("{source_matchers: [alertname=Down], target_matchers: [severity=warning]}", {"AP304"}),
        # Only what the chat takes is silenced: critical alerts go to the route of their own.
        ("{source_matchers: [alertname=Down], target_matchers: ['severity!=critical'], equal: [node]}", {"AP211"}),
        ("{source_matchers: [alertname=Down], target_matchers: [team=a], equal: [node]}", {"AP302"}),
    ],
)
def test_inhibition_is_judged_by_whom_it_silences(rule: str, ids: set[str]) -> None:
    assert {name for name, _ in found(PAGER.replace("inhibit_rules: []", f"inhibit_rules: [{rule}]"))} == ids


def test_a_page_that_another_route_takes_is_not_silenced() -> None:
    shadowed = PAGER.replace("  routes:\n", "  routes:\n  - {matchers: [team=a], receiver: chat}\n")
    rule = "inhibit_rules: [{source_matchers: [alertname=Down], target_matchers: [team=a], equal: [node]}]"
    assert "AP302" not in {name for name, _ in found(shadowed.replace("inhibit_rules: []", rule))}


@pytest.mark.parametrize(
    ("regex", "ids"),
    [
        ("a|b", set[str]()),
        ("^(?:a|b)$", {"AP213"}),
        ("^api", {"AP212"}),
        ("api", {"AP214"}),
        ("db.example.*", {"AP215"}),
    ],
)
@pytest.mark.parametrize("form", ["matchers: ['team=~\"{}\"']", "match_re: {{team: '{}'}}"])
def test_old_forms_are_judged_as_they_are_written(form: str, regex: str, ids: set[str]) -> None:
    text = PAGER.replace("matchers: ['severity=\"critical\"']", form.format(regex))
    assert {name for name, _ in found(text)} - {"AP111", "AP207"} == ids


def test_an_old_form_has_its_own_line() -> None:
    text = PAGER.replace("  - {matchers: ['severity=\"critical\"'], ", "  - match_re:\n      team: ^api\n    ").replace(
        "receiver: page}", "receiver: page"
    )
    (line,) = {f.line for f in examine(of_config({"f": text}, None, None, None)).findings if f.rule.id == "AP212"}
    assert text.splitlines()[line - 1].strip() == "team: ^api"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://localhost:8292/x?project=sre", False),
        ("https://bot.example.com/hook?channel=ops&team=sre&verbose=1", False),
        ("https://bot.example.com/hook?token=abc", True),
        ("https://bot.example.com/hook?project=sre&api_key=x1", True),
        ("https://bot.example.com/hook?id=8f14e45fceea167a5a36dedd4bea2543", True),
        ("https://hooks.slack.com/services/T0/B0/x", True),
        ("https://hooks.slack.com/services/${SLACK_TOKEN}", False),
        ("https://user:${PASSWORD}@bot.example.com/", False),
        ("https://user:password@bot.example.com/", True),
    ],
)
def test_a_url_is_a_credential_for_what_looks_like_one(url: str, told: bool) -> None:
    text = PAGER.replace("receivers:", f"receivers:\n- name: hook\n  webhook_configs: [{{url: '{url}'}}]").replace(
        "receiver: chat", "receiver: hook"
    )
    assert ("AP104" in {name for name, _ in found(text)}) == told


@pytest.mark.parametrize("given", ["${KEY}", "<key>", "$KEY", "{{ key }}", "ENC[AES256_GCM,data:x,type:str]"])
def test_what_another_program_fills_in_is_no_credential(given: str) -> None:
    text = PAGER.replace("routing_key_file: /key", f"routing_key: '{given}'")
    assert "AP104" not in {name for name, _ in found(text)}
    assert "AP104" in {name for name, _ in found(text.replace(given, "0123456789abcdef0123456789abcdef"))}


def test_only_what_opens_an_incident_must_resolve_it() -> None:
    text = PAGER.replace("/key}]", "/key}]\n  webhook_configs: [{url: http://bot, send_resolved: false}]")
    assert found(text) == []
    assert [name for name, _ in found(PAGER.replace("/key}", "/key, send_resolved: false}"))] == ["AP404"]


@pytest.mark.parametrize(
    ("url", "ids"),
    [
        ("HTTP://bot.example.com/", ["AP407"]),
        ("http://bot.example.com/", ["AP407"]),
        ("http://bot.monitoring.svc/", []),
        ("http://10.104.12.74/", []),
        ("http://[fd00::1]:80/", []),
        ("http://8.8.8.8/", ["AP407"]),
        ("HTTPS://bot.example.com/", []),
    ],
)
def test_only_what_leaves_the_house_needs_encryption(url: str, ids: list[str]) -> None:
    text = PAGER.replace("slack_configs:", f"webhook_configs: [{{url: '{url}'}}]\n  slack_configs:")
    assert [name for name, _ in found(text)] == ids


@pytest.mark.parametrize("label", ["cluster_id", "installation", "env", "region", "prometheus", "k8s_cluster"])
def test_labels_that_tell_clusters_apart(label: str) -> None:
    assert found(PAGER.replace("alertname, cluster", f"alertname, {label}")) == []
    assert [name for name, _ in found(PAGER.replace("alertname, cluster", "alertname, namespace"))] == ["AP210"]


RULE_FILE = """
groups:
- name: g
  rules:
""" + "".join(
    f"  - {{alert: A{number}, expr: up == 0, labels: {{severity: {severity}}}}}\n"
    for number, severity in enumerate(["critical", "P1", "warning", "page"] * 10)
)


def test_rules_are_held_against_a_standard_that_somebody_set(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(RULE_FILE)
    assert found(PAGER, tmp_path / "rules.yaml") == []
    told = found(PAGER, tmp_path / "rules.yaml", standard=True)
    assert ("AP502", "40 alerts have no label service: A0, A1, A2, A3, A4 and 35 more") in told
    assert [name for name, _ in told].count("AP503") == 2


def test_one_cause_is_one_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "rules.yaml").write_text(RULE_FILE)
    (tmp_path / "a.yaml").write_text(PAGER)
    common = [
        "check",
        "--config",
        str(tmp_path / "a.yaml"),
        "--rules",
        str(tmp_path / "rules.yaml"),
        "--label-standard",
    ]
    assert main([*common, "--format", "json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    (missing,) = [each for each in answer["findings"] if each["id"] == "AP502"]
    assert len(missing["also"]) == 39
    assert answer["counts"]["error"] == 3
    assert main(common) == 1
    assert f"also: {tmp_path}/rules.yaml:6, " in capsys.readouterr().out


def test_what_repeats_sooner_than_it_can_is_no_error_outside_of_a_stack() -> None:
    text = PAGER.replace("receiver: page}", "receiver: page, group_interval: 5m, repeat_interval: 1m}")
    report = config(text)
    assert ids(report) == ["AP216"]
    assert not report.failed


@pytest.mark.parametrize(
    ("matcher", "wrong"),
    [
        ('severity="warning|info"', True),
        ("severity = warning|info", True),
        ('team="a.*"', True),
        ('team!="^a$"', True),
        ('instance="web-[0-9]+"', True),
        ('namespace="kube-*"', True),
        ('stage=~"stage-*"', True),
        ('stage=~"prod*"', True),
        ('stage=~"stage-.*"', False),
        ('stage=~"a*"', False),
        ('stage=~"(a|b)-*.+"', False),
        ('path="/api/*"', False),
        ('team="a.b-c_d:e/f g"', False),
        ('title="is this a (small) test? yes!"', False),
        ('instance="[::1]:9090"', False),
        ('price="$5"', False),
    ],
)
def test_text_with_wildcards(matcher: str, wrong: bool) -> None:
    text = PAGER.replace("""['severity="critical"']""", f"['severity=critical', '{matcher}']")
    assert ("AP228" in {name for name, _ in found(text)}) == wrong


@pytest.mark.parametrize("label", ["alert", "alert_name", "alertName", "AlertName", "serverity", "severty"])
def test_labels_that_no_alert_has(label: str) -> None:
    assert "AP229" in {name for name, _ in found(PAGER.replace("severity=", f"{label}="))}


@pytest.mark.parametrize("label", ["alertgroup", "alert_type", "service", "level", "priority", "severity_level", "job"])
def test_labels_that_alerts_may_have(label: str) -> None:
    assert "AP229" not in {name for name, _ in found(PAGER.replace("severity=", f"{label}="))}


def test_labels_are_held_against_those_of_the_rules(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(RULE_FILE.replace("severity:", "component: a, severity:"))
    text = PAGER.replace("severity=", "componnent=")
    assert [name for name, _ in found(text)] == []
    assert [name for name, _ in found(text, tmp_path / "rules.yaml")] == ["AP229"]


@pytest.mark.parametrize(
    ("entries", "wrong"),
    [
        ("[{send_resolved: true}, {channel: a}]", True),
        ("[{channel: a}, {channel: a}]", True),
        ("[{channel: a}, {channel: b}]", False),
        ("[{channel: a, send_resolved: true}, {channel: b}]", False),
        ("[{api_url: 'https://a.example.com/x'}, {api_url_file: /b}]", False),
    ],
)
def test_several_messages(entries: str, wrong: bool) -> None:
    text = "global: {slack_api_url_file: /x}\n" + PAGER.replace('[{api_url_file: /hook, channel: "#chat"}]', entries)
    assert ("AP410" in {name for name, _ in found(text)}) == wrong


@pytest.mark.parametrize(
    ("severity", "wrong"),
    [
        ("critical", False),
        ("P1", True),
        ("{{ .CommonLabels.severity }}", False),
        ("{{.CommonLabels.severity}}", False),
        ('{{ if eq .CommonLabels.severity "page" }}critical{{ else }}warning{{ end }}', False),
    ],
)
def test_pagerduty_severity(severity: str, wrong: bool) -> None:
    text = PAGER.replace("/key}", f"/key, severity: '{severity}'}}")
    assert ("AP411" in {name for name, _ in found(text)}) == wrong
    everything = text.replace("['severity=\"critical\"']", "['team=\"a\"']")
    assert ("AP411" in {name for name, _ in found(everything)}) == (wrong or severity.startswith(("{{ .", "{{.")))
