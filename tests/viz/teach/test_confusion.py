"""The confusion matrix, against scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, confusion_matrix, precision_score, recall_score

import graddl as gd
from graddl.viz.teach.confusion import counts

RNG = np.random.default_rng(0)
TRUE = RNG.integers(0, 4, 100)
PRED = np.where(RNG.random(100) < 0.7, TRUE, RNG.integers(0, 4, 100))


def test_counts():
    assert np.array_equal(counts(TRUE, PRED)[1], confusion_matrix(TRUE, PRED))
    names = np.array(["cat", "dog", "eel", "fox"])
    classes, found = counts(names[TRUE], names[PRED])
    assert np.array_equal(found, confusion_matrix(names[TRUE], names[PRED]))
    assert classes.tolist() == names.tolist()


def test_shares():
    drawing = gd.viz.confusion(gd.tensor(TRUE), gd.tensor(PRED))
    assert f"{100 * accuracy_score(TRUE, PRED):.4g} % of 100 right" in drawing.view.title
    shares = [*recall_score(TRUE, PRED, average=None), *precision_score(TRUE, PRED, average=None)]
    for share in shares:
        assert f">{round(100 * share, 1):.4g} %<" in drawing.dot


def test_a_class_that_is_never_there():
    dot = gd.viz.confusion([0, 0, 1], [0, 2, 1]).dot
    assert "–" in dot  # 2 has no recall: never 0


def test_the_commonest_mistake():
    drawing = gd.viz.confusion([0, 0, 0, 1], [1, 1, 0, 1], labels=["a", "b"])
    assert "commonest mistake: a taken for b, 2 times" in drawing.sentence
    assert "no mistakes" in gd.viz.confusion([0, 1], [0, 1]).sentence


@pytest.mark.parametrize(
    "call, error, usable",
    [
        (lambda t, p: gd.viz.confusion(t, p[:3]), gd.ShapeError, False),
        (lambda t, p: gd.viz.confusion(np.eye(4)[t], p), gd.ShapeError, False),
        (lambda t, p: gd.viz.confusion([], []), gd.ShapeError, True),
        (lambda t, p: gd.viz.confusion(np.arange(50), np.arange(50)), gd.ArgumentError, False),
        (lambda t, p: gd.viz.confusion(t, p, labels=["a"]), gd.ArgumentError, False),
    ],
)
def test_errors(call, error, usable):
    with pytest.raises(error) as info:
        call(TRUE, PRED)
    e = info.value
    assert e.got is not None and e.expected and e.fix
    space = {"gd": gd, "y_true": TRUE if "argmax" not in e.fix else np.eye(4)[TRUE], "y_pred": PRED}
    exec(e.fix, space)
