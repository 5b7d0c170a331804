"""The workflows: what linters say of them, and that their steps do what they are for."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from alertpath.review.markdown import MARKER
from tools.comment import previews_of, text_of
from tools.gotools import ensure

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yaml"))
GITLAB = ROOT / "docs" / "gitlab-ci.yaml"
LOST = ("critical: pagerduty-seedtest", "critical: slack-seedtest")

BROKEN = """\
name: broken
on: pull_request_target
jobs:
  broken:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v4
        with:
          ref: ${{ github.event.pull_request.head.sha }}
      - run: echo "${{ github.event.pull_request.title }}"
      - run: echo "${{ nothing.at.all }}"
"""


def _actionlint(*files: Path) -> subprocess.CompletedProcess[str]:
    # What it would find on PATH besides would make the result depend on the machine.
    command = [ensure("actionlint"), "-no-color", "-shellcheck=", "-pyflakes=", *files]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


def _zizmor(path: Path) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).with_name("zizmor"), "--offline", "--no-progress", "--persona", "auditor", path]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


def test_actionlint_takes_the_workflows() -> None:
    found = _actionlint(*WORKFLOWS)
    assert (found.returncode, found.stdout + found.stderr) == (0, "")


def test_zizmor_takes_the_workflows() -> None:
    found = _zizmor(ROOT / ".github" / "workflows")
    assert found.returncode == 0, found.stdout + found.stderr


def test_the_linters_refuse_a_bad_one(tmp_path: Path) -> None:
    file = tmp_path / ".github" / "workflows" / "broken.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(BROKEN)
    found = _actionlint(file)
    assert found.returncode == 1
    assert 'undefined variable "nothing"' in found.stdout
    found = _zizmor(file)
    assert found.returncode > 0
    for audit in "dangerous-triggers", "template-injection", "unpinned-uses", "excessive-permissions":
        assert audit in found.stdout


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_a_workflow_may_no_more_than_it_needs(file: Path) -> None:
    text = file.read_text()
    workflow = yaml.safe_load(text)
    triggers = workflow[True]  # YAML 1.1 reads `on` as true.
    assert workflow["permissions"] == {}
    assert workflow["concurrency"]
    assert "pull_request_target" not in triggers
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 90
        writes = {name for name, access in job["permissions"].items() if access == "write"}
        assert writes == ({"pull-requests"} if file.stem == "comment" else set())
        for step in job["steps"]:
            if "run" in step:
                assert step["run"].count("\n") <= 6
                assert "${{" not in step["run"]
                subprocess.run(["bash", "-n", "-c", step["run"]], check=True)
    # Code that is not the default branch's never meets a token that may write, nor, from a fork, a secret.
    assert ("pull-requests: write" in text) == ("workflow_run" in triggers)
    if "secrets." in text:
        jobs = [job for job in workflow["jobs"].values() if "secrets." in str(job)]
        assert all(job["environment"] for job in jobs)
        # What is pushed to the default branch, or run by the clock there, comes from no fork.
        if not set(triggers) <= {"push", "schedule", "workflow_dispatch"}:
            assert all("head.repo.full_name == github.repository" in job["if"] for job in jobs)
        elif "push" in triggers:
            assert triggers["push"] == {"branches": ["main"]}


def test_an_action_is_pinned_to_one_commit_everywhere() -> None:
    pins: dict[str, set[str]] = {}
    for file in WORKFLOWS:
        for action, commit in re.findall(r"uses: (\S+)@(.*)", file.read_text()):
            assert re.fullmatch(r"[0-9a-f]{40} # v[0-9]+\.[0-9]+\.[0-9]+", commit), (file.name, action)
            pins.setdefault(action, set()).add(commit)
    assert all(len(commits) == 1 for commits in pins.values())


@pytest.fixture(scope="module")
def merge(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout of the project as actions/checkout makes it: a merge that takes a page away."""
    where = tmp_path_factory.mktemp("merge") / "work"
    where.mkdir()
    for name in ("Pulumi.yaml", *(file.name for file in ROOT.glob("Pulumi.*.yaml"))):
        shutil.copy(ROOT / name, where)
    for name in ("catalog", "expectations"):
        shutil.copytree(ROOT / name, where / name)
    (where / ".venv").symlink_to(Path(sys.prefix))
    git = ["git", "-C", where, "-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run([*git, "init", "--quiet", "--initial-branch=main"], check=True)
    (where / ".gitignore").write_text(".venv\n")
    for message in "base", "change":
        subprocess.run([*git, "add", "--all"], check=True)
        subprocess.run([*git, "commit", "--quiet", f"--message={message}"], check=True)
        if message == "base":
            subprocess.run([*git, "checkout", "--quiet", "-b", "branch"], check=True)
            catalog = where / "catalog" / "seedtest.yaml"
            catalog.write_text(catalog.read_text().replace(*LOST))
    subprocess.run([*git, "checkout", "--quiet", "main"], check=True)
    subprocess.run([*git, "merge", "--quiet", "--no-ff", "--message=merge", "branch"], check=True)
    return where


def _shell(script: str, where: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    # As GitHub runs `shell: bash`, and much as GitLab runs a job's script.
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=where,
        env={"PATH": os.environ["PATH"], "HOME": str(where), "NO_PROXY": "127.0.0.1", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_steps_of_the_review(merge: Path, tmp_path: Path) -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "review.yaml").read_text())
    assert workflow["defaults"] == {"run": {"shell": "bash"}}
    steps = {step["name"]: step["run"] for step in workflow["jobs"]["review"]["steps"] if "name" in step}
    summary = tmp_path / "summary"
    done = {name: _shell(script, merge, GITHUB_STEP_SUMMARY=str(summary), NUMBER="7") for name, script in steps.items()}
    assert {name: run.returncode for name, run in done.items()} == {
        "the review, as a comment": 0,
        "check": 0,
        "test": 1,
        "review": 1,
    }, done
    assert (merge / "review" / "number").read_text() == "7\n"
    comment = text_of(merge / "review" / "review.md")
    assert comment == summary.read_text()
    assert comment.splitlines()[1].startswith("**1 class of alerts no longer pages** in dev and production")
    assert "::error file=expectations/seedtest.yaml,line=" in done["test"].stdout
    assert "LOST PAGES" in done["review"].stdout


def test_the_steps_of_a_preview(tmp_path: Path) -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "preview.yaml").read_text())
    [script] = [step["run"] for step in workflow["jobs"]["preview"]["steps"] if step.get("name") == "preview"]
    stand_in = tmp_path / "bin" / "pulumi"
    stand_in.parent.mkdir()
    stand_in.write_text('#!/bin/sh\necho "$@"; echo "+ routing: service=a" >&2; exit 3\n')
    stand_in.chmod(0o755)
    path = f"{stand_in.parent}:{os.environ['PATH']}"
    done = _shell(script, tmp_path, PATH=path, NUMBER="7", STACK="production")
    assert done.returncode == 3, "a preview that fails is told, and fails"
    assert (tmp_path / "preview" / "number").read_text() == "7\n"
    comment = previews_of([tmp_path / "preview" / "preview-production.txt"])
    assert "preview --stack production --diff" in comment
    assert "+ routing: service=a\n~~~~\n" in comment


def test_a_comment_is_made_of_what_the_other_workflows_leave() -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "comment.yaml").read_text())
    others = {file.stem: yaml.safe_load(file.read_text()) for file in WORKFLOWS}
    for name in workflow[True]["workflow_run"]["workflows"]:
        assert others[name]["name"] == name
        [job] = others[name]["jobs"].values()
        [left] = [step["with"] for step in job["steps"] if "upload-artifact" in step.get("uses", "")]
        assert left["name"].startswith(name)


def test_the_steps_on_gitlab(merge: Path) -> None:
    job = yaml.safe_load(GITLAB.read_text())["review"]
    base = subprocess.run(
        ["git", "-C", merge, "rev-parse", "HEAD^1"], capture_output=True, text=True, check=True
    ).stdout.strip()
    first, *script = job["script"]
    assert first == "make cli"
    done = _shell("\n".join(script), merge, CI_MERGE_REQUEST_DIFF_BASE_SHA=base)
    assert done.returncode == 1
    assert "LOST PAGES" in done.stdout
    assert (merge / "review.md").read_text().startswith(f"{MARKER}\n**1 class of alerts no longer pages**")
    assert "<testsuites>" in (merge / "expectations.xml").read_text()


class _GitLab(ThreadingHTTPServer):
    """Answers as GitLab's API does to the user 5, and remembers."""

    def __init__(self) -> None:
        self.notes: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.tokens: set[str | None] = set()
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _GitLab

    def _handle(self) -> None:
        known, parts = self.server, urlsplit(self.path)
        known.asked.append(self.command)
        known.tokens.add(self.headers["PRIVATE-TOKEN"])
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"] or 0)).decode())
        answer: Any = {}
        following = ""
        match self.command, parts.path.split("/")[3:]:
            case "GET", ["user"]:
                answer = {"id": 5}
            case "GET", ["projects", "3", "merge_requests", "8", "notes"]:
                page = int(parse_qs(parts.query)["page"][0])
                answer = known.notes[100 * (page - 1) : 100 * page]
                following = str(page + 1) if len(known.notes) > 100 * page else ""
            case "POST", ["projects", "3", "merge_requests", "8", "notes"]:
                known.notes.append({"id": 1_000 + len(known.notes), "author": {"id": 5}, "body": form["body"][0]})
            case "PUT", ["projects", "3", "merge_requests", "8", "notes", number]:
                (note,) = (note for note in known.notes if str(note["id"]) == number)
                note["body"] = form["body"][0]
            case unknown:
                raise AssertionError(unknown)
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("X-Next-Page", following)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = _handle  # noqa: N815

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def gitlab() -> Iterator[_GitLab]:
    server = _GitLab()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_gitlab_gets_one_note(gitlab: _GitLab, tmp_path: Path) -> None:
    job = yaml.safe_load(GITLAB.read_text())["note"]
    assert "$ALERTPATH_NOTE_TOKEN" in job["rules"][0]["if"]
    gitlab.notes = [{"id": 1, "author": {"id": 6}, "body": f"{MARKER}\nof somebody else"}]
    gitlab.notes += [{"id": 2 + index, "author": {"id": 5}, "body": "chat"} for index in range(150)]
    for text in "one & one = %2b + ü", "two":
        (tmp_path / "review.md").write_text(f"{MARKER}\n{text}\n")
        done = _shell(
            "\n".join(job["script"]),
            tmp_path,
            CI_API_V4_URL=f"http://127.0.0.1:{gitlab.server_port}/api/v4",
            CI_PROJECT_ID="3",
            CI_MERGE_REQUEST_IID="8",
            ALERTPATH_NOTE_TOKEN="glpat-x",
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert [note["body"] for note in gitlab.notes[151:]] == [f"{MARKER}\n{text}\n"]
    assert [asked for asked in gitlab.asked if asked != "GET"] == ["POST", "PUT"]
    assert gitlab.notes[0]["body"] == f"{MARKER}\nof somebody else"
    assert gitlab.tokens == {"glpat-x"}
