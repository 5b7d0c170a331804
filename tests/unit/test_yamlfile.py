"""Only what both readers of a stack's file take alike is taken."""

from __future__ import annotations

from typing import cast

import pytest

from alertpath.documents.places import dotted
from alertpath.documents.problems import InvalidInput
from alertpath.documents.yaml_file import parse

AMBIGUOUS = [
    "18:00",
    "1:30:00",
    "on",
    "Off",
    "yes",
    "no",
    "y",
    "N",
    "True",
    "FALSE",
    "Null",
    "0o17",
    "017",
    "0x1F",
    "0b11",
    "1e3",
    "1_000",
    "+1",
    ".5",
    "1.",
    ".inf",
    "-.INF",
    ".NaN",
    "2026-11-23",
    "2026-11-23T10:00:00Z",
    "2026-11-23 10:00:00",
    "=",
]


@pytest.mark.parametrize("scalar", AMBIGUOUS)
def test_an_ambiguous_scalar_must_be_quoted(scalar: str) -> None:
    (problem,) = parse(f"hours:\n  - {scalar}\n", "f.yaml").problems
    assert (problem.at.line, problem.at.path, problem.value) == (2, "hours[0]", scalar)
    quoted = parse(f'hours:\n  - "{scalar}"\n', "f.yaml")
    assert not quoted.problems
    assert quoted.data == {"hours": [scalar]}


def test_what_both_readers_agree_on() -> None:
    text = "{a: 1, b: -2.5, c: true, d: null, e: , f: 10.0.0.1, g: 0.34.2, h: 5m, i: monday:friday, j: '1', k: 0}"
    expected = {"a": 1, "b": -2.5, "c": True, "d": None, "e": None, "f": "10.0.0.1", "g": "0.34.2", "h": "5m"}
    assert parse(text, "f.yaml").data == {**expected, "i": "monday:friday", "j": "1", "k": 0}


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("a: 1\na: 2\n", "is written twice", 2),
        ("a: {b: 1, b: 2}\n", "is written twice", 1),
        ("1: a\n", "a key must be a string", 1),
        ("on: a\n", "YAML readers disagree about this value without quotes", 1),
        ("a: &x [*x]\n", "refers to itself", 1),
        ("a:\n  '<<': {b: 1}\n", "YAML readers disagree about this key, quoted or not: some merge its value", 2),
        ('a: "\\nb"\n', "Pulumi's engine loses what a text of several lines begins with here", 1),
        ('a: "\\tb\\nc"\n', "Pulumi's engine loses what a text of several lines begins with here", 1),
        ("a: [\n", "is not YAML: did not find expected node content", 2),
        ("a: 1\n---\nb: 2\n", "is not YAML: but found another document", 2),
    ],
)
def test_what_is_refused(text: str, message: str, line: int) -> None:
    try:
        problems = parse(text, "f.yaml").problems
    except InvalidInput as error:
        problems = error.problems
    assert [(p.message, p.at.line) for p in problems] == [(message, line)]


@pytest.mark.parametrize(
    "text", ["[" * 3000, "[" * 100_000 + "]" * 100_000, "- " * 3000 + "a", "{a: " * 65 + "b" + "}" * 65]
)
def test_what_is_nested_too_deeply_is_refused_before_it_crashes_anything(text: str) -> None:
    with pytest.raises(InvalidInput, match="is nested too deeply"):
        parse(text, "f.yaml")


def test_aliases_stand_for_so_much_only() -> None:
    lists = ["a: &a [1, 2, 3, 4, 5, 6, 7, 8, 9, 0]"]
    lists += [f"{name}: &{name} [{', '.join([f'*{of}'] * 10)}]" for of, name in ("ab", "bc", "cd")]
    assert len(cast("dict[str, list[object]]", parse("\n".join(lists), "f.yaml").data)["d"]) == 10
    lists += [f"{name}: &{name} [{', '.join([f'*{of}'] * 10)}]" for of, name in ("de", "ef", "fg", "gh", "hi")]
    with pytest.raises(InvalidInput, match="aliases of this value stand for too much"):
        parse("\n".join(lists), "f.yaml")


@pytest.mark.parametrize("number", ["9" * 19, "-" + "9" * 5000, "0." + "3" * 400])
def test_a_number_has_so_many_digits_only(number: str) -> None:
    (problem,) = parse(f"a: {number}", "f.yaml").problems
    assert problem.message == f"is too long for a number: {len(number)} characters"
    assert not problem.value
    assert parse(f'a: "{number}"', "f.yaml").data == {"a": number}


def test_nul_is_no_text() -> None:
    (problem,) = parse('a: "b\\0c"', "f.yaml").problems
    assert problem.message == "holds a character that no program takes: NUL"


def test_lines_and_places() -> None:
    document = parse("a:\n  b:\n    - x\n    - c.d: z\n", "f.yaml")
    assert document.line(("a", "b", 1, "c.d")) == 4
    assert document.line(("a", "b", 1, "missing")) == 4
    assert dotted(("a", "b", 1, "c.d")) == 'a.b[1]."c.d"'
