"""Which alerts other alerts keep silent that they did not before, or no longer do: exactly, from the rules alone.

A rule is a condition on two label sets: on the labels of the source, on those of the target, and on which of them
agree. What one set of rules covers and another one does not is taken apart into products of such conditions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, final

from alertpath.alertmanager.config import InhibitRule
from alertpath.semantics.automata import Undecided
from alertpath.semantics.label_sets import EVERY, Condition, Values, Where, condition

_MOST: Final = 300
"""So many products are looked at for one rule; with more it is told as a whole, not proven."""

Side = Literal["source", "target"]
_Atom = tuple[Side, Condition] | tuple[Literal["equal"], str]


@final
@dataclass(frozen=True, slots=True)
class InhibitionChange:
    """A class of pairs: alerts in `target` are now kept silent, or no longer, while ones in `source` fire.

    Both have the same value of each label of `equal`, and different ones of each of `unequal`.
    `rule`: the rule that does it now, or did it. `paged`: whether any of the targets is paged for, as
    `silenced_pages` finds out; then `page` is one, and `firing` a source that keeps it silent, or did.
    """

    kind: Literal["silenced", "no longer silenced"]
    source: Where
    target: Where
    equal: tuple[str, ...]
    unequal: tuple[str, ...]
    rule: InhibitRule
    proven: bool = True
    paged: Literal["yes", "no", "not proven"] = "not proven"
    page: Mapping[str, str] | None = field(default=None, hash=False)
    firing: Mapping[str, str] | None = field(default=None, hash=False)


def inhibition_changes(old: Sequence[InhibitRule], new: Sequence[InhibitRule]) -> tuple[InhibitionChange, ...]:
    """All classes of pairs that fare differently. They may overlap only where two rules cover the same pairs."""
    before, after = {_content(rule): rule for rule in old}, {_content(rule): rule for rule in new}
    found: list[InhibitionChange] = []
    for content, rule in after.items():
        if content not in before:
            found += _uncovered("silenced", rule, old)
    for content, rule in before.items():
        if content not in after:
            found += _uncovered("no longer silenced", rule, new)
    return tuple(found)


def _content(rule: InhibitRule) -> tuple[frozenset[Condition], frozenset[Condition], frozenset[str]]:
    return frozenset(map(condition, rule.source)), frozenset(map(condition, rule.target)), frozenset(rule.equal)


@final
@dataclass(frozen=True, slots=True)
class _Product:
    # Sets of values of the source's and the target's labels, and which labels agree.

    values: tuple[tuple[tuple[Side, str], Values], ...] = ()
    equal: tuple[tuple[str, bool], ...] = ()
    proven: bool = True

    def narrowed(self, atom: _Atom, *, holds: bool) -> _Product | None:
        """With one more condition; None: there is no such pair."""
        values, equal = dict(self.values), dict(self.equal)
        if atom[0] == "equal":
            label = atom[1]
            if equal.setdefault(label, holds) != holds:
                return None
        else:
            label = atom[1].label
            key = (atom[0], label)
            values[key] = values.get(key, EVERY).narrowed(atom[1], holds=holds)
        source, target = values.get(("source", label), EVERY), values.get(("target", label), EVERY)
        try:
            if _none(source, target, equal.get(label)):
                return None
            proven = self.proven
        except Undecided:
            proven = False
        return _Product(tuple(values.items()), tuple(equal.items()), proven)


def _none(source: Values, target: Values, equal: bool | None) -> bool:
    # Whether no two values fit.
    if equal:
        return _both(source, target).empty()
    if source.empty() or target.empty():
        return True
    one = source.one_of
    return equal is False and one is not None and len(one) == 1 and one == target.one_of


def _both(one: Values, other: Values) -> Values:
    if one.one_of is None:
        one, other = other, one
    if one.one_of is not None:
        return Values(frozenset(value for value in one.one_of if value in other))
    return Values(None, one.none_of | other.none_of, one.like | other.like, one.unlike | other.unlike)


def _uncovered(
    kind: Literal["silenced", "no longer silenced"], rule: InhibitRule, others: Sequence[InhibitRule]
) -> list[InhibitionChange]:
    products = list(_products(rule, _Product()))
    for other in others:
        rest: list[_Product] = []
        for product in products:
            rest += _without(product, other)
        products = rest
        if len(products) > _MOST:
            whole = _Product(proven=False)
            for atom in _atoms(rule):
                whole = whole.narrowed(atom, holds=True) or whole
            products = [whole]
            break
    return [_change(kind, rule, product) for product in products]


def _atoms(rule: InhibitRule) -> list[_Atom]:
    return [
        *(("source", condition(matcher)) for matcher in rule.source),
        *(("target", condition(matcher)) for matcher in rule.target),
        *(("equal", label) for label in rule.equal),
    ]


def _exempt(rule: InhibitRule) -> list[_Atom]:
    # Pairs in which each alert fulfils both sides.
    return [
        *(("target", condition(matcher)) for matcher in rule.source),
        *(("source", condition(matcher)) for matcher in rule.target),
    ]


def _products(rule: InhibitRule, product: _Product) -> Iterator[_Product]:
    # The part of a product that the rule covers.
    inside: _Product | None = product
    for atom in _atoms(rule):
        inside = inside.narrowed(atom, holds=True) if inside else None
    for atom in _exempt(rule):
        if inside is None:
            return
        if outside := inside.narrowed(atom, holds=False):
            yield outside
        inside = inside.narrowed(atom, holds=True)


def _without(product: _Product, rule: InhibitRule) -> Iterator[_Product]:
    # The part that the rule does not cover.
    if not any(True for _ in _products(rule, product)):
        yield product
        return
    inside: _Product | None = product
    for atom in _atoms(rule):
        if inside is None:
            return
        if outside := inside.narrowed(atom, holds=False):
            yield outside
        inside = inside.narrowed(atom, holds=True)
    for atom in _exempt(rule):
        inside = inside.narrowed(atom, holds=True) if inside else None
    if inside:
        yield inside


def _change(kind: Literal["silenced", "no longer silenced"], rule: InhibitRule, product: _Product) -> InhibitionChange:
    def where(side: Side) -> Where:
        found = [(label, values) for (of, label), values in product.values if of == side and values != EVERY]
        return Where(tuple(sorted(found, key=lambda pair: pair[0])))

    equal = dict(product.equal)
    return InhibitionChange(
        kind,
        where("source"),
        where("target"),
        tuple(sorted(label for label, same in equal.items() if same)),
        tuple(sorted(label for label, same in equal.items() if not same)),
        rule,
        product.proven,
    )
