"""What was found, for a terminal, a program, or a CI server."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Final
from xml.etree import ElementTree as Xml

from alertpath.cluster.outcomes import STATUSES, Outcome, skipped
from alertpath.documents.safe_text import printable, wrapped
from alertpath.output import formats
from alertpath.output.alert_classes import counted

_WIDTH: Final = 120
_INDENT: Final = " " * 9
_FEW: Final = 3
_TOLD: Final = ("step", "status", "subject", "message", "cause", "mend")


def text(outcomes: Sequence[Outcome]) -> str:
    """For a terminal: a line for each outcome in the order of the steps, with cause and mend where there are any.

    Many that were skipped for the same reason are one line.
    """
    lines = [line for outcome in _gathered(outcomes) for line in _lines(outcome)]
    first = next((outcome for outcome in outcomes if outcome.status == "failed"), None)
    lines += ["", _summary(outcomes)]
    if first is not None:
        lines += [f"Begin with: {printable(first.subject)}"]
    return "\n".join(lines) + "\n"


def json_text(outcomes: Sequence[Outcome]) -> str:
    """For programs: `{"outcomes": [{"step", "status", "subject", "message", "cause", "mend"}], "counts": {...}}`."""
    told = [{name: value for name, value in asdict(outcome).items() if name in _TOLD} for outcome in outcomes]
    data = {"outcomes": told, "counts": _counts(outcomes)}
    return formats.json_text(data)


def junit(outcomes: Sequence[Outcome]) -> str:
    """JUnit's XML, as CI servers read it: a test case for each outcome. It knows no warnings: they are output."""
    counts = _counts(outcomes)
    totals = {"tests": len(outcomes), "failures": counts["failed"], "skipped": counts["skipped"], "errors": 0}
    suite = Xml.Element("testsuite", {"name": "alertpath verify", **{key: str(value) for key, value in totals.items()}})
    for outcome in outcomes:
        case = Xml.SubElement(suite, "testcase", {"classname": outcome.step, "name": outcome.subject})
        told = "\n".join(printable(f"{name}: {words}") for name, words in _reasons(outcome))
        match outcome.status:
            case "failed":
                Xml.SubElement(case, "failure", {"message": outcome.message}).text = told
            case "skipped":
                Xml.SubElement(case, "skipped", {"message": outcome.message})
            case _:
                Xml.SubElement(case, "system-out").text = f"{printable(outcome.message)}\n{told}".strip()
    return formats.xml_text(suite)


FORMATS: Final[Mapping[str, Callable[[Sequence[Outcome]], str]]] = {"text": text, "json": json_text, "junit": junit}


def _gathered(outcomes: Sequence[Outcome]) -> Iterator[Outcome]:
    alike: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        if outcome.status == "skipped":
            alike.setdefault(outcome.message, []).append(outcome)
    for outcome in outcomes:
        same = alike.get(outcome.message, []) if outcome.status == "skipped" else []
        if len(same) <= _FEW:
            yield outcome
        elif outcome is same[0]:
            yield skipped(counted(len(same), "step"), outcome.message)


def _lines(outcome: Outcome) -> Iterator[str]:
    yield from _wrapped(f"{outcome.status:<9}", f"{outcome.subject}: {outcome.message}", _INDENT)
    for name, words in _reasons(outcome):
        yield from _wrapped(f"{_INDENT}{name}: ", words, f"{_INDENT}    ")


def _reasons(outcome: Outcome) -> list[tuple[str, str]]:
    return [(name, words) for name, words in (("cause", outcome.cause), ("mend", outcome.mend)) if words]


def _wrapped(first: str, words: str, following: str) -> list[str]:
    return wrapped(printable(words), _WIDTH, first, following, break_words=False)


def _counts(outcomes: Sequence[Outcome]) -> dict[str, int]:
    return {status: sum(outcome.status == status for outcome in outcomes) for status in STATUSES}


def _summary(outcomes: Sequence[Outcome]) -> str:
    return ", ".join(f"{number} {status}" for status, number in _counts(outcomes).items() if number) + "."
