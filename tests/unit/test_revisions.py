"""Configurations by name, on real git repositories."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from alertpath.cli.main import main
from alertpath.configurations.revisions import NotThere, at_revision, resolve
from alertpath.documents.problems import InvalidInput
from tests.unit.samples import CATALOG, SETTINGS

PLAIN = "route: {receiver: a}\nreceivers: [{name: a}]\n"


def git(where: Path, *arguments: str) -> str:
    identity = {
        f"GIT_{who}_{what}": f"{who}@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    environment = {**os.environ, **identity, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    command = ["git", "-C", str(where), "-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout.strip()


def write(project: Path, name: str = "test", **services: str) -> None:
    project.mkdir(exist_ok=True)
    (project / "Pulumi.yaml").write_text("name: alertpath\n")
    settings = {**SETTINGS, "catalog": ["team.yaml", "../shared/more.yaml"]}
    (project / f"Pulumi.{name}.yaml").write_text(json.dumps({"config": {"alertpath:settings": settings}}))
    chosen = {"api": {"critical": services.get("api", "page"), "any": "chat"}}
    (project / "team.yaml").write_text(json.dumps({**CATALOG, "services": chosen}))


def commit(root: Path) -> str:
    git(root, "add", "--all")
    git(root, "commit", "--message", "x", "--allow-empty")
    return git(root, "rev-parse", "HEAD")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project below the root of a repository, with a catalog beside it; two commits, the second moves a page."""
    root = tmp_path / "repository"
    (root / "shared").mkdir(parents=True)
    (root / "shared" / "more.yaml").write_text(json.dumps({"team": "b", "services": {"web": {"any": "chat"}}}))
    (root / "shared" / "large.bin").write_bytes(b"x" * 100)
    git(root, "init", "--quiet")
    write(root / "alerts")
    (root / "plain.yaml").write_text(PLAIN)
    commit(root)
    write(root / "alerts", api="chat")
    commit(root)
    monkeypatch.chdir(root / "alerts")
    return root / "alerts"


def receivers(spec: str, project: Path) -> set[str | None]:
    return {route.receiver for route in resolve(spec, project).config.route.routes}


@pytest.mark.parametrize("spec", ["test", "Pulumi.test.yaml", "HEAD:test", "HEAD:Pulumi.test.yaml", "main:test"])
def test_a_stack_by_its_names(project: Path, spec: str) -> None:
    assert "page" not in receivers(spec, project)


@pytest.mark.parametrize("spec", ["HEAD~1:test", "HEAD~1:Pulumi.test.yaml", "main~1:../alerts/Pulumi.test.yaml"])
def test_a_stack_at_a_revision_with_its_catalogs(project: Path, spec: str) -> None:
    loaded = resolve(spec, project)
    assert "page" in receivers(spec, project)
    assert loaded.name == f"{spec.partition(':')[0]}:test"
    files = {loaded.origin(("route", "routes", index)).file for index in range(len(loaded.config.route.routes))}
    assert f"{spec.partition(':')[0]}:alerts/team.yaml" in files


@pytest.mark.parametrize("spec", ["../plain.yaml", "HEAD:../plain.yaml", "HEAD:plain.yaml"])
def test_a_file_from_here_or_from_the_root(project: Path, spec: str) -> None:
    assert resolve(spec, project).config.route.receiver == "a"


def test_standard_input(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(PLAIN))
    assert resolve("-", project).config.route.receiver == "a"


def test_what_a_shell_pipes_in(project: Path) -> None:
    reader, writer = os.pipe()
    os.write(writer, PLAIN.encode())
    os.close(writer)
    assert resolve(f"/dev/fd/{reader}", project).config.route.receiver == "a"


def test_a_directory_that_is_gone_is_still_found_at_its_revision(project: Path) -> None:
    root = project.parent
    git(root, "rm", "-r", "--quiet", "alerts")
    os.chdir(root)
    git(root, "commit", "--quiet", "--message", "gone")
    assert "page" in receivers("HEAD~2:alerts/Pulumi.test.yaml", root)
    with pytest.raises(NotThere):
        resolve("HEAD:alerts/Pulumi.test.yaml", root)


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("nowhere:test", "'nowhere': is no revision of this repository"),
        ("--all:test", "'--all': is no revision"),
        ("origin/feature:test", "git fetch origin feature"),
        ("HEAD:nothing.yaml", "HEAD:nothing.yaml: does not exist at revision 'HEAD'"),
        ("HEAD:Pulumi.other.yaml", "HEAD:alerts/Pulumi.other.yaml: does not exist at revision 'HEAD'"),
        ("Pulumi.other.yaml", "Pulumi.other.yaml: does not exist"),
        ("nothing", "is neither a file nor a stack\n    allowed: a file, a stack (test)"),
        ("HEAD:../../outside.yaml", "does not exist at revision"),
    ],
)
def test_what_does_not_exist_is_said(project: Path, spec: str, words: str) -> None:
    with pytest.raises(InvalidInput) as error:
        resolve(spec, project)
    assert words in str(error.value)


def test_a_shallow_clone_says_how_to_get_the_rest(project: Path, tmp_path: Path) -> None:
    first = git(project, "rev-parse", "HEAD~1")
    git(tmp_path, "clone", "--quiet", "--depth=1", project.parent.as_uri(), "shallow")
    for revision in (first, "HEAD~1"):
        with (
            pytest.raises(InvalidInput, match=r"shallow(.|\n)*git fetch --unshallow"),
            at_revision(tmp_path / "shallow" / "alerts", revision),
        ):
            pass


def test_outside_of_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidInput, match=r"revision 'main': .* is in no git repository"):
        resolve("main:test", tmp_path)


def test_without_git(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(InvalidInput, match="without git, which is not installed"):
        resolve("HEAD:test", project)


def test_problems_name_files_as_git_does_and_nothing_stays_behind(project: Path) -> None:
    write(project, api="nobody-knows")
    commit(project)
    seen: list[Path] = []

    def look() -> None:
        with at_revision(project, "main") as directory:
            seen.append(directory)
            assert {path.name for path in directory.iterdir()} == {"Pulumi.yaml", "Pulumi.test.yaml", "team.yaml"}
            assert (directory / "../shared/more.yaml").is_file()
            assert not (directory / "../shared/large.bin").exists()
            resolve(str(directory / "Pulumi.test.yaml"), directory)

    with pytest.raises(InvalidInput) as error:
        look()
    assert "main:alerts/team.yaml:1: services.api.critical: unknown receiver" in str(error.value)
    assert str(seen[0]) not in str(error.value)
    assert not seen[0].exists()


def test_links_that_lead_out_are_left_out(project: Path) -> None:
    (project / "here.yaml").symlink_to("team.yaml")
    (project / "out").symlink_to("/etc")
    (project / "up.yaml").symlink_to("../../../../../../../../etc/passwd")
    (project / "through.yaml").symlink_to("out/passwd")
    commit(project)
    with at_revision(project, "HEAD") as directory:
        assert (directory / "here.yaml").read_text() == (project / "team.yaml").read_text()
        assert not any((directory / name).exists() for name in ("out", "up.yaml", "through.yaml"))


def test_a_tree_that_was_made_to_break_out_does_not(project: Path, tmp_path: Path) -> None:
    # Two entries of one name, which `git add` would never make: a link, and a directory with a file that goes through.
    blob = git(project, "hash-object", "-w", "team.yaml")
    (tmp_path / "to").write_text(str(tmp_path / "outside"))
    link = git(project, "hash-object", "-w", str(tmp_path / "to"))

    def tree(*entries: tuple[str, str, str]) -> str:
        raw = b"".join(f"{mode} {name}".encode() + b"\0" + bytes.fromhex(sha) for mode, name, sha in entries)
        command = ["git", "-C", str(project), "hash-object", "-w", "-t", "tree", "--literally", "--stdin"]
        return subprocess.run(command, input=raw, check=True, capture_output=True).stdout.decode().strip()

    (tmp_path / "outside").mkdir()
    inner = tree(("100644", "evil.yaml", blob))
    for entries in ((("120000", "link", link), ("40000", "link", inner)), (("40000", "..", inner),)):
        made = git(project, "commit-tree", tree(("40000", "alerts", tree(*entries))), "-m", "x")
        with contextlib.suppress(InvalidInput, OSError), at_revision(project, made) as directory:
            assert directory.is_dir()
            assert not (directory.parent / "evil.yaml").exists()
    assert not list((tmp_path / "outside").iterdir())


@pytest.mark.usefixtures("project")
def test_the_command_compares_a_stack_with_itself_before(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "--stack", "test", "HEAD~1"]) == 1
    assert "LOST PAGES (1 class)" in capsys.readouterr().out
    assert main(["diff", "--stack", "test", "HEAD", "HEAD~1"]) == 0
    capsys.readouterr()
    assert main(["diff", "HEAD~1:test", "test", "--format", "json"]) == 1
    assert json.loads(capsys.readouterr().out)["summary"] == {
        "loses_pages": True,
        "lost": 1,
        "newly pages": 0,
        "moved": 0,
        "changed": 0,
        "timing": 0,
        "new": 0,
        "regrouped": 0,
        "nobody": 0,
        "silenced": 0,
        "no longer silenced": 0,
    }


def test_a_stack_that_is_new_or_gone(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "Pulumi.fresh.yaml").write_text((project / "Pulumi.test.yaml").read_text())
    assert main(["diff", "--stack", "fresh", "HEAD"]) == 0
    assert capsys.readouterr().out == "HEAD:fresh -> fresh\nThis stack is new: there is nothing to compare it with.\n"
    (project / "Pulumi.test.yaml").unlink()
    assert main(["diff", "--stack", "test", "HEAD~1", "--format", "json"]) == 1
    gone = json.loads(capsys.readouterr().out)
    assert gone["summary"]["loses_pages"]
    assert gone["note"].startswith("This stack no longer exists")
    assert main(["diff", "--stack", "test", "HEAD", "--format", "markdown"]) == 0
    assert main(["diff", "--stack", "neither", "HEAD"]) == 1


def test_the_command_says_which_side_is_invalid(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(project, api="nobody-knows")
    commit(project)
    assert main(["diff", "--stack", "test", "HEAD", "HEAD~1"]) == 1
    assert capsys.readouterr().err.startswith("OLD (HEAD:test):\nHEAD:alerts/team.yaml:1: services.api.critical")
    assert main(["diff", "HEAD~1:test", "test"]) == 1
    assert capsys.readouterr().err.startswith("NEW (test):\nteam.yaml:1: services.api.critical")


@pytest.mark.parametrize("arguments", [["a"], ["-", "-"], ["a", "b", "c"], ["--stack", "test"]])
def test_wrong_usage(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as error:
        main(["diff", *arguments])
    assert error.value.code == 2


def test_a_stack_file_at_a_revision_is_looked_for_from_the_root_too(project: Path) -> None:
    assert resolve("HEAD:alerts/Pulumi.test.yaml", project).name == "HEAD:test"
    assert resolve("HEAD:Pulumi.test.yaml", project).name == "HEAD:test"
    with pytest.raises(NotThere):
        resolve("HEAD:Pulumi.other.yaml", project)


@pytest.mark.usefixtures("project")
def test_what_the_catalog_says_is_no_page_is_none(capsys: pytest.CaptureFixture[str], project: Path) -> None:
    quiet = json.loads((project / "team.yaml").read_text())
    quiet["receivers"]["page"]["pages"] = False
    services = quiet["services"]
    (project / "team.yaml").write_text(
        json.dumps({**quiet, "services": {"api": {**services["api"], "critical": "page"}}})
    )
    commit(project)
    assert main(["explain", "--stack", "test", "service=api", "severity=critical"]) == 0
    assert "=> tells PagerDuty (page)" in capsys.readouterr().out
    (project / "team.yaml").write_text(json.dumps(quiet))
    assert main(["diff", "--stack", "test", "HEAD"]) == 0
    assert "MOVED (1 class)" in capsys.readouterr().out
