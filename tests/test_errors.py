"""Errors: their text says what came, unless the message has said it."""

import pytest

import graddl as gd
from graddl.errors import ShapeError


def test_the_text_says_what_came():
    with pytest.raises(gd.GraddlError) as caught:
        gd.nn.CrossEntropyLoss(reduction="average")
    assert str(caught.value).splitlines() == [
        "CrossEntropyLoss: unknown reduction",
        "  got: 'average'",
        "  expected: 'mean' or 'sum' or 'none'",
        "  likely fix: gd.nn.CrossEntropyLoss(reduction='mean')",
    ]


@pytest.mark.parametrize(
    ("message", "got"),
    [
        ("x (2, 3) is no matrix", (2, 3)),
        ("input (4, 1) and target (4,) differ", ((4, 1), (4,))),
        ("nothing is left; got padding=2", "x (1, 3), padding=2"),
        ("the state does not fit\n  missing: fc1.bias", {"missing": ["fc1.bias"]}),
        ("too much to print", "0123456789" * 30),
    ],
)
def test_it_does_not_say_it_twice(message, got):
    error = ShapeError(message, got=got)
    assert str(error) == message and error.got == got


@pytest.mark.parametrize("got", [(), 0, None, "nothing"])
def test_what_came_may_be_little(got):
    line = [] if got is None else [f"  got: {got}"]
    assert str(ShapeError("does not fit", got=got)).splitlines() == ["does not fit", *line]
