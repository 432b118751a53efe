r"""Initializers: the numbers that a tensor starts with. Each writes in place, returns the tensor.

What a good start is: values and gradients keep their size from layer to layer. For a weight of
shape (out, in, \*kernel), fan_in = in · prod(kernel) numbers are added up for each output, and each
input goes into fan_out = out · prod(kernel) sums. `auto_` chooses for a whole model.

Random numbers come from ``generator=``, or from the default one that `manual_seed` seeds.
"""

import math

import numpy as np

from ._core import Tensor
from .errors import ArgumentError, DTypeError, ShapeError
from .modes import no_grad
from .random import default_generator

__all__ = [
    "auto_",
    "calculate_gain",
    "constant_",
    "dirac_",
    "eye_",
    "fans",
    "glorot_normal_",
    "glorot_uniform_",
    "he_normal_",
    "he_uniform_",
    "identity_",
    "kaiming_normal_",
    "kaiming_uniform_",
    "lecun_normal_",
    "lecun_uniform_",
    "normal_",
    "ones_",
    "orthogonal_",
    "sparse_",
    "trunc_normal_",
    "truncated_normal_",
    "uniform_",
    "xavier_normal_",
    "xavier_uniform_",
    "zeros_",
]

# How much an activation shrinks what passes, to be undone by the weights before it.
GAINS = {
    **dict.fromkeys(("linear", "identity", "sigmoid", "softmax"), 1.0),
    **dict.fromkeys(("conv1d", "conv2d", "conv3d"), 1.0),
    **dict.fromkeys(("conv_transpose1d", "conv_transpose2d", "conv_transpose3d"), 1.0),
    "tanh": 5 / 3,
    "relu": math.sqrt(2),
    "selu": 3 / 4,
}
# Activations that let positive x pass and hold negative x back: He's derivation fits them.
RELU_FAMILY = {
    *("relu", "relu6", "leaky_relu", "prelu", "threshold", "elu", "celu"),
    *("gelu", "silu", "mish", "hardswish"),
}


def calculate_gain(nonlinearity, param=None):
    r"""The recommended gain for an activation.

    1 for linear maps, convolutions, sigmoid and softmax; 5/3 for tanh; :math:`\sqrt 2` for relu;
    :math:`\sqrt{2 / (1 + a^2)}` for leaky_relu with slope a; 3/4 for selu.

    Parameters
    ----------
    nonlinearity : str
        The name of the activation.
    param : float, optional
        The slope of leaky_relu, 0.01 if not given.

    Returns
    -------
    float

    Raises
    ------
    ArgumentError
        If no gain is known for the name, or the slope is no number.

    References
    ----------
    He et al. (2015), Delving deep into rectifiers, equation 15, for relu and leaky_relu; the others
    as in PyTorch.

    Examples
    --------
    >>> import graddl as gd
    >>> gd.init.calculate_gain("leaky_relu", 1.0)
    1.0
    """
    if nonlinearity in ("leaky_relu", "prelu"):
        slope = 0.01 if param is None else param
        if isinstance(slope, bool) or not isinstance(slope, int | float):
            raise ArgumentError(
                "a slope is a number", op="calculate_gain", got=repr(param), expected="a float",
                fix=f"gd.init.calculate_gain({nonlinearity!r}, 0.01)",
            )  # fmt: skip
        return math.sqrt(2 / (1 + slope**2))
    if nonlinearity not in GAINS:
        known = ", ".join([*GAINS, "leaky_relu"])
        raise ArgumentError(
            "no gain is known for it", op="calculate_gain", got=repr(nonlinearity), expected=known,
            fix="gd.init.calculate_gain('relu')",
        )  # fmt: skip
    return GAINS[nonlinearity]


def fans(x):
    r"""(fan_in, fan_out) of a weight of shape (out, in, \*kernel).

    Raises
    ------
    ShapeError
        If x has fewer than two axes, or no elements.
    """
    shape = tuple(x.shape)
    if len(shape) < 2 or 0 in shape:
        raise ShapeError(
            "fan_in and fan_out need a matrix or a kernel", op="fans", got=shape,
            expected="(out, in, *kernel), none of them 0", fix="gd.init.zeros_(x)",
        )  # fmt: skip
    window = math.prod(shape[2:])
    return shape[1] * window, shape[0] * window


def _write(x, values, op):
    """Put numbers into a tensor, outside of any graph."""
    if not isinstance(x, Tensor):
        raise DTypeError(
            "an initializer writes into a Tensor", op=op, got=type(x).__name__, expected="Tensor",
            fix=f"gd.init.{op}(layer.weight)",
        )  # fmt: skip
    if x.dtype.kind != "f":
        raise DTypeError(
            "an initializer writes floating numbers", op=op, got=x.dtype.name, expected="float32",
            fix=f"gd.init.{op}(x.astype(gd.float32))",
        )  # fmt: skip
    with no_grad():
        x[...] = np.asarray(values, dtype=x.dtype)
    return x


def _rng(generator):
    return (generator or default_generator).numpy


# ---------------------------------------------------------------------- the same every time
def zeros_(x):
    """Zeros: for biases. As weights they make all units of a layer equal, for ever."""
    return _write(x, 0.0, "zeros_")


def ones_(x):
    """Ones: for the scale of a normalization."""
    return _write(x, 1.0, "ones_")


def constant_(x, val):
    """One value everywhere."""
    return _write(x, val, "constant_")


def eye_(x):
    """Ones on the diagonal of a matrix: a linear layer that hands its input on.

    Raises
    ------
    ShapeError
        If x is not a matrix.
    """
    if x.ndim != 2:
        raise ShapeError(
            "an identity is a matrix", op="eye_", got=x.shape, expected="(out, in)",
            fix="gd.init.dirac_(x)" if x.ndim > 2 else "gd.init.ones_(x)",
        )  # fmt: skip
    return _write(x, np.eye(*x.shape), "eye_")


def dirac_(x, groups=1):
    r"""The identity for kernels (out, in, \*kernel): channel i goes to channel i, from the middle.

    Parameters
    ----------
    x : Tensor of shape (out, in, *kernel)
    groups : int, default 1
        As many groups of channels have an identity each; out is a multiple of it.

    Raises
    ------
    ShapeError
        If x is no kernel.
    ArgumentError
        If `groups` does not divide out.
    """
    if x.ndim < 3:
        raise ShapeError(
            "a kernel has at least three axes", op="dirac_", got=x.shape,
            expected="(out, in, *kernel)",
            fix="gd.init.eye_(x)" if x.ndim == 2 else "gd.init.ones_(x)",
        )  # fmt: skip
    if groups < 1 or x.shape[0] % groups:
        raise ArgumentError(
            f"{x.shape[0]} channels do not make {groups} groups", op="dirac_", got=groups,
            expected=f"a divisor of {x.shape[0]}", fix="gd.init.dirac_(x)",
        )  # fmt: skip
    values = np.zeros(x.shape)
    each, middle = x.shape[0] // groups, tuple(n // 2 for n in x.shape[2:])
    for i in range(x.shape[0]):
        if i % each < x.shape[1]:
            values[(i, i % each, *middle)] = 1
    return _write(x, values, "dirac_")


# ---------------------------------------------------------------------- random
def _check_width(op, name, value, low=0.0):
    if not value >= low:
        raise ArgumentError(
            f"{name} is too small", op=op, got=value, expected=f"{low:g} or more",
            fix=f"gd.init.{op}(x)",
        )  # fmt: skip


def uniform_(x, a=0.0, b=1.0, generator=None):
    """Uniform numbers in [a, b)."""
    _check_width("uniform_", "b", b, low=a)
    return _write(x, _rng(generator).uniform(a, b, x.shape), "uniform_")


def normal_(x, mean=0.0, std=1.0, generator=None):
    """Normal numbers."""
    _check_width("normal_", "std", std)
    return _write(x, _rng(generator).normal(mean, std, x.shape), "normal_")


def trunc_normal_(x, mean=0.0, std=1.0, a=-2.0, b=2.0, generator=None):
    """Normal numbers, drawn again until they lie in [a, b].

    Raises
    ------
    ArgumentError
        If less than a thousandth of all numbers lies there.
    """
    ends = [math.erf((end - mean) / (std * math.sqrt(2))) for end in (a, b)] if std > 0 else [0, 0]
    if not ends[1] - ends[0] > 2e-3:
        raise ArgumentError(
            "hardly a number lies in the interval", op="trunc_normal_",
            got=f"mean {mean}, std {std}, {a} to {b}", expected="an interval around the mean",
            fix="gd.init.trunc_normal_(x)",
        )  # fmt: skip
    rng = _rng(generator)
    values = np.asarray(rng.normal(mean, std, x.shape))
    while (bad := (values < a) | (values > b)).any():
        values[bad] = rng.normal(mean, std, np.count_nonzero(bad))
    return _write(x, values, "trunc_normal_")


def xavier_uniform_(x, gain=1.0, generator=None):
    r"""Uniform in :math:`\pm g \sqrt{6 / (\mathrm{fan_{in}} + \mathrm{fan_{out}})}`: for tanh.

    References
    ----------
    Glorot and Bengio (2010), Understanding the difficulty of training deep feedforward neural
    networks, equation 16.
    """
    bound = gain * math.sqrt(6 / sum(fans(x)))
    return uniform_(x, -bound, bound, generator)


def xavier_normal_(x, gain=1.0, generator=None):
    r"""Normal with deviation :math:`g \sqrt{2 / (\mathrm{fan_{in}} + \mathrm{fan_{out}})}`.

    References
    ----------
    Glorot and Bengio (2010), equation 12.
    """
    return normal_(x, 0.0, gain * math.sqrt(2 / sum(fans(x))), generator)


def _deviation(x, a, mode, nonlinearity, op):
    """The gain over the root of a fan."""
    if mode not in ("fan_in", "fan_out"):
        raise ArgumentError(
            "unknown mode", op=op, got=repr(mode), expected="'fan_in' or 'fan_out'",
            fix=f"gd.init.{op}(x, mode='fan_in')",
        )  # fmt: skip
    return calculate_gain(nonlinearity, a) / math.sqrt(fans(x)[mode == "fan_out"])


def kaiming_uniform_(x, a=0.0, mode="fan_in", nonlinearity="leaky_relu", generator=None):
    r"""Uniform in :math:`\pm g \sqrt{3 / \mathrm{fan}}`: for relu and its kin.

    Parameters
    ----------
    x : Tensor of shape (out, in, *kernel)
    a : float, default 0
        The negative slope of leaky_relu.
    mode : "fan_in" or "fan_out", default "fan_in"
        Keeps the size of values, or that of gradients.
    nonlinearity : str, default "leaky_relu"
        The activation that follows, see :func:`calculate_gain`.
    generator : Generator, optional

    References
    ----------
    He et al. (2015), Delving deep into rectifiers, equations 10 and 14.
    """
    bound = math.sqrt(3) * _deviation(x, a, mode, nonlinearity, "kaiming_uniform_")
    return uniform_(x, -bound, bound, generator)


def kaiming_normal_(x, a=0.0, mode="fan_in", nonlinearity="leaky_relu", generator=None):
    r"""Normal with deviation :math:`g / \sqrt{\mathrm{fan}}`; see `kaiming_uniform_`."""
    return normal_(x, 0.0, _deviation(x, a, mode, nonlinearity, "kaiming_normal_"), generator)


def lecun_uniform_(x, mode="fan_in", generator=None):
    r"""Uniform in :math:`\pm \sqrt{3 / \mathrm{fan_{in}}}`: for selu.

    References
    ----------
    LeCun et al. (1998), Efficient backprop, section 4.6; Klambauer et al. (2017), Self-normalizing
    neural networks, for selu.
    """
    bound = math.sqrt(3) * _deviation(x, None, mode, "linear", "lecun_uniform_")
    return uniform_(x, -bound, bound, generator)


def lecun_normal_(x, mode="fan_in", generator=None):
    r"""Normal with deviation :math:`1 / \sqrt{\mathrm{fan_{in}}}`; see `lecun_uniform_`."""
    return normal_(x, 0.0, _deviation(x, None, mode, "linear", "lecun_normal_"), generator)


def orthogonal_(x, gain=1.0, generator=None):
    r"""Rows, or columns where these are fewer, that are orthogonal and have length `gain`.

    x of shape (out, in, \*kernel) is taken as a matrix (out, in · prod(kernel)).

    References
    ----------
    Saxe et al. (2014), Exact solutions to the nonlinear dynamics of learning in deep linear neural
    networks. Mezzadri (2007), How to generate random matrices from the classical compact groups,
    for the signs.

    Examples
    --------
    >>> import graddl as gd
    >>> w = gd.init.orthogonal_(gd.zeros(2, 3, dtype="float64"))
    >>> (w @ w.T).round(6).tolist() == [[1, 0], [0, 1]]
    True
    """
    fans(x)  # refuses vectors
    rows, columns = x.shape[0], math.prod(x.shape[1:])
    q, r = np.linalg.qr(_rng(generator).normal(size=(max(rows, columns), min(rows, columns))))
    q = q * np.where(np.diag(r) < 0, -1.0, 1.0)  # without this, some matrices were likelier
    q = q.T if rows < columns else q
    return _write(x, gain * q.reshape(x.shape), "orthogonal_")


def sparse_(x, sparsity, std=0.01, generator=None):
    """Normal numbers, with the share `sparsity` of each column of a matrix set to 0.

    Raises
    ------
    ShapeError
        If x is not a matrix.
    ArgumentError
        If `sparsity` is no part of 1.

    References
    ----------
    Martens (2010), Deep learning via Hessian-free optimization, section 5.
    """
    if x.ndim != 2:
        raise ShapeError(
            "a sparse start is for matrices", op="sparse_", got=x.shape, expected="(out, in)",
            fix="gd.init.normal_(x, std=0.01)",
        )  # fmt: skip
    if not 0 <= sparsity <= 1:
        raise ArgumentError(
            "sparsity is a part of 1", op="sparse_", got=sparsity, expected="0 to 1",
            fix="gd.init.sparse_(x, 0.9)",
        )  # fmt: skip
    rng = _rng(generator)
    values = rng.normal(0.0, std, x.shape)
    zeros = math.ceil(sparsity * x.shape[0])
    for column in range(x.shape[1]):
        values[rng.permutation(x.shape[0])[:zeros], column] = 0
    return _write(x, values, "sparse_")


# ---------------------------------------------------------------------- Keras's words
identity_ = eye_
glorot_uniform_, glorot_normal_ = xavier_uniform_, xavier_normal_
he_uniform_, he_normal_ = kaiming_uniform_, kaiming_normal_
truncated_normal_ = trunc_normal_


# ---------------------------------------------------------------------- a whole model
def auto_(model, *example_inputs, generator=None):
    """Start the weights of a model as the activations that follow them want it.

    He's normal numbers for relu and its kin, with its slope for a leaky one; LeCun's for selu;
    Glorot's uniform ones for all else, with the gain of the activation; zeros for biases.

    With example inputs the model runs once, in evaluation mode, and the recorded graph is followed
    from the op that multiplies by a weight to the next activation; bias, reshaping, normalization,
    pooling, dropout and sums on the way do not count, the next weight ends it. Without, the order
    in which the modules were registered stands for the graph: enough for a Sequential, and blind to
    activations that are no layers. Where no activation follows, the gain is 1.

    Frozen parameters, embeddings, weights of normalizations and those of whole recurrent layers
    stay as they are.

    Parameters
    ----------
    model : Module
    *example_inputs : what the model is called with, optional
        Small ones do: only the graph counts.
    generator : Generator, optional
        Where random numbers come from.

    Returns
    -------
    dict of str to str
        For each parameter, by its path, the initializer that wrote it, or "unchanged".

    Raises
    ------
    GradientError
        If the run records no graph.
    DTypeError
        If `model` is no Module.

    References
    ----------
    He et al. (2015); Klambauer et al. (2017); Glorot and Bengio (2010).

    Examples
    --------
    >>> import graddl as gd
    >>> net = gd.nn.Sequential(gd.nn.Linear(4, 8), gd.nn.ReLU(), gd.nn.Linear(8, 2, bias=False))
    >>> gd.init.auto_(net)
    {'0.weight': 'kaiming_normal_', '0.bias': 'zeros_', '2.weight': 'xavier_uniform_'}
    """
    from .nn import Module, _following  # layers may import this module

    if not isinstance(model, Module):
        raise DTypeError(
            "it starts a model", op="auto_", got=type(model).__name__, expected="a Module",
            fix="gd.init.xavier_uniform_(weight)",
        )  # fmt: skip
    following = (
        _following.by_graph(model, example_inputs) if example_inputs else _following.by_order(model)
    )
    table = {}
    for path, parameter in model.named_parameters():
        table[path] = "unchanged"
        if not parameter.requires_grad:
            continue
        if path in following:
            table[path] = _start(parameter, following[path], generator)
        elif "bias" in path.rpartition(".")[2]:
            zeros_(parameter)
            table[path] = "zeros_"
    return table


def _start(x, following, generator):
    """Start a weight; returns the initializer's name."""
    mode = "fan_out" if following.turned else "fan_in"
    if following.activation in RELU_FAMILY:
        kaiming_normal_(x, following.slope, mode, generator=generator)
        return "kaiming_normal_"
    if following.activation == "selu":
        lecun_normal_(x, mode, generator)
        return "lecun_normal_"
    xavier_uniform_(x, GAINS.get(following.activation, 1.0), generator)
    return "xavier_uniform_"
