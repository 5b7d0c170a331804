"""`alertpath diff` and `check` on shapes of configurations that are hard to compare, beside amlint and libyaml.

    python -m bench.shapes

amlint answers with samples; the table says what it answered and how long that took.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, final

from bench import fleet
from bench.peers import AMLINT
from bench.processes import ALERTPATH, Cost, python, run
from bench.tables import head, printed, row, seconds

_RECEIVERS: Final = ("default", "chat-a", "chat-b", "page-a", "page-b")
_LOAD: Final = "import sys, yaml\nfor name in sys.argv[1:]: yaml.load(open(name), Loader=yaml.CSafeLoader)"
_PATIENCE: Final = 120
"""Seconds for which amlint may run."""

Data = dict[str, Any]


@final
@dataclass(frozen=True, slots=True)
class Shape:
    """Configurations of one shape. `after`: what `diff` compares it with; None: it is given to `check`.

    `most`: the seconds to reach.
    """

    what: str
    routes: int
    most: float
    before: Callable[[], Data]
    after: Callable[[Data], Data] | None = None


def tables() -> Iterator[str]:
    """The lines of the table."""
    yield head("", "routes", "target", "measured", "met", "told coarsely", "libyaml loads the files", "amlint 0.8.5")
    for shape in SHAPES:
        with tempfile.TemporaryDirectory() as directory:
            yield _measured(shape, Path(directory))


def _measured(shape: Shape, directory: Path) -> str:
    data = shape.before()
    sides = [data] if shape.after is None else [data, shape.after(deepcopy(data))]
    files: list[Path] = []
    for number, side in enumerate(sides):
        files.append(directory / f"{number}.yaml")
        files[-1].write_text(fleet.in_yaml(side), encoding="utf-8")
    if shape.after is None:
        ran = run((ALERTPATH, "check", "--config", *files), codes=(0, 1), turns=3)
        coarse = "-"
    else:
        ran = run((ALERTPATH, "diff", *files, "--format", "json"), codes=(0, 1), turns=3)
        coarse = str(sum(bool(each["varies"]) for each in json.loads(ran.output)["changes"]))
    return row(
        shape.what,
        f"{shape.routes:,}",
        f"< {shape.most:g} s",
        _told(ran.cost),
        "yes" if ran.cost.wall < shape.most else "**no**",
        coarse,
        _told(python(_LOAD, *files, turns=3)),
        _beside(["check" if shape.after is None else "diff", *files]),
    )


def _beside(arguments: list[object]) -> str:
    ran = run(("timeout", _PATIENCE, AMLINT, *arguments), codes=(0, 1, 2, 124), turns=1)
    if ran.cost.wall >= _PATIENCE:
        return f"no answer in {_PATIENCE} s"
    return _told(ran.cost)


def _told(cost: Cost) -> str:
    return f"{seconds(cost.wall)} ({seconds(cost.cpu)})"


def _config(routes: list[Data], rules: list[Data] | None = None) -> Data:
    receivers: list[Data] = [
        {"name": name, "pagerduty_configs": [{"routing_key_file": f"/keys/{name}"}]}
        if name.startswith("page")
        else {"name": name, "slack_configs": [{"channel": f"#{name}", "api_url_file": "/keys/slack"}]}
        for name in _RECEIVERS
    ]
    return {
        "route": {"receiver": "default", "routes": routes},
        "receivers": receivers,
        **({"inhibit_rules": rules} if rules else {}),
    }


def _flat(count: int, *patterns: str, **more: Any) -> Callable[[], Data]:
    # A route for each number, with these matchers; `%` in them is its number, `&` its rest by five.
    def config() -> Data:
        return _config(
            [
                {
                    "matchers": [each.replace("%", str(n)).replace("&", str(n % 5)) for each in patterns],
                    "receiver": _RECEIVERS[1 + n % 4],
                    **more,
                }
                for n in range(count)
            ]
        )

    return config


def _changed(number: int) -> Callable[[Data], Data]:
    # Another receiver for this route.
    def changed(config: Data) -> Data:
        route = config["route"]["routes"][number]
        route["receiver"] = "page-a" if route["receiver"] != "page-a" else "chat-a"
        return config

    return changed


def _without_the_first(config: Data) -> Data:
    del config["route"]["routes"][0]
    return config


def _sites() -> Data:
    sites = [{"matchers": [f'instance=~".*site{n}.*"'], "receiver": _RECEIVERS[1 + n % 4]} for n in range(10)]
    return _config(
        [
            {"matchers": ['team="sre"'], "routes": [{"matchers": ['severity="critical"'], "receiver": "page-a"}]},
            {"matchers": ['team="dcops"'], "routes": sites},
        ]
    )


def _other_child(config: Data) -> Data:
    config["route"]["routes"][0]["routes"][0]["receiver"] = "page-b"
    return config


def _inhibitions() -> Data:
    rules = [
        {
            "source_matchers": [f'alertname=~"Down{n}.*"', 'severity="critical"'],
            "target_matchers": [f'service=~"svc{n}.*"', 'severity=~"warning|info"'],
            "equal": ["cluster"],
        }
        for n in range(500)
    ]
    return _config([{"matchers": ['severity="critical"'], "receiver": "page-a"}], rules)


def _negatives(count: int) -> Callable[[], Data]:
    return _flat(count, 'l&!="s%"', 'team!~"t%.*"', 'x="x%"')


def _plain(namespaces: int, kind: Literal["before", "after"]) -> Data:
    config = fleet.configuration(namespaces)
    return config if kind == "before" else fleet.changed(config, fleet.changes(namespaces))


def _fleet(namespaces: int, most: float) -> Shape:
    return Shape(
        "`diff`: plain, as above, namespaces",
        namespaces,
        most,
        lambda: _plain(namespaces, "before"),
        lambda _: _plain(namespaces, "after"),
    )


_THIRD: Final = ('service=~"s%.*"', 'a!="a%"', 'b!~"b%.*"')
_TWO: Final = ('a=~"(api|web)-%-.*"', 'b=~".*c%-.*"')
SHAPES: Final = (
    Shape("`diff`: a child of `team=sre` beside ten `instance=~.*siteN.*`", 12, 0.5, _sites, _other_child),
    Shape("`diff`: `.*-svcN-.*`, one receiver", 1_000, 3, _flat(1_000, 'x=~".*-svc%-.*"'), _changed(500)),
    Shape("`diff`: `.*-svcN-.*`, without the first", 1_000, 3, _flat(1_000, 'x=~".*-svc%-.*"'), _without_the_first),
    Shape('`diff`: `service=~"sN.*"`, `a!=`, `b!~`', 1_000, 3, _flat(1_000, *_THIRD), _changed(500)),
    Shape("`diff`: regexes on two labels", 1_000, 3, _flat(1_000, *_TWO), _changed(500)),
    Shape("`diff`: negatives and one value", 100, 1, _negatives(100), _changed(50)),
    Shape("`diff`: negatives and one value", 1_000, 5, _negatives(1_000), _changed(500)),
    Shape("`diff`: only negatives", 1_000, 5, _flat(1_000, 'l&!="s%"', 'team!~"t%.*"'), _changed(7)),
    Shape("`diff`: `a!=`, `team=`", 1_000, 3, _flat(1_000, 'a!="a%"', 'team="t&"'), _changed(7)),
    Shape(
        "`diff`: labels of their own, `continue`", 1_000, 5, _flat(1_000, 'l%="1"', **{"continue": True}), _changed(500)
    ),
    Shape('`check`: `service=~"sN.*"`, `a!=`, `b!~`', 1_000, 3, _flat(1_000, *_THIRD)),
    Shape("`check`: regexes on two labels", 1_000, 3, _flat(1_000, *_TWO)),
    Shape("`check`: `svcN-.*`", 10_000, 4, _flat(10_000, 'service=~"svc%-.*"')),
    Shape("`check`: inhibition rules", 500, 1.5, _inhibitions),
    _fleet(1_000, 0.68),
    _fleet(3_000, 1.47),
    _fleet(10_000, 5),
)

if __name__ == "__main__":
    printed(tables())
