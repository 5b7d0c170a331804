"""The results of a run of expectations in the formats that people and machines read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any, Final
from xml.etree.ElementTree import Element, SubElement

from alertpath.documents.safe_text import printable
from alertpath.expectations.run import Report, Result, Unreached, in_one_line
from alertpath.output import formats
from alertpath.output.formats import workflow_command

_MOST_NOTES: Final = 20


def text(report: Report) -> str:
    """For a terminal: each case that is not met, routes that no case reaches, and a summary."""
    lines: list[str] = []
    for where, result in _alike(report.failures):
        about = f" ({result.name})" if result.name else ""
        lines.append(f"{result.file}:{result.line}: not met in {', '.join(where)}: {_alert(result)}{about}")
        lines += [f"    {line}" for line in _told(result)]
    for one in report.unreached[:_MOST_NOTES]:
        lines.append(f"{one.origin}: {_level(report)}: {_missed(one)}")
    if (more := len(report.unreached) - _MOST_NOTES) > 0:
        lines.append(f"{more} more routes are not reached by any case; --format json lists them.")
    lines.append(_summary(report))
    return "".join(f"{printable(line)}\n" for line in lines)


def json_text(report: Report) -> str:
    """For programs: `{"cases": [...], "unreached": [...], "counts": {...}}`; a case without differences is met."""
    data = {
        "cases": [_plain(result) for result in report.results],
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
    return formats.json_text(data)


def junit(report: Report) -> str:
    """JUnit's XML, which CI systems show: a suite for each file and configuration."""
    root = Element("testsuites")
    suites: dict[tuple[str, str], Element] = {}
    names: dict[tuple[str, Element], int] = {}
    for result in report.results:
        suite = suites.get((result.file, result.where))
        if suite is None:
            suite = suites[result.file, result.where] = SubElement(root, "testsuite", name=_suite(result))
        title = result.name or _alert(result)
        # CI systems tell cases apart by their names.
        names[title, suite] = count = names.get((title, suite), 0) + 1
        title += f" ({count})" if count > 1 else ""
        case = SubElement(suite, "testcase", classname=_suite(result), name=title)
        case.set("file", result.file)
        case.set("line", str(result.line))
        if result.differences:
            _fail(case, "; ".join(_differences(result)), "\n".join(map(printable, _told(result))))
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
    return told + (f"; {missed} route{'s' if missed != 1 else ''} without a case." if missed else ".")


def _plain(result: Result) -> dict[str, Any]:
    data = asdict(result) | {"at": result.at.isoformat() if result.at else ""}
    return {key: value for key, value in data.items() if value or key in ("labels", "differences")}


def _suite(result: Result) -> str:
    return f"{result.file} in {result.where}"


def _fail(case: Element, message: str, told: str) -> None:
    SubElement(case, "failure", message=message).text = told
