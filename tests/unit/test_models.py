"""How models are read: each kind of field, what is refused, and where it is said to be."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import pytest

from alertpath.documents.problems import InvalidInput
from alertpath.inputs.models import SECRET, After, Before, Fault, Model, Within, field


def _even(number: int) -> int:
    if number % 2:
        raise Fault("is odd", "an even number", "add one")
    return number // 2


class Inner(Model):
    discreet: ClassVar[bool] = True
    name: str


class Outer(Model):
    half: Annotated[int, Before(lambda value: 4 if value == "4" else value), After(_even)] = 1
    port: Annotated[int, Within(ge=1, le=9)] = 2
    kind: Literal["a", "b"] | None = None
    on: bool = False
    lists: list[Annotated[str, Within(min_length=1)]] = field(default_factory=list, min_length=1)
    inner: dict[Annotated[str, Within(pattern="^x")], Inner | None] = field(default_factory=dict, key="in")
    anything: Any = None

    def check(self) -> None:
        if self.on and self.kind is None:
            raise Fault("is on without a kind", "`kind`", "add it")


class Open(Model):
    others: ClassVar[Any] = int
    name: str = "n"


def faults(model: type[Model], data: Any) -> list[tuple[str, str, str]]:
    with pytest.raises(InvalidInput) as error:
        model.valid(data, "f")
    return [(problem.at.path, problem.message, problem.value) for problem in error.value.problems]


def test_what_is_valid() -> None:
    made = Outer.valid({"half": "4", "lists": ["a"], "in": {"x": {"name": "n"}, "xy": None}, "kind": "b"}, "f")
    inner: Any = {"inner": {"x": Inner(name="n"), "xy": None}}
    assert made == Outer(half=2, lists=["a"], kind="b", **inner)
    assert Outer.valid(dict.fromkeys(("half", "port", "kind", "on", "lists", "in")), "f") == Outer()
    assert dict(Open.valid({"name": "m", "other": 3}, "f").other) == {"other": 3}
    assert hash(Inner(name="n")) == hash(Inner(name="n"))
    with pytest.raises(AttributeError):
        made.port = 3  # pyright: ignore[reportAttributeAccessIssue]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"half": 3}, ("half", "is odd", "3")),
        ({"port": True}, ("port", "is not a whole number", "True")),
        ({"port": 1.0}, ("port", "is not a whole number", "1.0")),
        ({"port": 0}, ("port", "is too small", "0")),
        ({"port": 10}, ("port", "is too large", "10")),
        ({"kind": "c"}, ("kind", "is not one of the allowed values", "'c'")),
        ({"on": 1}, ("on", "is not a boolean", "1")),
        ({"on": True}, ("", "is on without a kind", "")),
        ({"lists": []}, ("lists", "is empty", "")),
        ({"lists": ["a", None]}, ("lists[1]", "is empty", "")),
        ({"lists": ("a",)}, ("lists", "is not a list", "('a',)")),
        ({"in": {"y": None}}, ("in.y", "has the wrong form", "'y'")),
        ({"in": {"x": {}}}, ("in.x.name", "is missing", "")),
        ({"in": {"x": "S3cr3t/Key+of=a.page"}}, ("in.x", "is not a mapping", SECRET)),
        ({"in": {"x": {"name": "n", "nam": 1}}}, ("in.x.nam", "unknown key", "'nam'")),
        ({"inner": {}}, ("inner", "unknown key", "'inner'")),
        ([], ("", "is not a mapping", "")),
    ],
)
def test_what_is_refused(data: Any, said: tuple[str, str, str]) -> None:
    assert faults(Outer, data) == [said]


def test_all_that_is_wrong_is_said_at_once() -> None:
    assert [path for path, _, _ in faults(Outer, {"port": 0, "on": 1, "new": 1})] == ["new", "on", "port"]
    assert faults(Open, {"name": 1, "x": "y"}) == [
        ("name", "is not a string", "1"),
        ("x", "is not a whole number", "'y'"),
    ]
