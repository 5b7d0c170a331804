"""The templates as Alertmanager renders them: amtool's own renderer, over ordinary, sparse and hostile alerts."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import yaml

from alertpath.compiling.templates import templates
from tests.documented import blocks
from tests.program.engine import run
from tools.gotools import ensure

Data = dict[str, Any]
Render = Callable[..., dict[str, str]]

URL = "https://alertmanager.example.org"
MARK = "\x1e"
NAMES = (
    *("title", "text", "markdown", "html", "origin", "place", "external_url", "cluster", "environment"),
    *("slack.color", "slack.text", "url.alerts", "url.runbook", "url.dashboard", "url.silence"),
    *("pagerduty.severity", "pagerduty.class", "pagerduty.component", "pagerduty.group", "opsgenie.priority"),
    *(f"details.{name}" for name in ("firing", "resolved", "labels", "summary", "description", "runbook")),
)
SEEDTEST = {
    "alertname": "SeedtestApiHighErrorRate",
    "component": "api",
    "namespace": "seedtest",
    "service": "seedtest-api",
    "severity": "critical",
}
LINKS = {
    "runbook_url": "https://runbooks.example.org/errors",
    "dashboard_url": "https://grafana.example.org/d/x?var-a=1&var-b=2",
}
HOSTILE = (
    "<!channel> <https://evil.example.org|click> & \"quotes\" 'n' `ticks` \\ {{ .Boom }} [x](http://evil) *b* %d\n\ttwo"
)


def alert(
    labels: dict[str, str] | None = None,
    annotations: dict[str, str] | None = None,
    *,
    status: str = "firing",
    source: str = "https://prometheus.example.org/graph?g0.expr=up&g0.tab=1",
) -> Data:
    return {
        "status": status,
        "labels": SEEDTEST if labels is None else labels,
        "annotations": annotations or {},
        "startsAt": "2025-11-08T03:04:05Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": source,
        "fingerprint": "0123456789abcdef",
    }


def group(
    *alerts: Data, by: Sequence[str] = ("alertname", "service", "namespace"), receiver: str = "slack-lowprio"
) -> Data:
    """A notification's data, its common labels and annotations found as Alertmanager finds them."""

    def common(kind: str) -> dict[str, str]:
        first, *rest = [a[kind] for a in alerts] or [{}]
        return {name: value for name, value in first.items() if all(r.get(name) == value for r in rest)}

    labels = common("labels")
    return {
        "receiver": receiver,
        "status": "firing" if any(a["status"] == "firing" for a in alerts) else "resolved",
        "alerts": list(alerts),
        "groupLabels": {name: labels[name] for name in by if name in labels},
        "commonLabels": labels,
        "commonAnnotations": common("annotations"),
        "externalURL": "http://alertmanager-main-0:9093",
    }


def pods(count: int, **more: Any) -> list[Data]:
    return [alert(SEEDTEST | {"pod": f"api-{n}"}, {"summary": f"errors in api-{n}"}, **more) for n in range(count)]


LONG = {"summary": "s" * 5000, "description": "&" * 9000, "runbook_url": "https://x.example.org/" + "r" * 5000}
CASES: dict[str, Data] = {
    "one": group(
        alert(None, {"summary": "5 % of requests fail", "description": "For 5 minutes.\n\n\n\nSince noon.", **LINKS})
    ),
    "two": group(*pods(2)),
    "resolved": group(*pods(2, status="resolved")),
    "mixed": group(*pods(1), alert(SEEDTEST | {"pod": "api-9"}, status="resolved")),
    "many": group(*pods(25), *pods(14, status="resolved")),
    "sparse": group(alert({"alertname": "Lonely"}, source="")),
    "nameless": group(alert({}, source="")),
    "no alerts": group(),
    "nothing": {},
    "several": group(
        alert({"alertname": "A", "severity": "info", "cluster": "x"}),
        alert({"alertname": "B", "severity": "Warning", "cluster": "y"}),
        by=(),
    ),
    "odd severity": group(alert(SEEDTEST | {"severity": "page"})),
    "hostile": group(
        alert(
            dict.fromkeys((*SEEDTEST, "pod", "cluster", "environment"), HOSTILE) | {"severity": HOSTILE},
            {"summary": HOSTILE, "description": HOSTILE, "runbook": HOSTILE, "dashboard": "javascript:alert(1)"},
            source="https://p.example.org/a|b<c>d(e)f",
        ),
        receiver="a b+c",
    ),
    "unicode": group(
        alert(
            SEEDTEST | {"pod": "서울 🦭"},
            {"summary": "오류율이 높습니다 🦭", "runbook": " https://위키.example.org/오류\n"},
        )
    ),
    "utf-8 label": group(alert(SEEDTEST | {"k8s.pod name": "x"})),
    "long": group(
        *(alert(SEEDTEST | {"pod": "p" * 3000, "n": str(n)}, LONG, source=LONG["runbook_url"]) for n in range(30))
    ),
    "blank": group(alert(None, {"summary": " \n", "message": "", "description": "\t", "runbook_url": " "})),
}


@pytest.fixture(scope="session")
def render(tmp_path_factory: pytest.TempPathFactory) -> Render:
    amtool = ensure("amtool")
    base = tmp_path_factory.mktemp("templates")

    def run(
        data: Data,
        facts: tuple[str | None, str | None, str | None] = (URL, None, "production"),
        *,
        more: dict[str, str] | None = None,
        names: Sequence[str] = NAMES,
        html: bool = False,
    ) -> dict[str, str]:
        directory = base / str(len(list(base.iterdir())))
        directory.mkdir()
        for name, text in (templates(*facts) | (more or {})).items():
            (directory / name).write_text(text, encoding="utf-8")
        (directory / "data.json").write_text(json.dumps(data), encoding="utf-8")
        text = '{{ "\\x1e" }}'.join(f'{{{{ template "alertpath.{name}" . }}}}' for name in names)
        done = subprocess.run(
            [
                *(amtool, "template", "render", f"--template.glob={directory}/*.tmpl", f"--template.text={text}"),
                *(f"--template.data={directory}/data.json", f"--template.type={'html' if html else 'text'}"),
            ],
            capture_output=True,
            check=False,
            encoding="utf-8",
        )
        assert done.returncode == 0, done.stderr
        return dict(zip(names, done.stdout.split(MARK), strict=True))

    return run


def matchers(url: str) -> dict[str, str]:
    """The filter in a link, as Alertmanager's pages read it: percent-decoded (+ stays), values as JSON strings."""
    text = unquote(re.split("[?&]filter=", url)[1])
    item = r'([a-zA-Z_][a-zA-Z0-9_]*)=("(?:[^"\\]|\\.)*")'
    assert re.fullmatch(rf"\{{{item}(,{item})*}}", text), text
    return {name: json.loads(value) for name, value in re.findall(item, text)}


@pytest.mark.parametrize(
    "facts",
    [(None, None, None), (URL, "prod-1", "production"), (URL, HOSTILE, '"}}{{')],
    ids=("none", "all", "hostile"),
)
@pytest.mark.parametrize("case", CASES)
def test_no_notification_fails(render: Render, case: str, facts: tuple[str | None, str | None, str | None]) -> None:
    shown = render(CASES[case], facts)
    everything = "\n".join(shown.values())
    assert "<no value>" not in everything
    assert "%!" not in everything
    assert re.match(r"\[(FIRING|RESOLVED)\b.*\] \S", shown["title"])
    assert "\n" not in shown["title"] + shown["origin"]
    assert not re.search("[<>]", shown["title"] + shown["origin"])
    assert len(shown["title"]) <= 1024
    assert 0 < len(shown["origin"]) <= 100
    assert len(shown["slack.text"]) <= 40_000
    assert len(shown["markdown"].encode()) <= 24_000
    assert len(shown["text"]) <= 15_000 + 10 * 3 * 830
    assert sum(len(text) for name, text in shown.items() if name.startswith("details.")) <= 8_000
    assert shown["slack.color"] in {"good", "danger", "warning", "#439fe0", "#e8590c"}
    assert shown["pagerduty.severity"] in {"critical", "error", "warning", "info"}
    assert shown["opsgenie.priority"] in {"P1", "P2", "P3", "P5"}
    # Alertmanager reads PagerDuty's details as YAML; what is none stays the text it is.
    for name, text in shown.items():
        if name.startswith("details."):
            with pytest.raises(yaml.YAMLError):
                yaml.safe_load(text)


@pytest.mark.parametrize("case", CASES)
def test_mail_is_safe_html(render: Render, case: str) -> None:
    html = render(CASES[case], names=("html",), html=True)["html"]
    assert "<no value>" not in html
    assert set(re.findall(r"</?([a-z0-9]+)", html)) == {"html", "body", "h3", "pre", "p", "small"}


@pytest.mark.parametrize(
    ("case", "facts", "title"),
    [
        (
            "one",
            (URL, None, "production"),
            "[FIRING:1 · CRITICAL] SeedtestApiHighErrorRate · seedtest-api (production)",
        ),
        ("two", (None, None, None), "[FIRING:2 · CRITICAL] SeedtestApiHighErrorRate · seedtest-api"),
        (
            "two",
            (None, "prod-1", "production"),
            "[FIRING:2 · CRITICAL] SeedtestApiHighErrorRate · seedtest-api (prod-1 / production)",
        ),
        (
            "resolved",
            (URL, None, "staging"),
            "[RESOLVED:2 · CRITICAL] SeedtestApiHighErrorRate · seedtest-api (staging)",
        ),
        ("mixed", (URL, None, None), "[FIRING:1 · CRITICAL] SeedtestApiHighErrorRate · seedtest-api"),
        ("sparse", (URL, None, None), "[FIRING:1] Lonely"),
        ("nameless", (URL, None, None), "[FIRING:1] alert without a name"),
        ("several", (URL, "prod-1", None), "[FIRING:2 · WARNING] A and others (several clusters)"),
        ("odd severity", (URL, None, None), "[FIRING:1 · PAGE] SeedtestApiHighErrorRate · seedtest-api"),
    ],
)
def test_title(render: Render, case: str, facts: tuple[str | None, str | None, str | None], title: str) -> None:
    assert render(CASES[case], facts, names=("title",))["title"] == title


def test_an_alerts_own_labels_say_where_it_is(render: Render) -> None:
    shown = render(group(alert(SEEDTEST | {"cluster": "own", "environment": "canary"})), (URL, "prod-1", "production"))
    assert shown["title"].endswith(" (own / canary)")
    assert shown["origin"] == "own / canary / alertmanager.example.org"
    assert (shown["cluster"], shown["environment"]) == ("own", "canary")
    assert render(CASES["one"], (None, None, None))["origin"] == "alertmanager-main-0:9093"


def test_slack(render: Render) -> None:
    shown = render(CASES["one"])
    assert shown["slack.color"] == "danger"
    filter_ = "".join(
        f"%2C{name}%3D%22{SEEDTEST[name]}%22" for name in ("alertname", "component", "namespace", "service", "severity")
    ).removeprefix("%2C")
    assert shown["slack.text"].splitlines() == [
        "*5 % of requests fail*",
        "For 5 minutes.",
        "",
        "Since noon.",
        "component=api, namespace=seedtest, service=seedtest-api, severity=critical",
        (
            "since <!date^1762571045^{date_short_pretty} {time}|2025-11-08 03:04 UTC>"
            " · <https://runbooks.example.org/errors|Runbook>"
            " · <https://grafana.example.org/d/x?var-a=1&amp;var-b=2|Dashboard>"
            " · <https://prometheus.example.org/graph?g0.expr=up&amp;g0.tab=1|Source>"
        ),
        "",
        f"<{URL}/#/silences/new?filter=%7B{filter_}%7D|Silence>",
    ]


def test_slack_links_only_what_is_there(render: Render) -> None:
    shown = render(CASES["sparse"])
    assert re.findall(r"\|(\w+)>", shown["slack.text"]) == ["Silence"]
    assert shown["url.runbook"] == shown["url.dashboard"] == ""
    assert re.findall(r"\|(\w+)>", render(CASES["nameless"])["slack.text"]) == []


def test_slack_resolved(render: Render) -> None:
    shown = render(CASES["resolved"])
    assert shown["slack.color"] == "good"
    assert shown["slack.text"] == "*Resolved:*\n• errors in api-0 (pod=api-0)\n• errors in api-1 (pod=api-1)\n"
    mixed = render(CASES["mixed"])
    assert mixed["slack.color"] == "danger"
    assert "*Resolved:*\n• SeedtestApiHighErrorRate (pod=api-9)\n" in mixed["slack.text"]


@pytest.mark.parametrize(("medium", "shown_first"), [("slack.text", 10), ("text", 10), ("markdown", 5)])
def test_long_groups_are_cut(render: Render, medium: str, shown_first: int) -> None:
    text = render(CASES["many"], names=(medium,))[medium]
    assert f"... and {25 - shown_first} more firing" in text
    assert f"... and {14 - shown_first} more resolved" in text
    assert f"errors in api-{shown_first - 1}" in text
    assert f"errors in api-{shown_first}\n" not in text
    assert "more" not in render(CASES["two"], names=(medium,))[medium]


def test_alerts_cannot_write_slacks_markup(render: Render) -> None:
    text = render(CASES["hostile"], names=("slack.text",))["slack.text"]
    assert "&lt;!channel&gt; &lt;https://evil.example.org|click&gt; &amp;" in text
    assert "<https://p.example.org/a%7Cb%3Cc%3Ed(e)f|Source>" in text
    # What is left in angle brackets is ours: the time and the links.
    assert all(
        re.match(r"!date\^|https://(p|alertmanager)\.example\.org/", inner) for inner in re.findall("<([^>]*)>", text)
    )
    markdown = render(CASES["hostile"], names=("markdown",))["markdown"]
    assert "](http://evil" not in markdown
    assert "(https://p.example.org/a|b%3Cc%3Ed%28e%29f)" in markdown


@pytest.mark.parametrize("case", ["one", "two", "hostile", "unicode", "several"])
def test_silence_link(render: Render, case: str) -> None:
    url = render(CASES[case], names=("url.silence",))["url.silence"]
    if CASES[case]["commonLabels"]:
        assert url.startswith(f"{URL}/#/silences/new?filter=%7B")
        assert re.fullmatch(r"[\x21-\x7e]+", url)
        assert matchers(url) == CASES[case]["commonLabels"]
    else:
        assert url == ""


def test_a_filter_that_cannot_be_read_is_left_out(render: Render) -> None:
    for case in ("utf-8 label", "long"):
        assert render(CASES[case], names=("url.silence",))["url.silence"] == f"{URL}/#/silences/new?filter="


def test_alerts_link(render: Render) -> None:
    url = render(CASES["one"], names=("url.alerts",))["url.alerts"]
    assert url.startswith(f"{URL}/#/alerts?receiver=slack-lowprio&filter=")
    assert matchers(url) == CASES["one"]["groupLabels"]
    assert "receiver=a%20b%2Bc&" in render(CASES["hostile"], names=("url.alerts",))["url.alerts"]


@pytest.mark.parametrize(
    ("severities", "severity", "priority", "color"),
    [
        (["critical"], "critical", "P1", "danger"),
        (["error"], "error", "P2", "#e8590c"),
        (["warning"], "warning", "P3", "warning"),
        (["info"], "info", "P5", "#439fe0"),
        (["info", "critical", "warning"], "critical", "P1", "danger"),
        (["page", "warning"], "warning", "P3", "warning"),
        (["page"], "error", "P2", "#e8590c"),
        ([""], "error", "P2", "#e8590c"),
        (["CRITICAL"], "critical", "P1", "danger"),
    ],
)
def test_severity(render: Render, severities: list[str], severity: str, priority: str, color: str) -> None:
    shown = render(group(*(alert({"alertname": "A"} | ({"severity": s} if s else {})) for s in severities)))
    assert (shown["pagerduty.severity"], shown["opsgenie.priority"], shown["slack.color"]) == (
        severity,
        priority,
        color,
    )


def test_only_what_fires_decides_the_severity(render: Render) -> None:
    data = group(alert(SEEDTEST | {"severity": "info"}), alert(status="resolved"))
    assert render(data, names=("pagerduty.severity",))["pagerduty.severity"] == "info"


def test_pagerduty(render: Render) -> None:
    shown = render(CASES["one"], (URL, "prod-1", None))
    assert [shown[f"pagerduty.{name}"] for name in ("class", "component", "group")] == [
        "SeedtestApiHighErrorRate",
        "api",
        "seedtest",
    ]
    assert shown["url.runbook"] == LINKS["runbook_url"]
    assert shown["url.dashboard"] == LINKS["dashboard_url"]
    sparse = render(CASES["sparse"], (URL, "prod-1", None))
    assert [sparse[f"pagerduty.{name}"] for name in ("class", "component", "group")] == ["Lonely", "", "prod-1"]
    service = render(group(alert({"alertname": "A", "service": "s"})), (URL, None, None))
    assert [service[f"pagerduty.{name}"] for name in ("component", "group")] == ["s", ""]
    assert render(CASES["unicode"])["url.runbook"] == "https://위키.example.org/오류"


def test_details(render: Render) -> None:
    shown = {n.removeprefix("details."): t for n, t in render(CASES["mixed"]).items() if n.startswith("details.")}
    assert shown == {
        "firing": "\terrors in api-0 (pod=api-0)",
        "resolved": "\tSeedtestApiHighErrorRate (pod=api-9)",
        "labels": "\t" + ", ".join(f"{name}={SEEDTEST[name]}" for name in SEEDTEST),
        "summary": "\terrors in api-0",
        "description": "\tnone",
        "runbook": "\tnone",
    }
    assert render(CASES["many"])["details.firing"].endswith("\n... and 15 more")


def test_a_team_overrides_a_template(render: Render) -> None:
    mine = {
        "team.tmpl": '{{ define "alertpath.origin" }}ours{{ end }}{{ define "alertpath.slack.color" }}{{ "" }}{{ end }}'
    }
    shown = render(CASES["one"], more=mine)
    assert (shown["origin"], shown["slack.color"]) == ("ours", "")
    early = {"about.tmpl": '{{ define "alertpath.origin" }}ours{{ end }}'}
    assert render(CASES["one"], more=early)["origin"] == "production / alertmanager.example.org"


def test_the_example_in_the_documentation(render: Render) -> None:
    text = (Path(__file__).resolve().parents[2] / "docs" / "templates.md").read_text(encoding="utf-8")
    block = re.search(r"```gotemplate\n(.*?)```", text, re.DOTALL)
    assert block
    shown = render(CASES["one"], more={"team.tmpl": block[1]})
    assert shown["title"] == "🔥 SeedtestApiHighErrorRate (1)"


def test_the_command_in_the_documentation(tmp_path: Path) -> None:
    for name, text in templates(URL, None, "production").items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "alert.json").write_text(json.dumps(CASES["one"]), encoding="utf-8")
    [command] = blocks("templates.md", "Your own")
    done = run(["bash", "-c", command], tmp_path, {"PATH": f"{ensure('amtool').parent}:/usr/bin:/bin"}).expect(0)
    assert "SeedtestApiHighErrorRate" in done.out
