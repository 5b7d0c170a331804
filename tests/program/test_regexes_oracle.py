"""Regexes are read and matched as Go reads and matches them, over regexes and texts from a grammar."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import pytest

from alertpath.alertmanager import regex_match, regex_syntax
from alertpath.alertmanager.matchers import regex_of
from alertpath.alertmanager.regex_automata import Automaton, TooManyStates
from alertpath.alertmanager.regex_syntax import BadRegex
from alertpath.semantics import regexes
from alertpath.semantics.automata import Undecided, witness
from tests.grammars import regexes as grammar
from tests.oracle import GoRegex, Oracle
from tools import unicode_tables

REGEXES: Final = 3_200
TEXTS: Final = 10
PAIRS: Final = 600
Case = tuple[str, Sequence[str], GoRegex]

# Near and beyond what Go limits: depth 1,000, 1,000 copies of a part, 3.3 million instructions.
LIMITS: Final = (
    *("(" * n + "a" + ")" * n for n in (400, 900, 1001, 20_000)),
    *("(?:" * n + "a" + ")" * n for n in (400, 1001, 20_000)),
    *("(?:" * n + "a" + ")*" * n for n in (400, 1001, 5_000)),
    *("(a|b" * n + ")" * n for n in (300, 1001)),
    *("(?:a|bc" * n + ")" * n for n in (300, 1001)),
    *("[" * n for n in (1, 5_000)),
    *("(" * n for n in (1, 1001, 20_000)),
    *("a|" * n for n in (1_000, 20_000)),
    *("(?i)" * n for n in (1_000,)),
    *("a?" * n for n in (1_000, 3_000)),
    *("(?:a|ab)" * n for n in (50, 1_000)),
    *("(a*)*" * n for n in (50, 300)),
    *(f"(?:{'abcd' * n}){{1000}}" for n in (10, 2_000)),
    *(f"(?:{'[ab]' * n}){{1000}}" for n in (10, 4_000)),
    "x{1000}" * 20,
    "(?:(?:x{10}){10}){10}",
    "\\pL{1000}",
    "[\\pL\\pN]" * 40,
    "|".join(f"service-{number:06}\\.example" for number in range(3_000)),
)


@pytest.fixture(scope="module")
def oracle(tool: Callable[[str], Path]) -> Iterator[Oracle]:
    tool("oracle-go")
    with Oracle() as running:
        yield running


@pytest.fixture(scope="module")
def cases(oracle: Oracle) -> list[Case]:
    chosen = random.Random(1)
    made = [grammar.regex(chosen) for _ in range(REGEXES)]
    asked = [(each.pattern, grammar.texts(chosen, each, TEXTS)) for each in made]
    return [(*each, answer) for each, answer in zip(asked, oracle.regexes(asked), strict=True)]


def reason(pattern: str) -> str:
    try:
        regex_syntax.check(pattern)
    except BadRegex as error:
        return error.reason.partition(":")[0]
    return ""


def engines(pattern: str) -> Iterator[tuple[str, Callable[[str], object]]]:
    node = regex_syntax.parse(pattern)
    yield "tester", regexes.tester(pattern)
    if by_re2 := regex_match.by_re2(node):
        yield "RE2", by_re2
    if (words := regexes.words(pattern)) is not None:
        yield "words", words.__contains__
    with suppress(TooManyStates):
        yield "automaton", Automaton(node, 4_000).matches


def test_what_is_accepted_is_what_go_accepts_for_the_same_reason(cases: list[Case]) -> None:
    wrong = [(pattern, go.error, reason(pattern)) for pattern, _, go in cases if reason(pattern) != go.error]
    assert not wrong, wrong[:10]
    assert len({go.error for _, _, go in cases}) >= 10
    assert sum(not go.error for _, _, go in cases) > REGEXES / 2


def test_what_matches_is_what_go_matches(cases: list[Case]) -> None:
    wrong: list[object] = []
    pairs = matched = 0
    for pattern, texts, go in cases:
        if go.error:
            continue
        known = regexes.ends(pattern)
        for text, expected in zip(texts, go.matches, strict=True):
            matched += expected
            if expected and not (
                text.startswith(known.begins)
                and text.endswith(known.ends)
                and (text + regexes.WHOLE).startswith(known.opening)
                and (regexes.WHOLE + text).endswith(known.closing)
            ):
                wrong.append(("ends", pattern, text, known))
        for name, matches in engines(pattern):
            pairs += len(texts)
            wrong += [
                (name, pattern, text, expected)
                for text, expected in zip(texts, go.matches, strict=True)
                if bool(matches(text)) != expected
            ]
    assert not wrong, wrong[:10]
    assert pairs >= 30_000
    assert matched > 5_000


def test_a_witness_is_what_go_matches_and_none_is_missed(oracle: Oracle, cases: list[Case]) -> None:
    valid = [case for case in cases if not case[2].error]
    chosen = random.Random(2)
    asked: list[tuple[str, str, str | None]] = []
    for _ in range(PAIRS):
        (like, texts, go), (unlike, _, _) = chosen.choices(valid, k=2)
        try:
            found = witness(frozenset([like]), frozenset([unlike]), frozenset(), 3_000)
        except Undecided:
            continue
        asked.append((like, unlike, found))
        if found is None:
            fits = [text for text, fits in zip(texts, go.matches, strict=True) if fits]
            assert all(regexes.matches(unlike, text) for text in fits), (like, unlike)
    assert len(asked) > PAIRS * 0.9
    given = [(like, unlike, found) for like, unlike, found in asked if found is not None]
    matched = oracle.regexes([(like, [found]) for like, _, found in given])
    unmatched = oracle.regexes([(unlike, [found]) for _, unlike, found in given])
    wrong = [
        each for each, yes, no in zip(given, matched, unmatched, strict=True) if not yes.matches[0] or no.matches[0]
    ]
    assert not wrong, wrong[:10]


def test_limits_are_those_of_go_and_an_answer_comes_for_any_depth(oracle: Oracle) -> None:
    texts = ["", "a", "ab", "abc", "b" * 50, "service-000007.example"]
    for pattern, go in zip(LIMITS, oracle.regexes([(pattern, texts) for pattern in LIMITS]), strict=True):
        assert reason(pattern) == go.error, pattern[:60]
        if not go.error:
            assert [bool(regexes.tester(pattern)(text)) for text in texts] == list(go.matches), pattern[:60]
            words = regexes.words(pattern)
            assert words is None or [text in words for text in texts] == list(go.matches), pattern[:60]
            begins = regexes.ends(pattern).begins
            assert all(text.startswith(begins) for text in texts if regexes.tester(pattern)(text))
            try:
                found = witness(frozenset([pattern]), frozenset(), frozenset())
            except Undecided:
                continue
            assert found is None or regexes.matches(pattern, found), pattern[:60]


def test_a_quoted_text_is_matched_alone(oracle: Oracle) -> None:
    texts = [chr(code) for code in (*range(1, 300), 0x2028, 0x1F389)]
    asked = [(regex_of(text), texts) for text in texts]
    for text, go in zip(texts, oracle.regexes(asked), strict=True):
        assert [other for other, yes in zip(texts, go.matches, strict=True) if yes] == [text]


def test_unicode_is_that_of_go(tool: Callable[[str], Path]) -> None:
    assert unicode_tables.FILE.read_text(encoding="utf-8") == unicode_tables.text(unicode_tables.ask(tool("oracle-go")))
