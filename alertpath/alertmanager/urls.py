"""URLs and templates as Go reads them.

Sources: Go 1.25, net/url; Alertmanager 0.34.2, config/common/url.go; prometheus-operator 0.94,
pkg/alertmanager/validation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

_BAD: Final = re.compile(r"[\x00-\x1f\x7f]|\A[^/]*//[^/?#]*[ {}<>\"]|\A[^?#]*%(?![0-9a-fA-F]{2})")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_ESCAPE: Final = re.compile(r"%(?![0-9a-fA-F]{2})")
_REFERENCE: Final = re.compile(
    r"(?:(?P<scheme>[a-zA-Z][a-zA-Z0-9+.-]*):)?(?://(?P<authority>[^/?]*))?(?P<path>[^?]*)(?:\?.*)?", re.DOTALL
)
_USER: Final = re.compile(r"[\w.:~!$&'()*+,;=%@-]*", re.ASCII)
_HOST: Final = re.compile(r"(?:\[[0-9a-fA-F:.]+(?:%25[^\]]+)?\]|[^\x00-\x20\x7f:/?#@\[\]\\^`{|}%]*)(?::[0-9]*)?")
# What Go knows in a template without further functions.
_KNOWN: Final = frozenset(
    ["and", "block", "break", "call", "continue", "define", "else", "end", "eq", "false", "ge", "gt", "html", "if",
     "index", "js", "le", "len", "lt", "ne", "nil", "not", "or", "print", "printf", "println", "range", "slice",
     "template", "true", "urlquery", "with"]
)  # fmt: skip
_ACTION: Final = re.compile(r"""\{\{((?:"(?:[^"\\\n]|\\.)*"|`[^`]*`|'(?:[^'\\\n]|\\.)+'|[^"`'}]|\}(?!\}))*)\}\}""")
_LITERAL: Final = re.compile(
    r"""/\*.*?(?:\*/|(?P<comment>\Z)) | "(?:[^"\\\n]|\\.)*(?:"|(?P<string>))
      | `[^`]*(?:`|(?P<raw>)) | '(?:[^'\\\n]|\\.)+(?:'|(?P<char>))""",
    re.DOTALL | re.VERBOSE,
)
"""A named group matched: it is not closed."""
_FUNCTION: Final = re.compile(r"(?<![.$\w])[^\W\d]\w*")
_NOT_CLOSED: Final = "has a template that is not closed; allowed: {{ and }} in pairs"
_NULLS: Final = ("~", "null")
"""What Go's YAML reader takes for null even in quotes, where the field's type reads itself."""


def check(text: str) -> None:
    """ValueError where `text` is no absolute URL of HTTP."""
    try:
        parts = urlsplit(text)
        valid = parts.scheme in ("http", "https") and bool(parts.netloc) and not _BAD.search(text)
        _ = parts.port
    except ValueError:
        valid = False
    if not valid:
        raise ValueError("is not a URL; allowed: http://HOST... or https://HOST...")


def check_template(text: str) -> None:
    """ValueError where `text` is neither an absolute URL of HTTP nor a template."""
    if has_template(text):
        return
    check(text)


def has_template(text: str) -> bool:
    """Whether `text` has a template, of Go's own functions; ValueError where Go would not compile it.

    Not the whole grammar is checked: that every action is closed, holds something and calls only what Go has.
    """
    if "{{" not in text:
        return False
    for action in _actions(text):
        code = _LITERAL.sub(_as_number, action)
        if not code.strip(" \t\r\n-"):
            raise ValueError("has a template with an empty action; allowed: {{ and }} with a value between them")
        for word in _FUNCTION.findall(code):
            if word not in _KNOWN:
                raise ValueError(f"has a template that calls {word}, which is not known here; allowed: Go's functions")
    return True


def _actions(text: str) -> Iterator[str]:
    at = text.find("{{")
    while at >= 0:
        found = _ACTION.match(text, at)
        if not found:
            raise ValueError(_NOT_CLOSED)
        yield found[1]
        at = text.find("{{", found.end())


def _as_number(literal: re.Match[str]) -> str:
    if literal.lastgroup:
        raise ValueError(_NOT_CLOSED)
    return " 0 "


def check_reference(text: str) -> None:
    """ValueError where Go's url.Parse would refuse `text`; it takes relative ones."""
    body, _, fragment = text.partition("#")
    found = _REFERENCE.fullmatch(body)
    valid = found is not None and text not in _NULLS and not _CONTROL.search(text) and not _ESCAPE.search(fragment)
    if found and valid:
        scheme, authority, path = found["scheme"], found["authority"], found["path"]
        if authority is not None:
            user, at, host = authority.rpartition("@")
            valid = bool(_HOST.fullmatch(host)) and not (at and not _USER.fullmatch(user)) and not _ESCAPE.search(user)
        elif not scheme:
            valid = ":" not in path.partition("/")[0]
        opaque = scheme and authority is None and not path.startswith("/")
        valid = valid and (opaque or not _ESCAPE.search(path))
    if not valid:
        raise ValueError("is not a URL; allowed: http://HOST:PORT")
