"""`alertpath diff`, `check` and `test` beside PyPI `amlint` and amtool, as whole processes on the same configurations.

    python -m bench.peers

What a tool sees of the changes is read off the report that it prints: it must name what the change concerns.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

from bench import fleet
from bench.processes import ALERTPATH, TURNS, Cost, Ran, run
from bench.tables import head, printed, row, seconds
from tools import gotools

AMLINT: Final = Path(__file__).resolve().parent.parent / ".bench" / "bin" / "amlint"
SIZES: Final = (100, 1_000, 3_000)
CASES: Final = 3_000
_SAMPLE: Final = 20


@final
@dataclass(frozen=True, slots=True)
class Files:
    """One size's files: configurations before and after the changes, and cases in the forms of the tools."""

    old: Path
    new: Path
    cases: Path
    amlint_cases: Path


def written(directory: Path, namespaces: int) -> Files:
    """Writes the files of one size."""
    config = fleet.configuration(namespaces)
    cases = fleet.cases(namespaces, CASES)
    contents = {
        "old.yaml": config,
        "new.yaml": fleet.changed(config, fleet.changes(namespaces)),
        "cases.yaml": {"cases": [{"labels": labels, "receivers": [receiver]} for labels, receiver in cases]},
        "amlint.yaml": [{"labels": labels, "expect": [receiver]} for labels, receiver in cases],
    }
    directory.mkdir(parents=True)
    for name, content in contents.items():
        (directory / name).write_text(fleet.in_yaml(content), encoding="utf-8")
    return Files(*(directory / name for name in contents))


def tables() -> Iterator[str]:
    """The lines of the tables."""
    times: list[str] = []
    seen: dict[str, list[str]] = {}
    for namespaces in SIZES:
        with tempfile.TemporaryDirectory() as directory:
            files = written(Path(directory) / "fleet", namespaces)
            # What takes minutes is not repeated.
            turns = TURNS if namespaces <= 100 else 1
            reports = _diffs(files, turns)
            for change in fleet.changes(namespaces):
                seen.setdefault(change.what, []).extend(_seen(change.subject, reports))
            costs = {
                "`diff`": [report.cost for report in reports],
                "`check`": _checks(files, turns),
                f"`test`, {CASES:,} cases": _tests(files, turns, namespaces),
            }
        times += (
            row(what, f"{namespaces:,}", *map(_told, told), *("-" * (len(told) < 3))) for what, told in costs.items()
        )
    yield from (head("", "namespaces", "alertpath", "amlint 0.8.5", "amtool 0.34.2"), *times)
    yield ""
    yield head("seen by `diff`, at namespaces", *(f"{tool}, {size:,}" for size in SIZES for tool in ("ours", "amlint")))
    yield from (row(what, *answers) for what, answers in seen.items())


def _diffs(files: Files, turns: int) -> tuple[Ran, Ran]:
    arguments = "diff", files.old, files.new, "--format", "json"
    # Ours ends with 1, since a page is lost; amlint with 1 where it has new findings.
    return run((ALERTPATH, *arguments), codes=(1,)), run((AMLINT, *arguments), codes=(0, 1), turns=turns)


def _checks(files: Files, turns: int) -> tuple[Cost, ...]:
    return (
        run((ALERTPATH, "check", "--config", files.old)).cost,
        run((AMLINT, "check", files.old), turns=turns).cost,
        run((gotools.ensure("amtool"), "check-config", files.old)).cost,
    )


def _tests(files: Files, turns: int, namespaces: int) -> tuple[Cost, ...]:
    # Exit code 0: all of the cases are as expected.
    return (
        run((ALERTPATH, "test", "--config", files.old, files.cases)).cost,
        run((AMLINT, "test", files.old, files.amlint_cases), turns=turns).cost,
        _one_by_one(gotools.ensure("amtool"), files.old, namespaces),
    )


def _seen(subject: str, reports: Iterable[Ran]) -> Iterator[str]:
    for report in reports:
        yield "yes" if subject in report.output else "**no**"


def _one_by_one(amtool: Path, config: Path, namespaces: int) -> Cost:
    # What all cases would cost, by a few of them: amtool takes one in a process.
    some = fleet.cases(namespaces, CASES)[:: CASES // _SAMPLE]
    costs = [_one(amtool, config, *case) for case in some]
    each = CASES / len(some)
    return Cost(sum(cost.wall for cost in costs) * each, sum(cost.cpu for cost in costs) * each)


def _one(amtool: Path, config: Path, labels: Mapping[str, str], receiver: str) -> Cost:
    wanted = f"--verify.receivers={receiver}"
    pairs = [f"{name}={value}" for name, value in labels.items()]
    return run((amtool, "config", "routes", "test", f"--config.file={config}", wanted, *pairs), turns=1).cost


def _told(cost: Cost) -> str:
    return f"{seconds(cost.wall)} ({seconds(cost.cpu)})"


if __name__ == "__main__":
    printed(tables())
