"""Recurrent networks: one step as a function of others, and a whole sequence as one op.

The op of a sequence gives the state after each step; what a user gets, the outputs and the last
state, are parts of that array. The products W x of all steps are one matrix product, and so are the
gradients of the weights; the loop over time is left with W h and the gates. Its composition runs
one cell after another, each in the scope of its time step.

Weights are PyTorch's: the blocks of the gates i f g o (LSTM) or r z n (GRU) stand below each other.
In shapes, T is the number of steps, B of sequences, I of inputs and H of units.
"""

import numpy as np

from .._core import Tensor
from ..errors import ArgumentError, DTypeError, ShapeError
from ..modes import timestep
from ._complaints import complain, misfits
from ._define import composed, general
from ._explain import shape_of


# ------------------------------------------------------------------------------------------------ what all share
def parts(a, n):
    """The n blocks of the last axis, one for each gate."""
    size = a.shape[-1] // n
    return [a[..., k * size : k * size + size] for k in range(n)]


def alive(xp, x, lengths):
    """Which steps are within their sequence, (T, B, 1); None where all are."""
    return None if lengths is None else xp.asarray((np.arange(x.shape[0])[:, None] < np.asarray(lengths))[..., None])


def before(xp, first, states, live, reverse):
    """The state that each step starts from, (T, B, H)."""
    if live is not None:
        states = xp.where(live, states, first)
    first = xp.expand_dims(first, axis=0)
    return xp.concat([states[1:, ...], first] if reverse else [first, states[:-1, ...]], axis=0)


def _in_time(x, reverse):
    return range(x.shape[0])[::-1] if reverse else range(x.shape[0])


def _sums(xp, x, weight, *biases):
    """W x + b for all steps, (T, B, rows), as one product."""
    steps, batch, size = x.shape
    z = xp.matmul(xp.reshape(x, (steps * batch, size)), xp.matrix_transpose(weight))
    if "float" not in str(z.dtype):
        raise TypeError("a recurrent network takes floating numbers")
    for b in biases:
        if b is not None:
            z += b
    return xp.reshape(z, (steps, batch, weight.shape[0]))


def _by_weights(xp, needs, gi, gh, x, h, weight_ih):
    """The gradients of x and of weights and biases, from those of the sums W x and W h: one product each over all steps."""
    gi, gh, x2, h = (xp.reshape(a, (a.shape[0] * a.shape[1], a.shape[2])) for a in (gi, gh, x, h))
    return (xp.reshape(xp.matmul(gi, weight_ih), x.shape) if needs[0] else None,
            xp.matmul(xp.matrix_transpose(gi), x2) if needs[1] else None,
            xp.matmul(xp.matrix_transpose(gh), h) if needs[2] else None,
            xp.sum(gi, axis=0) if needs[3] else None, xp.sum(gh, axis=0) if needs[4] else None)


def _unrolled(xp, cell, x, state, lengths, reverse):
    """What the op of a sequence gives, by one cell after another: for each part of the state, (T, B, H)."""
    live, found = alive(xp, x, lengths), [None] * x.shape[0]
    for t in _in_time(x, reverse):
        with timestep(t):
            new = cell(x[t], *state)
            state = new if live is None else tuple(xp.where(live[t], a, b) for a, b in zip(new, state, strict=True))
            found[t] = state if live is None else tuple(xp.where(live[t], a, 0) for a in state)
    return [xp.stack(states) for states in zip(*found, strict=True)]


def last(y, lengths, reverse):
    """The state after the last step of each sequence."""
    if reverse or lengths is None:
        return y[0 if reverse else -1]
    return y[lengths - 1, np.arange(len(lengths))]


# ------------------------------------------------------------------------------------------------ what fits
def _axes(states, time):
    """For each array its axes by letter; R stands for the rows of a weight."""
    weights = {"weight_ih": "RI", "weight_hh": "RH", "bias_ih": "R", "bias_hh": "R"}
    return {"x": "TBI" if time else "BI", **dict.fromkeys(states, "BH"), **weights}


def _expects(states, n, time):
    rows = "H" if n == 1 else f"{n}H"
    return (f"x ({'T, ' if time else ''}B, I), {' and '.join(states)} (B, H), weight_ih ({rows}, I), weight_hh ({rows}, H), "
            f"bias_ih and bias_hh ({rows},)")


def _cut(name, shape, sizes):
    """Code that gives an array these sizes: axes are added or dropped in front, the others cut."""
    missing = len(sizes) - len(shape)
    index = ["None"] * missing + ["0"] * -missing + [f":{n}" for n in sizes[max(missing, 0):]]
    return f"{name}[{', '.join(index)}]"


def _check(name, states, n, values, params, time=True):
    """Raise if the dtypes are not one, or shapes do not fit: the fix takes of each array what all have."""
    axes = _axes(states, time)
    given = {a: v for a, v in zip(axes, values, strict=True) if v is not None}
    dtypes = {a: np.dtype(getattr(v, "dtype", type(v))) for a, v in given.items()}
    if len(set(dtypes.values())) > 1 or dtypes["x"].kind != "f":
        to = next((d.name for d in dtypes.values() if d.kind == "f"), "float32")
        got = ", ".join(f"{a} {d.name}" for a, d in dtypes.items())
        complain(DTypeError, name, f"the arrays have to be floating, of one dtype; got {got}", got, "one floating dtype", values, params,
                 **{a: f"gd.astype({a}, {to!r})" for a, d in dtypes.items() if d.name != to})
    shapes, found = {a: shape_of(v) for a, v in given.items()}, dict[str, int]()
    for a, shape in shapes.items():
        for letter, size in zip(axes[a][::-1], (*shape[::-1], *[1] * len(axes[a])), strict=False):
            letter, size = ("H", size // n) if letter == "R" else (letter, size)
            found[letter] = min(size, found.get(letter, size))
    sizes = {"T": 1, "B": 1, "I": 1, "H": 1} | found
    sizes["R"] = n * sizes["H"]
    fitting = {a: tuple(sizes[k] for k in axes[a]) for a in given}
    if shapes != fitting:
        got = ", ".join(f"{a} {s}" for a, s in shapes.items())
        complain(ShapeError, name, f"these shapes do not fit: {got}", got, _expects(states, n, time), values, params,
                 **{a: _cut(a, s, fitting[a]) for a, s in shapes.items() if s != fitting[a]})
    if time and not sizes["T"]:
        complain(ShapeError, name, "x has no time steps", shapes["x"], "1 step or more", values, params,
                 x=f"gd.zeros({(1, *shapes['x'][1:])}, dtype=x.dtype)")


def _whole(name, x, lengths, values, params):
    """The lengths as an array of integers, checked."""
    if lengths is None:
        return None
    n = np.asarray(lengths.numpy() if isinstance(lengths, Tensor) else lengths)
    steps, batch = x.shape[:2]
    if n.shape != (batch,) or n.dtype.kind not in "iu" or n.min(initial=1) < 1 or n.max(initial=1) > steps:
        complain(ArgumentError, name, f"one length from 1 to {steps} is needed for each of {batch} sequences", n.tolist(),
                 f"{batch} integers from 1 to {steps}", values, params | {"lengths": [steps] * batch})
    return n


def sequence(xp, name, states, n, x, *values, lengths, reverse, **params):
    """The states after each step, by the op `<name>_states`, from checked arguments; and the lengths."""
    given = {"lengths": lengths, "reverse": reverse, **params}
    _check(name, states, n, (x, *values), given)
    given["lengths"] = lengths = _whole(name, x, lengths, (x, *values), given)
    return getattr(xp, name + "_states")(x, *values, **given), lengths


def _arrays(make, n, states, time=True, biases=True, T=3, B=2, inputs=2, units=2):
    rows = n * units
    shapes = [(T, B, inputs) if time else (B, inputs), *[(B, units)] * states, (rows, inputs), (rows, units), *[(rows,)] * (2 * biases)]
    return tuple(make(*s) for s in shapes)


def _samples(n, states, *more):
    """Both biases or none, backwards, sequences of unequal length, one step, other sizes; and `more` parameters."""
    def samples(make):
        at = {"lengths": np.array([2, 3, 1])}
        return [(_arrays(make, n, states), {}), (_arrays(make, n, states, biases=False), {"reverse": True}),
                (_arrays(make, n, states, B=3, inputs=1), at), (_arrays(make, n, states, B=3, units=1), at | {"reverse": True}),
                (_arrays(make, n, states, T=1, inputs=3), {}), *((_arrays(make, n, states), params) for params in more)]
    return samples


def _plain(n, states, time, *more):
    """Samples that PyTorch's function of a sequence or of a cell can take: no lengths, always with biases."""
    return lambda make: [(_arrays(make, n, states, time), {}), (_arrays(make, n, states, time, B=1, units=1), {}),
                         (_arrays(make, n, states, time, inputs=3, T=1), {}),
                         *((_arrays(make, n, states, time), params) for params in more)]


def _errors(n, states, time, *more):
    def errors(make):
        good = _arrays(make, n, states, time)
        def but(k, bad):
            return (*good[:k], bad, *good[k + 1 :])
        w = 1 + states
        return [*misfits(but(0, make(3, 2, 5) if time else make(2, 5)), but(0, make(2)), but(1, make(1, 2, 2)), but(1, make(2, 3)),
                         but(w, make(n * 2, 3)), but(w + 1, make(2, n * 2 + 1)), but(w + 2, make(n * 3)), but(w + 3, make(1, n * 2)),
                         *([but(0, make(0, 2, 2))] if time else [])),
                (but(0, make.text(3, 2, 2) if time else make.text(2, 2)), {}, "DTypeError"),
                (but(0, np.ones((3, 2, 2) if time else (2, 2), int)), {}, "DTypeError"),
                (but(w, make(n * 2, 2).astype("f4")), {}, "DTypeError"),
                *((good, params, "ArgumentError") for params in more),
                *((good, {"lengths": n}, "ArgumentError") for n in ([3, 4], [0, 1], [3]) if time)]
    return errors


# ------------------------------------------------------------------------------------------------ the plain network
def _activation(name, nonlinearity, values, params):
    if nonlinearity not in ("tanh", "relu"):
        complain(ArgumentError, name, "unknown nonlinearity", repr(nonlinearity), "'tanh' or 'relu'", values,
                 params | {"nonlinearity": "tanh"})
    return nonlinearity


def _rnn_cell(xp, x, h, weight_ih, weight_hh, bias_ih, bias_hh, *, nonlinearity):
    z = xp.linear(x, weight_ih, bias_ih) + xp.linear(h, weight_hh, bias_hh)
    return xp.relu(z) if nonlinearity == "relu" else xp.tanh(z)


def _checked_rnn_cell(xp, *values, nonlinearity):
    _check("rnn_cell", ("h",), 1, values, {"nonlinearity": nonlinearity}, time=False)
    return _rnn_cell(xp, *values, nonlinearity=_activation("rnn_cell", nonlinearity, values, {}))


rnn_cell = composed(
    "rnn_cell", lambda xp, x, h, weight_ih, weight_hh, bias_ih=None, bias_hh=None, *, nonlinearity="tanh": _checked_rnn_cell(
        xp, x, h, weight_ih, weight_hh, bias_ih, bias_hh, nonlinearity=nonlinearity), method=False,
    tex=r"h' = \tanh(W_{ih} x + b_{ih} + W_{hh} h + b_{hh})", doc="One step of a plain recurrent network; nonlinearity is tanh or relu.",
    samples=_plain(1, 1, False, {"nonlinearity": "relu"}), errors=_errors(1, 1, False, {"nonlinearity": "sigmoid"}),
    torch="(torch.rnn_tanh_cell if nonlinearity == 'tanh' else torch.rnn_relu_cell)(x, h, weight_ih, weight_hh, bias_ih, bias_hh)",
)


def _rnn_states(xp, x, h0, weight_ih, weight_hh, bias_ih, bias_hh, nonlinearity, lengths, reverse):
    y, live, h = _sums(xp, x, weight_ih, bias_ih, bias_hh), alive(xp, x, lengths), h0
    w = xp.matrix_transpose(weight_hh)
    for t in _in_time(x, reverse):
        z = y[t, ...] + xp.matmul(h, w)
        z = xp.tanh(z) if nonlinearity == "tanh" else xp.maximum(z, xp.zeros_like(z))
        y[t, ...] = z if live is None else xp.where(live[t, ...], z, xp.zeros_like(z))
        h = z if live is None else xp.where(live[t, ...], z, h)
    return y


def _rnn_grad(xp, g, needs, y, x, h0, weight_ih, weight_hh, nonlinearity, lengths, reverse):
    needs, n = (*needs, False, False), len(needs)
    live, gz, gh = alive(xp, x, lengths), xp.zeros_like(y), xp.zeros_like(h0)
    for t in _in_time(x, not reverse):
        h = y[t, ...]
        z = g[t, ...] + gh
        z = z * (1 - h * h) if nonlinearity == "tanh" else xp.where(h > 0, z, xp.zeros_like(z))
        gz[t, ...] = z if live is None else xp.where(live[t, ...], z, xp.zeros_like(z))
        z = xp.matmul(gz[t, ...], weight_hh)
        gh = z if live is None else xp.where(live[t, ...], z, gh)
    gx, *shares = _by_weights(xp, (needs[0], *needs[2:6]), gz, gz, x, before(xp, h0, y, live, reverse), weight_ih)
    return (gx, gh, *shares)[:n]


def _rnn_composition(xp, x, h0, *weights, nonlinearity="tanh", lengths=None, reverse=False):
    return _unrolled(xp, lambda x, h: (_rnn_cell(xp, x, h, *_both(weights), nonlinearity=nonlinearity),), x, (h0,), lengths, reverse)[0]


def _both(weights):
    """Weights and biases, of which the latter may be left out."""
    return (*weights, None, None)[:4]


general(
    "rnn_states", lambda xp, x, h0, weight_ih, weight_hh, bias_ih=None, bias_hh=None, *, nonlinearity="tanh", lengths=None, reverse=False:
        _rnn_states(xp, x, h0, weight_ih, weight_hh, bias_ih, bias_hh, nonlinearity, lengths, reverse),
    joint=lambda xp, g, needs, y, x, h0, weight_ih, weight_hh, *, nonlinearity, lengths, reverse:
        _rnn_grad(xp, g, needs, y, x, h0, weight_ih, weight_hh, nonlinearity, lengths, reverse),
    composition=_rnn_composition, hidden=True, method=False, symbol="rnn",
    tex=r"h_t = \tanh(W_{ih} x_t + b_{ih} + W_{hh} h_{t-1} + b_{hh})", doc="The states of a plain recurrent network over a sequence.",
    samples=_samples(1, 1, {"nonlinearity": "relu"}), torch="",
)


def _rnn(xp, *values, nonlinearity, lengths, reverse):
    nonlinearity = _activation("rnn", nonlinearity, values, {"lengths": lengths, "reverse": reverse})
    y, lengths = sequence(xp, "rnn", ("h0",), 1, *values, nonlinearity=nonlinearity, lengths=lengths, reverse=reverse)
    return y, last(y, lengths, reverse)


rnn = composed(
    "rnn", lambda xp, x, h0, weight_ih, weight_hh, bias_ih=None, bias_hh=None, *, nonlinearity="tanh", lengths=None, reverse=False: _rnn(
        xp, x, h0, weight_ih, weight_hh, bias_ih, bias_hh, nonlinearity=nonlinearity, lengths=lengths, reverse=reverse),
    method=False, several=True,
    tex=r"h_t = \tanh(W_{ih} x_t + b_{ih} + W_{hh} h_{t-1} + b_{hh})",
    doc="A plain recurrent network over a sequence: its states (T, B, H), which are 0 beyond a sequence's length, and the last one.",
    samples=_plain(1, 1, True, {"nonlinearity": "relu"}), errors=_errors(1, 1, True, {"nonlinearity": "sigmoid"}),
    torch="(lambda y, h: (y, h[0]))(*(torch.rnn_tanh if nonlinearity == 'tanh' else torch.rnn_relu)("
          "x, h0[None], (weight_ih, weight_hh, bias_ih, bias_hh), True, 1, 0.0, False, False, False))",
)


# ------------------------------------------------------------------------------------------------ long short-term memory
def lstm_gates(xp, x, h, weight_ih, weight_hh, bias_ih, bias_hh):
    """The gates i f g o from x and the states before."""
    i, f, g, o = parts(xp.linear(x, weight_ih, bias_ih) + xp.linear(h, weight_hh, bias_hh), 4)
    return xp.sigmoid(i), xp.sigmoid(f), xp.tanh(g), xp.sigmoid(o)


def _lstm_cell(xp, x, h, c, *weights):
    i, f, g, o = lstm_gates(xp, x, h, *weights)
    c = f * c + i * g
    return o * xp.tanh(c), c


def _checked_lstm_cell(xp, *values):
    _check("lstm_cell", ("h", "c"), 4, values, {}, time=False)
    return _lstm_cell(xp, *values)


lstm_cell = composed(
    "lstm_cell", lambda xp, x, h, c, weight_ih, weight_hh, bias_ih=None, bias_hh=None: _checked_lstm_cell(
        xp, x, h, c, weight_ih, weight_hh, bias_ih, bias_hh), method=False, several=True,
    tex=r"c' = f \odot c + i \odot g,\quad h' = o \odot \tanh c'",
    doc="One step of long short-term memory: the new h and c; i, f, o are sigmoids and g the tanh of affine maps of x and h.",
    samples=_plain(4, 2, False), errors=_errors(4, 2, False),
    torch="torch.lstm_cell(x, (h, c), weight_ih, weight_hh, bias_ih, bias_hh)",
)


def _halves(xp, units, dtype):
    """A sigmoid is (1 + tanh(z / 2)) / 2, so that one tanh serves all gates: 1 / 2 for i f o, and 1 for g."""
    return xp.concat([xp.full((size * units,), number, dtype=dtype) for size, number in ((2, 0.5), (1, 1), (1, 0.5))])


def _lstm_states(xp, x, h0, c0, weight_ih, weight_hh, bias_ih, bias_hh, lengths, reverse):
    gates, live = _sums(xp, x, weight_ih, bias_ih, bias_hh), alive(xp, x, lengths)
    steps, (batch, units) = x.shape[0], h0.shape
    half = _halves(xp, units, gates.dtype)
    gates *= half
    w, shift, y, h, c = xp.matrix_transpose(weight_hh) * half, 1 - half, xp.zeros((2, steps, batch, units), dtype=gates.dtype), h0, c0
    for t in _in_time(x, reverse):
        a = gates[t, ...] + xp.matmul(h, w)
        gates[t, ...] = a = xp.tanh(a) * half + shift
        i, f, g, o = parts(a, 4)
        new = f * c + i * g
        if live is None:
            h, c = o * xp.tanh(new), new
            y[0, t, ...], y[1, t, ...] = h, c
        else:
            within, none = live[t, ...], xp.zeros_like(c0)
            h, c = xp.where(within, o * xp.tanh(new), h), xp.where(within, new, c)
            y[0, t, ...], y[1, t, ...] = xp.where(within, h, none), xp.where(within, c, none)
    return y, (gates,)


def _lstm_grad(xp, g, needs, y, gates, x, h0, c0, weight_ih, weight_hh, lengths, reverse):
    needs, n = (*needs, False, False), len(needs)
    live, gz = alive(xp, x, lengths), xp.zeros_like(gates)
    earlier, gh, gc = before(xp, c0, y[1, ...], live, reverse), xp.zeros_like(h0), xp.zeros_like(c0)
    for t in _in_time(x, not reverse):
        a, tanh_c = gates[t, ...], xp.tanh(y[1, t, ...])
        i, f, m, o = parts(a, 4)
        ah = g[0, t, ...] + gh
        ac = g[1, t, ...] + gc + ah * o * (1 - tanh_c * tanh_c)
        z = xp.concat([ac * m * i * (1 - i), ac * earlier[t, ...] * f * (1 - f), ac * i * (1 - m * m), ah * tanh_c * o * (1 - o)], axis=-1)
        if live is None:
            gz[t, ...] = z
            gh, gc = xp.matmul(z, weight_hh), ac * f
        else:
            gz[t, ...] = xp.where(live[t, ...], z, xp.zeros_like(z))
            gh, gc = xp.where(live[t, ...], xp.matmul(z, weight_hh), gh), xp.where(live[t, ...], ac * f, gc)
    gx, *shares = _by_weights(xp, (needs[0], *needs[3:7]), gz, gz, x, before(xp, h0, y[0, ...], live, reverse), weight_ih)
    return (gx, gh, gc, *shares)[:n]


def _lstm_composition(xp, x, h0, c0, *weights, lengths=None, reverse=False):
    return xp.stack(_unrolled(xp, lambda x, h, c: _lstm_cell(xp, x, h, c, *_both(weights)), x, (h0, c0), lengths, reverse))


general(
    "lstm_states", lambda xp, x, h0, c0, weight_ih, weight_hh, bias_ih=None, bias_hh=None, *, lengths=None, reverse=False:
        _lstm_states(xp, x, h0, c0, weight_ih, weight_hh, bias_ih, bias_hh, lengths, reverse),
    joint=lambda xp, g, needs, y, gates, x, h0, c0, weight_ih, weight_hh, *, lengths, reverse:
        _lstm_grad(xp, g, needs, y, gates, x, h0, c0, weight_ih, weight_hh, lengths, reverse),
    residuals=("gates",), composition=_lstm_composition, hidden=True, method=False, symbol="lstm",
    tex=r"c_t = f_t \odot c_{t-1} + i_t \odot g_t,\quad h_t = o_t \odot \tanh c_t",
    doc="The states h and c of long short-term memory over a sequence, (2, T, B, H).", samples=_samples(4, 2), torch="",
)


def _lstm(xp, *values, lengths, reverse):
    states, lengths = sequence(xp, "lstm", ("h0", "c0"), 4, *values, lengths=lengths, reverse=reverse)
    y = states[0]
    return y, last(y, lengths, reverse), last(states[1], lengths, reverse)


lstm = composed(
    "lstm", lambda xp, x, h0, c0, weight_ih, weight_hh, bias_ih=None, bias_hh=None, *, lengths=None, reverse=False: _lstm(
        xp, x, h0, c0, weight_ih, weight_hh, bias_ih, bias_hh, lengths=lengths, reverse=reverse),
    method=False, several=True,
    tex=r"c_t = f_t \odot c_{t-1} + i_t \odot g_t,\quad h_t = o_t \odot \tanh c_t",
    doc="Long short-term memory over a sequence: h (T, B, H), which is 0 beyond a sequence's length, the last h and the last c.",
    samples=_plain(4, 2, True), errors=_errors(4, 2, True),
    torch="(lambda y, h, c: (y, h[0], c[0]))(*torch.lstm("
          "x, (h0[None], c0[None]), (weight_ih, weight_hh, bias_ih, bias_hh), True, 1, 0.0, False, False, False))",
)


# ------------------------------------------------------------------------------------------------ gated recurrent units
def gru_gates(xp, x, h, weight_ih, weight_hh, bias_ih, bias_hh):
    """The gates r z and the candidate n from x and the states before."""
    r, z, n = parts(xp.linear(x, weight_ih, bias_ih), 3)
    hr, hz, hn = parts(xp.linear(h, weight_hh, bias_hh), 3)
    r = xp.sigmoid(r + hr)
    return r, xp.sigmoid(z + hz), xp.tanh(n + r * hn)


def _gru_cell(xp, x, h, *weights):
    _, z, n = gru_gates(xp, x, h, *weights)
    return n + z * (h - n)


def _checked_gru_cell(xp, *values):
    _check("gru_cell", ("h",), 3, values, {}, time=False)
    return _gru_cell(xp, *values)


gru_cell = composed(
    "gru_cell", lambda xp, x, h, weight_ih, weight_hh, bias_ih=None, bias_hh=None: _checked_gru_cell(
        xp, x, h, weight_ih, weight_hh, bias_ih, bias_hh), method=False,
    tex=r"n = \tanh(W_{in} x + b_{in} + r \odot (W_{hn} h + b_{hn})),\quad h' = (1 - z) \odot n + z \odot h",
    doc="One step of gated recurrent units: r and z are sigmoids of affine maps of x and h.",
    samples=_plain(3, 1, False), errors=_errors(3, 1, False), torch="torch.gru_cell(x, h, weight_ih, weight_hh, bias_ih, bias_hh)",
)


def _gru_states(xp, x, h0, weight_ih, weight_hh, bias_ih, bias_hh, lengths, reverse):
    """The residuals: the gates r z n, and W_hn h + b_hn, which r is multiplied by."""
    gates, live, h, size = _sums(xp, x, weight_ih, bias_ih), alive(xp, x, lengths), h0, h0.shape[-1]
    w, y = xp.matrix_transpose(weight_hh), xp.zeros((*x.shape[:2], size), dtype=gates.dtype)
    inner = xp.zeros_like(y)
    for t in _in_time(x, reverse):
        s = xp.matmul(h, w)
        if bias_hh is not None:
            s += bias_hh
        inner[t, ...] = hn = s[:, 2 * size :]
        rz = xp.tanh((gates[t, :, : 2 * size] + s[:, : 2 * size]) * 0.5) * 0.5 + 0.5  # two sigmoids by one tanh
        n = xp.tanh(gates[t, :, 2 * size :] + rz[:, :size] * hn)
        gates[t, :, : 2 * size], gates[t, :, 2 * size :] = rz, n
        new = n + rz[:, size:] * (h - n)
        h = new if live is None else xp.where(live[t, ...], new, h)
        y[t, ...] = h if live is None else xp.where(live[t, ...], h, xp.zeros_like(h))
    return y, (gates, inner)


def _gru_grad(xp, g, needs, y, gates, inner, x, h0, weight_ih, weight_hh, lengths, reverse):
    needs, count = (*needs, False, False), len(needs)
    live, gi, gs = alive(xp, x, lengths), xp.zeros_like(gates), xp.zeros_like(gates)
    earlier, gh = before(xp, h0, y, live, reverse), xp.zeros_like(h0)
    for t in _in_time(x, not reverse):
        r, z, n = parts(gates[t, ...], 3)
        a = g[t, ...] + gh
        an = a * (1 - z) * (1 - n * n)
        rz = [an * inner[t, ...] * r * (1 - r), a * (earlier[t, ...] - n) * z * (1 - z)]
        i, s = xp.concat([*rz, an], axis=-1), xp.concat([*rz, an * r], axis=-1)
        back = a * z + xp.matmul(s, weight_hh)
        if live is None:
            gi[t, ...], gs[t, ...], gh = i, s, back
        else:
            gi[t, ...], gs[t, ...] = (xp.where(live[t, ...], v, xp.zeros_like(v)) for v in (i, s))
            gh = xp.where(live[t, ...], back, gh)
    gx, *shares = _by_weights(xp, (needs[0], *needs[2:6]), gi, gs, x, earlier, weight_ih)
    return (gx, gh, *shares)[:count]


def _gru_composition(xp, x, h0, *weights, lengths=None, reverse=False):
    return _unrolled(xp, lambda x, h: (_gru_cell(xp, x, h, *_both(weights)),), x, (h0,), lengths, reverse)[0]


general(
    "gru_states", lambda xp, x, h0, weight_ih, weight_hh, bias_ih=None, bias_hh=None, *, lengths=None, reverse=False:
        _gru_states(xp, x, h0, weight_ih, weight_hh, bias_ih, bias_hh, lengths, reverse),
    joint=lambda xp, g, needs, y, gates, inner, x, h0, weight_ih, weight_hh, *, lengths, reverse:
        _gru_grad(xp, g, needs, y, gates, inner, x, h0, weight_ih, weight_hh, lengths, reverse),
    residuals=("gates", "inner"), composition=_gru_composition, hidden=True, method=False, symbol="gru",
    tex=r"h_t = (1 - z_t) \odot n_t + z_t \odot h_{t-1}", doc="The states of gated recurrent units over a sequence.",
    samples=_samples(3, 1), torch="",
)


def _gru(xp, *values, lengths, reverse):
    y, lengths = sequence(xp, "gru", ("h0",), 3, *values, lengths=lengths, reverse=reverse)
    return y, last(y, lengths, reverse)


gru = composed(
    "gru", lambda xp, x, h0, weight_ih, weight_hh, bias_ih=None, bias_hh=None, *, lengths=None, reverse=False: _gru(
        xp, x, h0, weight_ih, weight_hh, bias_ih, bias_hh, lengths=lengths, reverse=reverse),
    method=False, several=True, tex=r"h_t = (1 - z_t) \odot n_t + z_t \odot h_{t-1}",
    doc="Gated recurrent units over a sequence: the states (T, B, H), which are 0 beyond a sequence's length, and the last one.",
    samples=_plain(3, 1, True), errors=_errors(3, 1, True),
    torch="(lambda y, h: (y, h[0]))(*torch.gru(x, h0[None], (weight_ih, weight_hh, bias_ih, bias_hh), True, 1, 0.0, False, False, False))",
)
