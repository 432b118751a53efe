"""Energy models against sums over all states and against scikit-learn."""

import itertools

import numpy as np
import pytest

import graddl as gd
from graddl.nn.energy import RBM, BoltzmannMachine


def bars_and_stripes(n=3):
    """Images (n, n) whose rows are each of one value, or whose columns are; each image once."""
    rows = [np.repeat(bits, n) for bits in itertools.product((0.0, 1.0), repeat=n)]
    columns = [np.tile(bits, n) for bits in itertools.product((0.0, 1.0), repeat=n)]
    return np.unique([*rows, *columns], axis=0)


def all_states(n):
    return np.array(list(itertools.product((0.0, 1.0), repeat=n)))


def filled(model, seed=0):
    """The model with larger parameters than it starts with."""
    rng = np.random.default_rng(seed)
    for p in model.parameters():
        p.data = rng.normal(size=p.shape)
    return model


def rbm(n_visible=4, n_hidden=3, visible="binary", seed=0):
    return filled(RBM(n_visible, n_hidden, visible, dtype="float64"), seed)


# ---------------------------------------------------------------------- RBM: energies
@pytest.mark.parametrize("sizes", [(4, 3), (3, 4), (2, 2), (1, 1)])
def test_exact_sums_over_all_states(sizes):
    model = rbm(*sizes)
    v, h = (all_states(n) for n in sizes)
    w, a, b = (p.numpy() for p in (model.weight, model.visible_bias, model.hidden_bias))
    joint = np.exp(v @ w.T @ h.T + (v @ a)[:, None] + h @ b)  # (2^V, 2^H)
    pairs = model.energy(v[:, None].repeat(len(h), 1), h[None].repeat(len(v), 0))
    np.testing.assert_allclose(np.exp(-pairs.numpy()), joint, rtol=1e-12)
    np.testing.assert_allclose(np.exp(-model.free_energy(v).numpy()), joint.sum(1), rtol=1e-12)
    assert model.log_partition().item() == pytest.approx(np.log(joint.sum()), rel=1e-12)
    p = joint / joint.sum()
    np.testing.assert_allclose(model.log_likelihood(v).exp().numpy(), p.sum(1), rtol=1e-12)
    given_v = p @ h / p.sum(1)[:, None]
    given_h = p.T @ v / p.sum(0)[:, None]
    np.testing.assert_allclose(model.hidden_given(v).numpy(), given_v, rtol=1e-12)
    np.testing.assert_allclose(model.visible_given(h).numpy(), given_h, rtol=1e-12)


def test_gaussian_visible_units_integrate_to_one():
    model = rbm(1, 3, "gaussian")
    v = np.linspace(-20, 20, 4001)[:, None]
    p = model.log_likelihood(v).exp().numpy()
    step = v[1, 0] - v[0, 0]
    assert p.sum() * step == pytest.approx(1, abs=1e-9)
    h = all_states(3)
    energy = model.energy(v[:, None].repeat(8, 1), h[None].repeat(len(v), 0)).numpy()
    np.testing.assert_allclose(-np.log(np.exp(-energy).sum(1)), model.free_energy(v).numpy())
    joint = np.exp(-energy)
    np.testing.assert_allclose(
        model.visible_given(h).numpy()[:, 0], (joint * v).sum(0) / joint.sum(0), atol=1e-9
    )


def test_is_scikit_learns():
    pytest.importorskip("sklearn", exc_type=ImportError)
    from sklearn.neural_network import BernoulliRBM

    model, theirs = rbm(6, 4), BernoulliRBM(4)
    theirs.components_ = model.weight.numpy()
    theirs.intercept_visible_ = model.visible_bias.numpy()
    theirs.intercept_hidden_ = model.hidden_bias.numpy()
    v = np.random.default_rng(1).random((7, 6))
    np.testing.assert_allclose(model.free_energy(v).numpy(), theirs._free_energy(v), rtol=1e-12)
    np.testing.assert_allclose(model(v).numpy(), theirs.transform(v), rtol=1e-12)
    h = np.eye(4)
    seen = [theirs._sample_visibles(h, np.random.RandomState(k)) for k in range(2000)]
    np.testing.assert_allclose(model.visible_given(h).numpy(), np.mean(seen, axis=0), atol=0.05)


@pytest.mark.parametrize("visible", ["binary", "gaussian"])
def test_gradients(visible):
    model = rbm(3, 2, visible)
    v = np.random.default_rng(2).normal(size=(4, 3))
    parameters = [p.numpy() for p in model.parameters()]

    def through(function):
        def f(w, a, b):
            copy = RBM(3, 2, visible, dtype="float64")
            vars(copy).update(weight=w, visible_bias=a, hidden_bias=b)
            return function(copy)

        return f

    for function in (
        lambda m: m.log_likelihood(v),
        lambda m: m.free_energy(v),
        lambda m: m.reconstruct(v),
    ):
        assert gd.gradcheck(through(function), parameters, order=2)


# ---------------------------------------------------------------------- RBM: samples
@pytest.mark.parametrize("visible", ["binary", "gaussian"])
def test_gibbs_sampling_draws_from_the_model(visible):
    model = rbm(2, 2, visible, seed=3)
    generator = gd.Generator(0)
    v = model.gibbs(np.zeros((20_000, 2)), 30, generator)
    assert not v.requires_grad and v.dtype == np.float64
    if visible == "binary":
        p = model.log_likelihood(all_states(2)).exp().numpy()
        seen = [(v.numpy() == s).all(axis=1).mean() for s in all_states(2)]
        np.testing.assert_allclose(seen, p, atol=0.015)
    else:
        h = all_states(2)
        mean = model.visible_given(h).numpy()
        prior = np.exp(h @ model.hidden_bias.numpy() + (mean**2).sum(1) / 2)
        expected = prior @ mean / prior.sum()
        np.testing.assert_allclose(v.numpy().mean(0), expected, atol=0.06)


def test_the_generator_decides():
    model = rbm()
    v = np.zeros((5, 4))
    one, same, other = (model.gibbs(v, 3, gd.Generator(s)).tolist() for s in (1, 1, 2))
    assert one == same != other
    gd.manual_seed(1)
    assert model.gibbs(v, 3).tolist() == one
    a, b = (RBM(3, 2, generator=gd.Generator(4)).weight.tolist() for _ in range(2))
    assert a == b


def test_float32_stays():
    model = RBM(4, 3)
    v = gd.zeros(2, 4)
    found = [model(v), model.free_energy(v), model.gibbs(v), model.log_likelihood(v)]
    found += [model.reconstruct(v), RBM(4, 3, "gaussian").gibbs(v), model.log_partition()]
    assert {t.dtype for t in found} == {np.dtype("f4")}


# ---------------------------------------------------------------------- RBM: learning
def test_gradient_of_contrastive_divergence():
    """Mean of h vᵀ over the data less that over the samples, with probabilities for h."""
    model, v = rbm(), bars_and_stripes(2)
    model.contrastive_divergence(v, 2, generator=gd.Generator(5)).backward()
    samples = model.gibbs(v, 2, gd.Generator(5)).numpy()
    hs = [model(x).numpy() for x in (v, samples)]
    outer = [h.T @ x / len(x) for h, x in zip(hs, (v, samples), strict=True)]
    np.testing.assert_allclose(model.weight.grad.numpy(), outer[1] - outer[0], rtol=1e-12)
    np.testing.assert_allclose(
        model.visible_bias.grad.numpy(), samples.mean(0) - v.mean(0), atol=1e-14
    )
    np.testing.assert_allclose(
        model.hidden_bias.grad.numpy(), hs[1].mean(0) - hs[0].mean(0), atol=1e-14
    )


def test_many_steps_give_the_gradient_of_the_likelihood():
    model, v = rbm(4, 2, seed=1), bars_and_stripes(2)
    (-model.log_likelihood(v).mean()).backward()
    exact = model.weight.grad.numpy().copy()
    model.zero_grad()
    many = np.repeat(v, 4000, axis=0)
    model.contrastive_divergence(many, 20, generator=gd.Generator(0)).backward()
    np.testing.assert_allclose(model.weight.grad.numpy(), exact, atol=0.02)


@pytest.mark.parametrize("persistent", [False, True])
def test_learning_raises_the_exact_likelihood(persistent):
    v = bars_and_stripes(3).astype("f4")
    model = RBM(9, 8, generator=gd.Generator(0))
    optimizer = gd.optim.SGD(model.parameters(), lr=0.3)
    generator, batch = gd.Generator(1), np.tile(v, (7, 1))  # more samples, less noise

    def likelihood():
        with gd.no_grad():
            return model.log_likelihood(v).mean().item()

    values = [likelihood()]
    assert values[0] == pytest.approx(-9 * np.log(2), abs=0.01)
    for _ in range(2):
        for _ in range(600):
            optimizer.zero_grad()
            model.contrastive_divergence(batch, 1, persistent, generator).backward()
            optimizer.step()
        values.append(likelihood())
    assert values[0] + 1 < values[1] < values[2]
    assert values[2] > -3.6  # the best is -ln 14 = -2.64


def test_exact_learning_needs_no_samples():
    v = bars_and_stripes(2)
    model = RBM(4, 4, dtype="float64", generator=gd.Generator(0))
    optimizer = gd.optim.Adam(model.parameters(), lr=0.05)
    for _ in range(400):
        optimizer.zero_grad()
        loss = -model.log_likelihood(v).mean()
        loss.backward()
        optimizer.step()
    assert np.log(len(v)) < loss.item() < np.log(len(v)) + 0.15


def test_a_persistent_chain_goes_on():
    model, v = rbm(), np.zeros((3, 4))
    assert model.chain is None
    generator = gd.Generator(0)
    model.contrastive_divergence(v, persistent=True, generator=generator)
    first = model.chain
    state = generator.get_state()
    model.contrastive_divergence(v[:1], persistent=True, generator=generator)
    generator.set_state(state)
    assert model.chain.tolist() == model.gibbs(first, 1, generator).tolist()
    model.contrastive_divergence(v, generator=generator)  # not persistent: the chain stays
    assert model.chain.shape == (3, 4) and not model.chain.requires_grad
    assert list(model.state_dict()) == ["weight", "visible_bias", "hidden_bias"]


# ---------------------------------------------------------------------- BoltzmannMachine
def machine(n_visible=3, n_hidden=2, seed=0):
    return filled(BoltzmannMachine(n_visible, n_hidden, dtype="float64"), seed)


def test_matrix_is_symmetric_without_self_connections():
    w = machine().matrix().numpy()
    assert (w == w.T).all() and not w.diagonal().any()
    pairs = itertools.combinations(range(5), 2)
    assert [w[i, j] for i, j in pairs] == machine().weight.tolist()


@pytest.mark.parametrize("sizes", [(3, 2), (4, 0), (1, 3), (1, 0)])
def test_machine_sums_over_all_states(sizes):
    model, s = machine(*sizes), all_states(sum(sizes))
    w, b = model.matrix().numpy(), model.bias.numpy()
    weights = np.exp([sum(x[i] * x[j] * w[i, j] for i in range(len(x)) for j in range(i)) + x @ b
                      for x in s])  # fmt: skip
    np.testing.assert_allclose(np.exp(-model.energy(s).numpy()), weights, rtol=1e-12)
    assert model.log_partition().item() == pytest.approx(np.log(weights.sum()), abs=1e-12)
    p = weights.reshape(2 ** sizes[0], -1).sum(1) / weights.sum()
    v = all_states(sizes[0])
    np.testing.assert_allclose(model(v).exp().numpy(), p, rtol=1e-12)
    assert model.log_likelihood(v[0]).shape == ()


def test_gradient_is_the_difference_of_correlations():
    model, v, s = machine(), all_states(3)[[1, 3, 6]], all_states(5)
    model.log_likelihood(v).mean().backward()
    p = np.exp(-model.energy(s).numpy())
    p /= p.sum()
    clamped = np.zeros_like(p)  # the data, with the hidden units as the model has them
    for x in v:
        q = p * (s[:, :3] == x).all(axis=1)
        clamped += q / q.sum() / len(v)
    correlations = [(s.T * q) @ s for q in (clamped, p)]
    difference = correlations[0] - correlations[1]
    np.testing.assert_allclose(
        model.weight.grad.numpy(), difference[np.triu_indices(5, 1)], atol=1e-13
    )
    np.testing.assert_allclose(model.bias.grad.numpy(), difference.diagonal(), atol=1e-13)


def test_a_restricted_one_is_an_rbm():
    small, model = rbm(3, 2), machine(3, 2)
    w = np.zeros((5, 5))
    w[:3, 3:] = small.weight.numpy().T
    model.weight.data = w[np.triu_indices(5, 1)]
    model.bias.data = np.concatenate([small.visible_bias.numpy(), small.hidden_bias.numpy()])
    v = all_states(3)
    np.testing.assert_allclose(
        model.log_likelihood(v).numpy(), small.log_likelihood(v).numpy(), rtol=1e-12
    )


def test_machine_gibbs_draws_from_the_model():
    model, s = machine(2, 1), all_states(3)
    drawn = model.gibbs(np.zeros((20_000, 3)), 30, generator=gd.Generator(0))
    assert not drawn.requires_grad
    p = np.exp(-model.energy(s).numpy())
    seen = np.array([(drawn.numpy() == x).all(axis=1).mean() for x in s])
    np.testing.assert_allclose(seen, p / p.sum(), atol=0.015)


def test_machine_gibbs_with_visible_units_clamped():
    model, start = machine(2, 1), np.tile([1.0, 0.0, 0.0], (20_000, 1))
    drawn = model.gibbs(start, 1, clamp=True, generator=gd.Generator(0)).numpy()
    assert (drawn[:, :2] == start[:, :2]).all() and not start[:, 2].any()
    energies = model.energy(np.array([[1.0, 0.0, 0.0], [1.0, 0.0, 1.0]])).numpy()
    assert drawn[:, 2].mean() == pytest.approx(1 / (1 + np.exp(np.diff(energies)[0])), abs=0.015)


def test_machine_learns_bars_and_stripes_exactly():
    v = bars_and_stripes(2)
    model = BoltzmannMachine(4, 2, dtype="float64", generator=gd.Generator(3))
    optimizer = gd.optim.Adam(model.parameters(), lr=0.1)
    for _ in range(300):
        optimizer.zero_grad()
        loss = -model(v).mean()
        loss.backward()
        optimizer.step()
    assert np.log(len(v)) < loss.item() < np.log(len(v)) + 0.3


# ---------------------------------------------------------------------- errors
def test_wrong_states():
    model = RBM(4, 3)
    for call in (model, model.free_energy, model.gibbs, model.contrastive_divergence):
        with pytest.raises(gd.ShapeError, match="4 units") as caught:
            call(gd.zeros(8))
        assert caught.value.fix == "v.reshape(-1, 4)" and caught.value.op == "RBM"
        with pytest.raises(gd.DTypeError, match="floating") as caught:
            call(np.zeros((2, 4), int))
        assert caught.value.fix == "v.astype('float32')"
    with pytest.raises(gd.ShapeError, match="3 units"):
        model.visible_given(gd.zeros(2, 4))
    with pytest.raises(gd.ShapeError, match="no data"):
        model.contrastive_divergence(gd.zeros(0, 4))
    with pytest.raises(gd.ShapeError, match="5 units"):
        machine().energy(gd.zeros(3))
    with pytest.raises(gd.ShapeError, match="3 units"):
        machine().log_likelihood(gd.zeros(5))


def test_wrong_arguments():
    with pytest.raises(gd.ArgumentError, match="from 0 to 1") as caught:
        RBM(2, 2).contrastive_divergence(gd.tensor([[0.0, 1.5]]))
    assert "gaussian" in caught.value.fix
    with pytest.raises(gd.ArgumentError, match="from 0 to 1"):
        RBM(2, 2).contrastive_divergence(gd.tensor([[0.0, np.nan]]))
    RBM(2, 2, "gaussian").contrastive_divergence(gd.tensor([[0.0, 1.5]]))
    with pytest.raises(gd.ArgumentError, match="kind of visible"):
        RBM(2, 2, "real")
    with pytest.raises(gd.ArgumentError, match="n_hidden is 0"):
        RBM(2, 0)
    with pytest.raises(gd.ArgumentError, match="n_visible is 0"):
        BoltzmannMachine(0, 2)
    with pytest.raises(gd.ArgumentError, match="k is 0"):
        RBM(2, 2).gibbs(gd.zeros(1, 2), 0)
    with pytest.raises(gd.ArgumentError, match="k is 0"):
        machine().gibbs(gd.zeros(1, 5), 0)


def test_too_many_states():
    assert RBM(40, 3).log_partition().item() == pytest.approx(43 * np.log(2), abs=0.1)
    for call in (
        RBM(17, 17).log_partition,
        RBM(2, 17, "gaussian").log_partition,
        BoltzmannMachine(15, 2).log_partition,
    ):
        with pytest.raises(gd.ArgumentError, match=r"2\^17 states"):
            call()


def test_repr():
    assert repr(RBM(4, 3)) == "RBM(4, 3, 'binary')"
    assert repr(BoltzmannMachine(4, 3)) == "BoltzmannMachine(4, 3)"
