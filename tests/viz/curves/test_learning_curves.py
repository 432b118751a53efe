"""Learning curves: what is drawn, and the verdict that is printed."""

import doctest
import importlib

import numpy as np
import pytest

import graddl as gd
from graddl.errors import ArgumentError, DTypeError, ShapeError

T, V = [1.0, 0.5, 0.3, 0.2, 0.1, 0.05], [1.1, 0.7, 0.6, 0.62, 0.7, 0.9]


def test_lines_are_the_history():
    chart = gd.viz.learning_curves({"loss": T, "val_loss": V})
    train, validation = chart.figure.axes[0].get_lines()[:2]
    np.testing.assert_array_equal(train.get_xydata(), np.c_[range(1, 7), T])
    np.testing.assert_array_equal(validation.get_ydata(), V)
    np.testing.assert_array_equal(chart.data["val_loss"], V)


def test_the_turn_is_marked_and_limits_are_printed():
    chart = gd.viz.learning_curves({"loss": T, "val_loss": V})
    svg = chart.svg()
    assert chart.data["verdict"].lowest == 2 and "▲ turns up after epoch 3" in svg
    assert "▲ the validation loss ends 50 % above its lowest (limit 10 %)" in svg
    assert "Learning curves: overfit" in svg
    said = "overfit after a rise of 10 % or with a gap of 10 %; still improving if falling by 5 %"
    assert said in svg and said in chart.text()
    calm = gd.viz.learning_curves({"loss": T, "val_loss": V}, limits={"rise": 0.6, "gap": 2})
    assert calm.data["verdict"].word != "overfit" and "lowest validation: epoch 3" in calm.svg()


def test_a_list_of_dicts_is_the_same():
    rows = [{"epoch": k + 1, "loss": gd.tensor(t), "val_loss": np.float32(v)}
            for k, (t, v) in enumerate(zip(T, V, strict=True))]  # fmt: skip
    del rows[1]["val_loss"]
    a = gd.viz.learning_curves(rows).data
    b = gd.viz.learning_curves({"epoch": range(1, 7), "train_loss": np.array(T),
                                "validation_loss": [V[0], None, *V[2:]]}).data  # fmt: skip
    assert a["verdict"].word == b["verdict"].word == "overfit" and a["epochs"] == b["epochs"]
    np.testing.assert_allclose(a["val_loss"], b["validation_loss"], rtol=1e-6)


def test_metrics_stand_beside():
    history = {
        "a": T,
        "b": V,
        "accuracy": [0.5, 0.6, 0.7, 0.8, 0.9, 1.0],
        "val_accuracy": [0.5] * 6,
    }
    chart = gd.viz.learning_curves(history, train="a", validation="b", metric="accuracy")
    assert len(chart.figure.axes) == 2 and "val_accuracy" in chart.svg()
    np.testing.assert_array_equal(
        chart.figure.axes[1].get_lines()[1].get_ydata(), history["val_accuracy"]
    )


def test_nan_is_marked():
    chart = gd.viz.learning_curves({"loss": [1.0, 0.8, 2.0, float("nan"), float("nan")]})
    assert "✕ NaN from here" in chart.svg() and "from epoch 4 on" in chart.sentence
    assert "<svg" in gd.viz.learning_curves({"loss": [float("nan")] * 3}).svg()


@pytest.mark.parametrize("losses", [[1.0], [0.5, 0.5], [1e300, 1.0, 1e-300], [1.0, 1e30, 1e30]])
@pytest.mark.parametrize("log", [False, True])
def test_extremes_are_drawn(losses, log):
    assert "<svg" in gd.viz.learning_curves({"loss": losses}, log=log).svg()


@pytest.mark.parametrize(("history", "options", "kind"), [
    ({"acc": T}, {}, ArgumentError),
    ({}, {}, ArgumentError),
    ({"loss": []}, {}, ArgumentError),
    ({"loss": T, "val_loss": V[:-1]}, {}, ShapeError),
    ({"loss": "abc"}, {}, DTypeError),
    ({"loss": 3.0}, {}, DTypeError),
    ({"loss": [[1.0, 2.0]]}, {}, DTypeError),
    ([1.0, 2.0], {}, DTypeError),
    (None, {}, DTypeError),
    ({"loss": T}, {"validation": "val"}, ArgumentError),
    ({"loss": T}, {"metric": "f1"}, ArgumentError),
    ({"loss": T}, {"limits": {"gaps": 1}}, ArgumentError),
    ({"loss": T}, {"floor": 2.0}, ArgumentError),
])  # fmt: skip
def test_errors(history, options, kind):
    with pytest.raises(kind) as error:
        gd.viz.learning_curves(history, **options)
    assert error.value.op == "viz.learning_curves" and error.value.expected and error.value.fix


def test_the_fix_for_a_missing_loss_runs():
    with pytest.raises(ArgumentError) as error:
        gd.viz.learning_curves({"cost": T})
    options = eval(f"dict({error.value.fix})")
    assert gd.viz.learning_curves({"cost": T}, **options).data["verdict"].word == "still improving"


@pytest.mark.parametrize("module", ["learning_curves", "history"])
def test_examples(module):
    assert doctest.testmod(importlib.import_module(f"graddl.viz.curves.{module}")).failed == 0
