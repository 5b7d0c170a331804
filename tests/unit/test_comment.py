"""One comment on a pull request, kept up to date: against a server that answers as GitHub's API does."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from alertpath.review import markdown
from tools import comment
from tools.comment import AUTHOR, LIMIT, MARKER, PREVIEW_MARKER, Api, Refused, keep, main, previews_of, text_of

SHA = "a" * 40
FORK = "somebody/alerts"
TOKEN = "ghs_" + "Zz9" * 12


@dataclass
class GitHub:
    """What the server knows, and what it was asked."""

    url: str = ""
    pull: dict[str, Any] = field(
        default_factory=lambda: {"state": "open", "head": {"sha": SHA, "repo": {"full_name": FORK}}}
    )
    comments: list[dict[str, Any]] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    tokens: set[str | None] = field(default_factory=set)
    status: int = 200
    location: str = ""

    def answer(self, method: str, path: str, body: dict[str, str] | None) -> Any:
        parts = urlsplit(path)
        query = {name: int(values[0]) for name, values in parse_qs(parts.query).items()}
        match method, parts.path.removeprefix("/api/v3/repos/org/alerts").split("/")[1:]:
            case "GET", ["pulls", "7"]:
                return self.pull
            case "GET", ["issues", "7", "comments"]:
                first = (query["page"] - 1) * query["per_page"]
                return self.comments[first : first + query["per_page"]]
            case "POST", ["issues", "7", "comments"]:
                assert body is not None
                self.comments.append(_comment(1000 + len(self.comments), AUTHOR, body["body"]))
                return self.comments[-1]
            case "PATCH", ["issues", "comments", number]:
                assert body is not None
                (found,) = (each for each in self.comments if each["id"] == int(number))
                found["body"] = body["body"]
                return found
        raise AssertionError(f"{method} {path}")


@pytest.fixture
def github() -> Iterator[GitHub]:
    known = GitHub()

    class Handler(BaseHTTPRequestHandler):
        def _handle(self) -> None:
            known.asked.append((self.command, self.path))
            known.tokens.add(self.headers["Authorization"])
            length = int(self.headers["Content-Length"] or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            answer = known.answer(self.command, self.path, body) if known.status == 200 else {"message": TOKEN}
            self.send_response(known.status)
            if known.location:
                self.send_header("Location", known.location)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        do_GET = do_POST = do_PATCH = _handle  # noqa: N815

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    known.url = f"http://127.0.0.1:{server.server_port}/api/v3"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield known
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def left(tmp_path: Path) -> Path:
    """What the run that is not trusted has left."""
    (tmp_path / "number").write_text("7\n")
    (tmp_path / "review.md").write_text(f"{MARKER}\n**1 class of alerts no longer pages** in production.\n")
    return tmp_path


def _comment(number: int, login: str | None, body: str | None) -> dict[str, Any]:
    return {"id": number, "user": None if login is None else {"login": login}, "body": body}


def _keep(github: GitHub, left: Path) -> str:
    return keep(Api(github.url, "org/alerts", TOKEN), left, SHA, FORK)


def _writes(github: GitHub) -> list[tuple[str, str]]:
    return [asked for asked in github.asked if asked[0] != "GET"]


def test_the_marker_is_that_of_the_review() -> None:
    assert (MARKER, LIMIT) == (markdown.MARKER, markdown.LIMIT)


def test_it_is_written_once_and_then_kept_up_to_date(github: GitHub, left: Path) -> None:
    assert _keep(github, left) == "#7: a comment is written"
    assert _keep(github, left) == "#7: the comment says so already"
    assert len(_writes(github)) == 1
    (left / "review.md").write_text(f"{MARKER}\nNo alert fares differently.\n")
    assert _keep(github, left) == "#7: the comment is brought up to date"
    assert [each["body"] for each in github.comments] == [f"{MARKER}\nNo alert fares differently.\n"]
    assert github.tokens == {f"Bearer {TOKEN}"}
    assert not any(TOKEN in path for _, path in github.asked)


def test_it_is_found_on_any_page_and_others_are_left_alone(github: GitHub, left: Path) -> None:
    strangers = [
        _comment(1, "mallory", f"{MARKER}\nmine"),
        _comment(2, None, f"{MARKER}\ngone"),
        _comment(3, AUTHOR, f"quoting {MARKER}"),
        _comment(4, AUTHOR, None),
        *(_comment(5 + index, "someone", "chat") for index in range(228)),
    ]
    github.comments = [*map(dict, strangers), _comment(900, AUTHOR, f"{MARKER}\r\nold\r\n")]
    assert _keep(github, left) == "#7: the comment is brought up to date"
    assert _writes(github) == [("PATCH", "/api/v3/repos/org/alerts/issues/comments/900")]
    assert github.comments[:-1] == strangers


def test_what_github_stores_with_other_line_ends_is_the_same(github: GitHub, left: Path) -> None:
    github.comments = [_comment(9, AUTHOR, (left / "review.md").read_text().strip().replace("\n", "\r\n"))]
    assert _keep(github, left) == "#7: the comment says so already"


@pytest.mark.parametrize(("state", "sha"), [("closed", SHA), ("open", "b" * 40)])
def test_nothing_is_written_when_the_pull_request_has_moved_on(
    github: GitHub, left: Path, state: str, sha: str
) -> None:
    github.pull |= {"state": state, "head": {"sha": sha, "repo": {"full_name": FORK}}}
    assert "moved on" in _keep(github, left)
    assert not _writes(github)


def test_a_run_cannot_write_to_somebody_elses_pull_request(github: GitHub, left: Path) -> None:
    github.pull["head"]["repo"]["full_name"] = "org/alerts"
    with pytest.raises(Refused, match="does not come from"):
        _keep(github, left)
    assert not _writes(github)


def test_a_fork_that_is_gone(github: GitHub, left: Path) -> None:
    github.pull["head"]["repo"] = None
    assert _keep(github, left) == "#7: a comment is written"


@pytest.mark.parametrize("number", ["", "0", "-7", "7/../8", "7?x", "seven", "\u0667", "7" * 11, "7\n8"])
def test_a_number_that_is_none_is_never_asked_for(github: GitHub, left: Path, number: str) -> None:
    (left / "number").write_text(number)
    with pytest.raises(Refused, match="not the number"):
        _keep(github, left)
    assert not github.asked


def test_a_link_to_another_file_is_not_followed(github: GitHub, left: Path, tmp_path: Path) -> None:
    secret = tmp_path / "environ"
    secret.write_text("GITHUB_TOKEN=...")
    (left / "review.md").unlink()
    (left / "review.md").symlink_to(secret)
    with pytest.raises(Refused, match="is not a file"):
        _keep(github, left)
    assert not _writes(github)


def test_whatever_the_file_says_it_is_a_marked_comment_that_mentions_nobody(tmp_path: Path) -> None:
    file = tmp_path / "review.md"
    file.write_bytes(b"@org/everyone \xff a@b " + b"x" * (5 * LIMIT))
    text = text_of(file)
    assert text.startswith(f"{MARKER}\n@\u200borg/everyone \ufffd a@\u200bb xx")
    assert len(text) == LIMIT
    file.write_text(f"{MARKER}\none\n{MARKER}\ntwo\n")
    assert text_of(file) == f"{MARKER}\none\n\ntwo\n"


def _previews(left: Path, **texts: str) -> None:
    (left / "review.md").unlink(missing_ok=True)
    for stack, text in texts.items():
        (left / f"preview-{stack}.txt").write_text(text)


def test_previews_have_one_comment_of_their_own(github: GitHub, left: Path) -> None:
    assert _keep(github, left) == "#7: a comment is written"
    _previews(left, staging="    ~ one to update\n", production="nothing\n")
    assert _keep(github, left) == "#7: a comment is written"
    _previews(left, staging="nothing\n")
    assert _keep(github, left) == "#7: the comment is brought up to date"
    review, preview = (each["body"] for each in github.comments)
    assert review.startswith(MARKER)
    assert preview == (
        f"{PREVIEW_MARKER}\n### `pulumi preview` of production\n\n~~~~\nnothing\n~~~~\n\n"
        "### `pulumi preview` of staging\n\n~~~~\nnothing\n~~~~\n"
    )


def test_a_preview_cannot_leave_its_block(left: Path) -> None:
    hostile = (
        "one\n~~~~\n@org/everyone [x](https://example.com)\n~~~~~~~~~~\n\x1b[2J\u202e\r\n<!-- alertpath review -->"
    )
    _previews(left, a=hostile)
    lines = previews_of([left / "preview-a.txt"]).splitlines()
    assert [number for number, line in enumerate(lines) if re.fullmatch(r" *~{4,} *", line)] == [3, len(lines) - 1]
    assert not re.search("[\x1b\u202e\r]", "\n".join(lines))


def test_of_long_previews_the_end_is_kept(left: Path) -> None:
    _previews(left, a="x" * (3 * LIMIT) + "the end", b="~" * (3 * LIMIT), c="short")
    files = [left / f"preview-{stack}.txt" for stack in "abc"]
    text = previews_of(files)
    assert len(text) <= LIMIT
    assert "the end\n~~~~\n" in text
    assert text.count("Only its end") == 1
    assert "short" in text


@pytest.mark.parametrize(
    "name", ["preview-.txt", "preview-a b.txt", "preview-a](x).txt", "preview-a", "preview--a.txt"]
)
def test_other_names_are_no_previews(github: GitHub, left: Path, name: str) -> None:
    (left / "review.md").rename(left / name)
    with pytest.raises(Refused, match=r"`review\.md` cannot be read"):
        _keep(github, left)
    assert not _writes(github)


def test_a_link_is_no_preview(github: GitHub, left: Path, tmp_path: Path) -> None:
    (left / "review.md").rename(tmp_path / "elsewhere")
    (left / "preview-a.txt").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Refused, match="is not a file"):
        _keep(github, left)


def test_the_token_follows_no_redirect_and_is_in_no_message(
    github: GitHub, left: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    environment = {
        "GITHUB_API_URL": github.url,
        "GITHUB_REPOSITORY": "org/alerts",
        "GITHUB_TOKEN": TOKEN,
        "HEAD_SHA": SHA,
        "HEAD_REPOSITORY": FORK,
    }
    for status, location in (302, f"{github.url}/elsewhere"), (403, ""), (500, ""):
        github.asked.clear()
        github.status, github.location = status, location
        assert main([str(left)], environment) == 1
        assert [path for _, path in github.asked] == ["/api/v3/repos/org/alerts/pulls/7"]
    github.status = 200
    assert main([str(left)], environment) == 0
    printed = capsys.readouterr()
    assert printed.err.count("error: GitHub answers") == 3
    assert TOKEN not in printed.out + printed.err


def test_the_token_goes_over_tls_alone() -> None:
    with pytest.raises(Refused, match="https"):
        Api("http://api.example.com", "org/alerts", TOKEN)
    assert comment.Api("https://api.example.com", "org/alerts", TOKEN)
