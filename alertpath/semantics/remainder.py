"""Label sets that are inside of some conditions and outside of others: whether there are any, and what is left.

Conditions on one label are sets of its values; what lies outside is taken apart only as far as it hits what was found:
first an example of what is inside, then the exclusion that it falls under, then one of that exclusion's conditions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, final

from alertpath.semantics.automata import Undecided
from alertpath.semantics.label_sets import EVERY, Class, Condition, Values, Where

Conditions = tuple[Condition, ...]
Inside = Mapping[str, Values]
"""For each label that matters the values that it may have."""

_MOST_STEPS: Final = 500


@final
@dataclass(frozen=True, slots=True)
class Excluded:
    """The label sets that fulfil all of `conditions`, but not those that fulfil all of any of `but`."""

    conditions: Conditions
    but: tuple[Conditions, ...] = ()

    def holds(self, labels: Mapping[str, str]) -> bool:
        """Whether the labels are among them."""
        return _hold(self.conditions, labels) and not any(_hold(each, labels) for each in self.but)


def _hold(conditions: Conditions, labels: Mapping[str, str]) -> bool:
    return all(each.allows(labels.get(each.label, "")) for each in conditions)


def within(inside: Inside, conditions: Iterable[Condition]) -> Inside | None:
    """What of `inside` fulfils the conditions too; None: obviously nothing."""
    found: dict[str, Values] | None = None
    for each in conditions:
        values = (found or inside).get(each.label, EVERY)
        fits = values.fit(each)
        if fits is False:
            return None
        if fits is None:
            if found is None:
                found = dict(inside)
            found[each.label] = values.with_all((each,))
    return inside if found is None else found


def meets(inside: Inside, conditions: Iterable[Condition]) -> bool:
    """Whether label sets that are inside may fulfil the conditions; True also where that is not known. Quick."""
    for each in conditions:  # noqa: SIM110 - a plain loop, for this is asked of each pair of routes
        if inside.get(each.label, EVERY).fit(each) is False:
            return False
    return True


def implied(inside: Inside, conditions: Iterable[Condition]) -> bool:
    """Whether all label sets that are inside obviously fulfil the conditions."""
    return all(inside.get(each.label, EVERY).fit(each) for each in conditions)


def remainder(inside: Inside, outside: Sequence[Excluded], most: int = _MOST_STEPS) -> dict[str, str] | None:
    """Labels that are inside and not excluded, with no label that does not matter; None: there are none.

    Raises Undecided: after so many steps, or because of regexes.
    """
    todo: list[tuple[Inside, Sequence[Excluded]]] = [(inside, outside)]
    undecided: Undecided | None = None
    while todo:
        most -= 1
        if most < 0:
            raise Undecided("too many conditions overlap")
        narrowed = without(*todo.pop())
        if narrowed is None:
            continue
        inside, outside = narrowed
        try:
            labels = example(inside)
        except Undecided as error:
            undecided = error
            continue
        if labels is None:
            continue
        hit = next((at for at, each in enumerate(outside) if each.holds(labels)), None)
        if hit is None:
            return labels
        # Outside of it: one of its conditions fails, those before it hold; or it is brought back.
        excluded = outside[hit]
        rest = [*outside[:hit], *outside[hit + 1 :]]
        held: Inside | None = inside
        for each in excluded.conditions:
            values = held.get(each.label, EVERY)
            if values.fit(each) is not True:
                todo.append(({**held, each.label: values.with_all((each,), holds=False)}, rest))
            held = within(held, (each,))
            if held is None:
                break
        if held is not None:
            todo += [(back, rest) for each in excluded.but if (back := within(held, each)) is not None]
    if undecided is not None:
        raise undecided
    return None


def example(inside: Inside) -> dict[str, str] | None:
    """Labels that are inside, with no label that does not matter; None: there are none. Raises Undecided."""
    found: dict[str, str] = {}
    undecided: Undecided | None = None
    for label, values in inside.items():
        try:
            value = values.example()
        except Undecided as error:
            undecided = error
            continue
        if value is None:
            return None
        if value:
            found[label] = value
    if undecided is not None:
        raise undecided
    return found


def without(inside: Inside, outside: Iterable[Excluded]) -> tuple[Inside, list[Excluded]] | None:
    """`inside` without what is excluded by one open condition, and what else excludes some; None: nothing is left.

    The conditions of the exclusions that are left do not obviously hold, or fail, for all that is inside.
    """
    left = list(outside)
    while True:
        alone: dict[str, list[Condition]] = {}
        rest: list[Excluded] = []
        for excluded in left:
            if len(excluded.conditions) == 1 and not excluded.but:
                # By far most of them, where there are many.
                only = excluded.conditions[0]
                fits = inside.get(only.label, EVERY).fit(only)
                if fits:
                    return None
                if fits is None:
                    alone.setdefault(only.label, []).append(only)
                continue
            open_ = _open(inside, excluded.conditions)
            if open_ is None:
                continue
            but = tuple(each for each in excluded.but if meets(inside, each)) if excluded.but else ()
            if not open_ and not but:
                return None
            if len(open_) == 1 and not but:
                alone.setdefault(open_[0].label, []).append(open_[0])
            else:
                rest.append(Excluded(open_, but) if (open_, but) != (excluded.conditions, excluded.but) else excluded)
        if not alone:
            return inside, rest
        changed = dict(inside)
        for label, conditions in alone.items():
            values = changed[label] = changed.get(label, EVERY).with_all(conditions, holds=False)
            if values.one_of is not None and not values.one_of:
                return None
        inside, left = changed, rest


def _open(inside: Inside, conditions: Conditions) -> Conditions | None:
    # Those that some may fail; None: all fail one of them.
    open_: list[Condition] = []
    for each in conditions:
        fits = inside.get(each.label, EVERY).fit(each)
        if fits is False:
            return None
        if fits is None:
            open_.append(each)
    return conditions if len(open_) == len(conditions) else tuple(open_)


def as_where(inside: Inside) -> Where:
    """As a class of label sets."""
    found = [(label, values) for label, values in inside.items() if values != EVERY]
    return Where(tuple(sorted(found, key=lambda pair: pair[0])))


def as_class(inside: Inside, outside: Iterable[Conditions]) -> Class | None:
    """What is inside and fulfils none of the conditions, without exceptions that hit nothing; None: nothing is left."""
    narrowed = without(inside, map(Excluded, outside))
    if narrowed is None:
        return None
    inside, left = narrowed
    exceptions = {as_where(found) for each in left if (found := within({}, each.conditions)) is not None}
    return Class(as_where(inside), tuple(sorted(exceptions, key=_order)))


def _order(where: Where) -> list[tuple[str, list[str], list[str]]]:
    return [(label, sorted(v.one_of or v.like)[:5], sorted(v.none_of | v.unlike)[:5]) for label, v in where.labels]
