"""Whatever a file holds, the answer comes: aliases that stand for endlessly much, and very long lines."""

from __future__ import annotations

import ast
import importlib
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
import yaml

from alertpath.cli.main import main
from alertpath.documents.manifests import fields, objects
from alertpath.rules import read_rules

sre = importlib.import_module("re._constants")
sre_parser = importlib.import_module("re._parser")

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 30
"""What takes time in proportion to its input takes less than one; what does not, takes hours."""


def doubling(leaf: str) -> str:
    """Lists of two aliases of the List before them, 43 deep: 2^43 objects."""
    lines = [f"- &a0 {leaf}"]
    lines += [f"- &a{n} {{kind: List, items: [*a{n - 1}, *a{n - 1}]}}" for n in range(1, 43)]
    return "kind: List\nitems:\n" + "\n".join(lines) + "\n"


RECURSIVE = "&a\nkind: List\nitems: [*a, {kind: List, items: [*a]}, LEAF]\n"
SECRET = '{kind: Secret, stringData: {alertmanager.yaml: "route: {receiver: a}\\nreceivers: [{name: a}]\\n"}}'
RULE = "{kind: PrometheusRule, spec: {groups: [{name: g, rules: [{alert: A, expr: up, labels: {severity: info}}]}]}}"


def limited(*command: str) -> subprocess.CompletedProcess[str]:
    """Ends it where it computes for longer than anything in proportion to its input could."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))

    return subprocess.run(command, check=False, capture_output=True, text=True, preexec_fn=limit)


@pytest.mark.parametrize("shape", ["doubling", "recursive"])
def test_lists_of_aliases_end(shape: str, tmp_path: Path) -> None:
    def written(leaf: str) -> Path:
        (tmp_path / "list.yaml").write_text(doubling(leaf) if shape == "doubling" else RECURSIVE.replace("LEAF", leaf))
        return tmp_path / "list.yaml"

    alertpath = (sys.executable, "-m", "alertpath")
    done = limited(*alertpath, "explain", "--config", str(written(SECRET)), "a=b")
    assert (done.returncode, done.stderr) == (0, "")
    done = limited(*alertpath, "check", "--config", "-", "--rules", str(written(RULE)))
    assert "Traceback" not in done.stderr
    assert [alert.name for alert in read_rules([written(RULE)]).alerts] == ["A"]


def test_shared_parts_of_many_objects_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    many = "".join(f"a{n}: b, " for n in range(20_000))
    secrets = f"- &s {{kind: Secret, data: &d {{{many}}}, stringData: *d}}\n" + "- {kind: Secret, data: *d}\n" * 20_000
    (tmp_path / "secrets.yaml").write_text(f"kind: List\nitems:\n{secrets}")
    assert main(["explain", "--config", str(tmp_path / "secrets.yaml"), "a=b"]) == 1
    assert "no Secret with the key alertmanager.yaml" in capsys.readouterr().err
    rules = "[" + "{alert: A}, " * 20_000 + "]"
    groups = f"- {{name: a, rules: &r {rules}}}\n" + "- {name: a, rules: *r}\n" * 20_000
    (tmp_path / "rules.yaml").write_text(f"groups:\n{groups}")
    found = read_rules([tmp_path / "rules.yaml"])
    assert [one.reason for one in found.unreadable] == ["its rules stand for too much"]


def test_objects_of_lists_in_their_order() -> None:
    text = "kind: List\nitems: [{kind: A, n: 1}, {kind: List, items: [{kind: B}, {kind: C}]}, {kind: D}]"
    assert [found["kind"].value for found in objects(yaml.compose(text))] == ["A", "B", "C", "D"]
    assert list(objects(yaml.compose("[1]"))) == [{}]


def test_what_a_mapping_says_itself_counts_before_what_it_merges() -> None:
    text = "{a: &a {x: 1, y: 1}, b: &b {<<: *a, y: 2, z: 2}, c: {<<: [*b, *a], z: 3, '<<': 4}}"
    found = fields(fields(yaml.compose(text))["c"])
    assert {name: node.value for name, node in found.items()} == {"x": "1", "y": "2", "z": "3", "<<": "4"}


# Every regular expression of the program, with the methods it is asked by.

METHODS = ("search", "match", "fullmatch", "findall", "finditer", "sub", "split")


def used() -> Iterator[tuple[str, str, str]]:
    """Module, pattern and flags as an expression, method."""
    for package in ("alertpath", "components"):
        for path in sorted((ROOT / package).rglob("*.py")):
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            tree = ast.parse(path.read_text(encoding="utf-8"))
            named: set[str] = set()
            for node in ast.walk(tree):
                match node:
                    case ast.AnnAssign(
                        target=ast.Name(name), value=ast.Call(func=ast.Attribute(ast.Name("re"), "compile"))
                    ):
                        named.add(name)
                    case _:
                        pass
            for node in ast.walk(tree):
                match node:
                    case ast.Call(func=ast.Attribute(ast.Name("re"), method), args=[ast.Constant(pattern), *_]) if (
                        method in METHODS
                    ):
                        yield module, repr(pattern), method
                    case ast.Attribute(ast.Name(name), method) if name in named and method in METHODS:
                        yield module, name, method
                    case _:
                        pass


USED = sorted(set(used()))


def test_the_patterns_are_found() -> None:
    assert len(USED) > 60
    assert ("alertpath.documents.redaction", "_SCHEME", "finditer") in USED


def pieces(pattern: re.Pattern[str]) -> list[str]:
    """Texts of which the pattern speaks: each of its literals with the next ones, and a sign of each of its classes."""
    found: dict[str, None] = {}

    def sign(items: list[tuple[object, object]]) -> str:
        for code, value in items:
            if code is sre.LITERAL:
                return chr(value)  # type: ignore[arg-type]
            if code is sre.RANGE:
                return chr(value[0])  # type: ignore[index]
            if code is sre.CATEGORY:
                return {sre.CATEGORY_DIGIT: "1", sre.CATEGORY_SPACE: " "}.get(value, "a")  # type: ignore[call-overload]
        return "%"

    def walk(tree: object) -> None:
        text = ""
        for code, value in tree:  # type: ignore[attr-defined]
            if code is sre.LITERAL:
                text += chr(value)
                continue
            if text:
                found[text] = None
            text = ""
            if code is sre.NOT_LITERAL:
                found["a" if chr(value) != "a" else "b"] = None
            elif code is sre.IN:
                signs = value[1:] if value[0][0] is sre.NEGATE else value
                found[sign(signs) if signs is value else "a"] = None
            elif code is sre.ANY:
                found["a"] = None
            elif code is sre.BRANCH:
                for branch in value[1]:
                    walk(branch)
            else:
                for each in value if isinstance(value, tuple) else ():
                    if isinstance(each, sre_parser.SubPattern):
                        walk(each)
        if text:
            found[text] = None

    walk(sre_parser.parse(pattern.pattern, pattern.flags))
    return list(found)[:6] or ["a"]


def shapes(pattern: re.Pattern[str]) -> list[tuple[str, str, str]]:
    """What a line repeats, one piece or two, with what it begins and ends with."""
    found: list[tuple[str, str, str]] = []
    for first, second in product(pieces(pattern), repeat=2):
        body = first if first == second else first + second
        found += [("", body, ""), ("", body, "\0"), (second, body, "\0")]
    return found


def line(shape: tuple[str, str, str], size: int) -> str:
    before, body, after = shape
    return before + body * (size // len(body)) + after


def answer() -> None:
    """Asks each pattern about all lines of 5,000 characters, and about the worst of them of a million."""
    for number, (module, expression, method) in enumerate(USED):
        print(number, flush=True)
        signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
        value = eval(expression, vars(importlib.import_module(module)))  # noqa: S307
        pattern: re.Pattern[str] = value if isinstance(value, re.Pattern) else re.compile(value)

        def ask(text: str, pattern: re.Pattern[str] = pattern, method: str = method) -> float:
            begin = time.process_time()
            if method in ("finditer", "findall", "split", "sub"):
                for _ in pattern.finditer(text):
                    pass
            else:
                getattr(pattern, method)(text)
            return time.process_time() - begin

        known = shapes(pattern)
        took = [ask(line(shape, 5_000)) for shape in known]
        ask(line(known[took.index(max(took))], 1_000_000))


def test_every_pattern_takes_time_in_proportion_to_the_line() -> None:
    """A pattern that takes time in proportion to the square is ended, for a million characters are days to it."""
    code = "from tests.unit.test_always_answers import answer; answer()"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, (USED[int(done.stdout.split()[-1])], done.stderr)
