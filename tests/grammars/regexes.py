"""Regexes in Go's syntax, and texts that they are likely to match or nearly match."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final

LETTERS: Final = (
    "abkszABKSZ019_-. \n\u00e9\u00c9\u212a\u017f\u03c3\u03c2\u03a3\u00df\u1e9e\u01c5\u0130\u0131\U0001f389\u0660\u4e2d"
)
"""Among them every kind of folded case: pairs, triples, the Kelvin sign and the long s, which fold into ASCII."""

_POSIX: Final = (
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "word",
    "xdigit", "^alpha", "^digit", "^space", "alphabet", "^", "Alpha",
)  # fmt: skip
_NAMES: Final = (
    "L", "Lu", "Ll", "Lt", "Lm", "Lo", "LC", "N", "Nd", "Nl", "P", "Pd", "S", "Sc", "Z", "Zs", "C", "Cc", "Cn", "Co",
    "Cs", "M", "Greek", "greek", "Latin", "LATIN", "Han", "Cyrillic", "Any", "any", "ASCII", "Assigned", "Letter",
    "uppercase_letter", "Lowercase-Letter", "Num ber", "digit", "punct", "^Greek", "^L", "Nko", "Yi", "Old_Italic",
    "OldItalic", "X", "Y", "Lx", "Ll&", "-", " ^L",
)  # fmt: skip
_COUNTS: Final = (
    "{0}", "{1}", "{2}", "{3}", "{0,}", "{1,}", "{2,}", "{0,1}", "{0,2}", "{1,3}", "{,2}", "{02}", "{1,02}", "{2,1}",
    "{}", "{a}", "{1", "{1,2", "{1000}", "{1001}", "{1,1001}", "{100000000}", "{999999999999999999999}",
)  # fmt: skip
_BAD: Final = (
    "(", ")", "[", "(?", "(?i", "(?-)", "(?i-)", "(?x)", "(?=a)", "(?!a)", "(?<=a)", "(?<!a)", "(?P<n", "(?P<n>a",
    "(?P<>a)", "(?<n-1>a)", "(?<\u00e9>a)", "(?P=n)", "(?P>n)", "(?'n'a)", "(?#a)", "(?>a)", "(?i-i-i:a)", "(?ii:a)",
    "\\", "\\1", "\\8", "\\c", "\\C", "\\Z", "\\G", "\\K", "\\R", "\\X", "\\u0061", "\\e", "\\h", "\\\u00e9", "\\x",
    "\\x1",
    "\\x{}", "\\x{110000}", "\\x{ffffffffff}", "\\x{1g}", "\\p", "\\pX", "\\p{", "\\p{}", "\\p{^}", "[z-a]", "[a-\\d]",
    "[]", "[^]", "[a", "[[:x:]]", "[[:alpha:]", "[\\", "[\\b]", "[[.a.]]", "[[=a=]]", "[a-[:alpha:]]", "a**", "a*+",
    "a+?+",
    "a{2}{3}", "a{2}*", "*", "+a", "?", "|*", "(*)", "(|+)", "^*", "$+", "\\b?", "(?i)*", "a(?i)*", "\\Q", "\\E",
    "\\Qa\\E*",
    "\\Q\\E*", "a)|(b", "a)(?:b", "a))((b", "(?i)a)|(b", "\\Qa", "(a{100}){11}", "((a{10}){10}){10}",
    "(a{10}b{101}){10}",
    "((a{0,10}){0,10}){0,11}", "(a{1001}){0}", "((a{1000}){0}){1000}", "(a*{1000}){2}",
)  # fmt: skip


@dataclass(frozen=True)
class Regex:
    """A regex and, if it is valid, texts that it may match."""

    pattern: str
    sample: Callable[[Random], str]


def regex(random: Random, depth: int = 4) -> Regex:
    """A regex; about one of seven is not valid."""
    made = _choice(random, depth)
    if random.random() < 0.12:
        at = random.randrange(len(made.pattern) + 1)
        return Regex(made.pattern[:at] + random.choice(_BAD) + made.pattern[at:], made.sample)
    if random.random() < 0.04 and made.pattern:
        at = random.randrange(len(made.pattern))
        return Regex(made.pattern[:at] + made.pattern[at + 1 :], made.sample)
    return made


def texts(random: Random, made: Regex, count: int) -> list[str]:
    """Texts for a regex: from it, those with a small change, and at random."""
    found = [""]
    while len(found) < count:
        text = made.sample(random)[:60]
        kind = random.random()
        if kind > 0.9:
            text = "".join(random.choices(LETTERS, k=random.randrange(5)))
        elif kind > 0.5:
            at = random.randrange(len(text) + 1)
            end = at + random.choice((0, 0, 1))
            text = text[:at] + random.choice(("", *LETTERS)) + text[end:]
        elif kind > 0.35:
            text = random.choice((text.swapcase(), text.upper(), text.lower(), text + "\n", text + text))
        found.append(text)
    return found


def _choice(random: Random, depth: int) -> Regex:
    parts = [_sequence(random, depth) for _ in range(random.choice((1, 1, 1, 2, 3)))]
    return Regex("|".join(part.pattern for part in parts), lambda r: r.choice(parts).sample(r))


def _sequence(random: Random, depth: int) -> Regex:
    parts = [_repeated(random, depth) for _ in range(random.choice((0, 1, 1, 2, 2, 3, 4)))]
    return Regex("".join(part.pattern for part in parts), lambda r: "".join(part.sample(r) for part in parts))


def _repeated(random: Random, depth: int) -> Regex:
    part = _atom(random, depth)
    if random.random() < 0.6:
        return part
    sign = random.choice(("*", "+", "?", "*", "+", random.choice(_COUNTS[:10] if random.random() < 0.8 else _COUNTS)))
    lazy = random.choice(("", "", "?"))

    def sample(r: Random) -> str:
        return "".join(part.sample(r) for _ in range(r.choice((0, 1, 1, 2, 2, 3))))

    return Regex(part.pattern + sign + lazy, sample)


def _atom(random: Random, depth: int) -> Regex:
    kind = random.random()
    if depth and kind < 0.3:
        return _group(random, depth - 1)
    if kind < 0.55:
        letter = random.choice(LETTERS)
        return Regex("\\" + letter if letter in ".-" and random.random() < 0.5 else letter, lambda _: letter)
    if kind < 0.72:
        return _class(random)
    if kind < 0.8:
        return random.choice((_escaped, _named))(random)
    if kind < 0.86:
        return Regex(random.choice(("^", "$", "\\A", "\\z", "\\b", "\\B")), lambda _: "")
    if kind < 0.9:
        text = "".join(random.choices("ab.*\\)|\n", k=random.randrange(4)))
        return Regex(f"\\Q{text}\\E", lambda _: text)
    if kind < 0.93:
        return Regex(_flags(random) + ")", lambda _: "")
    return Regex(".", lambda r: r.choice(LETTERS))


def _flags(random: Random) -> str:
    flags = "".join(random.choices("imsU", k=random.randrange(3)))
    return f"(?{flags}" + (f"-{random.choice('imsU')}" if random.random() < 0.2 else "")


def _group(random: Random, depth: int) -> Regex:
    inner = _choice(random, depth)
    start = random.choice(("(", "(?:", _flags(random) + ":", "(?P<n>", "(?<name_1>"))
    sample = inner.sample
    if "i" in start:
        return Regex(f"{start}{inner.pattern})", lambda r: r.choice((str, str.swapcase))(sample(r)))
    return Regex(f"{start}{inner.pattern})", sample)


def _escaped(random: Random) -> Regex:
    letter = random.choice(LETTERS)
    code = ord(letter)
    forms = [f"\\x{{{code:x}}}", f"\\x{{00{code:X}}}"]
    if code < 256:
        forms.append(f"\\x{code:02x}")
        forms.append(f"\\0{code:o}" if code < 64 else f"\\{code:o}")
    if random.random() < 0.15:
        return Regex(
            random.choice(("\\x{d800}", "\\x{dfff}", "\\x{10ffff}", "\\a", "\\f", "\\v", "\\t", "\\n", "\\r", "\\0")),
            str,
        )
    return Regex(random.choice(forms), lambda _: letter)


def _named(random: Random) -> Regex:
    if random.random() < 0.5:
        return Regex("\\" + random.choice("dDsSwW"), lambda r: r.choice(LETTERS))
    return Regex(_property(random), lambda r: r.choice(LETTERS))


def _property(random: Random) -> str:
    name = random.choice(_NAMES)
    return f"\\{random.choice('pP')}" + (name if len(name) == 1 else f"{{{name}}}")


def _class(random: Random) -> Regex:
    letters: list[str] = []
    items: list[str] = []
    for _ in range(random.choice((1, 1, 2, 3, 4))):
        kind = random.random()
        if kind < 0.4:
            items.append(random.choice("abkszABKSZ019_-^[].\\" if random.random() < 0.1 else LETTERS))
            letters.append(items[-1])
        elif kind < 0.65:
            low, high = sorted(random.choices(LETTERS, k=2))
            if random.random() < 0.05:
                low, high = high, low
            items.append(f"{low}-{high}")
            letters += [low, high]
        elif kind < 0.75:
            items.append(f"[:{random.choice(_POSIX[:14] if random.random() < 0.9 else _POSIX)}:]")
        elif kind < 0.85:
            items.append("\\" + random.choice("dDsSwW"))
        elif kind < 0.9:
            items.append(_property(random))
        elif kind < 0.95:
            items.append(_escaped(random).pattern)
        else:
            items.append("-")
    start = random.choice(("[", "[", "[", "[^", "[]", "[-"))
    return Regex(
        f"{start}{''.join(items)}]", lambda r: r.choice(letters) if letters and r.random() < 0.8 else r.choice(LETTERS)
    )
