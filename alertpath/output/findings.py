"""What the checks found, and the formats that people and machines read it in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Literal, final

from alertpath.documents.safe_text import printable
from alertpath.output import formats
from alertpath.output.formats import workflow_command

Severity = Literal["error", "warning", "note"]
SEVERITIES: Final[tuple[Severity, ...]] = ("error", "warning", "note")
_MOST_NAMES: Final = 5


@final
@dataclass(frozen=True, slots=True)
class Rule:
    """What a check is about: its stable `id` and name, what it finds, why that matters, how to mend it."""

    id: str
    name: str
    severity: Severity
    summary: str
    why: str
    mend: str


@final
@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found in one place (line 0: the file as a whole); `path` is the dotted way to the value there.

    `mend` says how to mend this one, where that is more than the rule says. `reason`: it is suppressed, and why.
    `alike`: what `about` has in common with others, said of several: "alerts have no label service". `also`: the
    other places of the same cause.
    """

    rule: Rule
    file: str
    line: int
    path: str
    message: str
    value: str = ""
    mend: str = ""
    reason: str = ""
    alike: str = ""
    about: str = ""
    also: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """`FILE:LINE`."""
        return f"{self.file}:{self.line}" if self.line else self.file

    @property
    def order(self) -> tuple[int, str, int, str, str]:
        """Sorts the worst first, then by place."""
        return SEVERITIES.index(self.rule.severity), self.file, self.line, self.rule.id, self.path


@final
@dataclass(frozen=True, slots=True)
class Report:
    """The findings of one run, the worst first; `suppressed` are those that somebody took on with a reason.

    All formats show `causes`: what is found in many places for one reason is one finding.
    """

    findings: tuple[Finding, ...]
    suppressed: tuple[Finding, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether there is an error."""
        return any(finding.rule.severity == "error" for finding in self.findings)

    def counts(self) -> dict[str, int]:
        """How many findings there are, by severity."""
        found = Counter(finding.rule.severity for finding in self.causes)
        return {severity: found[severity] for severity in SEVERITIES}

    @property
    def causes(self) -> tuple[Finding, ...]:
        """The findings, those of one cause as one, which stands where the first of them does.

        An error is mended place by place: those are only together where a check says what they have in common.
        """
        found: dict[object, list[Finding]] = {}
        for finding in self.findings:
            same = finding.alike or (finding.message, finding.value, finding.mend)
            alone = finding.rule.severity == "error" and not finding.alike
            found.setdefault((finding.rule.id, finding if alone else same), []).append(finding)
        return tuple(_together(some) for some in found.values())


def _together(findings: Sequence[Finding]) -> Finding:
    first, *others = findings
    if not others:
        return first
    message = f"{first.message}, here and in {len(others)} more place{'s' * (len(others) > 1)}"
    if first.alike:
        names = list(dict.fromkeys(finding.about for finding in findings))
        message = f"{len(findings)} {first.alike}: {_first(names)}"
    return replace(first, message=message, also=tuple(finding.place for finding in others))


def _first(words: Sequence[str]) -> str:
    more = f" and {len(words) - _MOST_NAMES} more" if len(words) > _MOST_NAMES else ""
    return f"{', '.join(words[:_MOST_NAMES])}{more}"


def text(report: Report) -> str:
    """For a terminal: each finding with its place; why and how to mend it once for each kind."""
    lines: list[str] = []
    told: set[str] = set()
    for finding in report.causes:
        rule = finding.rule
        where = f" ({finding.path})" if finding.path else ""
        lines.append(f"{finding.place}: {rule.severity} {rule.id} {rule.name}: {finding.message}{where}")
        if finding.value:
            lines.append(f"    value: {finding.value}")
        if finding.also:
            lines.append(f"    also: {_first(finding.also)}")
        if rule.id not in told:
            told.add(rule.id)
            lines.append(f"    why: {rule.why}")
            lines.append(f"    mend: {finding.mend or rule.mend}")
        elif finding.mend:
            lines.append(f"    mend: {finding.mend}")
    lines.append(_summary(report))
    return "".join(f"{printable(line)}\n" for line in lines)


def json_text(report: Report) -> str:
    """For programs: `{"findings": [...], "suppressed": [...], "counts": {...}}`."""
    data = {
        "findings": [_plain(finding) for finding in report.causes],
        "suppressed": [_plain(finding) for finding in report.suppressed],
        "counts": report.counts(),
    }
    return formats.json_text(data)


def sarif(report: Report) -> str:
    """SARIF 2.1.0, which GitHub's code scanning and editors read; what is suppressed is in it, marked as such."""
    everything = [*report.causes, *report.suppressed]
    rules = sorted({finding.rule for finding in everything}, key=lambda rule: rule.id)
    number = {rule.id: index for index, rule in enumerate(rules)}
    run = {
        "tool": {"driver": {"name": "alertpath", "rules": list(map(_sarif_rule, rules))}},
        "columnKind": "unicodeCodePoints",
        "results": [_sarif_result(finding, number[finding.rule.id]) for finding in everything],
    }
    return formats.json_text(
        {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]},
    )


def github(report: Report) -> str:
    """Workflow commands, which GitHub Actions shows at the lines of a pull request."""
    lines: list[str] = []
    for finding in report.causes:
        command = {"note": "notice"}.get(finding.rule.severity, finding.rule.severity)
        message = f"{finding.message}\nWhy: {finding.rule.why}\nMend: {finding.mend or finding.rule.mend}"
        title = f"{finding.rule.id} {finding.rule.name}"
        lines.append(workflow_command(command, finding.file, finding.line, title, message))
    return "".join(f"{line}\n" for line in (*lines, _summary(report)))


FORMATS: Final[Mapping[str, Callable[[Report], str]]] = {
    "text": text,
    "json": json_text,
    "sarif": sarif,
    "github": github,
}


def sorted_report(findings: Iterable[Finding], suppressed: Iterable[Finding] = ()) -> Report:
    """The report of these findings, each once."""

    def in_order(some: Iterable[Finding]) -> tuple[Finding, ...]:
        return tuple(sorted(dict.fromkeys(some), key=lambda finding: finding.order))

    return Report(in_order(findings), in_order(suppressed))


def _summary(report: Report) -> str:
    counts = [f"{count} {severity}{'s' if count != 1 else ''}" for severity, count in report.counts().items() if count]
    found = ", ".join(counts) or "nothing found"
    return found + (f"; {len(report.suppressed)} suppressed" if report.suppressed else "") + "."


def _plain(finding: Finding) -> dict[str, Any]:
    data = asdict(finding)
    rule = data.pop("rule")
    del data["alike"], data["about"]
    data["mend"] = finding.mend or rule["mend"]
    kept = {key: value for key, value in data.items() if value or key not in ("value", "reason", "also")}
    return {"id": rule["id"], "name": rule["name"], "severity": rule["severity"], **kept, "why": rule["why"]}


def _sarif_rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": f"{rule.summary} {rule.why}"},
        "help": {"text": f"{rule.why} To mend it: {rule.mend}"},
        "defaultConfiguration": {"level": rule.severity},
    }


def _sarif_result(finding: Finding, index: int) -> dict[str, Any]:
    location: dict[str, Any] = {"physicalLocation": {"artifactLocation": {"uri": _uri(finding.file)}}}
    # Code scanning refuses a result without a line.
    location["physicalLocation"]["region"] = {"startLine": max(finding.line, 1)}
    if finding.path:
        location["logicalLocations"] = [{"fullyQualifiedName": finding.path}]
    result: dict[str, Any] = {
        "ruleId": finding.rule.id,
        "ruleIndex": index,
        "level": finding.rule.severity,
        "message": {"text": f"{finding.message} To mend it: {finding.mend or finding.rule.mend}"},
        "locations": [location],
    }
    if finding.reason:
        result["suppressions"] = [{"kind": "inSource", "justification": finding.reason}]
    return result


def _uri(file: str) -> str:
    from urllib.parse import quote

    return quote(file)
