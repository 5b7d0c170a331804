"""The routing tree as Mermaid: what is drawn, what is left out, and that no label says more than text."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertpath.alertmanager.config import Config, Receiver, Route
from alertpath.alertmanager.matchers import Matcher
from alertpath.configurations.loaded import of_stack
from alertpath.review.routing_tree import escaped, flowchart

ROOT = Path(__file__).resolve().parents[2]
# A node as Mermaid's grammar has it: an id, a shape around a quoted text, perhaps a class.
NODE = re.compile(r'(?P<id>[rpm][0-9]+)(?P<open>[\[(])"(?P<label>[^"]*)"[\])](:::(?P<style>page|changed|more))?')
EDGE = re.compile(r"[rpm][0-9]+ (-->(\|[0-9]+\|)?|-\. otherwise \.->) [rpm][0-9]+")
NASTY = (
    *('a"b', "`md`", "**bold**", "# head", "#35;", "<script>alert(1)</script>", "a]b[c", "(x)", "{y}", "|p|", "a;b"),
    *("%%{init: {}}%%", "--> b", "- list", "1. one", "1) two", "@{shape: x}", "&lt;", "\\", "$$x^2$$", "a\nb", "```"),
    *("fa:fa-car", "__x__", "click r1 call x()", ":::page", "<br/>", "\N{LATIN SMALL LIGATURE FL}°°35¶ß"),
    *("\u202eevil", "\u200b", "https://example.com/", "~x~", "![i](j)", "end", "x" * 5_000),
)


def service(name: str, *, receiver: str | None = None, routes: tuple[Route, ...] = (), **more: object) -> Route:
    return Route(matchers=(Matcher("service", "=", name),), receiver=receiver, routes=routes, **more)  # pyright: ignore


def config(*routes: Route, name: str = "chat") -> Config:
    return Config(
        route=Route(receiver=name, routes=routes),
        receivers=(
            Receiver(name=name, integrations={"slack_configs": [{"channel": "#a"}]}),
            Receiver(name="page", integrations={"pagerduty_configs": [{}]}),
            Receiver(name="nobody"),
        ),
    )


def nodes(text: str) -> dict[str, tuple[str, str | None]]:
    """Each node's label as people see it, and its class; every line is one of those that are meant."""
    first, *lines = text.splitlines()
    assert first == "flowchart LR"
    found: dict[str, tuple[str, str | None]] = {}
    for line in lines:
        if node := NODE.fullmatch(line):
            found[node["id"]] = (shown(node["label"]), node["style"])
        else:
            assert EDGE.fullmatch(line) or re.fullmatch(r"classDef (page|changed|more) [-#:,\w]+", line), line
    return found


def shown(label: str) -> str:
    return html.unescape(re.sub("#([0-9]+);", r"&#\1;", label.replace("<br/>", "\n"))).replace("\u200b", "")


def test_the_production_stack() -> None:
    loaded = of_stack(ROOT / "Pulumi.production.yaml")
    text = flowchart(loaded.config, [("route", "routes", 3)], loaded.paging)
    drawn = nodes(text)
    labels = dict(drawn.values())
    assert ("service=seedtest-api\nseverity=warning or info", "changed") in drawn.values()
    assert labels["PagerDuty\npagerduty-seedtest\npages"] == "page"
    assert "Slack #seedtest-alerts\nslack-seedtest" in labels
    assert "namespace=seedtest\nseverity=info\nonly in business-hours" in labels
    assert [edge for edge in text.splitlines() if edge.startswith("r6 -->|")] == [
        f"r6 -->|{number + 1}| r{number}" for number in range(6)
    ]


def test_hours_continue_and_nobody_are_said() -> None:
    drawn = nodes(
        flowchart(
            config(
                service("a", continue_=True, mute_time_intervals=("night",), active_time_intervals=("day", "week")),
                service("b", receiver="nobody", routes=(Route(receiver="page"),)),
            )
        )
    )
    labels = [label for label, _ in drawn.values()]
    assert "service=a\nonly in day, week\nnot in night\nand goes on" in labels
    assert "every alert that gets here" in labels
    assert "nobody" in labels


def test_a_receiver_that_only_the_stack_knows_to_page() -> None:
    drawn = nodes(flowchart(config(), paging={"chat": True}))
    assert ("Slack #a\nchat\npages", "page") in drawn.values()


def test_what_is_too_much_becomes_one_node_for_each_parent() -> None:
    many = tuple(service(f"s{index}", routes=(service("x"), service("y"))) for index in range(100))
    changed = ("route", "routes", 70, "routes", 1)
    text = flowchart(config(*many), [changed], most=10)
    drawn = nodes(text)
    assert sum(node.startswith("r") for node in drawn) == 10
    assert ("service=y", "changed") in drawn.values()
    assert "service=s70" in dict(drawn.values())
    # 301 routes, ten of them shown.
    assert sum(int(label.split()[0].replace(",", "")) for label, style in drawn.values() if style == "more") == 291
    assert "-->|71|" in text
    assert "more" not in {style for _, style in nodes(flowchart(config(*many[:3]), most=10)).values()}
    assert "1 more route" in dict(nodes(flowchart(config(*many[:1]), most=3)).values())


def test_a_large_tree_stays_within_mermaids_limits() -> None:
    routes = tuple(service('"' * 200 + str(index), receiver=f'"{index}"' * 20) for index in range(2_000))
    changed = [("route", "routes", index) for index in range(2_000)]
    text = flowchart(config(*routes), changed, most=1_000)
    assert len(text) <= 40_000
    assert sum(bool(EDGE.fullmatch(line)) for line in text.splitlines()) < 500
    assert nodes(text)


@pytest.mark.parametrize("value", NASTY)
def test_a_label_is_text_and_nothing_else(value: str) -> None:
    text = flowchart(config(service(value), service(value, receiver=value), name=value))
    drawn = nodes(text)
    assert len(drawn) == 4  # three routes, one receiver
    assert not re.search(r"[`<>&\\$*~\[\]{}|@%]", escaped(value))
    line = " ".join(value.split())
    if line.isprintable() and len(line) < 50:
        assert f"Slack #a\n{line}" in dict(drawn.values())


@given(st.text(max_size=200))
def test_whatever_is_written_comes_back_as_it_was(value: str) -> None:
    label = escaped(value)
    assert re.fullmatch(r"([^\W_]|[ ,=/_-]|#[0-9]+;)*", label)
    line = " ".join(value.split())
    if line.isprintable() and len(line) <= 80:
        assert shown(label) == line.replace("\u200b", "")


def test_what_cannot_be_seen_is_written_out() -> None:
    assert shown(escaped("a\u202eb\x00")) == "aU+202EbU+0000"


def test_a_pasted_credential_is_not_drawn() -> None:
    hook = "https://hooks.slack.com/services/T00000000/B00000000/" + "abcdefghijklmnop"
    text = flowchart(config(service(hook), name=hook))
    assert "hooks" not in text
    assert "T00000000" not in text
