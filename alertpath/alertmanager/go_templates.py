"""Whether Go would compile a notification template: its actions, variables, functions, and the templates it names.

Not decided: whether the fields, the arguments' number and types, and the values computed are right when it is
rendered; a constant regex of `match` and `reReplaceAll` is.
Source: Go 1.25, text/template/parse (lex.go, parse.go).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, final

from alertpath.alertmanager.integrations import Version
from alertpath.alertmanager.matchers import check_regex

_KEYWORDS: Final = frozenset(["block", "break", "continue", "define", "else", "end", "if", "range", "template", "with"])
_TOKEN: Final = re.compile(
    r"""(?P<space>[\s]+) | (?P<comment>/\*) | (?P<sign>:=|=|,|\||\(|\))
      | (?P<string>"(?:[^"\\\n]|\\.)*") | (?P<raw>`[^`]*`) | (?P<char>'(?:[^'\\\n]|\\.)+')
      | (?P<number>[+-]?(?:\.?\d)[\w.]*(?:(?<=[eEpP])[+-]\w+)?)
      | (?P<variable>\$\w*) | (?P<field>\.\w+) | (?P<dot>\.) | (?P<word>[^\W\d]\w*)""",
    re.VERBOSE,
)
_NUMBER: Final = re.compile(
    r"[+-]?(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO]?[0-7_]+|[0-9][0-9_]*|(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)i?"
)
_QUOTED: Final = re.compile(
    r"""(['"])(?:[^\\]|\\(?:[abfnrtv\\]|\1|x[0-9a-fA-F]{2}|[0-7]{3}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}))*\1"""
)
_LITERALS: Final = frozenset(("string", "raw", "char", "number", "dot", "nil", "bool"))
_ENDS_WORD: Final = ("", *" \t\r\n.,|:)(=")


_SINCE: Final[dict[Version, str]] = {
    # Go's own: text/template/funcs.go.
    (0,): "and or not len index slice print printf println html js urlquery call eq ne lt le gt ge",
    (0, 25): "toUpper toLower title join match safeHtml reReplaceAll stringSlice",
    (0, 26): "trimSpace",
    (0, 28): "date tz since humanizeDuration",
    (0, 30): "safeUrl urlUnescape toJson",
    (0, 32): "list append dict",
    (0, 33): "now",
    (0, 34): "routeLabels toDate mustToDate base64encode base64decode",
    (0, 35): "addDuration",
}
FUNCTIONS: Final[dict[str, Version]] = {name: since for since, names in _SINCE.items() for name in names.split()}
"""The functions of templates, with the first Alertmanager that has them."""


@final
@dataclass(frozen=True, slots=True)
class Template:
    """What is known of a text: the templates that it defines and uses, each with its line, and its first fault.

    `too_new`: the fault is a function that this Alertmanager does not have yet.
    """

    defines: tuple[tuple[str, int], ...]
    uses: tuple[tuple[str, int], ...]
    fault: tuple[int, str] | None = None
    too_new: bool = False


class _Fault(Exception):
    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


class _TooNew(_Fault):
    pass


@final
@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    line: int


@lru_cache(maxsize=1 << 14)
def parse(text: str, alertmanager: Version) -> Template:
    """What `text` defines and uses, and why Go would not compile it, if so."""
    if "{{" not in text:
        return Template((), ())
    parser = _Parser(text, alertmanager)
    fault: _Fault | None = None
    try:
        parser.everything()
    except _Fault as found:
        fault = found
    return Template(
        tuple(parser.defines),
        tuple(parser.uses),
        (fault.line, fault.message) if fault else None,
        isinstance(fault, _TooNew),
    )


def _actions(text: str) -> Iterator[list[_Token]]:
    # The tokens of each action, comments left out.
    at, here, counted = 0, 1, 0
    while (start := text.find("{{", at)) >= 0:
        here, counted = here + text.count("\n", counted, start), start
        line = here
        at = start + 2
        if text.startswith("-", at) and text[at + 1 : at + 2].isspace():
            at += 2
        tokens: list[_Token] = []
        if text.startswith("/*", at):
            end = text.find("*/", at)
            if end < 0:
                raise _Fault(line, "a comment is not closed: */")
            at = end + 2
            trimmed = re.compile(r"\s-\}\}|\}\}").match(text, at)
            if not trimmed:
                raise _Fault(line, "a comment has to end right before }}, or with ` -}}`")
            at = trimmed.end()
            continue
        while True:
            if text.startswith("}}", at):
                at += 2
                break
            if text[at : at + 1].isspace() and text.startswith("-}}", at + 1):
                at += 4
                break
            token = _TOKEN.match(text, at)
            if token is None or token.lastgroup is None or token.lastgroup == "comment":
                rest = text[at : at + 20].split("\n")[0]
                raise _Fault(line, f"an action is not closed or is misspelt at {rest!r}" if rest else "}} is missing")
            here, counted = here + text.count("\n", counted, at), at
            kind, at = token.lastgroup, token.end()
            if kind == "space" and text.startswith("-}}", at):
                at += 3
                break
            word, after = token[0], text[at : at + 1]
            if kind == "number" and not _NUMBER.fullmatch(word):
                raise _Fault(here, f"{word} is not a number")
            if kind in ("string", "char") and not _QUOTED.fullmatch(word):
                raise _Fault(here, f"a backslash in {word} begins nothing that Go knows; write \\\\, or use backquotes")
            if kind in ("word", "field", "variable") and after not in _ENDS_WORD and not text.startswith("}}", at):
                raise _Fault(here, f"unexpected {after!r} after {word}")
            if kind == "word":
                kind = (
                    "keyword" if word in _KEYWORDS else {"true": "bool", "false": "bool", "nil": "nil"}.get(word, kind)
                )
            tokens.append(_Token(kind, word, here))
        yield [_Token("start", "{{", line), *tokens]


@final
class _Parser:
    def __init__(self, text: str, alertmanager: Version) -> None:
        self.defines: list[tuple[str, int]] = []
        self.uses: list[tuple[str, int]] = []
        self._source: Final = text
        self._alertmanager: Final = alertmanager
        self._open: list[tuple[str, int, int]] = []  # Keyword, line, variables before it.
        self._else: list[bool] = []
        self._variables: list[str] = ["$"]
        self._outside: list[list[str]] = []
        self._tokens: list[_Token] = []
        self._at = 0

    def everything(self) -> None:
        for tokens in _actions(self._source):
            self._tokens, self._at = tokens, 1
            self._skip()
            self._action(tokens[0].line)
        if self._open:
            keyword, line, _ = self._open[-1]
            raise _Fault(line, f"{{{{ {keyword} }}}} has no {{{{ end }}}}")

    # --- actions

    def _action(self, line: int) -> None:
        token = self._peek()
        if token is None:
            raise _Fault(line, "an action is empty: {{ }}")
        if token.kind != "keyword":
            self._pipeline("command")
            self._finish()
            return
        self._at += 1
        match token.text:
            case "if" | "with" | "range":
                self._begin(token.text, line)
                self._pipeline(token.text)
            case "define":
                if self._open:
                    raise _Fault(line, "{{ define }} stands inside of another action")
                self.defines.append((self._name("define"), line))
                self._outside.append(self._variables)
                self._variables = ["$"]
                self._begin("define", line)
            case "block":
                name = self._name("block")
                self.defines.append((name, line))
                self.uses.append((name, line))
                self._pipeline("block")
                self._outside.append(self._variables)
                self._variables = ["$"]
                self._begin("block", line)
            case "template":
                self.uses.append((self._name("template"), line))
                if self._peek():
                    self._pipeline("template")
            case "end":
                if not self._open:
                    raise _Fault(line, "{{ end }} closes nothing")
                self._end()
            case "else":
                self._otherwise(line)
            case _:
                if not any(keyword == "range" for keyword, _, _ in self._open):
                    raise _Fault(line, f"{{{{ {token.text} }}}} outside of {{{{ range }}}}")
        self._finish()

    def _begin(self, keyword: str, line: int) -> None:
        self._open.append((keyword, line, len(self._variables)))
        self._else.append(False)

    def _end(self) -> None:
        keyword, _, variables = self._open.pop()
        self._else.pop()
        del self._variables[variables:]
        if keyword in ("define", "block"):
            self._variables = self._outside.pop()

    def _otherwise(self, line: int) -> None:
        if not self._open or self._open[-1][0] in ("define", "block"):
            raise _Fault(line, "{{ else }} belongs to nothing")
        if self._else[-1]:
            raise _Fault(line, "{{ else }} stands twice")
        again = self._peek()
        keyword, start, variables = self._open[-1]
        # What `if $x := ...` declares lives on in its `else if`.
        if again and again.kind == "keyword" and again.text == keyword and keyword in ("if", "with"):
            self._at += 1
            self._pipeline(again.text)
        else:
            self._else[-1] = True
            self._open[-1] = (keyword, start, variables)

    # --- pipelines

    def _pipeline(self, context: str, inside: bool = False) -> None:
        self._declaration(context)
        stage = 0
        while True:
            stage += 1
            found = self._command(context, stage)
            token = self._peek()
            # Go takes a `|` that nothing follows.
            if not found and (stage == 1 or (token is not None and token.text != ")")):
                raise self._fault(f"a value is missing for {context}")
            if token is None or token.text != "|" or token.kind != "sign":
                break
            self._at += 1
        if inside:
            token = self._peek()
            if token is None or token.text != ")":
                raise self._fault("a closing parenthesis is missing")
            self._at += 1

    def _declaration(self, context: str) -> None:
        begin, names = self._at, list[str]()
        while (token := self._peek()) and token.kind == "variable":
            names.append(token.text)
            self._at += 1
            sign = self._peek()
            if sign and sign.kind == "sign" and sign.text == "," and context == "range" and len(names) == 1:
                self._at += 1
                continue
            if sign and sign.kind == "sign" and sign.text in (":=", "="):
                self._at += 1
                for name in names:
                    if sign.text == "=" and name not in self._variables:
                        raise self._fault(f"the variable {name} is not declared")
                # Known only after the pipeline, but Go declares it before too.
                self._variables += names if sign.text == ":=" else []
                return
            break
        self._at = begin

    def _command(self, context: str, stage: int) -> bool:
        arguments: list[_Token] = []
        while True:
            self._skip()
            first = self._operand(arguments)
            if first is None:
                break
            token = self._tokens[self._at] if self._at < len(self._tokens) else None
            if token is None or token.kind == "space" or token.text in ("|", ")"):
                continue
            raise self._fault(f"unexpected {token.text!r} in {context}")
        if not arguments:
            return False
        head = arguments[0]
        if stage > 1 and head.kind in _LITERALS and not (head.kind == "dot" and len(arguments) > 1):
            raise self._fault(f"{head.text} is no function that a value can be piped to")
        if head.kind == "nil":
            raise self._fault("nil is not a command")
        if head.text in ("match", "reReplaceAll") and len(arguments) > 1 and arguments[1].kind in ("string", "raw"):
            pattern = arguments[1]
            try:
                check_regex(_unquoted(pattern))
            except ValueError as error:
                raise _Fault(pattern.line, f"{head.text}: {str(error).partition('; allowed')[0]}") from None
        return True

    def _operand(self, arguments: list[_Token]) -> _Token | None:
        token = self._tokens[self._at] if self._at < len(self._tokens) else None
        if token is None or (token.kind == "sign" and token.text != "("):
            return None
        self._at += 1
        if token.kind == "sign":
            self._pipeline("parenthesis", inside=True)
        elif token.kind == "keyword":
            raise _Fault(token.line, f"unexpected {token.text}")
        elif token.kind == "word":
            self._function(token)
        elif token.kind == "variable" and token.text not in self._variables:
            raise _Fault(token.line, f"the variable {token.text} is not declared")
        arguments.append(token)
        fields = 0
        while self._at < len(self._tokens) and self._tokens[self._at].kind == "field":
            self._at += 1
            fields += 1
        if fields and token.kind in _LITERALS:
            raise _Fault(token.line, f"{token.text} has no fields")
        return token

    def _function(self, token: _Token) -> None:
        since = FUNCTIONS.get(token.text)
        if since is None:
            raise _Fault(token.line, f"there is no function {token.text}")
        if since > self._alertmanager:
            least = ".".join(map(str, since))
            raise _TooNew(token.line, f"the function {token.text} needs Alertmanager {least}")

    # --- tokens

    def _skip(self) -> None:
        while self._at < len(self._tokens) and self._tokens[self._at].kind == "space":
            self._at += 1

    def _peek(self) -> _Token | None:
        self._skip()
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _name(self, keyword: str) -> str:
        token = self._peek()
        if token is None or token.kind not in ("string", "raw"):
            raise self._fault(f"{keyword} needs a name in quotes")
        self._at += 1
        return _unquoted(token)

    def _finish(self) -> None:
        if (token := self._peek()) is not None:
            raise _Fault(token.line, f"unexpected {token.text!r}")

    def _fault(self, message: str) -> _Fault:
        token = self._tokens[min(self._at, len(self._tokens) - 1)]
        return _Fault(token.line, message)


def _unquoted(token: _Token) -> str:
    if token.kind == "raw":
        return token.text[1:-1]
    return re.sub(r"\\(.)", lambda found: {"n": "\n", "t": "\t"}.get(found[1], found[1]), token.text[1:-1])
