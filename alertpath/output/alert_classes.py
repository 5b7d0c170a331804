"""Classes of alerts as people write them: `namespace=seedtest, service not seedtest-api, severity=warning|info`."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from alertpath.documents.redaction import redact
from alertpath.documents.safe_text import printable
from alertpath.semantics.label_sets import Class, Values, Where

EVERY_ALERT: Final = "every alert"
_ANYTHING: Final = frozenset((".+", ".{1,}"))
_ANY_OR_NONE: Final = frozenset((".*", "(?s).*", "(?s:.*)"))
_PLAIN: Final = re.compile(r"[\w.:/@%+-]+")
_MOST_WORDS: Final = 6
_MOST_CLASSES: Final = 6
_LONGEST: Final = 80


def where(found: Where) -> str:
    """A class: its labels in order, each with its values; long lists of words are cut, and say so."""
    labels = [(label, _simplified(some)) for label, some in found.labels]
    told = [(_is_exception(*pair), values(*pair)) for pair in labels if pair[1] != Values()]
    return ", ".join(text for _, text in sorted(told, key=lambda pair: pair[0])) or EVERY_ALERT


def classes(found: Sequence[Class]) -> str:
    """Alerts of any of some classes: `service=a, except severity=info and cluster=b; or service=b`."""
    told = [_with_exceptions(one) for one in found[: _MOST_CLASSES + 1]]
    if len(found) > _MOST_CLASSES + 1:
        told = [*told[:_MOST_CLASSES], f"... ({len(found) - _MOST_CLASSES:,} more)"]
    return "; or ".join(told)


def _with_exceptions(found: Class) -> str:
    exceptions = [where(one).replace(", ", " and ") for one in found.exceptions]
    if not exceptions:
        return where(found.where)
    shown = exceptions if len(exceptions) <= _MOST_CLASSES + 1 else exceptions[:_MOST_CLASSES]
    more = f", ... ({len(exceptions) - len(shown):,} more)" if len(shown) < len(exceptions) else ""
    return f"{where(found.where)}, except {' or '.join(shown)}{more}"


def _is_exception(label: str, found: Values) -> bool:
    # Heartbeats have routes of their own in most configurations: nearly every class excludes them.
    return label == "alertname" and bool(found.none_of) and not found.like


def values(label: str, found: Values) -> str:
    """The values of one label: `severity=warning|info`, `no severity`, `service like /db-.*/ but not db-1`."""
    name = quoted(label)
    found = _simplified(found)
    if found.one_of is not None:
        if not found.one_of - {""}:
            return f"no {name}"
        absent = " or none" if "" in found.one_of else ""
        return f"{name}={_words(found.one_of)}{absent}"
    like = " and ".join(f"like {_regex(regex)}" for regex in sorted(found.like))
    unlike = _first([f"not like {_regex(regex)}" for regex in sorted(found.unlike)])
    words = _words(found.none_of)
    if like:
        excluded = [f"but not {words}"] if words else []
        return " ".join((name, like, " and ".join((*excluded, *unlike)))).rstrip()
    if "" in found.none_of:
        name = f"any {name}"
        return " ".join((name, " and ".join((*([f"but {words}"] if words else []), *unlike)))).rstrip()
    return " ".join((name, " and ".join((*([f"not {words}"] if words else []), *unlike))))


def _simplified(found: Values) -> Values:
    # A label's value may also be a line break alone, which no one means.
    if _ANYTHING & found.unlike:
        return Values(frozenset(("",)))
    absence = {""} if _ANYTHING & found.like else set[str]()
    return Values(found.one_of, found.none_of | absence, found.like - _ANYTHING - _ANY_OR_NONE, found.unlike)


def example(labels: Mapping[str, str]) -> str:
    """An alert as a shell hands it to `alertpath explain`: `service=seedtest-api severity=critical`."""
    return " ".join(_shell(f"{label}={value}") for label, value in sorted(labels.items()) if value)


def listed(words: Sequence[str], most: int = _MOST_WORDS) -> str:
    """`a, b and c`; of long lists the first ones and how many more there are."""
    if len(words) > most + 1:
        return f"{', '.join(words[:most])} and {len(words) - most:,} more"
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def counted(count: int, noun: str, plural: str = "") -> str:
    """`1 class`, `2 classes`."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def quoted(text: str) -> str:
    """A name or value as it is where it is plain, else in quotes."""
    return text if _PLAIN.fullmatch(text) else printable(json.dumps(text, ensure_ascii=False))


def cut(text: str, beginning: int = 0) -> str:
    """A part of a long text, from `beginning` on; of a short one all."""
    text = redact(text)  # A part of a credential does not look like one.
    if len(text) <= _LONGEST:
        return text
    part = text[beginning : beginning + _LONGEST]
    return f"{'...' if beginning else ''}{part}{'...' if beginning + _LONGEST < len(text) else ''}"


def _words(found: Collection[str]) -> str:
    words = sorted(found - {""} if isinstance(found, frozenset) else found)
    shown = list(map(quoted, words))
    return "|".join(_first(shown))


def _first(shown: list[str]) -> Iterable[str]:
    # One more than the limit is not worth a remark.
    if len(shown) <= _MOST_WORDS + 1:
        return shown
    return (*shown[:_MOST_WORDS], f"... ({len(shown) - _MOST_WORDS:,} more)")


def _regex(pattern: str) -> str:
    return f"/{cut(printable(pattern))}/"


def _shell(word: str) -> str:
    # $'...' is the one form in which a shell takes control characters on one line.
    if word.isprintable():
        return shlex.quote(word)
    return "$'" + printable(word.replace("\\", "\\\\").replace("'", "\\'")) + "'"
