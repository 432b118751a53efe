"""Initializers: distributions by a Kolmogorov-Smirnov test, exact properties, and what `auto_`
chooses."""

import doctest
import json
import math
from pathlib import Path

import numpy as np
import pytest

import graddl as gd
from graddl import init
from graddl.nn import Linear, Module, Parameter, ReLU, Sequential, Sigmoid, Tanh
from graddl.nn import functional as F
from graddl.nn.activation import GLU, SELU, LeakyReLU, PReLU, Softplus
from graddl.nn.batch_norm import BatchNorm2d
from graddl.nn.conv import Conv2d, ConvTranspose2d
from graddl.nn.recurrent import RNN

GAINS = json.loads((Path(__file__).parent / "oracles" / "layers.json").read_text())["gains"]
SHAPE = (300, 20, 2, 3)  # fan_in 120, fan_out 1800
FAN_IN, FAN_OUT = 120, 1800
SIZE = math.prod(SHAPE)


# ---------------------------------------------------------------------- distributions
def normal_cdf(std, mean=0.0):
    return lambda x: np.array([0.5 * math.erfc((mean - v) / (std * math.sqrt(2))) for v in x])


def uniform_cdf(a, b):
    return lambda x: np.clip((x - a) / (b - a), 0, 1)


def truncated_cdf(mean, std, a, b):
    phi = normal_cdf(std, mean)
    low, high = phi([a, b])
    return lambda x: np.clip((phi(x) - low) / (high - low), 0, 1)


def distance(values, cdf):
    """The statistic of Kolmogorov and Smirnov: how far the share of values below x strays from
    what it should be, at the worst x."""
    x = np.sort(np.ravel(values))
    want, n = cdf(x), x.size
    return max((np.arange(1, n + 1) / n - want).max(), (want - np.arange(n) / n).max())


CRITICAL = 1.95  # over the root of n: exceeded by chance once in a thousand


def symmetric(bound):
    return uniform_cdf(-bound, bound)


RANDOM = {  # initializer, arguments, distribution
    "uniform": ("uniform_", {}, uniform_cdf(0, 1)),
    "uniform a b": ("uniform_", {"a": -3, "b": 0.5}, uniform_cdf(-3, 0.5)),
    "normal": ("normal_", {}, normal_cdf(1)),
    "normal mean std": ("normal_", {"mean": 2.0, "std": 0.3}, normal_cdf(0.3, 2.0)),
    "trunc_normal": ("trunc_normal_", {}, truncated_cdf(0, 1, -2, 2)),
    "trunc_normal all": (
        "trunc_normal_",
        {"mean": 1.0, "std": 0.5, "a": 0.8, "b": 3.0},
        truncated_cdf(1.0, 0.5, 0.8, 3.0),
    ),
    "xavier_uniform": ("xavier_uniform_", {}, symmetric(math.sqrt(6 / (FAN_IN + FAN_OUT)))),
    "xavier_uniform gain": (
        "xavier_uniform_",
        {"gain": 5 / 3},
        symmetric(5 / 3 * math.sqrt(6 / (FAN_IN + FAN_OUT))),
    ),
    "xavier_normal": ("xavier_normal_", {}, normal_cdf(math.sqrt(2 / (FAN_IN + FAN_OUT)))),
    "kaiming_uniform": ("kaiming_uniform_", {}, symmetric(math.sqrt(6 / FAN_IN))),
    "kaiming_uniform tanh": (
        "kaiming_uniform_",
        {"nonlinearity": "tanh"},
        symmetric(5 / 3 * math.sqrt(3 / FAN_IN)),
    ),
    "kaiming_normal": ("kaiming_normal_", {}, normal_cdf(math.sqrt(2 / FAN_IN))),
    "kaiming_normal fan_out": (
        "kaiming_normal_",
        {"mode": "fan_out", "nonlinearity": "relu"},
        normal_cdf(math.sqrt(2 / FAN_OUT)),
    ),
    "kaiming_normal slope": (
        "kaiming_normal_",
        {"a": 0.5},
        normal_cdf(math.sqrt(2 / 1.25 / FAN_IN)),
    ),
    "lecun_uniform": ("lecun_uniform_", {}, symmetric(math.sqrt(3 / FAN_IN))),
    "lecun_normal": ("lecun_normal_", {}, normal_cdf(math.sqrt(1 / FAN_IN))),
    "lecun_normal fan_out": ("lecun_normal_", {"mode": "fan_out"}, normal_cdf(FAN_OUT**-0.5)),
}


@pytest.mark.parametrize("name", RANDOM)
def test_distribution(name):
    function, options, cdf = RANDOM[name]
    x = gd.zeros(SHAPE, dtype="float64")
    assert getattr(init, function)(x, **options, generator=gd.Generator(7)) is x
    values = x.numpy()
    assert distance(values, cdf) < CRITICAL / math.sqrt(SIZE)
    assert len(np.unique(values)) == SIZE  # no number twice: none was copied along an axis
    # The test has power: it tells a distribution that is 5 percent wider.
    middle = values.mean()
    assert distance(middle + 1.05 * (values - middle), cdf) > CRITICAL / math.sqrt(SIZE)


@pytest.mark.parametrize("name", RANDOM)
def test_the_generator_decides(name):
    function, options, _ = RANDOM[name]

    def draw(generator=None):
        x = gd.zeros(4, 3)
        return getattr(init, function)(x, **options, generator=generator).tolist()

    gd.manual_seed(5)
    assert draw(gd.Generator(5)) == draw(gd.Generator(5)) == draw() != draw(gd.Generator(6))


def test_truncated_numbers_stay_inside():
    x = init.trunc_normal_(gd.zeros(1000), 0.0, 1.0, -0.5, 2.0, gd.Generator(0)).numpy()
    assert x.min() >= -0.5 and x.max() <= 2.0
    assert init.trunc_normal_(gd.zeros(())).shape == ()


# ---------------------------------------------------------------------- exact ones
def test_constants():
    x = gd.ones(2, 3)
    assert init.zeros_(x) is x and x.tolist() == [[0] * 3] * 2
    assert init.ones_(x).tolist() == [[1] * 3] * 2
    assert init.constant_(x, 2.5).tolist() == [[2.5] * 3] * 2


@pytest.mark.parametrize("shape", [(3, 3), (2, 4), (4, 2)])
def test_identity(shape):
    assert np.array_equal(init.identity_(gd.ones(shape)).numpy(), np.eye(*shape))
    fc = Linear(3, 3, bias=False)
    init.eye_(fc.weight)
    x = gd.randn(5, 3)
    assert np.array_equal(fc(x).detach().numpy(), x.numpy())


@pytest.mark.parametrize("kernel", [(3,), (3, 5), (4, 2), (1, 3, 3)])
@pytest.mark.parametrize(("out", "inside", "groups"), [(4, 4, 1), (2, 3, 1), (5, 2, 1), (6, 2, 3)])
def test_dirac(kernel, out, inside, groups):
    w = init.dirac_(gd.ones(out, inside, *kernel), groups).numpy()
    each = out // groups
    want = np.zeros((out, inside))
    for g in range(groups):
        for d in range(min(each, inside)):
            want[g * each + d, d] = 1
    assert np.array_equal(w[(..., *(n // 2 for n in kernel))], want)
    assert w.sum() == want.sum()


@pytest.mark.parametrize("shape", [(5, 5), (3, 8), (8, 3), (4, 2, 3), (6, 2, 1, 2)])
@pytest.mark.parametrize("gain", [1.0, 2.5])
def test_orthogonal(shape, gain):
    w = init.orthogonal_(gd.zeros(shape, dtype="float64"), gain, gd.Generator(1)).numpy()
    w = w.reshape(shape[0], -1)
    product = w @ w.T if w.shape[0] <= w.shape[1] else w.T @ w
    np.testing.assert_allclose(product, gain**2 * np.eye(len(product)), atol=1e-12)


def test_orthogonal_matrices_are_equally_likely():
    # By Archimedes, a coordinate of a point on the sphere is uniform in [-1, 1]. Without the signs
    # of r, the first coordinate would be negative always.
    generator, x = gd.Generator(3), gd.zeros(3, 3, dtype="float64")
    drawn = np.array([init.orthogonal_(x, generator=generator).numpy().copy() for _ in range(4000)])
    for row, column in ((0, 0), (1, 1), (2, 2), (0, 2), (2, 0)):
        found = distance(drawn[:, row, column], uniform_cdf(-1, 1))
        assert found < CRITICAL / math.sqrt(4000), (row, column)
    turns = np.linalg.det(drawn) > 0
    assert abs(turns.mean() - 0.5) < 3 * 0.5 / math.sqrt(4000)  # half of them, half reflections


def test_sparse():
    w = init.sparse_(gd.zeros(50, 400, dtype="float64"), 0.25, 0.1, gd.Generator(2)).numpy()
    assert ((w == 0).sum(axis=0) == 13).all()  # 12.5, rounded up
    assert np.ptp((w == 0).sum(axis=1)) > 10  # not the same rows in each column
    assert distance(w[w != 0], normal_cdf(0.1)) < CRITICAL / math.sqrt((w != 0).sum())


def test_kerass_words():
    assert init.glorot_uniform_ is init.xavier_uniform_ and init.he_normal_ is init.kaiming_normal_
    assert init.glorot_normal_ is init.xavier_normal_ and init.he_uniform_ is init.kaiming_uniform_
    assert init.truncated_normal_ is init.trunc_normal_ and init.identity_ is init.eye_
    assert all(hasattr(init, name) for name in init.__all__)


# ---------------------------------------------------------------------- what they write into
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_parameters_of_every_dtype_keep_identity_dtype_and_no_history(dtype):
    p = Parameter(np.ones((3, 2), dtype))
    y = (p * p).sum()
    assert init.normal_(p) is p
    assert p.dtype == dtype and p.is_leaf and p.requires_grad and p.grad is None
    assert len(set(p.numpy().ravel())) == 6
    with pytest.raises(gd.GradientError, match="changed"):  # y saved the old values
        y.backward()


def test_memory_is_shared_with_views():
    x = gd.zeros(4, 3)
    init.ones_(x[1])
    assert x.numpy().sum() == 3


def test_fans():
    assert init.fans(gd.zeros(5, 3)) == (3, 5)
    assert init.fans(gd.zeros(8, 4, 3, 2)) == (24, 48)
    for shape in ((), (3,), (0, 3), (3, 0)):
        with pytest.raises(gd.ShapeError):
            init.fans(gd.zeros(shape))


# ---------------------------------------------------------------------- gains
@pytest.mark.parametrize("case", GAINS)
def test_gains_are_pytorchs(case):
    name, slope = eval(case)
    assert init.calculate_gain(name, slope) == pytest.approx(GAINS[case], rel=1e-15)


def test_unknown_gains_are_refused():
    with pytest.raises(gd.ArgumentError, match="no gain"):
        init.calculate_gain("swish")
    for slope in ("0.1", True):
        with pytest.raises(gd.ArgumentError, match="slope"):
            init.calculate_gain("leaky_relu", slope)


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        (lambda: init.normal_(np.zeros(3)), gd.DTypeError),
        (lambda: init.zeros_(gd.arange(3)), gd.DTypeError),
        (lambda: init.normal_(gd.zeros(3), std=-1.0), gd.ArgumentError),
        (lambda: init.normal_(gd.zeros(3), std=math.nan), gd.ArgumentError),
        (lambda: init.uniform_(gd.zeros(3), 1.0, 0.0), gd.ArgumentError),
        (lambda: init.trunc_normal_(gd.zeros(3), a=10.0, b=11.0), gd.ArgumentError),
        (lambda: init.trunc_normal_(gd.zeros(3), a=1.0, b=-1.0), gd.ArgumentError),
        (lambda: init.trunc_normal_(gd.zeros(3), std=0.0), gd.ArgumentError),
        (lambda: init.xavier_normal_(gd.zeros(3)), gd.ShapeError),
        (lambda: init.orthogonal_(gd.zeros(3)), gd.ShapeError),
        (lambda: init.kaiming_normal_(gd.zeros(3, 2), mode="fan"), gd.ArgumentError),
        (lambda: init.kaiming_uniform_(gd.zeros(3, 2), nonlinearity="rel"), gd.ArgumentError),
        (lambda: init.eye_(gd.zeros(3)), gd.ShapeError),
        (lambda: init.eye_(gd.zeros(3, 3, 3)), gd.ShapeError),
        (lambda: init.dirac_(gd.zeros(3, 3)), gd.ShapeError),
        (lambda: init.dirac_(gd.zeros(3, 3, 3), groups=2), gd.ArgumentError),
        (lambda: init.sparse_(gd.zeros(3), 0.5), gd.ShapeError),
        (lambda: init.sparse_(gd.zeros(3, 3), 1.5), gd.ArgumentError),
        (lambda: init.auto_(gd.zeros(3, 3)), gd.DTypeError),
    ],
)
def test_errors(call, kind):
    with pytest.raises(kind) as caught:
        call()
    error = caught.value
    assert error.op and error.expected and error.fix.startswith("gd.init.")


# ---------------------------------------------------------------------- a whole model
HE, LECUN, GLOROT, KEPT = "kaiming_normal_", "lecun_normal_", "xavier_uniform_", "unchanged"
ACTIVATIONS = [
    (ReLU, HE, math.sqrt(2 / 400)),
    (lambda: LeakyReLU(0.5), HE, math.sqrt(2 / 1.25 / 400)),
    (lambda: PReLU(init=0.5), HE, math.sqrt(2 / 1.25 / 400)),
    (SELU, LECUN, math.sqrt(1 / 400)),
    (Tanh, GLOROT, 5 / 3 * math.sqrt(2 / 500)),
    (Sigmoid, GLOROT, math.sqrt(2 / 500)),
    (Softplus, GLOROT, math.sqrt(2 / 500)),
    (GLU, GLOROT, math.sqrt(2 / 500)),
    (None, GLOROT, math.sqrt(2 / 500)),
]


@pytest.mark.parametrize("inputs", [(), (gd.zeros(1, 400),)], ids=["by order", "by graph"])
@pytest.mark.parametrize("case", ACTIVATIONS)
def test_the_following_activation_decides(case, inputs):
    activation, name, std = case
    fc = Linear(400, 100)
    layers = [fc]
    if activation:
        bend = activation()
        layers += [bend, Linear(bend(gd.zeros(1, 100)).shape[1], 2)]
    net = Sequential(*layers)
    table = init.auto_(net, *inputs, generator=gd.Generator(1))
    assert table["0.weight"] == name and table["0.bias"] == "zeros_"
    assert fc.weight.numpy().std() == pytest.approx(std, rel=0.02)
    assert fc.bias.tolist() == [0] * 100
    assert activation is None or table["2.weight"] == GLOROT
    assert list(table) == [path for path, _ in net.named_parameters()]


def test_the_generator_decides_for_a_model():
    net = Sequential(Linear(3, 3), Tanh(), Linear(3, 3), ReLU())

    def draw(seed):
        init.auto_(net, generator=gd.Generator(seed))
        return [p.tolist() for p in net.parameters()]

    assert draw(1) == draw(1) != draw(2)


class Functional(Module):
    """Activations that are no layers, and what stands between a weight and its activation."""

    def __init__(self):
        self.first, self.second, self.last = Linear(6, 8), Linear(8, 8), Linear(8, 3)
        self.scale = Parameter(np.ones((8,)))

    def forward(self, x):
        h = F.layer_norm(self.first(x), 8) * self.scale
        h = F.dropout(h.reshape(-1, 2, 4), 0.5, self.training).reshape(-1, 8)
        h = F.relu(h)
        h = F.selu(h + self.second(h))  # a way around the weight
        return {"y": (F.softmax(self.last(h), 1), None)}


def test_the_graph_is_followed_past_what_is_no_activation():
    net = Functional()
    table = init.auto_(net, gd.zeros(2, 6))
    assert table == {
        "first.weight": HE,
        "first.bias": "zeros_",
        "second.weight": LECUN,
        "second.bias": "zeros_",
        "last.weight": GLOROT,
        "last.bias": "zeros_",
        "scale": KEPT,
    }
    assert {name for name in init.auto_(net).values()} == {GLOROT, "zeros_", KEPT}  # it sees none


class Plain(Module):
    """Weights as (in, out), an embedding, positions, a weight that is looked up and multiplied."""

    def __init__(self):
        self.words, self.places = Parameter(np.ones((7, 5))), Parameter(np.ones((3, 5)))
        self.w1, self.w2, self.w3 = (Parameter(np.ones((5, n))) for n in (400, 300, 200))
        self.gain = Parameter(np.ones((3, 200)))
        self.b = Parameter(np.ones(400))

    def forward(self, at):
        x = F.embedding(at, self.words) + self.places
        a = (x @ self.w1 + self.b).relu().sum(axis=-1)
        b = F.leaky_relu(gd.matmul(self.w2.T, x.mT), 0.5)
        c = gd.einsum("ti,io->to", x, self.w3) * self.gain
        return a, b, F.selu(c)


def test_weights_of_the_other_layout_and_what_is_no_weight():
    net = Plain()
    table = init.auto_(net, np.array([1, 0, 6]))
    assert table == {
        "words": KEPT,
        "places": KEPT,
        "w1": HE,
        "w2": HE,
        "w3": LECUN,
        "gain": KEPT,
        "b": KEPT,
    }
    assert net.words.numpy().min() == net.gain.numpy().min() == net.b.numpy().min() == 1
    # five numbers are added up for each output, though the weights stand as (in, out)
    assert net.w1.numpy().std() == pytest.approx(math.sqrt(2 / 5), rel=0.1)
    assert net.w2.numpy().std() == pytest.approx(math.sqrt(2 / 1.25 / 5), rel=0.1)


def test_convolutions_by_graph():
    class Net(Module):
        def __init__(self):
            self.kernel, self.back = Parameter(np.ones((30, 4, 5))), Parameter(np.ones((30, 9, 5)))

        def forward(self, x):
            h = gd.conv1d(x, self.kernel).relu()
            return gd.conv_transpose1d(h, self.back).tanh()

    net = Net()
    assert init.auto_(net, gd.zeros(1, 4, 8)) == {"kernel": HE, "back": GLOROT}
    assert net.kernel.numpy().std() == pytest.approx(math.sqrt(2 / 20), rel=0.1)


@pytest.mark.parametrize("inputs", [(), (gd.zeros(1, 4, 9, 9),)], ids=["by order", "by graph"])
def test_layers_of_convolution(inputs):
    layers = Conv2d(4, 30, 3), BatchNorm2d(30), ReLU(), ConvTranspose2d(30, 8, 3), SELU()
    net = Sequential(*layers)
    table = init.auto_(net, *inputs, generator=gd.Generator(1))
    assert table == {
        "0.weight": HE,
        "0.bias": "zeros_",
        "1.weight": KEPT,
        "1.bias": "zeros_",
        "3.weight": LECUN,
        "3.bias": "zeros_",
    }
    assert net[1].running_mean.tolist() == [0] * 30
    assert net[0].weight.numpy().std() == pytest.approx(math.sqrt(2 / 36), rel=0.1)
    # a transposed kernel (in, out, ...) adds up 30 channels
    assert net[3].weight.numpy().std() == pytest.approx(math.sqrt(1 / 270), rel=0.1)


def test_recurrent_layers_stay_and_end_the_search():
    class Net(Module):
        def __init__(self):
            self.first, self.core, self.bend = Linear(3, 4), RNN(4, 5), ReLU()

        def forward(self, x):
            return self.bend(self.core(self.first(x))[0])

    net = Net()
    for inputs in ((), (gd.zeros(6, 2, 3),)):
        table = init.auto_(net, *inputs)
        assert table["first.weight"] == GLOROT
        assert table["core.weight_ih_l0"] == table["core.weight_hh_l0"] == KEPT
        assert table["core.bias_hh_l0"] == "zeros_"


def test_frozen_parameters_stay():
    net = Sequential(Linear(4, 4), ReLU(), Linear(4, 4), ReLU())
    for p in net[0].parameters():
        p.requires_grad = False
    before = net[0].weight.tolist(), net[0].bias.tolist()
    for inputs in ((), (gd.zeros(2, 4),)):
        table = init.auto_(net, *inputs)
        assert table["0.weight"] == table["0.bias"] == KEPT and table["2.weight"] == HE
        assert (net[0].weight.tolist(), net[0].bias.tolist()) == before


def test_a_shared_weight_is_started_once_and_a_part_under_a_name_is_found():
    class Net(Module):
        def __init__(self):
            self.body = Sequential(Linear(4, 4), PReLU(init=0.5))
            self.head = self.body[0]

        def forward(self, x):
            return self.head(self.body(x))

    net = Net()
    assert init.auto_(net, gd.zeros(1, 4))["body.0.weight"] == HE
    assert init.auto_(net.body, gd.zeros(1, 4))["0.weight"] == HE  # its scopes start with "body"
    assert net.body[1].weight.item() == 0.5


def test_the_run_changes_no_mode_and_needs_no_grad_mode():
    net = Sequential(Linear(4, 4), Sequential(ReLU()))
    net[1].eval()
    with gd.no_grad():
        assert init.auto_(net, gd.zeros(1, 4))["0.weight"] == HE
    assert net.training and net[0].training and not net[1].training and not net[1][0].training
    assert all(p.grad is None for p in net.parameters())

    class Broken(Sequential):
        def forward(self, x):
            assert not self.training  # so that running statistics stay as they are
            raise RuntimeError("on purpose")

    net = Broken(Linear(4, 4))
    with pytest.raises(RuntimeError, match="on purpose"):
        init.auto_(net, gd.zeros(1, 4))
    assert net.training and net[0].training


def test_a_run_without_graph_is_an_error():
    class Cut(Module):
        def __init__(self):
            self.fc = Linear(4, 4)

        def forward(self, x):
            return self.fc(x).detach()

    with pytest.raises(gd.GradientError, match="no graph") as caught:
        init.auto_(Cut(), gd.zeros(1, 4))
    assert caught.value.op == "auto_"


@pytest.mark.parametrize("activation", [ReLU, SELU, lambda: LeakyReLU(0.3)])
def test_signals_keep_their_size_through_thirty_layers(activation):
    layers = [part for _ in range(30) for part in (Linear(256, 256), activation())]
    net, x = Sequential(*layers), gd.randn(64, 256, generator=gd.Generator(1))
    assert net(x).detach().numpy().std(axis=0).mean() < 2e-3  # all examples have become alike
    init.auto_(net, x, generator=gd.Generator(2))
    assert 0.3 < np.sqrt((net(x).detach().numpy() ** 2).mean()) < 3


def test_examples():
    assert doctest.testmod(init).failed == 0
