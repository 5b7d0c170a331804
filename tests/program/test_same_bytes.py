"""The engine and the command line read the same settings and make the same bytes of them."""

from __future__ import annotations

import hashlib
import json
import random
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.program.conftest import NewProject
from tests.program.engine import ROOT, STACKS, Project, content

# Scalars that some YAML reader takes for something else than text, unless they are quoted.
ODD = [
    *("18:00", "09:00:30", "24:01", "1:2:3", "190:20:30", "2026-11-23", "2026-11-23 10:00", "2026-11-23T10:00:00Z"),
    *("on", "off", "yes", "no", "y", "n", "Y", "N", "On", "NO", "true", "false", "True", "TRUE", "null", "Null", "~"),
    *("0", "1", "-1", "+1", "007", "0o17", "017", "0b101", "0x1F", "1_000", "1e3", "1E-3", ".5", "5.", "1.50", "-.5"),
    *(".inf", "-.INF", ".nan", "12345678901234567890", "9007199254740993", "0.1000000000000000055511151231257827"),
    *(
        "",
        " ",
        "  two before",
        "two after  ",
        "\ttab",
        "a\tb",
        "line one\nline two",
        "ends with a line\n",
        " x\n\ny\n\n",
    ),
    *("#not-a-comment", "a # b", "a: b", "- item", "? key", "key:", "[a, b]", "{a: b}", "&anchor", "*alias", "!tag"),
    *("|", ">", "%directive", "@at", "`tick`", '"quoted"', "'single'", "back\\slash", "\\n", "100%", "=", "<<", "---"),
    *(
        "한국어 알림",
        "naïve café",
        "e\u0301",
        "emoji 🚨🔥",
        "\u00a0nbsp\u00a0",
        "\u2028separator",
        "\u0085next",
        "\ufeffbom",
    ),
    *("secure", "v1:abc:def", "urn:pulumi:dev", "{{ .Labels.service }}", "{{ `{{` }}", "tab\\t", "nul\\0", "a" * 5000),
]
# A key that Pulumi's engine merges, quoted or not.
MERGE = "<<"


def compiled(project: Project) -> str:
    """What `alertpath compile` prints."""
    return project.alertpath("compile", "--stack", project.stack).expect(0).out


def digest(text: str) -> str:
    """What the stack says of this configuration."""
    return hashlib.sha256(text.encode()).hexdigest()


def compiled_files(project: Project, out: Path) -> dict[str, bytes]:
    """What `alertpath compile --out` writes."""
    project.alertpath("compile", "--stack", project.stack, "--out", str(out)).expect(0)
    return content(out)


@pytest.mark.parametrize("stack", STACKS)
def test_the_configuration_is_the_same(new_project: NewProject, stack: str) -> None:
    project = new_project(stack, providers=() if stack == "dev" else ("kubernetes",))
    assert project.preview_outputs()["digest"] == digest(compiled(project))
    assert compiled(project).startswith("global:\n")


@pytest.mark.parametrize("stack", STACKS)
def test_the_files_are_the_same(new_project: NewProject, tmp_path: Path, stack: str) -> None:
    text = (ROOT / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8")
    applied = "    delivery: cluster\n"
    assert (applied in text) == (stack != "dev")
    project = new_project(stack)
    if stack != "dev":
        project.edit(project.stack_file, (applied, "    delivery: files\n    alertmanager: {mounts: none}\n"))
    project.up()
    assert project.files() == compiled_files(project, tmp_path / "out")
    assert len(project.files()) >= 5
    assert project.outputs()["digest"] == digest(compiled(project))


def odd_settings(texts: list[str]) -> dict[str, Any]:
    """Settings with each text wherever text is free: as value, as key, in lists, ours and Alertmanager's own words."""
    headers = {f"X-{index}": text for index, text in enumerate(texts)}
    keys = {text: str(index) for index, text in enumerate(texts) if text != MERGE and len(text) < 1000}
    plain = [text for text in texts if text.strip() and "\n" not in text]
    email = {
        "to": "ops@example.com",
        "from": "alertmanager@example.com",
        "smarthost": "mail.example.com:25",
        "headers": headers,
        "html": "\n".join(texts),
    }
    return {
        "delivery": "files",
        "alertmanager": {"mounts": "none"},
        "catalog": ["catalog.yaml"],
        "routing": {"default_receiver": "ops"},
        "external_labels": {"cluster": "0o17", "environment": "no"},
        "network_policy": {"pod_labels": {"on": "1e3", "app": "0x1F"}},
        "receivers": {
            "ops": {"webhook": {"url": "http://127.0.0.1:9/", "max_alerts": 10}},
            # A name after @ that Slack does not know is refused there.
            **{
                f"chat-{index}": {"slack": {"channel": "#ops", "webhook": "chat", "mention": text.replace("@", "")}}
                for index, text in enumerate(plain[:40])
            },
            "mail": {"native": {"email_configs": [email]}},
            "hook": {"native": {"pagerduty_configs": [{"routing_key_file": "/k", "details": keys, "client": "on"}]}},
        },
        "native": {
            "routes_before": [
                {"receiver": "mail", "matchers": [f"x={json.dumps(text, ensure_ascii=False)}"], "group_wait": "0s"}
                for text in plain
                if len(text) < 100
            ]
        },
        "credentials": {"provider": "existing", "values": {"chat": {"legacy_webhook": True}}},
    }


def odd_catalog() -> dict[str, Any]:
    routes = {f"chat-{index}": f"chat-{index}" for index in range(40)}
    services = {name: {"any": receiver} for name, receiver in routes.items()}
    return {
        "team": "odd",
        "services": {"1e3": {"any": "mail"}, "18:00": {"any": "hook"}, "null": {"any": "ops"}, **services},
    }


def written(document: dict[str, Any], style: str = '"') -> str:
    """The document as YAML, every text in it quoted."""

    class Quoting(yaml.SafeDumper):
        pass

    def text(dumper: yaml.SafeDumper, data: str) -> yaml.Node:
        # Neither style can hold everything; PyYAML changes to double quotes where it must.
        return dumper.represent_scalar("tag:yaml.org,2002:str", data, style=style)

    Quoting.add_representer(str, text)
    return yaml.dump(document, Dumper=Quoting, allow_unicode=style == "'", width=120, sort_keys=False)


def strings() -> list[str]:
    """A few hundred short texts of the characters that mean something in YAML; the same in every run."""
    chance = random.Random(0)
    alphabet = [*"0123456789+-.:_eExXoObaAnNyY~<=#&*!|>%@`'\"\\[]{}, \t\n$?", "true", "null", "no", "é", "한", "🚨"]
    drawn = ("".join(chance.choices(alphabet, k=chance.randint(1, 6))) for _ in range(400))
    return [text for text in dict.fromkeys(drawn) if not lost(text)]


def lost(text: str) -> bool:
    """Whether the engine does not read what is written, however it is quoted; see the last test."""
    return text.startswith("\n") or (text.startswith("\t") and "\n" in text)


@pytest.mark.parametrize(
    ("texts", "style"),
    # Single quotes turn this line break, alone of all characters, into a space.
    [([text for text in ODD if "\u0085" not in text], "'"), (ODD, '"'), (strings(), '"')],
    ids=["single", "double", "random"],
)
def test_odd_scalars_are_read_alike(new_project: NewProject, tmp_path: Path, texts: list[str], style: str) -> None:
    project = new_project("odd", written({"config": {"alertpath:settings": odd_settings(texts)}}, style))
    (project.root / "catalog.yaml").write_text(written(odd_catalog()), encoding="utf-8")
    project.up()
    assert project.outputs()["digest"] == digest(compiled(project))
    assert project.files() == compiled_files(project, tmp_path / "out")
    # Not the same mistake twice: what was written is what arrives.
    receivers = {each["name"]: each for each in yaml.safe_load(project.files()["alertmanager.yaml"])["receivers"]}
    headers = receivers["mail"]["email_configs"][0]["headers"]
    assert list(headers.values()) == texts
    assert set(receivers["hook"]["pagerduty_configs"][0]["details"]) == {
        text for text in texts if text != MERGE and len(text) < 1000
    }


@pytest.mark.parametrize("text", ["\nx", "\n\nx\ny\n", "\tx\ny"])
def test_what_the_engine_reads_otherwise_is_refused(new_project: NewProject, text: str) -> None:
    assert lost(text)
    project = new_project("dev")
    place = "    delivery: files\n"
    project.edit(project.stack_file, (place, f"{place}    external_labels: {{cluster: {json.dumps(text)}}}\n"))
    told = project.alertpath("compile", "--stack", "dev").expect(1).err
    assert "external_labels.cluster: Pulumi's engine loses what a text of several lines begins with here" in told
    done = project.pulumi("config", "get", "settings", "--path")
    assert done.code or json.loads(done.out)["external_labels"]["cluster"] != text


def test_what_the_engine_says_counts_more_than_the_file(new_project: NewProject) -> None:
    project = new_project("dev")
    other = project.root / "other.yaml"
    other.write_bytes(project.stack_file.read_bytes())
    project.preview("--config-file", str(other))
    place = "    delivery: files\n"
    project.edit(other, (place, f"{place}    routing: {{default_receiver: slack-seedtest}}\n"))
    outputs = project.preview("--config-file", str(other)).out
    assert re.search(r"routing: everything else *: \"slack-seedtest ", outputs)
