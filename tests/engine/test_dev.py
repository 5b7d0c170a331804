"""The stack dev on the real engine: its files are what the project renders, whatever happened to them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from dataclasses import replace
from pathlib import Path

import pytest

from alertpath.compiling.compile import compile_stack
from alertpath.delivery.render import render
from alertpath.inputs.stack import load
from tests.program.conftest import NewProject
from tests.program.engine import PROGRAM, ROOT, Done, Project, clean_environment, content, copy_program, run

CONFIGURATION = "alertmanager.yaml"
POLICY = "networkpolicy-alertmanager-egress.yaml"
NEW_SERVICE = ("services:\n", "services:\n  seedtest-web:\n    warning: slack-seedtest\n")


def rendered(project: Project) -> dict[str, bytes]:
    """What the project says that its stack's files are."""
    stack = load(project.stack_file)
    return {name: text.encode() for name, text in render(stack, compile_stack(stack)).items()}


def changed(preview: Done) -> list[str]:
    """The lines of the outputs `routing: ...` in a preview that are marked as changed, without `routing: `."""
    marked = re.findall(r"^\s*([-+~] )routing: (.*)$", preview.out, re.MULTILINE)
    return [f"{mark}{line}" for mark, line in marked]


@pytest.fixture(scope="module")
def deployed(new_project: NewProject) -> Project:
    project = new_project("dev")
    project.up()
    return project


@pytest.fixture
def project(deployed: Project, tmp_path: Path) -> Project:
    """The stack as `pulumi up` has left it, to do anything with."""
    return deployed.clone(tmp_path)


def test_up_writes_exactly_what_is_rendered(deployed: Project) -> None:
    assert deployed.files() == rendered(deployed)
    assert {CONFIGURATION, POLICY, "kustomization.yaml"} <= deployed.files().keys()


def test_a_second_up_changes_nothing(project: Project) -> None:
    before = {name: (project.rendered / name).stat().st_mtime_ns for name in project.files()}
    done = project.up("--expect-no-changes")
    assert re.search(r"Resources:\s+3 unchanged", done.out)
    assert {name: (project.rendered / name).stat().st_mtime_ns for name in project.files()} == before


def test_up_leaves_the_committed_stack_file_as_it_is(deployed: Project) -> None:
    assert deployed.stack_file.read_bytes() == (ROOT / "Pulumi.dev.yaml").read_bytes()


def test_an_update_does_what_a_plan_says_and_nothing_else(project: Project) -> None:
    """docs/delivery.md, 'Update what was reviewed': `pulumi preview --stack production --save-plan plan.json`, then
    `pulumi up --stack production --plan plan.json`."""
    before = project.files()
    project.edit(project.catalog, NEW_SERVICE)
    project.preview("--save-plan", "plan.json")
    later = ("  seedtest-web:\n", "  seedtest-later: {warning: slack-seedtest}\n  seedtest-web:\n")
    project.edit(project.catalog, later)
    assert "violates plan" in project.up("--plan", "plan.json", code=None).failed().text
    assert project.files() == before
    project.edit(project.catalog, (later[1], later[0]))
    project.up("--plan", "plan.json")
    assert project.files() == rendered(project)


def test_an_engine_that_is_too_old_is_told_so(project: Project) -> None:
    project.edit(project.root / "__main__.py", ('">=3.255.0"', '">=99.0.0"'))
    said = project.pulumi("preview").failed().text
    assert re.search(r"error: .*: this program needs Pulumi >=99\.0\.0; `make up` gets one", said)
    assert "Traceback" not in said


def test_a_new_class_of_alerts_is_one_line_of_a_preview(project: Project) -> None:
    before = project.files()
    project.edit(project.catalog, NEW_SERVICE)
    preview = project.preview()
    lines = changed(preview)
    assert len(lines) == 1, "\n".join(lines)
    assert lines[0].startswith("+ service=seedtest-web and severity=warning")
    assert "slack-seedtest (Slack #seedtest-alerts)" in lines[0]
    assert re.search(r"~ 1 to update\s+2 unchanged", preview.out)
    assert project.files() == before
    project.pulumi("preview", "--expect-no-changes").failed()

    project.up()
    assert project.files() == rendered(project)
    assert 'service="seedtest-web"' in project.files()[CONFIGURATION].decode()
    project.up("--expect-no-changes")


def test_a_changed_and_a_removed_class_are_one_line_each(project: Project) -> None:
    project.edit(
        project.catalog,
        ("    critical: pagerduty-seedtest\n", "    critical: slack-seedtest\n"),
        ("    info: {to: slack-lowprio, active_time_intervals: [business-hours]}\n", ""),
    )
    lines = changed(project.preview())
    assert [line.split(":")[0].strip() for line in lines] == [
        "- namespace=seedtest and severity=info",
        "~ service=seedtest-api and severity=critical",
    ]
    # Whole, however long it is: Pulumi abridges only what stays the same.
    assert re.search(r'"pagerduty-seedtest [^"]+" => "slack-seedtest [^"]+#seedtest-alerts\), group_wait 0s"', lines[1])


def test_hours_alone_are_seen(project: Project) -> None:
    project.edit(project.catalog, (", active_time_intervals: [business-hours]", ""))
    lines = changed(project.preview())
    assert len(lines) == 1
    assert "only in business-hours" in lines[0]


@pytest.mark.parametrize("name", [CONFIGURATION, "kustomization.yaml"])
def test_a_file_edited_by_hand_is_seen_and_restored(project: Project, name: str) -> None:
    file = project.rendered / name
    file.write_text(f"{file.read_text(encoding='utf-8')}# by hand\n", encoding="utf-8")
    done = project.pulumi("preview", "--expect-no-changes", "--diff").failed()
    assert re.search(rf'\+ {re.escape(name)}\s*: "edited by hand"', done.out), done.text
    assert "# by hand" in file.read_text(encoding="utf-8")
    project.up()
    assert project.files() == rendered(project)
    project.up("--expect-no-changes")


def test_files_deleted_by_hand_are_seen_and_restored(project: Project) -> None:
    (project.rendered / POLICY).unlink()
    shutil.rmtree(project.rendered / "argocd")
    done = project.pulumi("preview", "--expect-no-changes", "--diff").failed()
    assert "~ 1 to update" in done.out
    assert re.search(rf'\+ {re.escape(POLICY)}\s*: "deleted by hand"', done.out), done.text
    assert re.search(r'\+ argocd/alertmanager-config.yaml\s*: "deleted by hand"', done.out), done.text
    assert not (project.rendered / POLICY).exists()
    project.up()
    assert project.files() == rendered(project)


def test_all_files_deleted_by_hand_are_restored_also_after_a_refresh(project: Project) -> None:
    shutil.rmtree(project.rendered)
    project.pulumi("refresh", "--yes", "--skip-preview").expect(0)
    project.up()
    assert project.files() == rendered(project)


def test_a_refresh_sees_what_was_edited(project: Project) -> None:
    (project.rendered / CONFIGURATION).write_text("by hand\n", encoding="utf-8")
    project.pulumi("refresh", "--yes", "--skip-preview").expect(0)
    project.pulumi("preview", "--expect-no-changes").failed()
    project.up()
    assert project.files() == rendered(project)
    project.up("--expect-no-changes")


def test_stale_files_are_removed(project: Project) -> None:
    external = "externalsecret-notify.yaml"
    project.edit(project.stack_file, ("slack-seedtest-notify:\n", "slack-seedtest-notify:\n          secret: notify\n"))
    project.up()
    assert external in project.files()
    assert project.files() == rendered(project)

    project.edit(project.stack_file, ("          secret: notify\n", ""))
    project.edit(
        project.stack_file, ("    delivery: files\n", "    delivery: files\n    network_policy: {enabled: false}\n")
    )
    project.preview()
    assert {external, POLICY} <= project.files().keys()
    project.up()
    assert not {external, POLICY} & project.files().keys()
    assert project.files() == rendered(project)


def test_another_directory_takes_the_files_along(project: Project) -> None:
    project.edit(project.stack_file, ("    delivery: files\n", "    delivery: files\n    directory: elsewhere/dev\n"))
    project.up()
    assert content(project.root / "elsewhere" / "dev") == rendered(project)
    assert not project.rendered.exists()
    project.up("--expect-no-changes")


@pytest.mark.parametrize("spelling", ["./rendered/dev", "rendered/dev/", "rendered/../rendered/dev"])
def test_another_spelling_of_the_directory_keeps_the_files(project: Project, spelling: str) -> None:
    project.edit(project.stack_file, ("    delivery: files\n", f"    delivery: files\n    directory: {spelling}\n"))
    project.up()
    assert project.files() == rendered(project)
    project.up("--expect-no-changes")


def test_a_replacement_in_the_same_place_keeps_the_files(project: Project) -> None:
    urn = next(each["urn"] for each in project.resources() if each["type"].endswith(":RenderedFiles"))
    project.up("--replace", urn)
    assert project.files() == rendered(project)
    # Another name: the engine knows of no connection between the two.
    project.edit(project.root / "components" / "alert_delivery.py", ('-rendered"', '-other"'))
    done = project.up()
    assert re.search(r"- 1 deleted", done.out)
    assert project.files() == rendered(project)
    project.up("--expect-no-changes")


def test_two_stacks_cannot_share_a_directory(new_project: NewProject) -> None:
    project = new_project("dev")
    project.edit(project.stack_file, ("    delivery: files\n", "    delivery: files\n    directory: shared\n"))
    project.up()
    shared = project.root / "shared"
    before = content(shared)
    other = replace(project, stack="second")
    shutil.copy2(project.stack_file, other.stack_file)
    run(["pulumi", "stack", "init", "second", "--non-interactive"], other.root, other.env).expect(0)
    for command in (["preview"], ["up", "--yes", "--skip-preview"]):
        told = other.pulumi(*command).failed().text
        assert "shared belongs to the stack dev: choose another `directory`" in told
        assert "Traceback" not in told
    told = other.alertpath("compile", "--stack", "second", "--out", "shared").failed().err
    assert "shared: belongs to the stack dev" in told
    other.pulumi("destroy", "--yes", "--skip-preview").expect(0)
    assert content(shared) == before


def test_foreign_files_are_left(project: Project) -> None:
    notes = project.rendered / "NOTES.md", project.rendered / "argocd" / "other.yaml"
    for note in notes:
        note.write_text("somebody else's\n", encoding="utf-8")
    project.up("--expect-no-changes")
    project.edit(project.catalog, NEW_SERVICE)
    project.up()
    project.pulumi("destroy", "--yes", "--skip-preview").expect(0)
    assert project.files() == {"NOTES.md": b"somebody else's\n", "argocd/other.yaml": b"somebody else's\n"}


def test_a_foreign_file_in_the_way_is_not_overwritten(new_project: NewProject) -> None:
    project = new_project("dev")
    project.rendered.mkdir(parents=True)
    (project.rendered / CONFIGURATION).write_text("somebody else's\n", encoding="utf-8")
    for command in (["preview"], ["up", "--yes", "--skip-preview"]):
        done = project.pulumi(*command).failed()
        assert f"{CONFIGURATION} is in the way: alertpath did not write it" in done.text
    assert project.files() == {CONFIGURATION: b"somebody else's\n"}


def test_destroy_removes_everything_written(project: Project) -> None:
    project.pulumi("destroy", "--yes", "--skip-preview").expect(0)
    assert not project.rendered.exists()
    assert project.resources() == []
    assert project.stack_file.read_bytes() == (ROOT / "Pulumi.dev.yaml").read_bytes()


BAD = ["several-at-once", "unknown-receiver", "unquoted-time", "pasted-webhook", "plaintext-in-files"]


def make_bad(project: Project, fault: str) -> None:
    """Gives the stack the mistakes of tests/bad/<fault>."""
    salt = re.findall(r"^encryptionsalt: .*$", project.stack_file.read_text(encoding="utf-8"), re.MULTILINE)
    source = ROOT / "tests" / "bad" / fault
    text = (source / "Pulumi.bad.yaml").read_text(encoding="utf-8").replace("../../../", "")
    project.stack_file.write_text("\n".join([text.rstrip(), *salt, ""]), encoding="utf-8")
    for catalog in source.glob("*.yaml"):
        if catalog.name != "Pulumi.bad.yaml":
            shutil.copy2(catalog, project.root / catalog.name)


def flat(text: str) -> str:
    """Without indentation: Pulumi indents what it passes on."""
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


@pytest.mark.parametrize("fault", BAD)
def test_bad_input_changes_nothing_and_is_told_as_by_the_command_line(project: Project, fault: str) -> None:
    files, resources = project.files(), project.resources()
    make_bad(project, fault)
    told = project.alertpath("compile", "--stack", project.stack).expect(1).err
    problems, summary = told.rstrip().rsplit("\n", 1)
    assert "nothing was changed" in summary

    done = project.up(code=None).failed()
    assert flat(problems) in flat(done.text).replace("error: ", "")
    assert "Traceback" not in done.text
    assert "EXAMPLEEXAMPLE" not in done.text
    assert project.files() == files
    assert project.resources() == resources


def test_bad_input_of_a_new_stack_leaves_nothing(new_project: NewProject) -> None:
    project = new_project("dev")
    make_bad(project, "unknown-receiver")
    project.up(code=None).failed()
    assert not (project.root / "rendered").exists()
    assert project.resources() == []


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_make_up_leaves_a_clean_tree(tmp_path: Path) -> None:
    """tools/up.py, what `make up` runs, twice in a fresh checkout."""
    checkout = tmp_path / "checkout"
    copy_program(checkout, [*PROGRAM, "tools", ".gitignore"])
    env = clean_environment() | {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}

    def git(*arguments: str) -> str:
        identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com"]
        return run(["git", *identity, *arguments], checkout, env).expect(0).out

    git("init", "--quiet")
    git("add", "--all")
    git("commit", "--quiet", "--message", "as cloned")
    python = make_environment(checkout)
    for _ in range(2):
        done = run([python, "-m", "tools.up"], checkout, env, timeout=600).expect(0)
        assert "slack-lowprio" in done.out
        assert git("status", "--porcelain") == ""
    committed = load(checkout / "Pulumi.dev.yaml")
    expected = render(committed, compile_stack(committed))
    assert {name: text.decode() for name, text in content(checkout / "rendered" / "dev").items()} == expected
    # The `pulumi` that README's next step uses, without any preparation.
    launched = subprocess.run(
        [python.parent / "pulumi", "version"], env=env, capture_output=True, text=True, check=False, timeout=60
    )
    assert re.fullmatch(r"v\d+\.\d+\.\d+\n", launched.stdout), launched.stderr


def make_environment(checkout: Path) -> Path:
    """What `make` makes first: an environment with the requirements and this checkout's `alertpath`; its Python."""
    venv.create(checkout / ".venv", with_pip=False, symlinks=True)
    python = checkout / ".venv" / "bin" / "python"
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(checkout / ".venv")}))
    (packages / "tests.pth").write_text(f"{checkout}\n{sysconfig.get_path('purelib')}\n", encoding="utf-8")
    script = python.with_name("alertpath")
    script.write_text(
        f"#!{python}\nfrom alertpath.cli.main import main\n\nraise SystemExit(main())\n", encoding="utf-8"
    )
    script.chmod(0o755)
    assert sys.version_info[:2] == (3, int(packages.parent.name.split(".")[1]))
    return python
