"""What a review says of a change, and that it fits into a comment; the changes are commits of a real repository."""

from __future__ import annotations

import itertools
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from alertpath.alertmanager.config import Config
from alertpath.alertmanager.paging import Paging
from alertpath.cli.main import main
from alertpath.diff.deliveries.comparison import Difference, diff
from alertpath.documents.places import Spot
from alertpath.documents.problems import InvalidInput, Problem
from alertpath.review.markdown import LIMIT, MARKER, markdown
from alertpath.review.review import review, stacks
from alertpath.review.text import json_text, text
from alertpath.semantics.budget import Budget
from tests.unit.samples import CATALOG, SETTINGS

SETTINGS = {**SETTINGS, "external_labels": {"cluster": "one"}}
SERVICES = CATALOG["services"]
WEBHOOK = "https://hooks.slack.com/services/T00000000/B00000000/" + "abcdefghijklmnop"


def project(
    where: Path,
    services: dict[str, Any] | None = None,
    shared: dict[str, Any] | None = None,
    **stacks_: dict[str, Any],
) -> Path:
    """A project with the stacks `one` and `two`, or those that are given with some of their settings."""
    where.mkdir(exist_ok=True)
    said = {} if shared is None else {"config": {"alertpath:defaults": {"value": shared}}}
    (where / "Pulumi.yaml").write_text(json.dumps({"name": "test", "runtime": "python", **said}, indent=1))
    for name, settings in (stacks_ or {"one": {}, "two": {}}).items():
        (where / f"Pulumi.{name}.yaml").write_text(
            json.dumps({"config": {"alertpath:settings": {**SETTINGS, **settings}}})
        )
    catalog = {**CATALOG, "services": SERVICES if services is None else services}
    (where / "team.yaml").write_text(json.dumps(catalog, indent=2))
    return where


@pytest.fixture
def change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Makes a commit of a project, and more of them."""
    monkeypatch.chdir(tmp_path)
    _git("init", "--quiet", "--initial-branch=main")

    def made(
        services: dict[str, Any] | None = None, shared: dict[str, Any] | None = None, **stacks_: dict[str, Any]
    ) -> Path:
        for file in tmp_path.glob("Pulumi.*.yaml"):
            file.unlink()
        project(tmp_path, services, shared, **stacks_)
        _git("add", "--all")
        _git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "--allow-empty", "--message=change")
        return tmp_path

    return made


def _git(*arguments: str) -> None:
    subprocess.run(["git", *arguments], check=True)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = main(["review", "--base", "HEAD^", *arguments])
    printed = capsys.readouterr()
    assert "Traceback" not in printed.err
    return code, printed.out


def verdict(printed: str) -> str:
    first, second = printed.splitlines()[:2]
    assert first == MARKER
    return second


def test_nothing_changes(change: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    change()
    change()
    code, printed = run(capsys, "--format", "markdown")
    assert code == 0
    assert verdict(printed) == "No alert fares differently."
    assert "- one: no alert fares differently\n- two: no alert fares differently\n" in printed
    assert "mermaid" not in printed


def test_each_revision_has_what_its_own_stacks_share(
    change: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    change(shared={"routing": {"repeat_interval": "3h", "group_wait": "10s"}}, one={}, two={})
    # What they shared is now said by each, but for what one of them says otherwise.
    both = {**SETTINGS["routing"], "repeat_interval": "3h", "group_wait": "10s"}
    change(one={"routing": both}, two={"routing": {**both, "repeat_interval": "5h"}})
    _, printed = run(capsys, "--format", "markdown")
    assert "- one: no alert fares differently" in printed
    assert "### two\n" in printed
    assert re.search(r"repeat_interval.*3h.*5h", printed, re.DOTALL)


def test_a_wrong_default_of_a_revision_is_told_there(
    change: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    change(shared={"routing": {"repeat_interval": "soon"}}, one={})
    change(one={})
    main(["diff", "HEAD^:one", "one"])
    assert re.search(r"HEAD\^:Pulumi\.yaml:\d+: config\.alertpath:defaults\.value\.", capsys.readouterr().err)


def test_a_lost_page_comes_first(change: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    change()
    change({"api": {"critical": "chat", "any": "chat"}, "web": {"any": "chat"}})
    code, printed = run(capsys, "--format", "markdown")
    assert code == 1
    assert verdict(printed).startswith("**1 class of alerts no longer pages** in one and two; ")
    assert "### one and two\n" in printed  # Both fare alike, and are told once.
    assert printed.count("#### Lost pages (1 class)") == 1
    assert "critical alerts go to chat alone" not in printed.partition("### one and two")[0]
    (tree,) = re.findall("```mermaid\n(.*?)```", printed, re.DOTALL)
    assert '"service=api<br/>severity=critical"]:::changed' in tree
    assert run(capsys, "--exit-zero")[0] == 0


def test_the_stacks_that_are_asked_for(change: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    change(one={}, two={})
    change(one={}, two={"routing": {"default_receiver": "page"}})
    _, printed = run(capsys, "--stack", "one", "--format", "markdown")
    assert verdict(printed) == "No alert fares differently."
    assert "two" not in printed
    assert main(["review", "--base", "HEAD^", "--stack", "three"]) == 1
    assert "unknown stack" in capsys.readouterr().err


def test_new_findings_before_old_ones(change: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    # In production a critical alert that no page takes is a finding; `old` has it before, at another line.
    old = {"old": {"critical": "chat", "any": "chat"}, **SERVICES}
    change(old, one={"production": True})
    change({"first": {"any": "page"}, **old, "new": {"critical": "chat", "any": "chat"}}, one={"production": True})
    code, printed = run(capsys, "--format", "json")
    (stack,) = json.loads(printed)["stacks"]
    critical = [each for each in stack["new_findings"] if each["id"] == "AP206"]
    assert [each["path"] for each in critical] == ["services.new.critical"]
    assert stack["old_findings"] >= 1
    assert code == 0
    _, printed = run(capsys, "--format", "markdown")
    assert "services.old" not in printed
    assert "as before" in printed


def test_an_invalid_head_is_told_and_not_raised(
    change: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    change()
    change({"api": {"critical": "pgae", "note": WEBHOOK}})
    for form in ("markdown", "text", "json"):
        code, printed = run(capsys, "--format", form)
        assert code == 1
        assert "The configuration is invalid in one and two" in printed.replace("**", "")
        assert "unknown receiver" in printed
        assert "did you mean page" in printed
        assert "T00000000" not in printed


def test_an_invalid_base_shows_the_whole_routing(
    change: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    change({"api": {"critical": "pgae"}})
    change()
    code, printed = run(capsys, "--format", "markdown")
    assert code == 0
    assert verdict(printed).startswith("Nothing to compare with, as the base is invalid in one and two")
    assert "The stack is invalid at `HEAD^`, so nothing can be compared." in printed
    assert "| `service=api and severity=critical` | `PagerDuty (page)` |" in printed
    assert "```mermaid" in printed
    assert "PagerDuty (page)" in run(capsys)[1]


def test_stacks_that_come_and_go(change: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    change(one={}, old={})
    change(one={}, new={})
    code, printed = run(capsys, "--format", "markdown")
    assert code == 1
    assert verdict(printed).startswith("**Stack gone**: old; New stack: new")
    assert "### new\n\nA new stack." in printed
    assert "`pulumi destroy`" in printed


def test_a_stack_that_cannot_be_compared_does_not_end_the_review(
    change: Callable[..., Path], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    change(one={}, two={})
    change({"api": {"critical": "chat", "any": "chat"}}, one={"production": True}, two={})
    asked = itertools.count()

    def refusing(old: Config, new: Config, paging: Paging, budget: Budget) -> Difference:
        if next(asked) % 2 == 0:
            raise InvalidInput([Problem(Spot("the two configurations"), "differ in too many ways to list")])
        return diff(old, new, paging, budget=budget)

    monkeypatch.setattr("alertpath.review.review.diff", refusing)
    for form in ("markdown", "text", "json"):
        code, printed = run(capsys, "--format", form)
        assert code == 1
        assert "Not compared, nothing is proven in one" in printed.replace("**", "")
        assert "no longer pages in two" in printed.replace("**", "")
        assert "differ in too many ways to list" in printed


def test_a_changed_text_is_told(change: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    settings = {"alertmanager": {"templates": ["team.tmpl"]}}
    where = change(one={})
    for word in ("old", "new"):
        (where / "team.tmpl").write_text('{{ define "team.title" }}' + word + "{{ end }}\n")
        change(one=settings)
    code, printed = run(capsys, "--format", "markdown")
    assert code == 0
    assert "Texts differ: `team.tmpl`." in printed


def test_expectations_are_held_against_the_head(
    change: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    where = change()
    (where / "expectations").mkdir()
    case = {"labels": {"service": "api", "severity": "critical"}, "receivers": ["page"]}
    (where / "expectations" / "api.yaml").write_text(json.dumps({"stacks": ["one", "two"], "cases": [case]}))
    change()
    code, printed = run(capsys, "--format", "markdown")
    assert (code, "All 2 expectations are met." in printed) == (0, True)
    change({"api": {"critical": "chat", "any": "chat"}})
    code, printed = run(capsys, "--format", "markdown")
    assert code == 1
    assert "**1 expectation is not met**" in verdict(printed)
    assert "in `one`, `two`" in printed


def test_both_sides_may_be_revisions(change: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    change()
    change({"api": {"critical": "chat", "any": "chat"}})
    where = change()
    (where / "team.yaml").write_text("not: [valid")
    assert main(["review", "--base", "HEAD~2", "--head", "HEAD~1"]) == 1
    assert "no longer pages" in capsys.readouterr().out
    assert main(["review", "--base", "HEAD~1", "--head", "HEAD"]) == 0
    assert main(["review", "--base", "HEAD"]) == 1
    assert "The configuration is invalid" in capsys.readouterr().out
    assert main(["review", "--base", "nowhere"]) == 1
    assert "revision" in capsys.readouterr().err


def _large(tmp_path: Path, count: int, names: int) -> Any:
    # Each service, and each stack, has a difference of its own: nothing can be said of several together.
    services: dict[str, Any] = {f"service-{index}": {"critical": "page", "any": "chat"} for index in range(count)}
    swapped = {
        name: {"critical": {"to": "chat", "group_wait": f"{index + 1}s"}, "any": "chat"}
        for index, name in enumerate(services)
    }
    some = {f"stack{index}": {"production": True} for index in range(names)}
    later = {
        name: {**settings, "routing": {"default_receiver": "chat", "group_wait": f"{index + 40}s"}}
        for index, (name, settings) in enumerate(some.items())
    }
    old, new = project(tmp_path / "old", services, **some), project(tmp_path / "new", swapped, **later)
    return review(old, new, ("old", "new"))


@pytest.mark.parametrize(("count", "names"), [(200, 1), (30, 6)])
def test_a_large_change_is_cut_to_a_comment(tmp_path: Path, count: int, names: int) -> None:
    found = _large(tmp_path, count, names)
    whole, cut = markdown(found, 1 << 40), markdown(found)
    assert len(whole) > LIMIT >= len(cut)
    assert cut.splitlines()[:2] == whole.splitlines()[:2]
    assert cut.count("#### Lost pages") == names
    assert "Cut to fit into a comment; `alertpath review --base old --format text` prints all of it." in cut
    for form in whole, cut:
        assert form.count("<details>") == form.count("</details>")
        assert form.count("```") % 2 == 0
    for limit in (2_000, 10_000, 30_000):
        assert len(markdown(found, limit)) <= limit


def test_json_has_everything(tmp_path: Path) -> None:
    found = _large(tmp_path, 30, 1)
    (stack,) = json.loads(json_text(found))["stacks"]
    assert len(stack["difference"]["changes"]) >= 31
    assert (stack["stack"], stack["failed"], stack["problems"]) == ("stack0", True, [])
    assert text(found).startswith("30 classes of alerts no longer page in stack0.\n")


def test_only_what_pulumi_takes_for_a_stack_is_one(tmp_path: Path) -> None:
    for name in ("good-1_a.b", "<b>", "a b", "x" * 101):
        (tmp_path / f"Pulumi.{name}.yaml").touch()
    (tmp_path / "Pulumi.yaml").touch()
    assert stacks(tmp_path) == ("good-1_a.b",)
