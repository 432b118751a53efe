"""Losses against PyTorch's answers and closed forms."""

import copy
import doctest
import inspect
import json
import pickle
from pathlib import Path

import numpy as np
import pytest

import graddl as gd
from graddl.nn import functional, loss
from graddl.nn._function_layer import FunctionLayer
from graddl.nn.loss import CrossEntropyLoss, Loss, MSELoss, cost
from graddl.ops import FUNCTIONS
from tests.oracles.layers_oracles import WANTED, array

ORACLES = Path(__file__).parents[1] / "oracles"
CASES = json.loads((ORACLES / "layers.json").read_text())["losses"]
CROSS_ENTROPIES = json.loads((ORACLES / "nn.json").read_text())["cross_entropy"]
LAYERS = {
    name: kind
    for name, kind in vars(loss).items()
    if inspect.isclass(kind) and issubclass(kind, FunctionLayer) and vars(kind).get("_function")
}
LOSSES = {name: kind for name, kind in LAYERS.items() if issubclass(kind, Loss)}
OWN = {"FocalLoss", "HingeLoss", "SquaredHingeLoss"}  # PyTorch has no such classes


def given(kind):
    """An array of an oracle as an ndarray."""
    shape, numbers = array(kind)
    return np.reshape(numbers, shape)


def case_id(case):
    return " ".join([case["class"], *(f"{k}={v}" for k, v in case["options"].items())])


# ---------------------------------------------------------------------- PyTorch's
@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_values_and_gradients_are_pytorchs(case):
    options = {k: np.array(v) if isinstance(v, list) else v for k, v in case["options"].items()}
    arrays = [
        gd.tensor(given(k), requires_grad=True) if k in WANTED else given(k) for k in case["arrays"]
    ]
    y = LAYERS[case["class"]](**options)(*arrays)
    (y * y).sum().backward()
    np.testing.assert_allclose(y.numpy(), case["y"], rtol=1e-9, atol=1e-12)
    for x, grad in zip(arrays, case["grads"], strict=True):
        assert (grad is None) == (getattr(x, "grad", None) is None)
        if grad is not None:
            np.testing.assert_allclose(x.grad.numpy(), grad, rtol=1e-9, atol=1e-12)


def test_every_loss_of_the_table_is_a_layer_and_every_layer_is_compared():
    family = {
        name
        for name, function in FUNCTIONS.items()
        if function.op.info["family"] == "loss" and not function.op.info["hidden"]
    }
    layers = {kind._function.__name__ for kind in LAYERS.values()}
    assert {FUNCTIONS[name].op.name for name in family} == layers
    assert set(LAYERS) - {case["class"] for case in CASES} == OWN


@pytest.mark.parametrize("name", LOSSES)
def test_every_reduction_is_compared(name):
    compared = {case["options"]["reduction"] for case in CASES if case["class"] == name}
    assert name in OWN or compared == set(LOSSES[name]._words)


@pytest.mark.parametrize("case", CROSS_ENTROPIES, ids=str)
def test_cross_entropy_is_pytorchs(case):
    shape = case["shape"]
    values = 3 * np.sin(np.arange(np.prod(shape)) + 4.0).reshape(shape)
    logits = gd.tensor(values, requires_grad=True)
    weight = None if case["weight"] is None else np.array(case["weight"])
    layer = CrossEntropyLoss(weight, reduction=case["reduction"])
    y = layer(logits, np.array(case["target"]))
    y.sum().backward()
    np.testing.assert_allclose(y.numpy(), case["loss"], rtol=1e-12)
    np.testing.assert_allclose(logits.grad.numpy(), case["grad"], rtol=1e-11, atol=1e-15)


# ---------------------------------------------------------------------- closed forms
def reduced(losses, reduction):
    return {"mean": losses.mean, "sum": losses.sum, "none": lambda: losses}[reduction]()


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_hinges(reduction):
    x, t = given("x"), given("signs")
    short = np.maximum(1 - t * x, 0)
    for kind, want in ((loss.HingeLoss, short), (loss.SquaredHingeLoss, short**2)):
        y = kind(reduction)(x, t)
        np.testing.assert_allclose(y.numpy(), reduced(want, reduction), rtol=1e-12)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize(("alpha", "gamma"), [(0.25, 2.0), (0.6, 1.5), (-1.0, 0.0)])
def test_focal(alpha, gamma, reduction):
    x, t = given("x"), (given("signs") + 1) / 2
    p = 1 / (1 + np.exp(-x))
    p = np.where(t == 1, p, 1 - p)
    w = np.where(t == 1, alpha, 1 - alpha) if alpha >= 0 else 1
    y = loss.FocalLoss(alpha, gamma, reduction)(x, t)
    want = -w * (1 - p) ** gamma * np.log(p)
    np.testing.assert_allclose(y.numpy(), reduced(want, reduction), rtol=1e-12)


def test_focal_of_no_focus_is_binary_cross_entropy():
    x, t = given("x"), given("soft")
    plain = loss.BCEWithLogitsLoss()(x, t).item()
    assert loss.FocalLoss(alpha=-1, gamma=0)(x, t).item() == pytest.approx(plain, rel=1e-14)


def test_of_equal_logits_is_the_logarithm_of_the_number_of_classes():
    assert CrossEntropyLoss()(gd.zeros(7, 10), [3] * 7).item() == pytest.approx(np.log(10))


def test_of_a_single_sample():
    logits = gd.tensor([0.0, np.log(3.0)], dtype="float64", requires_grad=True)
    y = CrossEntropyLoss()(logits, 0 * gd.arange(1).sum())
    assert y.item() == pytest.approx(np.log(4))
    y.backward()
    np.testing.assert_allclose(logits.grad.numpy(), [-0.75, 0.75])


def test_large_logits_do_not_overflow():
    logits = gd.tensor([[1e4, 0.0], [0.0, 1e4]], requires_grad=True)
    y = CrossEntropyLoss()(logits, [0, 0])
    y.backward()
    assert y.item() == pytest.approx(5e3)
    np.testing.assert_allclose(logits.grad.numpy(), [[0, 0], [-0.5, 0.5]])


# ---------------------------------------------------------------------- layers
@pytest.mark.parametrize("name", LAYERS)
def test_signature_repr_copies_and_docstring(name):
    layer = LAYERS[name]()
    parameters = {k: p.default for k, p in inspect.signature(LAYERS[name]).parameters.items()}
    shown = ", ".join(f"{k}={v!r}" for k, v in parameters.items() if v is not None)
    assert repr(layer) == f"{name}({shown})"
    for other in (pickle.loads(pickle.dumps(layer)), copy.deepcopy(layer)):
        assert repr(other) == repr(layer)
    doc = LAYERS[name].__doc__
    assert ":math:" in doc or ".. math::" in doc
    assert all(f"    {k} :" in doc or f"\n{k} :" in doc for k in parameters), doc


@pytest.mark.parametrize("name", LOSSES)
def test_unknown_reductions_are_refused(name):
    with pytest.raises(gd.ArgumentError, match="reduction") as caught:
        LOSSES[name](reduction="avg")
    assert caught.value.op == name and name in caught.value.fix
    assert ("batchmean" in caught.value.expected) == (name == "KLDivLoss")
    with pytest.raises(TypeError, match="size_average"):
        LOSSES[name](size_average=True)


def test_pytorchs_order_of_arguments():
    assert loss.HuberLoss("sum", 2.0).delta == 2.0
    assert loss.SmoothL1Loss("sum", 2.0).beta == 2.0
    assert CrossEntropyLoss(None, 3, "sum", 0.5).label_smoothing == 0.5
    assert loss.MultiMarginLoss(2, 0.5, None, "sum").reduction == "sum"
    assert loss.BCEWithLogitsLoss(None, "sum", [2.0]).pos_weight.tolist() == [2.0]
    assert loss.PoissonNLLLoss(False, True, 0.1).eps == 0.1
    assert loss.TripletMarginLoss(2.0, 1.0, 0.1, True).swap is True
    with pytest.raises(TypeError):
        loss.GaussianNLLLoss(True)


def test_weights_are_buffers():
    layer = CrossEntropyLoss([1.0, 2.0])
    assert list(layer.state_dict()) == ["weight"] and list(layer.parameters()) == []
    assert CrossEntropyLoss().state_dict() == {}
    assert repr(loss.NLLLoss([1.0, 2.0])).startswith("NLLLoss(weight: (2,), ignore_index=-100")
    both = loss.BCEWithLogitsLoss([1.0, 2.0], pos_weight=[3.0, 1.0])
    assert list(both.state_dict()) == ["weight", "pos_weight"]
    with pytest.raises(gd.GradientError):
        CrossEntropyLoss(gd.ones(2, requires_grad=True))


def test_target_as_tensor_list_or_array():
    layer = CrossEntropyLoss([1.0, 2.0])
    x = np.array([[1.0, 2.0], [0.5, 0.0]], "f4")
    values = {layer(x, t).item() for t in ([0, 1], np.array([0, 1]), gd.tensor([0, 1]))}
    assert len(values) == 1
    y = loss.MSELoss()
    assert y(input=x, target=x).item() == y([1.0, 2.0], [1.0, 2.0]).item() == 0


def test_float32_stays():
    x = given("x").astype("f4")
    assert MSELoss()(x, given("x2").astype("f4")).dtype == np.float32
    for weight in ([0.5, 1.0, 2.0], [1, 2, 3], np.arange(3), gd.tensor([1, 2, 3])):
        layer = CrossEntropyLoss(weight)
        assert layer.weight.dtype == layer(x, given("classes")).dtype == np.float32


def test_a_target_gets_its_gradient_too():
    t = gd.tensor(given("x2"), requires_grad=True)
    MSELoss()(given("x"), t).backward()
    np.testing.assert_allclose(t.grad.numpy(), 2 * (given("x2") - given("x")) / 15, rtol=1e-12)


def test_errors():
    layer = CrossEntropyLoss()
    with pytest.raises(gd.ShapeError):
        layer(gd.zeros(3, 2), [0, 1])
    with pytest.raises(gd.DTypeError, match="class indices"):
        layer(gd.zeros(2, 2), np.array([0.0, 1.0]))
    with pytest.raises(gd.IndexError_, match="out of range"):
        layer(gd.zeros(2, 2), [0, 2])
    with pytest.raises(gd.ShapeError, match="3 class weights for 2 classes"):
        CrossEntropyLoss([1.0, 1.0, 1.0])(gd.zeros(2, 2), [0, 1])
    with pytest.raises(gd.ArgumentError, match="label_smoothing"):
        CrossEntropyLoss(label_smoothing=1.5)(gd.zeros(2, 2), [0, 1])
    with pytest.raises(gd.ShapeError, match="differ"):
        MSELoss()(gd.zeros(4, 1), gd.zeros(4))
    with pytest.raises(gd.ArgumentError, match="sign"):
        loss.HingeLoss()(gd.zeros(2), [0.0, 1.0])


def test_cross_entropy_and_nll_have_their_classes_on_axis_1():
    x, t = given("grid"), given("grid_classes")
    for layer, f in (
        (CrossEntropyLoss(), functional.cross_entropy),
        (loss.NLLLoss(), functional.nll_loss),
    ):
        assert layer(x, t).item() == f(x, t).item()


# ---------------------------------------------------------------------- a cost is a mean of losses
def test_cost_is_the_mean_of_losses():
    x = gd.tensor(given("x"), requires_grad=True, name="x")
    losses = MSELoss("none")(x, given("x2"))
    y = cost(losses)
    assert y.item() == pytest.approx(MSELoss()(given("x"), given("x2")).item(), rel=1e-14)
    assert y.name == "cost" and y.node.scope == "cost" and y.node.op.name == "mean"
    y.backward()
    want = 2 * (given("x") - given("x2")) / 15
    np.testing.assert_allclose(x.grad.numpy(), want, rtol=1e-12)


def test_cost_of_a_list():
    ws = [gd.tensor(float(k), requires_grad=True) for k in range(3)]
    cost([w * w for w in ws]).backward()
    assert [w.grad.item() for w in ws] == pytest.approx([0, 2 / 3, 4 / 3])
    w = gd.Scalar(3.0)
    y = cost([w * w, w, 2 * w])
    y.backward()
    assert isinstance(y, gd.Scalar) and y.name == "cost"
    assert y.data == pytest.approx(6) and w.grad == pytest.approx(3)


@pytest.mark.parametrize("losses", [[], (), np.zeros(0)], ids=str)
def test_there_is_no_cost_of_nothing(losses):
    with pytest.raises(gd.ShapeError, match="no examples"):
        cost(gd.tensor(losses) if isinstance(losses, np.ndarray) else losses)


def test_examples():
    assert doctest.testmod(loss).failed == 0
