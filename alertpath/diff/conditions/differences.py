"""Every class of label sets for which two decision lists emit something else.

Only entries that are not the same in both lists can make a difference. For each of them the search asks what else its
label sets match: which entries keep it from emitting, and what the other list does instead. So what did not change
costs nothing, and whether a combination of conditions can hold is asked only where a difference is found.
What is too much to tell exactly is one class with the conditions of the entry, which holds all of it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Final, final

from alertpath.diff.conditions.aligned import BOTH, END, NEW, OLD, Entry, Item, laid_over
from alertpath.diff.conditions.overlaps import Overlaps
from alertpath.semantics.automata import Undecided
from alertpath.semantics.budget import Budget, UsedUp
from alertpath.semantics.label_sets import Class
from alertpath.semantics.remainder import (
    Conditions,
    Excluded,
    Inside,
    as_class,
    example,
    implied,
    meets,
    remainder,
    within,
    without,
)

SILENT: Final = -1
"""Emitted: nothing that counts here."""
ELSEWHERE: Final = -2
"""Emitted by the new list, once or more often: somebody is told, which itself is no difference to be found here."""
PAGED_ELSEWHERE: Final = -3
"""The same, and somebody is newly woken up."""

_MOST_PIECES: Final = 200
"""Into so many pieces a class is cut at most because what excludes some label sets is itself excluded."""
_EXAMPLES: Final = 30
"""So many label sets of an entry are tried where what it does is too much to tell."""
_MOST_TRIES: Final = 1_000_000
_MOST_COARSE: Final = 20
"""Of more entries that are too much to tell all is told together."""

Emitted = tuple[int, ...]
Outcome = Callable[[Emitted, Emitted, bool], Hashable]
"""What it means that these are emitted by one list alone: equal if it is the same; None: nothing.

The third: whether both lists emit something audible besides.
"""


@final
@dataclass(frozen=True, slots=True)
class Found:
    """Label sets that fare alike: those of any of `classes`.

    `old`, `new`: what one list emits and the other does not, `besides`: whether they may both emit something audible.
    `example`: one of them; None: not known, and so not proven that there are any. `coarse`: there may be others among
    them, that fare as before or in other ways: `old` and `new` hold all that one list may emit alone, `new` SILENT too
    where it may emit nothing that counts.
    """

    classes: tuple[Class, ...]
    old: Emitted
    new: Emitted
    besides: bool
    example: dict[str, str] | None
    coarse: bool = False


class TooMany(Exception):
    """There are more outcomes than wanted, or some that are too much to tell."""


def differences(
    old: Sequence[Entry],
    new: Sequence[Entry],
    outcome: Outcome,
    audible: Callable[[int], bool],
    budget: Budget,
    most: int | None = None,
    keys: Callable[[Emitted], set[tuple[object, ...]]] = lambda _: set(),
) -> list[Found]:
    """Every class of label sets for which the lists emit something else, those with the same outcome together.

    They overlap only where they are coarse. `audible`: whether what an entry emits is heard by anybody.
    `most`: raises TooMany where there are more, or where one is coarse; None: takes any number. `keys`: what is found
    again by what another entry emits too, if that has the same key.
    """
    return _Search(laid_over(old, new), outcome, audible, budget, most, keys).run()


@final
@dataclass(frozen=True, slots=True)
class _Chosen:
    # An item that is matched and not blocked in the lists `sides`; `quiet`: those in which it emits nothing.
    item: Item
    sides: int
    quiet: int


@final
@dataclass(frozen=True, slots=True)
class _State:
    # The items that label sets inside match, as far as `place`. `overlapping`: places of items that they may match.
    # `until`: the places from which on the old, and the new, list are asked again. `quieted`: as Item.above.
    place: int
    inside: Inside
    overlapping: Sequence[int]
    chosen: tuple[_Chosen, ...] = ()
    until: tuple[int, int] = (0, 0)
    quieted: tuple[frozenset[int], frozenset[int]] = (frozenset(), frozenset())
    old: Emitted = ()
    new: Emitted = ()

    def sides(self, item: Item) -> int:
        # The lists in which the item is asked.
        open_ = (OLD if self.until[0] <= item.place else 0) | (NEW if self.until[1] <= item.place else 0)
        return item.sides & open_

    def quiet(self, item: Item, sides: int) -> int:
        old = sides & OLD if item.place in self.quieted[0] else 0
        return old | (sides & NEW if item.place in self.quieted[1] else 0)


@final
@dataclass(slots=True)
class _Around:
    # What lies around the chosen items. `blocking`: places of items that keep one from emitting. `excluded`: what
    # would emit besides. `alike`: places of items that may emit something audible in both lists. `quieted`: places of
    # items that are kept from emitting where another one that is the same in both lists is matched.
    blocking: list[int] = field(default_factory=list[int])
    excluded: list[Excluded] = field(default_factory=list[Excluded])
    alike: list[int] = field(default_factory=list[int])
    quieted: set[int] = field(default_factory=set[int])


@final
@dataclass(slots=True)
class _Group:
    found: Found
    pieces: list[Class]


@final
class _Search:
    def __init__(
        self,
        items: Sequence[Item],
        outcome: Outcome,
        audible: Callable[[int], bool],
        budget: Budget,
        most: int | None,
        keys: Callable[[Emitted], set[tuple[object, ...]]],
    ) -> None:
        self._keys: Final = keys
        self._items: Final = items
        self._most: Final = most
        self._outcome: Final = outcome
        self._audible: Final = audible
        self._budget: Final = budget
        self._part = budget.part(1)
        self._tries = _MOST_TRIES
        self._first = 0
        self._known: Final[dict[int, dict[str, str]]] = {}
        self._as_excluded: Final = [Excluded(item.conditions) for item in items]
        self._overlaps: Final = Overlaps([item.conditions for item in items])
        self._unlike: Final = [i.place for i in items if i.sides != BOTH or i.emits[0] != i.emits[1]]
        self._is_unlike: Final = frozenset(self._unlike)
        self._groups: Final[dict[Hashable, _Group]] = {}

    def run(self) -> list[Found]:
        coarse: list[int] = []
        start = _State(0, {}, range(len(self._items)))
        for number, place in enumerate(self._unlike):
            self._part = self._budget.part(max(0.2, 1 / (len(self._unlike) - number)))
            mine: list[tuple[Found, list[Class]]] = []
            self._first = place
            try:
                self._explore(start, self._items[place], mine)
            except UsedUp as error:
                if self._most is not None:
                    raise TooMany from error
                coarse.append(place)
                continue
            for found, classes in mine:
                self._add(found, classes)
            if self._most is not None and len(self._groups) > self._most:
                raise TooMany
        return [
            Found(tuple(dict.fromkeys(g.pieces)), g.found.old, g.found.new, g.found.besides, g.found.example)
            for g in self._groups.values()
        ] + list(self._all_of(coarse))

    def _add(self, found: Found, classes: Iterable[Class]) -> None:
        # Where it makes no difference whether both lists emit something besides, one class may hold both kinds of label
        # sets, and another one some of them.
        key = self._outcome(found.old, found.new, found.besides)
        either = key == self._outcome(found.old, found.new, not found.besides)
        group = self._groups.setdefault((key, None if either else found.besides), _Group(found, []))
        besides = group.found.besides or found.besides
        if group.found.example is None:
            group.found = found
        group.found = replace(group.found, besides=besides)
        group.pieces += classes

    def _explore(self, start: _State, first: Item, found: list[tuple[Found, list[Class]]]) -> None:
        # All classes in which `first` is the first entry that makes a difference.
        child = self._matched(start, first, first.sides)
        todo = [child] if child else []
        while todo:
            state = todo.pop()
            if self._most is not None and len(found) > 20 * self._most:
                raise TooMany
            if min(state.until) == END:
                found += self._differing(state, self._around(state))
            else:
                todo += self._scan(state, found)

    def _matched(self, state: _State, item: Item, sides: int) -> _State | None:
        # With one more item; None: nothing is inside of it.
        inside = within(state.inside, item.conditions)
        if inside is None:
            return None
        if isinstance(state.overlapping, range):
            overlapping = self._overlaps.overlapping(inside)
            self._part.spend(len(overlapping) + 10)
        elif inside is state.inside:
            overlapping = state.overlapping
        else:
            self._part.spend(len(state.overlapping) + 10)
            items = self._items
            overlapping = [place for place in state.overlapping if meets(inside, items[place].conditions)]
        quiet = state.quiet(item, sides)
        old, new = self._emitted(state, item, sides, quiet)
        return _State(
            item.place + 1,
            inside,
            overlapping,
            (*state.chosen, _Chosen(item, sides, quiet)),
            (
                item.target if sides & OLD else state.until[0],
                item.target if sides & NEW else state.until[1],
            ),
            (
                state.quieted[0] | item.above if sides & OLD else state.quieted[0],
                state.quieted[1] | item.above if sides & NEW else state.quieted[1],
            ),
            old,
            new,
        )

    def _emitted(self, state: _State, item: Item, sides: int, quiet: int) -> tuple[Emitted, Emitted]:
        old, new = state.old, state.new
        if sides & ~quiet & OLD:
            old = _with(old, item.emits[0])
        if sides & ~quiet & NEW:
            new = _with(new, item.emits[1])
        return old, new

    def _scan(self, state: _State, found: list[tuple[Found, list[Class]]]) -> list[_State]:
        # The states that follow, and what differs where no other item is matched.
        if max(state.until) == END:
            return self._scan_one_side(state, found)
        children: list[_State] = []
        alone = max(state.until)
        unlike = state.quieted[0] ^ state.quieted[1]
        overlapping, items = state.overlapping, self._items
        # Up to where each list is not asked, because an item before is matched always, though it may emit nothing.
        hidden = [0, 0]
        for at in range(bisect_left(overlapping, state.place), len(overlapping)):
            place = overlapping[at]
            if place >= alone and place not in self._is_unlike and place not in unlike:
                continue
            item = items[place]
            sides = state.sides(item) & ((OLD if hidden[0] <= place else 0) | (NEW if hidden[1] <= place else 0))
            if not self._matters(state, item, sides):
                continue
            self._part.spend()
            child = self._matched(state, item, sides)
            if child is not None and self._possible(child):
                children.append(child)
                if place < alone and child.inside is state.inside:
                    if place not in self._around(state, until=state.place).quieted:
                        return children
                    hidden = [
                        max(end, item.target) if sides & side else end
                        for end, side in zip(hidden, (OLD, NEW), strict=True)
                    ]
        found += self._differing(state, self._around(state))
        return children

    def _matters(self, state: _State, item: Item, sides: int) -> bool:
        # Whether a match of the item makes a difference, or may make one.
        if not sides:
            return False
        quiet = state.quiet(item, sides)
        if sides == BOTH:
            return self._shown(item, quiet, 0) != self._shown(item, quiet, 1)
        if item.target > item.place + 1 or not item.above <= state.quieted[0 if sides & OLD else 1]:
            return True
        return self._emitted(state, item, sides, quiet) != (state.old, state.new)

    def _shown(self, item: Item, quiet: int, list_: int) -> int:
        return SILENT if quiet & (OLD, NEW)[list_] else item.emits[list_]

    def _possible(self, state: _State) -> bool:
        try:
            blocking = self._around(state).blocking
            self._part.spend(20 + len(blocking))
            return remainder(state.inside, self._excluded(blocking), 50) is not None
        except Undecided:
            return True

    def _scan_one_side(self, state: _State, found: list[tuple[Found, list[Class]]]) -> list[_State]:
        # One list has ended. The first entries of the other one that end it too, in runs of the same outcome.
        children: list[_State] = []
        around = self._around(state, until=state.place)
        passed: list[int] = []
        run: list[int] = []
        outcome: Hashable = None
        overlapping, items = state.overlapping, self._items

        def end_run(*, closed: bool) -> None:
            if run and outcome is not None:
                found.extend(self._of_run(state, around, passed, list(run), closed=closed))
            passed.extend(run)
            run.clear()

        hidden = 0
        for at in range(bisect_left(overlapping, state.place), len(overlapping)):
            item = items[overlapping[at]]
            sides = state.sides(item)
            # What is matched always hides what it ends, though it may emit nothing.
            if item.place < hidden or not sides or not self._matters(state, item, sides):
                continue
            self._part.spend()
            quieted = item.place in around.quieted
            always = implied(state.inside, item.conditions)
            closes = always and not quieted
            if always and quieted:
                hidden = item.target
            if item.target == END and not quieted:
                emitted = self._emitted(state, item, sides, state.quiet(item, sides))
                gone, come, besides = self._difference(*emitted)
                this = self._outcome(gone, come, besides or bool(around.alike)) if gone or come else None
                if run and this != outcome:
                    end_run(closed=False)
                outcome = this
                run.append(item.place)
                if closes:
                    end_run(closed=True)
                    return children
            else:
                end_run(closed=False)
                child = self._matched(state, item, sides)
                if child is not None and self._possible(child):
                    children.append(child)
                if closes:
                    return children
                passed.append(item.place)
        end_run(closed=False)
        if passed:
            around = self._around(state)
        found += self._differing(state, around)
        return children

    def _of_run(
        self, state: _State, around: _Around, passed: Sequence[int], run: Sequence[int], *, closed: bool
    ) -> Iterator[tuple[Found, list[Class]]]:
        # What fares alike because an item of the run is the first of the other list that is matched, and ends it.
        item = self._items[run[0]]
        sides = state.sides(item)
        emitted = self._emitted(state, item, sides, state.quiet(item, sides))
        around = _Around([*around.blocking, *passed], around.excluded, around.alike)
        if closed:
            yield from self._parted(state, state.inside, state.overlapping, emitted, around)
            return
        for place in run:
            inside = within(state.inside, self._items[place].conditions)
            if inside is not None:
                self._part.spend(20)
                yield from self._parted(state, inside, self._overlaps.candidates(inside), emitted, around)

    def _around(self, state: _State, until: int = END) -> _Around:
        found = _Around()
        places = {one.item.place for one in state.chosen}
        others: list[Item] = []
        self._part.spend(10 + len(state.overlapping))
        for place in state.overlapping:
            if place >= until:
                break
            if place in places:
                continue
            item = self._items[place]
            sides, quieted = self._asked(state.chosen, item)
            if not sides:
                continue
            if any(one.item.place > place and _blocks(item, one, sides) for one in state.chosen):
                found.blocking.append(place)
                continue
            if sides != BOTH or self._shown(item, quieted, 0) != self._shown(item, quieted, 1):
                if self._still_matters(state, item, sides, quieted):
                    others.append(item)
                continue
            found.quieted |= item.above
            if quieted != BOTH and self._audible(item.emits[0]):
                found.alike.append(place)
        blocking = frozenset(found.blocking)
        found.excluded += [Excluded(item.conditions, self._keeping(state, item, blocking)) for item in others]
        return found

    def _asked(self, chosen: Iterable[_Chosen], item: Item) -> tuple[int, int]:
        # The lists in which the item is asked, and those in which it is kept from emitting by what is inside it.
        sides, quiet = item.sides, 0
        for one in chosen:
            if one.item.place < item.place:
                if one.item.target > item.place:
                    sides &= ~one.sides
                if item.place in one.item.above:
                    quiet |= one.sides
        return sides, quiet & sides

    def _still_matters(self, state: _State, item: Item, sides: int, quiet: int) -> bool:
        if sides == BOTH or item.target > item.place + 1:
            return True
        old, new = self._emitted(state, item, sides, quiet)
        if (old, new) != (state.old, state.new):
            return True
        above = item.above - frozenset[int]().union(*(one.item.above for one in state.chosen if one.sides & sides))
        return bool(above)

    def _keeping(self, state: _State, item: Item, blocking: frozenset[int]) -> tuple[Conditions, ...]:
        # What keeps an item from being asked, or from emitting, in both lists, and does not block a chosen one.
        inside = within(state.inside, item.conditions)
        if inside is None:
            return ()
        self._part.spend(10)
        found: list[int] = []
        for place in state.overlapping:
            if place >= item.place:
                break
            other = self._items[place]
            if (
                other.sides == BOTH
                and place not in blocking
                and not other.above & blocking
                and (other.target > item.place or item.place in other.above)
                and not any(one.item is other for one in state.chosen)
                and meets(inside, other.conditions)
            ):
                found.append(place)
        return tuple(self._items[place].conditions for place in self._outermost(found))

    def _outermost(self, places: Iterable[int]) -> list[int]:
        # Without those that are inside another one, and so fulfil its conditions.
        known = frozenset(places)
        return [place for place in sorted(known) if self._items[place].above.isdisjoint(known)]

    def _excluded(self, places: Iterable[int]) -> list[Excluded]:
        return [self._as_excluded[place] for place in self._outermost(places)]

    def _difference(self, old: Emitted, new: Emitted) -> tuple[Emitted, Emitted, bool]:
        # What one list emits alone, and whether both emit something audible. What has a key of what is gone stays on
        # both sides: that is found again.
        if not old or not new:
            return old, new, False
        before, after = Counter(old), Counter(new)
        both = before & after
        before, after = before - both, after - both
        if both and (lost := self._keys(tuple(before))):
            again = Counter(each for each in both if not lost.isdisjoint(self._keys((each,))))
            before, after = before + again, after + again
        gone, come = (tuple(sorted(side.elements())) for side in (before, after))
        return gone, come, any(map(self._audible, both))

    def _differing(self, state: _State, around: _Around) -> Iterator[tuple[Found, list[Class]]]:
        if state.old != state.new:
            yield from self._parted(state, state.inside, state.overlapping, (state.old, state.new), around)

    def _parted(
        self,
        state: _State,
        inside: Inside,
        overlapping: Iterable[int],
        emitted: tuple[Emitted, Emitted],
        around: _Around,
    ) -> Iterator[tuple[Found, list[Class]]]:
        # What is inside, and of that what both lists tell somebody of besides, where that makes a difference.
        gone, come, besides = self._difference(*emitted)
        if not gone and all(emits < 0 for emits in come):
            return
        near = frozenset(overlapping)
        known = near.intersection(around.blocking)
        excluded = [*self._excluded(known), *around.excluded]
        if besides or not around.alike or self._outcome(gone, come, True) == self._outcome(gone, come, False):
            yield from self._one(inside, excluded, (gone, come, besides or bool(around.alike)))
            return
        alike = [place for place in around.alike if place in near]
        blocking = frozenset(around.blocking)
        others = [
            Excluded(self._items[place].conditions, self._keeping(state, self._items[place], blocking))
            for place in alike
        ]
        alone = list(self._one(inside, [*excluded, *others], (gone, come, False)))
        yield from alone
        if not alone:
            yield from self._one(inside, excluded, (gone, come, True))
            return
        for other in others:
            within_other = within(inside, other.conditions)
            if within_other is not None:
                keeping = map(Excluded, other.but)
                yield from self._one(within_other, [*excluded, *keeping], (gone, come, True))

    def _one(
        self, inside: Inside, excluded: list[Excluded], emitted: tuple[Emitted, Emitted, bool]
    ) -> Iterator[tuple[Found, list[Class]]]:
        # One class, if there are such label sets and they fare differently.
        old, new, besides = emitted
        if self._outcome(old, new, besides) is None:
            return
        self._part.spend(20 + len(excluded))
        narrowed = without(inside, excluded)
        if narrowed is None:
            return
        try:
            labels = remainder(*narrowed)
            if labels is None:
                return
            self._known.setdefault(self._first, labels)
        except Undecided:
            labels = None
        yield Found((), old, new, besides, labels), list(self._pieces(*narrowed))

    def _pieces(self, inside: Inside, excluded: Sequence[Excluded]) -> Iterator[Class]:
        for where, outside in self._plain(inside, excluded):
            if (piece := as_class(where, outside)) is not None:
                yield piece

    def _plain(self, inside: Inside, excluded: Iterable[Excluded]) -> list[tuple[Inside, list[Conditions]]]:
        # As classes with exclusions of which nothing is brought back.
        found: list[tuple[Inside, list[Conditions]]] = [(inside, [])]
        for each in excluded:
            pieces: list[tuple[Inside, list[Conditions]]] = []
            for where, outside in found:
                pieces.append((where, [*outside, each.conditions]))
                if not each.but:
                    continue
                held = within(where, each.conditions)
                for number, back in enumerate(each.but):
                    if held is not None and (piece := within(held, back)) is not None:
                        pieces.append((piece, [*outside, *each.but[:number]]))
            if len(pieces) > _MOST_PIECES:
                pieces = [piece for piece in pieces if self._holds_any(*piece)]
                if len(pieces) > _MOST_PIECES:
                    raise UsedUp
            found = pieces
        return found

    def _holds_any(self, inside: Inside, outside: Sequence[Conditions]) -> bool:
        # Whether there are such label sets; True also where that is not known.
        self._part.spend(20 + len(outside))
        try:
            return remainder(inside, [Excluded(each) for each in outside], 50) is not None
        except Undecided:
            return True

    def _all_of(self, places: Sequence[int]) -> Iterator[Found]:
        # All that may differ because of these entries; of a few each by itself.
        if len(places) > _MOST_COARSE:
            yield self._coarse(places, [(item.sides, item.emits) for item in self._items])
            return
        for place in places:
            item = self._items[place]
            ended = item.sides if item.target == END else 0
            near = self._overlaps.overlapping(within({}, item.conditions) or {})
            others = ((self._items[at], ended if at > place else 0) for at in near)
            yield self._coarse([place], [(other.sides & ~after, other.emits) for other, after in others])

    def _coarse(self, places: Sequence[int], emitted: Iterable[tuple[int, tuple[int, int]]]) -> Found:
        old, new = set[int](), set[int]()
        for sides, (before, after) in emitted:
            if sides & OLD and before >= 0:
                old.add(before)
            if sides & NEW:
                new.add(after)
        classes = tuple(
            found
            for place in places
            if (inside := within({}, self._items[place].conditions)) is not None
            and (found := as_class(inside, ())) is not None
        )
        example = next(filter(None, map(self._differing_example, places)), None)
        return Found(classes, tuple(sorted(old)), tuple(sorted(new)), True, example, True)

    def _differing_example(self, place: int) -> dict[str, str] | None:
        # Label sets of an entry that come to mind, and of it and others, until one fares differently.
        if place in self._known:
            return self._known[place]
        inside = within({}, self._items[place].conditions)
        if inside is None:
            return None
        for other in (place, *islice(self._overlaps.candidates(inside), _EXAMPLES)):
            if self._tries < 0:
                return None
            self._tries -= len(self._items)
            both = within(inside, self._items[other].conditions)
            try:
                labels = example(both) if both is not None else None
            except Undecided:
                continue
            if labels is not None and self._fares_differently(labels):
                return labels
        return None

    def _fares_differently(self, labels: dict[str, str]) -> bool:
        until = [0, 0]
        quieted: tuple[set[int], set[int]] = (set(), set())
        emitted: tuple[Emitted, Emitted] = ((), ())
        for item in self._items:
            asked = [at for at, side in enumerate((OLD, NEW)) if item.sides & side and until[at] <= item.place]
            if not asked or not all(each.allows(labels.get(each.label, "")) for each in item.conditions):
                continue
            for at in asked:
                if item.place not in quieted[at]:
                    old, new = emitted
                    emitted = (_with(old, item.emits[0]), new) if at == 0 else (old, _with(new, item.emits[1]))
                until[at] = item.target
                quieted[at].update(item.above)
        gone, come, besides = self._difference(*emitted)
        return bool(gone or come) and self._outcome(gone, come, besides) is not None


def _blocks(item: Item, chosen: _Chosen, sides: int) -> bool:
    # Whether an item in front of a chosen one, if it were matched, would keep that one from what it does.
    if not sides & chosen.sides:
        return False
    return item.target > chosen.item.place or (
        chosen.item.place in item.above and bool(sides & chosen.sides & ~chosen.quiet)
    )


def _with(emitted: Emitted, emits: int) -> Emitted:
    if emits >= 0:
        return tuple(sorted((*emitted, emits)))
    if emits == SILENT:
        return emitted
    # Once is enough; the lower one says more.
    if emitted and emitted[0] < 0:
        return (min(emits, emitted[0]), *emitted[1:])
    return (emits, *emitted)
