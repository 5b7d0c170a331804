"""The template files, without rendering them: what is defined, what is used, how facts are quoted."""

from __future__ import annotations

import inspect
import re

import pytest

from alertpath.compiling.templates import STACK, STATIC, templates
from alertpath.inputs import receivers

PLAIN = templates("https://alertmanager.example.org", "prod-1", "production")
DEFINED = re.compile(r'define "([^"]+)"')
USED = re.compile(r'template "([^"]+)"')
STRINGS = re.compile(r"`[^`]*`|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)
COMMENTS = re.compile(r"\{\{- /\*.*?\*/ -}}", re.DOTALL)
ACTIONS = re.compile(r"\{\{-?(.*?)-?}}", re.DOTALL)
# The functions of Alertmanager 0.25 and of Go's templates, and Go's keywords.
FUNCTIONS = {"toUpper", "toLower", "title", "join", "match", "reReplaceAll", "stringSlice"}
BUILTINS = {"and", "or", "not", "len", "slice", "printf", "urlquery", "eq", "gt", "le"}
KEYWORDS = {"true", "false", "define", "end", "if", "else", "range", "with", "template"}


def _definitions() -> list[str]:
    return [name for text in PLAIN.values() for name in DEFINED.findall(text)]


def test_every_name_is_defined_once() -> None:
    names = _definitions()
    assert sorted(names) == sorted(set(names))
    assert {name for text in PLAIN.values() for name in USED.findall(text)} <= set(names)


def test_receivers_use_names_that_exist() -> None:
    source = inspect.getsource(receivers)
    used = set(re.findall(r'_template\("([^"]+)"\)', source))
    used |= {f"details.{name}" for name in receivers._DETAILS}  # pyright: ignore[reportPrivateUsage]
    used |= {f"url.{name}" for name in ("alerts", "runbook", "dashboard", "silence")}
    used |= {name.removeprefix("alertpath.") for name in USED.findall(source) if "{" not in name}
    assert len(used) >= 18
    assert {f"alertpath.{name}" for name in used} <= set(_definitions())


@pytest.mark.parametrize("name", [STATIC, STACK])
def test_only_functions_of_the_oldest_alertmanager(name: str) -> None:
    code = COMMENTS.sub("", PLAIN[name])
    words: set[str] = set()
    for action in ACTIONS.findall(STRINGS.sub('""', code)):
        words |= set(re.findall(r"(?<![.$\w])[a-zA-Z]\w*", action))
    assert words <= FUNCTIONS | BUILTINS | KEYWORDS


@pytest.mark.parametrize(
    ("fact", "literal"),
    [
        ("production", '"production"'),
        ('a "quoted" one', r'"a \"quoted\" one"'),
        ("back\\slash", r'"back\\slash"'),
        ("two\nlines\t\x00", r'"two\nlines\t\u0000"'),
        ("서울 🦭", '"서울 🦭"'),
        ("}} {{ template", '"}} {{ template"'),
        ("@cluster@", '"@cluster@"'),
        (r"\1", r'"\\1"'),
    ],
)
def test_facts_are_quoted(fact: str, literal: str) -> None:
    assert f"or $environment {literal} " in templates(None, "c", fact)[STACK]


def test_the_file_for_every_stack_is_the_same() -> None:
    assert templates(None, None, None)[STATIC] == PLAIN[STATIC]
    assert "seedtest" not in COMMENTS.sub("", PLAIN[STATIC]).lower()


def test_external_url() -> None:
    assert '{{- "https://am.example.org/x" -}}' in templates("https://am.example.org/x/", None, None)[STACK]
    assert '{{- reReplaceAll "/+$" "" .ExternalURL -}}' in templates(None, None, None)[STACK]
