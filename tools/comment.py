#!/usr/bin/env python3
"""Keeps one comment on a pull request up to date: a review's or a preview's, made by a run that is not trusted.

    python3 -I tools/comment.py DIRECTORY    DIRECTORY holds `review.md`, or a `preview-STACK.txt` for each stack, and
                                             `number`, the pull request's

The run that wrote the files ran the pull request's own code, so they may say anything. They are read as data, in
bounds, and the number counts only if that pull request is the one that the run was for: its head is HEAD_SHA in
HEAD_REPOSITORY, which GitHub says. Nothing of the project is imported, for this runs with a token that may write.
The environment has GITHUB_TOKEN, GITHUB_API_URL, GITHUB_REPOSITORY, HEAD_SHA and HEAD_REPOSITORY.
Source: GitHub's REST API 2022-11-28, "Pull requests" and "Issue comments".
"""

from __future__ import annotations

import json
import os
import re
import stat
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Final, final
from urllib.parse import urlsplit

MARKER: Final = "<!-- alertpath review -->"
PREVIEW_MARKER: Final = "<!-- alertpath preview -->"
LIMIT: Final = 65_536
"""Characters that a comment may have."""
AUTHOR: Final = "github-actions[bot]"
"""Whom GitHub names as the author of what a workflow's token writes."""

_PAGE: Final = 100
_MOST_PAGES: Final = 50
_SECONDS: Final = 30
_MENTION: Final = re.compile(r"@(?=[\w-])")
_PREVIEW: Final = re.compile(r"preview-([A-Za-z0-9][A-Za-z0-9_.-]{0,99})\.txt")
_MOST_STACKS: Final = 20
_ROOM: Final = 300
"""For the words around a preview."""
# Control characters but for tab and newline, and those that turn the direction of a text.
_UNSEEN: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


@final
class Refused(Exception):
    """Nothing was written, and why."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    # A redirect would carry the token to wherever it leads.

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> None:
        """None: it is not followed."""


@final
class Api:
    """GitHub's API for one repository. Raises Refused."""

    def __init__(self, url: str, repository: str, token: str) -> None:
        parts = urlsplit(url)
        if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost"):
            raise Refused("GITHUB_API_URL does not begin with https://")
        self._url: Final = f"{url.rstrip('/')}/repos/{repository}"
        self._token: Final = token
        self._opener: Final = urllib.request.build_opener(_NoRedirect)

    def call(self, method: str, path: str, body: Mapping[str, str] | None = None) -> Any:
        """What GitHub answers."""
        request = urllib.request.Request(  # noqa: S310  # the scheme is looked at above
            self._url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {self._token}",
                "Content-Type": "application/json",
                "User-Agent": "alertpath",
                "X-GitHub-Api-Version": "2022-11-28",
            },
        )
        try:
            with self._opener.open(request, timeout=_SECONDS) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise Refused(f"GitHub answers {error.code} to {method} {path}") from None
        except (OSError, ValueError) as error:
            raise Refused(f"GitHub does not answer {method} {path}: {type(error).__name__}") from None


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """0: the comment says what the file says, or the pull request has moved on; 1: it could not be written."""
    try:
        (directory,) = arguments
        api = Api(environment["GITHUB_API_URL"], environment["GITHUB_REPOSITORY"], environment["GITHUB_TOKEN"])
        print(keep(api, Path(directory), environment["HEAD_SHA"], environment["HEAD_REPOSITORY"]))
    except Refused as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def keep(api: Api, directory: Path, sha: str, repository: str) -> str:
    """Makes the comment say what the directory's file says; returns what was done. Raises Refused."""
    number = _number(directory / "number")
    pull = api.call("GET", f"/pulls/{number}")
    head = pull["head"]
    # The repository of a fork may be gone.
    if head["repo"] is not None and head["repo"]["full_name"] != repository:
        raise Refused(f"#{number} does not come from the repository that the run was for")
    if pull["state"] != "open" or head["sha"] != sha:
        return f"#{number} has moved on since: nothing is written"
    marker, body = _asked_for(directory)
    for comment in _comments(api, number):
        if _is_ours(comment, marker):
            if comment["body"].replace("\r\n", "\n").rstrip() == body.rstrip():
                return f"#{number}: the comment says so already"
            api.call("PATCH", f"/issues/comments/{int(comment['id'])}", {"body": body})
            return f"#{number}: the comment is brought up to date"
    api.call("POST", f"/issues/{number}/comments", {"body": body})
    return f"#{number}: a comment is written"


def _asked_for(directory: Path) -> tuple[str, str]:
    """The marker of the comment, and all of it."""
    review = directory / "review.md"
    previews = sorted(file for file in directory.iterdir() if _PREVIEW.fullmatch(file.name))[:_MOST_STACKS]
    if previews and not review.exists():
        return PREVIEW_MARKER, previews_of(previews)
    return MARKER, text_of(review)


def previews_of(files: Sequence[Path]) -> str:
    """The comment of previews, each as it was printed; of a long one the end, with what changes for alerts."""
    most = LIMIT // len(files) - _ROOM
    parts = [PREVIEW_MARKER]
    for file in files:
        stack = file.name.removeprefix("preview-").removesuffix(".txt")
        text = _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", _read(file, 16 * LIMIT).replace("\r\n", "\n")).strip("\n")
        # A preview has no such run; a line with one would end the block.
        text = re.sub("~{4,}", "~~~", text)
        note = "Only its end: the run has all of it.\n\n" if len(text) > most else ""
        parts.append(f"### `pulumi preview` of {stack}\n\n{note}~~~~\n{text[-most:]}\n~~~~\n")
    return "\n".join(parts)


def text_of(file: Path) -> str:
    """The comment that a file asks for: marked, no longer than GitHub takes, and nobody is mentioned in it."""
    text = _read(file, 4 * LIMIT).replace(MARKER, "").lstrip("\n")
    return (f"{MARKER}\n" + _MENTION.sub("@\N{ZERO WIDTH SPACE}", text))[:LIMIT]


def _is_ours(comment: Any, marker: str) -> bool:
    # Anybody may write the marker; who wrote a comment only GitHub says. A user who is gone is null.
    user, body = comment["user"], comment["body"]
    return user is not None and user["login"] == AUTHOR and (body or "").startswith(marker)


def _number(file: Path) -> int:
    text = _read(file, 16).strip()
    if not re.fullmatch(r"[1-9][0-9]{0,9}", text, re.ASCII):
        raise Refused("`number` is not the number of a pull request")
    return int(text)


def _read(file: Path, most: int) -> str:
    # Through a link, it could be any file of this machine.
    try:
        if not stat.S_ISREG(file.lstat().st_mode):
            raise Refused(f"`{file.name}` is not a file")
        with file.open("rb") as stream:
            return stream.read(most).decode(errors="replace")
    except OSError as error:
        raise Refused(f"`{file.name}` cannot be read: {error.strerror}") from None


def _comments(api: Api, number: int) -> Iterator[Any]:
    for page in range(1, _MOST_PAGES + 1):
        found = api.call("GET", f"/issues/{number}/comments?per_page={_PAGE}&page={page}")
        yield from found
        if len(found) < _PAGE:
            return


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
