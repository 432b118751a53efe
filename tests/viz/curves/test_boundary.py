"""Decision boundaries: the probabilities are the model's, and the model stays as it was."""

import doctest
import importlib

import numpy as np
import pytest

import graddl as gd
from graddl.errors import ArgumentError, ShapeError

rng = np.random.default_rng(0)
X = rng.normal(size=(40, 2))
Y = (X[:, 0] > X[:, 1]).astype(int)


def logit(x):
    return 2 * (x[:, 0] - x[:, 1])


def test_probabilities_in_closed_form():
    r = gd.viz.boundary(logit, gd.tensor(X), Y).data["regions"]
    a, b = np.meshgrid(r.xs, r.ys)
    np.testing.assert_allclose(r.probability[1], 1 / (1 + np.exp(-2 * (a - b))), atol=1e-5)
    np.testing.assert_allclose(r.probability.sum(0), 1, atol=1e-12)
    assert r.accuracy == 1.0 and r.outputs == "logits"


def test_the_line_lies_where_the_class_changes():
    chart = gd.viz.boundary(logit, X, Y)
    lines = [c for c in chart.figure.axes[0].collections if len(c.get_edgecolor()) and
             c.get_linewidth()[0] > 1]  # fmt: skip
    points = np.concatenate([p.vertices for c in lines for p in c.get_paths()])
    np.testing.assert_allclose(points[:, 0], points[:, 1], atol=1e-5)


def test_one_output_and_two_agree():
    one = gd.viz.boundary(logit, X, Y).data["regions"]
    two = gd.viz.boundary(lambda x: gd.stack([-logit(x) / 2, logit(x) / 2], axis=1), X, Y)
    given = gd.viz.boundary(lambda x: gd.sigmoid(logit(x))[:, None], X, Y).data["regions"]
    signs = gd.viz.boundary(logit, X, 2 * Y - 1).data["regions"]
    assert given.outputs == "probabilities"
    for r in (two.data["regions"], given, signs):
        np.testing.assert_allclose(r.probability, one.probability, atol=1e-5)
        np.testing.assert_array_equal(r.predicted, one.predicted)
        np.testing.assert_array_equal(r.target, one.target)


def test_accuracy_counts_what_is_wrong():
    y = Y.copy()
    y[:6] = 1 - y[:6]
    chart = gd.viz.boundary(logit, X, y, classes=["a", "b"])
    assert chart.data["regions"].accuracy == 34 / 40
    assert "85 % of 40 points right" in chart.title and "✕ wrong: 6" in chart.svg()


@pytest.mark.parametrize("classes", [3, 4, 6])
def test_many_classes(classes):
    centres = np.stack([np.cos(np.arange(classes)), np.sin(np.arange(classes))], 1)
    y = np.arange(60) % classes
    x = centres[y] + rng.normal(0, 0.1, (60, 2))
    chart = gd.viz.boundary(lambda t: 9 * (t @ gd.tensor(centres.T, dtype=t.dtype)), x, y)
    assert chart.data["regions"].probability.shape == (classes, 121, 121)
    assert f"class {classes - 1}" in chart.svg()


def test_a_model_that_knows_one_class_only():
    chart = gd.viz.boundary(lambda x: 0 * x[:, 0] + 5.0, X, Y)
    assert chart.data["regions"].accuracy == Y.mean() and "<svg" in chart.svg()


def test_the_model_stays_as_it_was():
    gd.manual_seed(1)
    model = gd.nn.Sequential(
        gd.nn.Linear(2, 8), gd.nn.BatchNorm1d(8), gd.nn.Dropout(0.5), gd.nn.Linear(8, 1)
    )
    model[2].eval()  # one part only
    before = {k: v.numpy(copy=True) for k, v in model.state_dict().items()}
    modes = [m.training for m in model.modules()]
    state = gd.random.default_generator.get_state()
    chart = gd.viz.boundary(model, X, Y)
    np.testing.assert_equal({k: v.numpy() for k, v in model.state_dict().items()}, before)
    assert [m.training for m in model.modules()] == modes and True in modes and False in modes
    assert str(gd.random.default_generator.get_state()) == str(state)
    model.eval()
    z = model(gd.tensor(X, dtype="float32")).numpy()[:, 0]
    np.testing.assert_array_equal(chart.data["regions"].predicted, z > 0)
    assert all(p.grad is None for p in model.parameters())


@pytest.mark.parametrize(("model", "x", "y", "options", "kind"), [
    (logit, X[:, :1], Y, {}, ShapeError),
    (logit, X[:0], Y[:0], {}, ShapeError),
    (logit, X, Y[:-1], {}, ShapeError),
    (logit, X, np.eye(2)[Y], {}, ShapeError),
    (lambda x: x.sum(), X, Y, {}, ShapeError),
    (logit, X, Y + 1, {}, ArgumentError),
    (logit, X, Y, {"classes": ["a"]}, ArgumentError),
    (logit, X, Y, {"outputs": "odds"}, ArgumentError),
    (lambda x: gd.stack([x[:, 0]] * 7, axis=1), X, Y, {}, ArgumentError),
    (lambda x: logit(x) * float("nan"), X, Y, {}, ArgumentError),
    (logit, X * np.nan, Y, {}, ArgumentError),
    (3, X, Y, {}, ArgumentError),
])  # fmt: skip
def test_errors(model, x, y, options, kind):
    with pytest.raises(kind) as error:
        gd.viz.boundary(model, x, y, **options)
    assert error.value.op == "viz.boundary" and error.value.expected and error.value.fix


def test_fixes_for_labels_run():
    for y in (np.eye(2, dtype=int)[Y], Y[:, None], Y + 7, np.array(["no", "yes"])[Y]):
        with pytest.raises((ShapeError, ArgumentError)) as error:
            gd.viz.boundary(logit, X, y)
        words = {"np": np, "y": y}
        exec(error.value.fix, words)
        assert gd.viz.boundary(logit, X, words["y"]).data["regions"].accuracy == 1.0


@pytest.mark.parametrize("module", ["boundary", "regions", "models"])
def test_examples(module):
    assert doctest.testmod(importlib.import_module(f"graddl.viz.curves.{module}")).failed == 0
