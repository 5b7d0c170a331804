"""The routing tree as a Mermaid flowchart: which alerts a route takes, in which order, and whom they reach.

What users wrote goes into a label as text alone: all but letters, digits and a few signs become entities, so that
neither Mermaid nor Markdown nor HTML reads anything else in it.
Source: Mermaid 11, docs/syntax/flowchart.md and config.type.ts (at most 50,000 characters and 500 edges).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final

from alertpath.alertmanager.config import Config, Receiver
from alertpath.alertmanager.paging import NOTHING_SAID, Paging, is_page
from alertpath.compiling.summary import NOBODY, destinations, in_words
from alertpath.documents.places import Place
from alertpath.documents.redaction import redact
from alertpath.output.alert_classes import counted
from alertpath.semantics.routing import EffectiveRoute, effective_routes

MOST_ROUTES: Final = 60
_LONGEST: Final = 40_000
_LONGEST_LINE: Final = 80
_MOST_MATCHERS: Final = 5
_PLAIN: Final = re.compile(r"[^\W_\N{LATIN SMALL LIGATURE FL}]|[ ,=/]|(?<=[^\W_])[-_](?=[^\W_])")
"""What no reader takes for more than it is; - and _ only inside a word. Mermaid writes entities with that ligature."""
_BROKEN: Final = "$:\N{LATIN SMALL LIGATURE FL}"
"""What Mermaid takes for formulas (`$$x$$`), icons (`fa:fa-car`) and entities even if written as entities."""
_STYLES: Final = (
    "classDef page stroke:#d1242f,stroke-width:3px",
    "classDef changed stroke:#bf8700,stroke-width:3px",
    "classDef more stroke-dasharray:4",
)


def flowchart(
    config: Config, changed: Collection[Place] = (), paging: Paging = NOTHING_SAID, most: int = MOST_ROUTES
) -> str:
    """The tree, with at most `most` routes; the others of a route are one node, "12 more routes".

    `changed`: places of routes to mark, and to keep before others.
    """
    routes = effective_routes(config.route)
    receivers = {receiver.name: receiver for receiver in config.receivers}
    while True:
        text = _drawn(routes, receivers, frozenset(changed), paging, most)
        if len(text) <= _LONGEST or most == 1:
            return text
        most = max(1, most // 2)


def escaped(text: str) -> str:
    """One line of a label: what Mermaid shows as `text`, cut where it is long, without what looks like a credential."""
    line = " ".join(redact(text).split())
    line = line if len(line) <= _LONGEST_LINE else line[: _LONGEST_LINE - 1] + "…"
    return "".join(sign if _PLAIN.match(line, place) else _entity(sign) for place, sign in enumerate(line))


def _entity(sign: str) -> str:
    # What cannot be seen, such as a sign that turns the direction of writing, is written out.
    written = f"#{ord(sign)};" if sign.isprintable() else f"U#43;{ord(sign):04X}"
    return written + "#8203;" if sign in _BROKEN else written


def _drawn(
    routes: Sequence[EffectiveRoute],
    receivers: dict[str, Receiver],
    changed: frozenset[Place],
    paging: Paging,
    most: int,
) -> str:
    shown = _shown(routes, changed, most)
    lines = ["flowchart LR"]
    named: dict[str, str] = {}
    for route in sorted(shown, key=lambda route: route.place):
        marked = ":::changed" if route.place in changed else ""
        lines.append(f"r{route.index}{_label(_words(route))}{marked}")
        if route.parent:
            lines.append(f"r{route.parent.index} -->|{int(route.place[-1]) + 1}| r{route.index}")
        arrow = "-. otherwise .->" if route.route.routes else "-->"
        lines.append(f"r{route.index} {arrow} {named.setdefault(route.receiver, f'p{len(named)}')}")
    for parent, count in _left_out(routes, shown).items():
        lines += [f"m{parent}{_label([counted(count, 'more route')])}:::more", f"r{parent} --> m{parent}"]
    for name, node in named.items():
        lines.append(f"{node}{_receiver(name, receivers.get(name), paging)}")
    return "\n".join((*lines, *_STYLES)) + "\n"


def _shown(routes: Sequence[EffectiveRoute], changed: frozenset[Place], most: int) -> set[EffectiveRoute]:
    # The root, then what changed with all above it, then level by level.
    shown = {routes[-1]}
    for route in routes:
        if route.place in changed:
            above = {route, *_above(route)} - shown
            if len(shown) + len(above) <= most:
                shown |= above
    for route in sorted(routes, key=lambda route: (len(route.place), route.place)):
        if len(shown) >= most:
            break
        if route.parent in shown:
            shown.add(route)
    return shown


def _above(route: EffectiveRoute) -> Iterator[EffectiveRoute]:
    while route.parent:
        route = route.parent
        yield route


def _left_out(routes: Iterable[EffectiveRoute], shown: Collection[EffectiveRoute]) -> Counter[int]:
    # How many routes below a shown one are not, each counted at the lowest one that is.
    return Counter(
        next(above.index for above in _above(route) if above in shown) for route in routes if route not in shown
    )


def _words(route: EffectiveRoute) -> list[str]:
    matchers = [in_words(matcher) for matcher in route.route.matchers]
    lines = matchers[:_MOST_MATCHERS] or ["every alert" + (" that gets here" if route.parent else "")]
    if len(matchers) > _MOST_MATCHERS:
        lines.append(f"and {len(matchers) - _MOST_MATCHERS} more matchers")
    lines += [f"only in {', '.join(route.active)}"] if route.active else []
    lines += [f"not in {', '.join(route.mute)}"] if route.mute else []
    lines += ["and goes on"] if route.route.continue_ else []
    return lines


def _receiver(name: str, receiver: Receiver | None, paging: Paging) -> str:
    told = destinations(receiver) if receiver else "?"
    if receiver is None or told == NOBODY:
        return _label([told], "()")
    pages = is_page(name, receiver.integrations, paging)
    return _label([told, name, "pages"], "()") + ":::page" if pages else _label([told, name], "()")


def _label(lines: Iterable[str], shape: str = "[]") -> str:
    return f'{shape[0]}"{"<br/>".join(map(escaped, lines))}"{shape[1]}'
