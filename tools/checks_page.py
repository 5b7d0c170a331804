"""docs/checks.md, made from the checks and their examples in tests/checks."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from alertpath.checks import RULES
from alertpath.output.findings import Rule

EXAMPLES: Final = Path(__file__).resolve().parent.parent / "tests" / "checks"
_HEAD: Final = """\
# Checks

Use `alertpath check` to find what is likely wrong although it would load: in routes, inhibition, receivers and alerting
rules.

| command | checks |
| --- | --- |
| `alertpath check --stack production` | a stack |
| `alertpath check --stack production --rules rules/` | a stack with PrometheusRules or Prometheus rule files |
| `alertpath check --config FILE --format sarif` | any configuration, a Secret with one, or `-`: standard input |

Exit code 1 means that there are errors. An error loses notifications or keeps a configuration from being deployed. A
warning is likely a mistake. A note makes the file harder to read or to trust. Ids never change.

If you mean what a check finds, say so with a reason, on its line or the line above:

<!-- insert: catalog/seedtest.yaml after namespaces: -->
```yaml
  batch:
    # alertpath: ignore AP207 because nobody is on call for batch jobs
    any: slack-lowprio
```

```console
$ alertpath check --stack production
nothing found; 5 suppressed.
```

In `catalog/` and `Pulumi.yaml`, which all stacks read, a comment may be there for another stack. In other files, one
that suppresses nothing is found too (AP002).

The label standard is the setting `label_standard` ([settings.md](settings.md)). A check does not report what it cannot
know: without a stack, for instance, which Secrets are mounted, or which labels alerts must have (`--label-standard`
demands those that a stack demands by default). What has one cause is one finding, with the number of places.

This page is made from `alertpath/checks`. Each example below is the bad and the good file of `tests/checks/ID`.
"""


def checks_page() -> str:
    """The page."""
    rows = [f"| [{rule.id}](#{rule.id.lower()}) | {rule.severity} | {rule.name} | {rule.summary} |" for rule in RULES]
    table = "\n".join(["| id | severity | name | finds |", "| --- | --- | --- | --- |", *rows])
    return "\n".join([_HEAD, table, *map(_section, RULES)]) + "\n"


def _section(rule: Rule) -> str:
    parts = [f"\n## {rule.id}", f"{rule.severity}, {rule.name}: {rule.summary}", f"Why it matters: {rule.why}"]
    parts += [f"To mend it: {rule.mend}.", *_differences(EXAMPLES / rule.id)]
    return "\n\n".join(parts)


def _differences(directory: Path) -> Iterator[str]:
    """What mends the bad example of a check."""
    for bad in sorted(directory.glob("*bad*")):
        good = bad.with_name(bad.name.replace("bad", "good"))
        lines = list(difflib.unified_diff(_lines(bad), _lines(good), lineterm="", n=2))[2:]
        # That the two stacks read two files is no part of the example.
        shown = [line for line in lines if not line.startswith("@@")]
        if any(line[0] in "+-" for line in shown):
            yield "```diff\n" + "\n".join(shown) + "\n```"


def _lines(file: Path) -> list[str]:
    if not file.exists():
        return []
    return (
        file.read_text(encoding="utf-8")
        .replace("bad.catalog", "catalog")
        .replace("good.catalog", "catalog")
        .splitlines()
    )
