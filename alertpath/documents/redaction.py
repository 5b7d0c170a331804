"""Recognises credentials in plain text: what must not stand in a readable file, and what no message may print.

Every pattern here takes time in proportion to the text, whatever the text is: a pattern begins at a fixed text or where
a run of its characters begins, and no run is divided in two ways.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

HIDDEN: Final = "(not shown: it looks like a credential)"
_SHORTEST: Final = 14
# One slash: what Python's paths make of a URL.
_SCHEME: Final = re.compile(
    r"(?i)(?<![a-z0-9+.-])[0-9+.-]*(?P<scheme>[a-z][a-z0-9+.-]*)(?P<sign>://|(?<=http):/|(?<=https):/)"
)
_HTTP: Final = re.compile(r"(?i)https?\Z")
_SPACE: Final = re.compile(r"\s")
# Pages that people read, whose addresses are random: no credentials.
_PAGE: Final = re.compile(r"(?i)((docs|drive)\.google\.com|([\w-]{1,63}\.)?notion\.(so|site))/")
# What follows `://`.
_URL: Final = re.compile(
    r"""(?ix)
      hooks\.slack(-gov)?\.com/(services|workflows|triggers)/\S+
      | \S*webhook\.office\.com/webhookb2/\S+ | (?=\S*logic\.azure\.com)\S*[?&]sig=\S*
      # Discord's and what imitates it, Mattermost's, Rocket.Chat's, whatever the host.
      | [^\s/]+/(\S*/)?api/(v[0-9]{1,9}/)?webhooks/[^\s/]+/[^\s/]+
      | [^\s/]+/(\S*/)?hooks/([0-9a-z]{8,}/)?(?=[a-z]*[0-9])[0-9a-z]{20,}
      | api\.telegram\.org/(file/)?bot[0-9]+:\S+
      | hc-ping\.com/[0-9a-f-]{36} | nosnch\.in/[0-9a-f]{8,}
      | uptime\.betterstack\.com/api/v1/heartbeat/\S+
      | \S*[?&]((access_|api_|auth_)?token|api_?key|key|sig|signature|secret|password)=[\w%+/.~-]{12,}
    """
)
_USER: Final = re.compile(r"[^/\s:@]*:[^/\s@]+@\S*")
_RANDOM: Final = re.compile(r"(?<=[/=])[0-9A-Za-z]{24,}(?![\w-])")
_DIGITS: Final = re.compile("[0-9]+")
_TOKEN: Final = re.compile(
    r"""(?ix)
      \bxox[abeprs]-[0-9a-z-]{10,}
      | \b(gh[oprsu]_|github_pat_|glpat-|sk_live_|rk_live_)[0-9a-z_-]{16,}
      | -----BEGIN\ [A-Z ]*PRIVATE\ KEY.*
      # A PagerDuty routing key: 32 letters and digits, some of each.
      | (?<![0-9a-z])(?=[a-z]*[0-9])(?=[0-9]*[a-z])[0-9a-z]{32}(?![0-9a-z])
    """
)


def looks_pasted(text: str) -> bool:
    """Whether `text` holds what looks like a credential: a webhook's URL, a routing key, a token, a private key."""
    return next(_found(text), None) is not None


def redact(text: str) -> str:
    """`text` without what looks like a credential."""
    parts: list[str] = []
    done = 0
    for begin, end in sorted(_found(text)):
        if begin >= done:
            parts += [text[done:begin], HIDDEN]
        done = max(done, end)
    return "".join((*parts, text[done:])) if parts else text


def _found(text: str) -> Iterator[tuple[int, int]]:
    # Where credentials begin and end.
    if len(text) < _SHORTEST:
        return
    pages: list[tuple[int, int]] = []
    if ":/" in text:
        for begin, end, is_page in _urls(text):
            if is_page:
                pages.append((begin, end))
            else:
                yield begin, end
    page = 0
    for token in _TOKEN.finditer(text):
        while page < len(pages) and pages[page][1] <= token.start():
            page += 1
        if page == len(pages) or not pages[page][0] <= token.start():
            yield token.span()


def _urls(text: str) -> Iterator[tuple[int, int, bool]]:
    # Where URLs that are credentials begin and end, and pages. A URL is looked at up to the next one's sign.
    schemes = list(_SCHEME.finditer(text))
    hidden = 0
    for number, scheme in enumerate(schemes):
        begin, after = scheme.start("scheme"), scheme.end()
        if after <= hidden:
            continue
        end = schemes[number + 1].start("sign") if number + 1 < len(schemes) else len(text)
        space = _SPACE.search(text, after, end)
        end = space.start() if space else end
        if http := _HTTP.search(scheme["scheme"]):
            begin += http.start()
            if _PAGE.match(text, after, end):
                yield begin, end, True
                continue
        until = _ends(text, after, end)
        if not until:
            continue
        if until == end and not space:
            # It goes on with what looked like a URL of its own.
            space = _SPACE.search(text, end)
            until = space.start() if space else len(text)
        hidden = until
        yield begin, until, False


def _ends(text: str, after: int, end: int) -> int:
    # Where a credential ends that begins with the URL at `after`; 0: it is none.
    found = _URL.match(text, after, end) or _USER.match(text, after, end)
    if found:
        return found.end()
    slash = text.find("/", after + 1, end)
    last = 0
    for run in _RANDOM.finditer(text, slash, end) if slash > 0 else ():
        word = run[0]
        # Any long random part of a URL: capitals, small letters, and digits in three places at least.
        if len(_DIGITS.findall(word)) > 2 and word != word.upper() and word != word.lower():
            last = run.end()
    return last


# Words as people name things; a number only as a part of its own. `hunter2` and `xK29dfQ` are none.
_WORD: Final = r"(?:[A-Z]?[a-z]{1,16}|(?:[A-Z][a-z]{2,16}){2}|[A-Z]{1,16})"
_NAME: Final = re.compile(rf"{_WORD}(?:[-_.]+(?:{_WORD}|[0-9]{{1,3}}))*")
_LONGEST_NAME: Final = 40


def reads_as_name(text: str) -> bool:
    """Whether `text`, found where a name belongs, may be shown: it does not look like a credential pasted there."""
    if len(text) > _LONGEST_NAME:
        return False
    short = len(re.sub(r"[\W_]", "", text)) < 4
    return short or _NAME.fullmatch(text) is not None
