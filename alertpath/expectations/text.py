"""The results of a run of expectations in the formats that people and machines read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any, Final
from xml.etree.ElementTree import Element, SubElement

from alertpath.documents.safe_text import printable
from alertpath.expectations.held import Counterexample, Doubt, Held, moment_in_words
from alertpath.expectations.run import Report, Result, Unreached, in_one_line
from alertpath.output import alert_classes, formats
from alertpath.output.formats import workflow_command

_MOST_NOTES: Final = 20
_MOST_SHOWN: Final = 3
"""Of more counterexamples to one invariant the rest is counted."""


def text(report: Report) -> str:
    """For a terminal: cases that are not met, invariants that do not hold, routes that no case reaches, a summary."""
    lines: list[str] = []
    for where, result in _alike(report.failures):
        about = f" ({result.name})" if result.name else ""
        lines.append(f"{result.file}:{result.line}: not met in {', '.join(where)}: {_alert(result)}{about}")
        lines += [f"    {line}" for line in _told(result)]
    for where, held in _held_alike(report):
        told = "not proven" if held.verdict == "not proven" else "does not hold"
        lines.append(f"{held.file}:{held.line}: {told} in {', '.join(where)}: {held.name}")
        lines += [f"    {line}" for line in _of_invariant(held, _MOST_SHOWN)]
    for one in report.unreached[:_MOST_NOTES]:
        lines.append(f"{one.origin}: {_level(report)}: {_missed(one)}")
    if (more := len(report.unreached) - _MOST_NOTES) > 0:
        lines.append(f"{more} more routes are not reached by any case; --format json lists them.")
    lines.append(_summary(report))
    return "".join(f"{printable(line)}\n" for line in lines)


def json_text(report: Report) -> str:
    """For programs: `{"cases": [...], "invariants": [...], "unreached": [...], "counts": {...}}`.

    A case without differences is met; of an invariant `verdict` says whether it holds.
    """
    data: dict[str, Any] = {
        "cases": [_plain(result) for result in report.results],
        "invariants": [_plain_invariant(held) for held in report.invariants],
        "unreached": [
            {"file": one.origin.file, "line": one.origin.line, "alerts": one.alerts, "where": one.where}
            for one in report.unreached
        ],
        "counts": {
            "cases": len(report.results),
            "failed": len(report.failures),
            "unreached": len(report.unreached),
        },
    }
    if report.invariants:
        data["counts"] |= {
            "invariants": len(report.invariants),
            "broken": len(report.broken),
            "not_proven": len(report.unproven),
        }
    return formats.json_text(data)


def junit(report: Report) -> str:
    """JUnit's XML, which CI systems show: a suite for each file and configuration."""
    root = Element("testsuites")
    suites: dict[tuple[str, str], Element] = {}
    names: dict[tuple[str, Element], int] = {}

    def add(one: Result | Held, title: str) -> Element:
        suite = suites.get((one.file, one.where))
        if suite is None:
            suite = suites[one.file, one.where] = SubElement(root, "testsuite", name=_suite(one))
        # CI systems tell cases apart by their names.
        names[title, suite] = count = names.get((title, suite), 0) + 1
        title += f" ({count})" if count > 1 else ""
        case = SubElement(suite, "testcase", classname=_suite(one), name=title)
        case.set("file", one.file)
        case.set("line", str(one.line))
        return case

    for result in report.results:
        case = add(result, result.name or _alert(result))
        if result.differences:
            _fail(case, "; ".join(_differences(result)), "\n".join(map(printable, _told(result))))
    for held in report.invariants:
        case = add(held, held.name)
        if held.counterexamples or (held.doubts and report.strict):
            _fail(case, _in_short(held), "\n".join(map(printable, _of_invariant(held))))
    if report.coverage_required:
        suite = SubElement(root, "testsuite", name="routes that cases reach")
        for one in report.unreached:
            case = SubElement(suite, "testcase", classname="routes", name=f"{one.origin}: {one.alerts}")
            _fail(case, _missed(one), _missed(one))
    for suite in root:
        suite.set("tests", str(len(suite)))
        suite.set("failures", str(sum(1 for case in suite if len(case))))
    return formats.xml_text(root)


def github(report: Report) -> str:
    """Workflow commands, which GitHub Actions shows at the lines of a pull request."""
    lines: list[str] = []
    for result in report.failures:
        message = "\n".join((f"{_alert(result)}, in {result.where}", *_told(result)))
        title = result.name or "an expectation is not met"
        lines.append(workflow_command("error", result.file, result.line, title, message))
    for held in (*report.broken, *report.unproven):
        level = "error" if held.counterexamples or report.strict else "warning"
        title = held.name if held.counterexamples else f"{held.name}: not proven"
        message = "\n".join((f"{_in_short(held)}, in {held.where}", *_of_invariant(held, _MOST_SHOWN)))
        lines.append(workflow_command(level, held.file, held.line, title, message))
    level = "error" if report.coverage_required else "notice"
    for one in report.unreached:
        title = "no case reaches this route"
        lines.append(workflow_command(level, one.origin.file, one.origin.line, title, _missed(one)))
    return "".join(f"{line}\n" for line in (*lines, _summary(report)))


FORMATS: Final[Mapping[str, Callable[[Report], str]]] = {
    "text": text,
    "json": json_text,
    "junit": junit,
    "github": github,
}


def _alike(failures: Iterable[Result]) -> list[tuple[list[str], Result]]:
    # What is the same in several configurations once, with their names.
    found: dict[object, tuple[list[str], Result]] = {}
    for result in failures:
        key = (result.file, result.line, result.differences, result.why)
        found.setdefault(key, ([], result))[0].append(result.where)
    return list(found.values())


def _held_alike(report: Report) -> list[tuple[list[str], Held]]:
    found: dict[object, tuple[list[str], Held]] = {}
    for held in (*report.broken, *report.unproven):
        same = tuple(replace(each, labels=(), firing=None, shown_by="") for each in held.counterexamples)
        found.setdefault((held.file, held.line, same, held.doubts), ([], held))[0].append(held.where)
    return list(found.values())


def _in_short(held: Held) -> str:
    if held.counterexamples:
        first = held.counterexamples[0]
        return f"promised {first.promised}; {first.happens}"
    return f"not proven: {held.doubts[0].promised}"


def _of_invariant(held: Held, most: int | None = None) -> Iterator[str]:
    # What can be checked of it.
    for each in held.counterexamples[:most]:
        yield from _of_counterexample(each)
    if most is not None and (more := len(held.counterexamples) - most) > 0:
        yield f"{more} more ways to break it; --format json lists them"
    for doubt in held.doubts[:most]:
        yield f"not proven: {doubt.promised}, at {doubt.at}: {doubt.why}" + (
            f" ({doubt.alerts})" if doubt.alerts else ""
        )


def _of_counterexample(one: Counterexample) -> Iterator[str]:
    yield f"promised: {one.promised}"
    yield f"happens:  {one.happens}"
    yield f"alert: {alert_classes.example(one.labels)}" + (
        f", at {moment_in_words(one.at)}" if one.at else ", at any time"
    )
    if one.firing:
        yield f"while this one fires: {alert_classes.example(one.firing)}"
    yield f"to blame: {one.blamed}"
    for line in one.why:
        yield f"why: {line}"
    if one.alerts:
        yield f"so for: {one.alerts}"
    yield f"see: {one.shown_by}"


def _plain_invariant(held: Held) -> dict[str, Any]:
    return {
        "file": held.file,
        "line": held.line,
        "name": held.name,
        "where": held.where,
        "verdict": held.verdict,
        "counterexamples": [_plain_counterexample(each) for each in held.counterexamples],
        "not_proven": [_plain_doubt(each) for each in held.doubts],
    }


def _plain_counterexample(one: Counterexample) -> dict[str, Any]:
    return {
        "promised": one.promised,
        "happens": one.happens,
        "labels": dict(one.labels),
        "at": moment_in_words(one.at) if one.at else "",
        "firing": [dict(one.firing)] if one.firing else [],
        "blamed": {"file": one.blamed.file, "line": one.blamed.line},
        "why": list(one.why),
        "alerts": one.alerts,
        "explain": one.shown_by,
    }


def _plain_doubt(one: Doubt) -> dict[str, Any]:
    return {
        "promised": one.promised,
        "why": one.why,
        "at": {"file": one.at.file, "line": one.at.line},
        "alerts": one.alerts,
    }


def _alert(result: Result) -> str:
    return in_one_line(result.labels) + (f", at {_moment(result)}" if result.at else "")


def _moment(result: Result) -> str:
    return result.at.isoformat(" ", "minutes") if result.at else ""


def _differences(result: Result) -> Iterator[str]:
    for one in result.differences:
        yield f"{one.key}: expected {one.expected}, happens {one.happens}"


def _told(result: Result) -> Iterator[str]:
    for one in result.differences:
        yield f"expected: {one.key}: {one.expected}"
        yield f"happens:  {one.key}: {one.happens}"
    for line in result.why:
        yield f"why: {line}"


def _level(report: Report) -> str:
    return "error" if report.coverage_required else "note"


def _missed(one: Unreached) -> str:
    return f"no case reaches the route of {one.alerts} (in {', '.join(one.where)})"


def _summary(report: Report) -> str:
    cases, failed, missed = len(report.results), len(report.failures), len(report.unreached)
    told = f"{cases} case{'s' if cases != 1 else ''}, {failed} failed"
    if report.invariants:
        unproven = f", {len(report.unproven)} not proven" if report.unproven else ""
        held = f"{alert_classes.counted(len(report.invariants), 'invariant')}, {len(report.broken)} broken{unproven}"
        told = f"{told}; {held}" if cases else held
    return told + (f"; {missed} route{'s' if missed != 1 else ''} without a case." if missed else ".")


def _plain(result: Result) -> dict[str, Any]:
    data = asdict(result) | {"at": result.at.isoformat() if result.at else ""}
    return {key: value for key, value in data.items() if value or key in ("labels", "differences")}


def _suite(result: Result | Held) -> str:
    return f"{result.file} in {result.where}"


def _fail(case: Element, message: str, told: str) -> None:
    SubElement(case, "failure", message=message).text = told
