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

What `alertpath check` finds. Generated from `alertpath/checks`; the examples are those of `tests/checks`.

```
alertpath check --stack production
alertpath check --stack production --rules rules/            # PrometheusRules or Prometheus rule files too
alertpath check --config alertmanager.yaml --format sarif    # any configuration, a Secret with one, or - for stdin
```

Exit code 1: there are errors. An error loses notifications or keeps a configuration from being deployed, a warning is
likely a mistake, a note makes the file harder to read or to trust. Ids never change.

A finding that is meant so is taken on where it stands, on its line or the line above, with a reason:

```yaml
namespaces:
  seedtest:
    # alertpath: ignore AP207 because only seedtest-api is on call
    any: slack-lowprio
```

The label standard is the setting `label_standard` ([settings.md](settings.md)). What a check cannot know is not
reported: without a stack, for instance, which Secrets are mounted.
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
