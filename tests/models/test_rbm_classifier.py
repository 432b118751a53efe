"""RBMClassifier: counts, PyTorch's numbers, two steps of learning, errors."""

import numpy as np
import pytest

import graddl as gd
from graddl import nn
from graddl.models import RBMClassifier
from tests.models.cases import check, fit, numbers


def test_counts():
    assert RBMClassifier(6, 4, 3).num_parameters() == 6 * 4 + 6 + 4 + (4 + 1) * 3


def test_pytorchs_numbers():
    check("rbm_classifier", RBMClassifier(6, 3, 2), [numbers(4, 6)])


def test_pre_training_reaches_the_machine_and_fine_tuning_all_that_predicts():
    model, x = RBMClassifier(6, 4, 3), numbers(5, 6) ** 2
    model.rbm.contrastive_divergence(x, generator=gd.Generator(0)).backward()
    assert all(p.grad.any() for p in model.rbm.parameters()) and model.head.weight.grad is None
    model.zero_grad()
    nn.CrossEntropyLoss()(model(x), [0, 1, 2, 0, 1]).backward()
    assert {name for name, p in model.named_parameters() if p.grad is not None} == {
        "rbm.weight", "rbm.hidden_bias", "head.weight", "head.bias",
    }  # fmt: skip


def test_learns_after_pre_training():
    x = np.array([[1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 1, 0], [0, 1, 0, 1]], "f4")
    labels = np.array([0, 0, 1, 1])  # no linear map of x parts them
    model = RBMClassifier(4, 8, 2, generator=gd.Generator(0))
    rbm, generator, batch = model.rbm, gd.Generator(1), np.tile(x, (8, 1))
    before = rbm.log_likelihood(x).mean().item()
    fit(rbm, lambda: rbm.contrastive_divergence(batch, generator=generator), 150, 0.05)
    assert rbm.log_likelihood(x).mean().item() > before + 0.3
    first, last = fit(model, lambda: nn.CrossEntropyLoss()(model(x), labels), 150, 0.1)
    assert first > 0.6 and last < 0.05


def test_errors_name_the_layer():
    model = RBMClassifier(6, 4, 3)
    with pytest.raises(gd.ShapeError) as caught:
        model(gd.zeros(5, 2, 3))
    assert (caught.value.layer, caught.value.fix) == ("rbm", "v.reshape(-1, 6)")
    with pytest.raises(gd.DTypeError) as caught:
        model(np.zeros((5, 6), int))
    assert caught.value.layer == "rbm"
    with pytest.raises(gd.ArgumentError, match="RBM"):
        RBMClassifier(6, 0, 3)
