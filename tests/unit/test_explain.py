"""Why an alert reaches somebody, or does not: what is told of it, and in which words."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from alertpath.cli.main import main
from alertpath.configurations.loaded import of_text
from alertpath.explain.explanation import Explanation, explain
from alertpath.explain.text import as_json, as_text, verdict

ROOT = Path(__file__).parents[2]
SUNDAY = datetime(2026, 11, 22, 17, 30, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
CONFIG = """\
route:
  receiver: default
  group_by: [alertname]
  group_wait: 10s
  routes:
    - receiver: everything
      matchers: ['env=~"prod|stage"']
      continue: true
      group_by: [...]
    - matchers: [service="api"]
      repeat_interval: 1h
      routes:
        - receiver: pager
          matchers: [severity="critical", severity!~"c.x"]
          group_wait: 0s
          continue: true
        - receiver: chat
          matchers: [severity="critical"]
          mute_time_intervals: [weekend]
        - receiver: blackhole
          matchers: [severity="debug"]
    - receiver: chat
      matchers: [service="night"]
      active_time_intervals: [office, weekend]
    - receiver: chat
      matchers: [service="never"]
      active_time_intervals: [past]
receivers:
  - name: default
    slack_configs: [{channel: "#default", api_url: "https://hooks.slack.com/services/T00000000/B00000000/abcdefghijklmn"}]
  - name: everything
    webhook_configs: [{url: "https://hooks.slack.com/services/T00000000/B00000000/abcdefghijklmnop"}]
  - name: pager
    pagerduty_configs: [{routing_key_file: /key}]
    slack_configs: [{channel: "#pages", api_url_file: /url}]
  - name: chat
    slack_configs: [{channel: "#chat", api_url_file: /url}]
  - name: blackhole
time_intervals:
  - name: weekend
    time_intervals: [{weekdays: [saturday, sunday], location: Europe/Berlin}]
  - name: office
    time_intervals: [{times: [{start_time: "09:00", end_time: "18:00"}], weekdays: ["monday:friday"]}]
  - name: past
    time_intervals: [{years: ["2020"]}]
inhibit_rules:
  - name: outage
    source_matchers: [alertname="Outage"]
    target_matchers: [service=~".+"]
  - source_matchers: [severity="critical"]
    target_matchers: [severity=~"warning|critical"]
    equal: [service]
  - source_matchers: [severity="critical", team="a"]
    target_matchers: [severity="warning"]
    equal: [team]
  - source_matchers: [service="api"]
    target_matchers: [service="api", severity="critical"]
    equal: [service, env]
"""
LINES = CONFIG.splitlines()


def _line(text: str, after: int = 0) -> int:
    return next(number for number, line in enumerate(LINES, 1) if text in line and number > after)


def _explain(
    labels: dict[str, str], moment: datetime = MONDAY, firing: list[dict[str, str]] | None = None
) -> Explanation:
    return explain(of_text(CONFIG, "am.yml"), labels, moment, firing)


def _tree(explanation: Explanation) -> list[tuple[str, str]]:
    return [
        (".".join(str(part) for part in one.place[2::2]), str(one.failed) if one.failed else "takes" * one.taken)
        for one in explanation.root.walk()
    ]


def test_every_route_that_was_asked_and_the_first_matcher_that_fails() -> None:
    assert _tree(_explain({"service": "api", "severity": "critical"})) == [
        ("", ""),
        ("0", 'env=~"prod|stage"'),
        ("1", ""),
        ("1.0", "takes"),
        ("1.1", "takes"),
    ]
    assert _tree(_explain({"service": "api", "env": "prod"})) == [
        ("", ""),
        ("0", "takes"),
        ("1", "takes"),
        ("1.0", 'severity="critical"'),
        ("1.1", 'severity="critical"'),
        ("1.2", 'severity="debug"'),
    ]
    assert _tree(_explain({"service": "x"}))[0] == ("", "takes")


def test_what_a_route_inherits_and_from_where() -> None:
    taken, chat = _explain({"service": "api", "severity": "critical", "alertname": "A"}).taken
    assert taken.route.receiver == "pager"
    assert taken.inherited == {
        "group_by": ("route",),
        "group_interval": None,
        "repeat_interval": ("route", "routes", 1),
    }
    assert chat.inherited["group_wait"] == ("route",)
    assert "receiver" not in chat.inherited
    assert taken.group_labels == {"alertname": "A"}
    assert taken.group_key == '{}/{service="api"}/{severity!~"c.x",severity="critical"}:{alertname="A"}'


def test_the_text_has_places_reasons_and_receivers() -> None:
    text = as_text(_explain({"service": "api", "severity": "critical"}))
    lines = [line.strip() for line in text.splitlines()]
    assert f'no     env=~"prod|stage" -> everything: env is absent  [am.yml:{_line("receiver: everything")}]' in lines
    pager = _line("receiver: pager")
    assert f'TAKES  severity!~"c.x", severity="critical" -> pager, and goes on (continue)  [am.yml:{pager}]' in lines
    assert "1 later route is not asked: the last one does not go on" in lines
    assert f"receiver     pager: PagerDuty (pages) and Slack #pages  [am.yml:{_line('name: pager')}]" in lines
    assert "timing       first at once, changes after 5m, again after 1h" in lines
    assert "inherits     group_by from am.yml:1" in lines
    parent = _line('matchers: [service="api"]')
    assert f"inherits     repeat_interval from am.yml:{parent}" in lines
    assert "inherits     group_interval from Alertmanager (default)" in lines
    assert lines[-1] == (
        "=> pages PagerDuty (pager) now, and tells Slack #pages (pager) now, and tells Slack #chat (chat) after 10s"
    )


def test_one_of_several_matchers_of_a_label_is_named() -> None:
    text = as_text(_explain({"service": "api", "severity": "info"}))
    assert '-> pager: severity="critical" fails, severity is "info"' in text


def test_everything_is_grouped_by_all_labels() -> None:
    taken = _explain({"env": "prod", "a": 'b"c'}).taken[0]
    assert taken.group_labels == {"a": 'b"c', "env": "prod"}
    assert taken.group_key == '{}/{env=~"prod|stage"}:{a="b\\"c", env="prod"}'


@pytest.mark.parametrize(
    ("labels", "moment", "expected"),
    [
        ({"a": "b"}, MONDAY, "tells Slack #default (default) after 10s"),
        ({"service": "api", "severity": "debug"}, MONDAY, "goes to nobody: receiver blackhole is empty"),
        (
            {"service": "api", "severity": "critical"},
            SUNDAY,
            (
                "pages PagerDuty (pager) now, and tells Slack #pages (pager) now; "
                "Slack #chat (chat) not until Mon 2026-11-23 00:00 Europe/Berlin (muted by weekend)"
            ),
        ),
        (
            {"service": "night"},
            datetime(2026, 11, 23, 18, 0, tzinfo=UTC),
            "nobody is told until Tue 2026-11-24 09:00 UTC (outside of office, weekend), then Slack #chat (chat)",
        ),
        ({"service": "night"}, SUNDAY, "tells Slack #chat (chat) after 10s"),
        ({"service": "never"}, MONDAY, "nobody is told in the next 40 years (outside of past)"),
    ],
)
def test_the_verdict(labels: dict[str, str], moment: datetime, expected: str) -> None:
    explanation = _explain(labels, moment)
    assert verdict(explanation) == expected
    assert as_text(explanation).endswith(f"\n=> {expected}\n")


def test_hours_in_their_own_zone() -> None:
    text = as_text(_explain({"service": "api", "severity": "critical"}, SUNDAY))
    assert "time   Sun 2026-11-22 17:30 UTC\n" in text
    assert "mute         weekend: inside at Sun 2026-11-22 18:30 Europe/Berlin  [am.yml:" in text
    assert "notifies     not until Mon 2026-11-23 00:00 Europe/Berlin (muted by weekend)" in text


def test_which_rules_could_silence_it() -> None:
    threats = _explain({"service": "api", "severity": "warning", "team": "b"}).threats
    assert [(threat.index, threat.equal, threat.unless) for threat in threats] == [
        (0, {}, ()),
        (1, {"service": "api"}, ()),
        # Not the third: a source has the same team, and that must be a.
    ]
    # Of two critical alerts none silences the other; of the same service and env only one that is not critical.
    threats = _explain({"service": "api", "severity": "critical"}).threats
    assert [(threat.index, threat.equal, list(map(str, threat.unless))) for threat in threats] == [
        (0, {}, []),
        (3, {"service": "api", "env": ""}, ['severity="critical"']),
    ]
    text = as_text(_explain({"service": "api", "severity": "critical"}))
    assert f"rule outage [am.yml:{_line('name: outage')}] silences it while an alert fires" in text
    assert 'and with service="api", no env, as here\n    but not with severity="critical"' in text


def test_what_silences_it_while_others_fire() -> None:
    firing = [{"alertname": "Other"}, {"alertname": "Outage", "severity": "critical", "service": "api"}]
    explanation = _explain({"service": "api", "severity": "warning"}, firing=firing)
    assert [one.index for one in explanation.inhibited] == [0, 1]
    place = f"am.yml:{_line('name: outage')}"
    assert verdict(explanation) == (
        'silent: inhibited by {alertname="Outage", severity="critical", service="api"} (rule outage '
        f"[{place}]) and 1 more"
    )
    assert "with 2 other alerts firing" in as_text(explanation)
    calm = _explain({"service": "api", "severity": "critical"}, firing=firing[:1])
    assert "with 1 other alert firing:\n  none of them silences it" in as_text(calm)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ({"service": "api", "severity": "critical"}, ["some routes did not match because the alert has no env"]),
        (
            {"service": "api", "serverity": "critical", "env": "x"},
            ["nothing in this configuration asks for a label serverity: did you mean severity?"],
        ),
        (
            {"service": "night", "severity": "critica", "env": ""},
            [
                "env is empty, and an empty label is no label",
                "nothing asks for severity='critica': did you mean 'critical'?",
            ],
        ),
        ({"env": "prod", "alertname": "Outag"}, ["nothing asks for alertname='Outag': did you mean 'Outage'?"]),
        # Neither labels nor values of one's own are mistakes, nor that there is no name.
        ({"env": "prod", "service": "completely-else", "pod": "x"}, []),
    ],
)
def test_hints(labels: dict[str, str], expected: list[str]) -> None:
    hints = list(_explain(labels).hints)
    assert [hint for hint in hints if "has no severity" not in hint and "has no service" not in hint] == expected


def _many() -> str:
    routes = "\n".join(
        f"""  - {{receiver: x, matchers: ['namespace="n{i}"', 'severity="critical"']}}\n"""
        f"""  - {{receiver: x, matchers: ['namespace="n{i}"', 'severity="info"']}}"""
        for i in range(300)
    )
    return f"route:\n  receiver: x\n  routes:\n{routes}\nreceivers: [{{name: x}}]\n"


def test_of_hundreds_of_siblings_the_near_ones_are_shown() -> None:
    explanation = explain(of_text(_many(), "many"), {"namespace": "n200", "severity": "info"}, MONDAY)
    text = as_text(explanation)
    assert text.count("\n    no ") == 8 + 1
    # First of all what is about this namespace, then what is about this severity.
    assert 'namespace="n200", severity="critical" -> x: severity is "info"' in text
    assert 'namespace="n6", severity="info" -> x: namespace is "n200"' in text
    assert "393 more, which want another value of namespace (393); --all shows them" in text
    everything = as_text(explanation, everything=True)
    assert everything.count("\n    no ") == 401
    assert "more" not in everything
    assert len(json.loads(as_json(explanation))["routes"]["routes"]) == 402


def _run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(("explain", *arguments))
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def stack_lines(file: str) -> list[str]:
    return Path(file).read_text(encoding="utf-8").splitlines()


def test_production_pages(capsys: pytest.CaptureFixture[str]) -> None:
    stack = str(ROOT / "Pulumi.production.yaml")
    code, out, _ = _run(capsys, "--stack-file", stack, "service=seedtest-api", "severity=critical")
    assert code == 0
    assert out.endswith("=> pages PagerDuty (pagerduty-seedtest) now\n")
    assert "catalog/seedtest.yaml:" in out
    shared = str(ROOT / "Pulumi.yaml")
    routing = 1 + stack_lines(shared).index("      routing: {default_receiver: slack-lowprio}")
    assert f"every alert -> slack-lowprio  [{Path(shared).relative_to(Path.cwd())}:{routing}]" in out


def test_json_has_all_of_it_and_no_secret(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    config, firing = tmp_path / "am.yml", tmp_path / "firing.json"
    config.write_text(CONFIG, encoding="utf-8")
    firing.write_text('[{"labels": {"alertname": "Outage"}, "status": {"state": "active"}}]', encoding="utf-8")
    _, out, _ = _run(
        capsys,
        *("--config", str(config), "env=prod", "service=api", "severity=critical"),
        *("--at", "2026-11-22 18:30 Europe/Berlin", "--firing", str(firing), "--format", "json"),
    )
    data: dict[str, Any] = json.loads(out)
    assert data["time"] == "2026-11-22T18:30:00+01:00"
    assert data["labels"] == {"env": "prod", "service": "api", "severity": "critical"}
    assert [taken["receiver"]["name"] for taken in data["taken"]] == ["everything", "pager", "chat"]
    assert [taken["pages"] for taken in data["taken"]] == [False, True, False]
    assert data["taken"][2]["muted"] == {"kind": "mute", "by": ["weekend"], "until": "2026-11-22T23:00:00+00:00"}
    assert data["taken"][1]["inherited"]["group_by"]["path"] == "route"
    assert data["taken"][1]["group_wait"] == "0s"
    assert data["inhibited_by"][0]["source"] == {"alertname": "Outage"}
    assert data["routes"]["routes"][1]["not_asked"] == 1
    assert data["verdict"].startswith("silent: inhibited by")
    assert "abcdefghijklmn" not in out
    _, text, _ = _run(capsys, "--config", str(config), "env=prod")
    assert "abcdefghijklmn" not in text


def test_configuration_from_standard_input(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    import io

    monkeypatch.setattr("sys.stdin", io.StringIO(CONFIG))
    _, out, _ = _run(capsys, "--config", "-", "service=never=ever", 'über.all="x=y"')
    assert 'service="never=ever", über.all="\\"x=y\\""' in out


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["critical"], "'critical' is not a label: write NAME=VALUE, such as severity=critical"),
        (["=critical"], "is not a label"),
        (["a=b", "--at", "noon"], "'noon': not a moment; allowed: 2026-"),
    ],
)
def test_wrong_arguments(capsys: pytest.CaptureFixture[str], arguments: list[str], reason: str) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(("explain", "--config", "am.yml", *arguments))
    assert stopped.value.code == 2
    assert reason in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--config", "am.yml", "a=b", "c=d", "a=c"], "the label a is given twice"),
        (["--config", "-", "a=b", "--firing", "-"], "only one of --config and --firing can be standard input"),
    ],
)
def test_arguments_that_do_not_go_together(
    capsys: pytest.CaptureFixture[str], arguments: list[str], reason: str
) -> None:
    code, _, err = _run(capsys, *arguments)
    assert code == 2
    assert reason in err
