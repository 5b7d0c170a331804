"""Matchers: the two syntaxes, their rendering, and what they match.

The accepted and rendered texts were compared with amtool 0.34.2 (`check-config`, `config routes show`).
"""

import pytest

from alertpath.alertmanager import matchers
from alertpath.alertmanager.matchers import Matcher


@pytest.mark.parametrize(
    ("text", "label", "op", "value"),
    [
        ('service="api"', "service", "=", "api"),
        ("service=api", "service", "=", "api"),
        ('  service !=  "api" ', "service", "!=", "api"),
        ('{service=~"api|web"}', "service", "=~", "api|web"),
        ("service!~web-.*", "service", "!~", "web-.*"),
        ("service=", "service", "=", ""),
        ('service=""', "service", "=", ""),
        ("job:x=1", "job:x", "=", "1"),
        ('a="b,c"', "a", "=", "b,c"),
        ('a="{b}"', "a", "=", "{b}"),
        (r'a="say \"hi\" \\ \n"', "a", "=", 'say "hi" \\ \n'),
        # UTF-8 names, quoted or not.
        ('"my label"="x"', "my label", "=", "x"),
        ("my.label=x", "my.label", "=", "x"),
        ("größe=x", "größe", "=", "x"),
        (r'"\u0061"=x', "a", "=", "x"),
        # Only the classic parser takes these.
        ("a='b'", "a", "=", "'b'"),
        ("a=b=c", "a", "=", "b=c"),
        ("a=~b~c", "a", "=~", "b~c"),
        (r"a=\d", "a", "=", r"\d"),
        (r'a=~"\d+"', "a", "=~", r"\d+"),
        ("a=b c", "a", "=", "b c"),
        # Both take it and disagree: the classic one counts.
        (r'a="\u0062"', "a", "=", r"\u0062"),
        (r'a="\x41"', "a", "=", r"\x41"),
        (r'a="\t"', "a", "=", r"\t"),
        ('a="b" \u2003', "a", "=", "b"),
    ],
)
def test_one_matcher(text: str, label: str, op: str, value: str) -> None:
    found = matchers.parse(text)
    assert (found.label, found.op, found.value) == (label, op, value)
    assert matchers.parse(str(found)) == found


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ('{a="b",c=~"d|e"}', ['a="b"', 'c=~"d|e"']),
        ('a="b", c!="d",', ['a="b"', 'c!="d"']),
        ('{a="b",}', ['a="b"']),
        ("", []),
        ("{}", []),
        ("{", []),
    ],
)
def test_several_in_one_entry(text: str, rendered: list[str]) -> None:
    assert list(map(str, matchers.parse_all(text))) == rendered


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('a="b" c="d"', "unexpected"),
        ("a=b,,c=d", "unexpected"),
        (",a=b", "unexpected"),
        ("a", "operator"),
        ("a!b", "unexpected"),
        ("1a=b,c", "operator"),
        ('a="b', "closing double quote"),
        (r'"a\q"=b', "bad escape"),
        (r'"\ud800"=b', "no character"),
        (r'"\400"=b', "bad escape"),
        (r'"\xff"=b', "UTF-8"),
        ('""=b', "empty"),
        ('a=~"["', "bad regex"),
        ('a=~"(?=b)"', "bad regex"),
        (r'a=~"(b)\\1"', "bad regex"),
        (r'a=~"\\C"', "bad regex"),
        ('a=~"b{1001}"', "bad regex"),
    ],
)
def test_what_is_refused_and_why(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        matchers.parse_all(text)


@pytest.mark.parametrize("text", ["", "a=b,c=d"])
def test_one_is_expected(text: str) -> None:
    with pytest.raises(ValueError, match="one matcher is expected"):
        matchers.parse(text)


@pytest.mark.parametrize(
    ("matcher", "rendered"),
    [
        (Matcher("a", "=", "b"), 'a="b"'),
        (Matcher("a", "!~", 'x\\y"\n\tz'), 'a!~"x\\\\y\\"\\n\tz"'),
        # A name without reserved characters stands bare, even where the classic syntax has no such name.
        (Matcher("my.label", "=", "x"), 'my.label="x"'),
        (Matcher("größe", "=~", "é|🎉"), 'größe=~"é|🎉"'),
        # A quoted name makes the value quoted in Go's way, too.
        (Matcher("a b", "=", "\t\x00\x7f\u00a0é\u200b🎉\x07"), r'"a b"="\t\x00\x7f\u00a0é\u200b🎉\a"'),
        (Matcher("a\u2003", "=", "\U000e0001"), r'"a\u2003"="\U000e0001"'),
        (Matcher("a=b", "!=", "c"), '"a=b"!="c"'),
    ],
)
def test_the_rendering_is_part_of_group_keys(matcher: Matcher, rendered: str) -> None:
    assert str(matcher) == rendered


@pytest.mark.parametrize(
    ("text", "labels", "expected"),
    [
        ('a="b"', {"a": "b"}, True),
        ('a="b"', {"a": "bb"}, False),
        ('a="b"', {}, False),
        ('a=""', {}, True),
        ('a!="b"', {}, True),
        ('a!=""', {}, False),
        ('a=~"b|c"', {"a": "c"}, True),
        ('a=~"b|c"', {"a": "cc"}, False),
        ('a=~"b|"', {}, True),
        ('a=~".*"', {}, True),
        ('a=~".+"', {}, False),
        ('a!~".+"', {}, True),
        ('a=~"b.c"', {"a": "b\nc"}, False),
        ('a=~"(?s)b.c"', {"a": "b\nc"}, True),
        ('a=~"(?i)B"', {"a": "b"}, True),
        ('a=~"b"', {"a": "b\n"}, False),
        # Alertmanager wraps the regex by text, so this is `^(?:a)(?:b)$`.
        ('a=~"a)(?:b"', {"a": "ab"}, True),
        ('a=~"é."', {"a": "é🎉"}, True),
    ],
)
def test_absent_is_empty_and_regexes_are_anchored(text: str, labels: dict[str, str], expected: bool) -> None:
    assert matchers.parse(text).matches(labels) is expected


def test_alertmanagers_order_is_label_value_operator() -> None:
    found = matchers.parse_all('b="1",a=~"2",a!="1",a="2",a!~"2",a="1"')
    assert list(map(str, matchers.in_order(found))) == ['a="1"', 'a!="1"', 'a="2"', 'a=~"2"', 'a!~"2"', 'b="1"']


@pytest.mark.parametrize(
    ("label", "classic"), [("a", True), ("a:b", True), ("a.b", False), ("ä", False), ("1a", False)]
)
def test_classic_names(label: str, classic: bool) -> None:
    assert Matcher(label, "=", "x").classic is classic


@pytest.mark.parametrize(
    ("text", "classic"),
    [("a=b", True), ('{a="b", c=~d}', True), ("", True), ('a=b,"c"=d', False), ("a\u00a0=b", False), ("a.b=c", False)],
)
def test_what_the_classic_parser_takes(text: str, classic: bool) -> None:
    assert matchers.is_classic(text) is classic


def test_a_long_alternation_compiles() -> None:
    names = "|".join(f"service-{number:06}" for number in range(20_000))
    assert matchers.parse(f'a=~"{names}"').matches({"a": "service-019999"})


@pytest.mark.parametrize(
    ("pattern", "matching", "other"),
    [
        # A class stands before the dash: no range.
        (r"[\d-z]+", "1-z", "alpha"),
        # The Kelvin sign and the long s fold into ASCII.
        ("(?i)k", "\u212a", "\u017f"),
        ("(?i)[[:alpha:]]", "\u017f", "\u00e9"),
        # A group may have the name of another one; Go takes that, RE2's other library does not.
        ("(?P<n>a)(?P<n>b)", "ab", "a"),
        (r"\p{^greek}", "a", "\u03b1"),
        (r"\bb\b", "b", "bb"),
        (r"(?m:a$)\nb", "a\nb", "ab"),
        (r"\Qa.b\E*", "a.bb", "axb"),
        (r"a\x{d800}|b", "b", "a"),
        ("a(?i)*", "aa", "A"),
        # Half of a character is read as U+FFFD, as Go's JSON has it.
        ("\ufffd\\b-|-", "-", "\ud800"),
        ("(" * 400 + "a" + ")" * 400, "a", "b"),
        ("(?:a|ab)" * 60 + "c", "a" * 60 + "c", "a" * 70),
    ],
)
def test_a_regex_is_read_as_go_reads_it(pattern: str, matching: str, other: str) -> None:
    assert Matcher("a", "=~", pattern).matches({"a": matching})
    assert not Matcher("a", "=~", pattern).matches({"a": other})


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        (r"[a-\d]", "invalid escape sequence"),
        # Go finds no script whose name has an underscore.
        (r"\p{Old_Italic}", "invalid character class range"),
        ("(?<é>a)", "invalid named capture"),
        ("((a{10}){10}){11}", "invalid repeat count"),
        ("a{99999999999999999999}", "invalid repeat count"),
        ("(" * 1001 + "a" + ")" * 1001, "nests too deeply"),
        ("(?:" + "abcd" * 2000 + "){1000}", "too large"),
        ("\ud800", "invalid UTF-8"),
    ],
)
def test_a_regex_is_refused_as_go_refuses_it(pattern: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        matchers.check_regex(pattern)
