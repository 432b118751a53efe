"""Recurrent layers: RNN, LSTM, GRU over sequences, and their cells for one step."""

import math
import warnings
from collections.abc import Sequence
from numbers import Integral
from typing import NamedTuple

from ..backend import tensor_namespace as xp
from ..creation import zeros
from ..errors import ArgumentError, ShapeError
from ..modes import scope
from ..ops import FUNCTIONS
from ..ops import recurrent as ops
from .linear import _uniform, floating, whole
from .module import Module

_WEIGHTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


class _Recurrent(Module):
    """What layers and cells share: sizes, weights in PyTorch's layout, checks of x."""

    _kind = "rnn"  # the function of the table that is run
    _states: tuple[str, ...] = ("h",)  # the parts of the state
    _gates: tuple[str, ...] = ("",)  # the blocks of a weight, by name
    bias: bool

    def _set_sizes(self, input_size, hidden_size):
        needs = "at least one input and one unit"
        sizes = whole(type(self).__name__, needs, input_size, hidden_size)
        self.input_size, self.hidden_size = sizes

    def _add_weights(self, suffix, inputs, dtype, generator):
        """weight_ih, weight_hh, and the biases if there are any, with a suffix to their names."""
        rows, bound = len(self._gates) * self.hidden_size, 1 / math.sqrt(self.hidden_size)
        shapes = (rows, inputs), (rows, self.hidden_size), (rows,), (rows,)
        for name, shape in zip(_WEIGHTS[: 4 if self.bias else 2], shapes, strict=False):
            setattr(self, name + suffix, _uniform(bound, shape, dtype, generator))

    def _weights(self, suffix):
        return [getattr(self, name + suffix, None) for name in _WEIGHTS]

    def _checked(self, x, axes):
        """x as a floating Tensor of the right size; `axes` are those that it has in a batch."""
        x = floating(self, x, self._kind)
        if x.ndim not in (len(axes), len(axes) - 1) or x.shape[-1] != self.input_size:
            raise ShapeError(
                f"{self._label()} on x {tuple(x.shape)}",
                op=self._kind,
                got=tuple(x.shape),
                expected=f"({', '.join(axes)}, or without the batch) "
                f"with {self.input_size} on the last axis",
                fix=f"{type(self).__name__}({x.shape[-1] if x.ndim else 1}, {self.hidden_size})",
            )
        return x

    def _start(self, x, hx, shape):
        """The parts of the state to start from, each of `shape`; zeros if hx is None."""
        if hx is None:
            return [zeros(shape, dtype=x.dtype)] * len(self._states)
        several = len(self._states) > 1 and hasattr(hx, "__iter__")
        parts = list(hx) if several else [hx]
        shapes = [tuple(p.shape) if hasattr(p, "shape") else type(p).__name__ for p in parts]
        zero = f"gd.zeros({shape})"
        if shapes != [shape] * len(self._states):
            raise ShapeError(
                f"{self._label()} starts from {' and '.join(self._states)} {shapes}",
                op=self._kind,
                got=shapes,
                expected=f"{' and '.join(self._states)} of shape {shape}",
                fix=f"({zero}, {zero})" if len(self._states) > 1 else zero,
            )
        return parts


# ---------------------------------------------------------------------- sequences
class _Layers(_Recurrent):
    """Layers upon each other, in one direction or both, over whole sequences."""

    def __init__(
        self, input_size, hidden_size, num_layers=1, bias=True, batch_first=False, dropout=0.0,
        bidirectional=False, *, return_states=False, return_gates=False, dtype=None, generator=None,
    ):  # fmt: skip
        self._set_sizes(input_size, hidden_size)
        input_size, hidden_size = self.input_size, self.hidden_size
        if not isinstance(num_layers, Integral) or num_layers < 1 or not 0 <= dropout <= 1:
            raise ArgumentError(
                "no such layers",
                op=type(self).__name__,
                got={"num_layers": num_layers, "dropout": dropout},
                expected="num_layers of 1 or more, dropout from 0 to 1",
                fix=f"{type(self).__name__}({input_size}, {hidden_size})",
            )
        if dropout and num_layers == 1:
            warnings.warn("dropout= is between layers, and there is one", stacklevel=2)
        self.num_layers, self.bias, self.batch_first = num_layers, bias, batch_first
        self.dropout, self.bidirectional, self.generator = dropout, bidirectional, generator
        self.return_states, self.return_gates = return_states, return_gates
        directions = 2 if bidirectional else 1
        for layer in range(num_layers):
            for suffix, _ in self._directions(layer):
                inputs = directions * hidden_size if layer else input_size
                self._add_weights(suffix, inputs, dtype, generator)

    def _directions(self, layer):
        """(suffix of the weights' names, whether it runs backwards)."""
        forth = (f"_l{layer}", False)
        return (forth, (f"_l{layer}_reverse", True)) if self.bidirectional else (forth,)

    def _options(self):
        """What the op of a sequence takes beside arrays."""
        return {}

    def forward(self, x, hx=None, *, lengths=None):
        """Run over sequences.

        Parameters
        ----------
        x : Tensor of shape (T, B, I), with `batch_first` (B, T, I); (T, I) for one sequence
        hx : Tensor of shape (L, B, H), for an LSTM a pair of them (h, c); optional
            The state to start from, for each layer and direction; zeros if not given.
        lengths : B integers from 1 to T, optional
            How many steps of each sequence count. Its state stops there, and outputs beyond are 0;
            backwards it starts there. The order of the sequences does not matter.

        Returns
        -------
        output : Tensor of shape (T, B, D H), or (B, T, D H); the last layer's states
        hx : as the argument; the states after the last step
        states : Tensor of shape (L, T, B, H) or (L, B, T, H), for an LSTM a pair of them (h, c)
            If `return_states`: the states of all layers and directions.
        gates : dict of Tensors, each of shape (L, T, B, H) or (L, B, T, H)
            If `return_gates`: the gates by name.
        """
        x = self._checked(x, ("B", "T", "I") if self.batch_first else ("T", "B", "I"))
        single = x.ndim == 2
        if single:
            x = xp.expand_dims(x, axis=1)
        elif self.batch_first:
            x = xp.moveaxis(x, 0, 1)
        n = self.num_layers * (2 if self.bidirectional else 1)
        shape = (n, self.hidden_size) if single else (n, x.shape[1], self.hidden_size)
        start = self._start(x, hx, shape)
        if single:
            start = [xp.expand_dims(s, axis=1) for s in start]
        runs = self._run_layers(x, start, lengths)

        def laid_out(y):  # (..., T, B, H) as the user has it
            if single:
                return xp.squeeze(y, axis=-2)
            return xp.moveaxis(y, -3, -2) if self.batch_first else y

        def stacked(tensors):
            return laid_out(xp.stack(tensors))

        top = [run.states[0] for run in runs[-len(self._directions(0)) :]]
        output = laid_out(top[0] if len(top) == 1 else xp.concat(top, axis=-1))
        finals = [xp.stack(parts) for parts in zip(*(run.final for run in runs), strict=True)]
        finals = [xp.squeeze(part, axis=1) for part in finals] if single else finals
        found = [output, _one_or_all(finals)]
        if self.return_states:
            every = zip(*(run.states for run in runs), strict=True)
            found.append(_one_or_all([stacked(states) for states in every]))
        if self.return_gates:
            every = zip(*(run.gates for run in runs), strict=True)
            found.append(dict(zip(self._gates, map(stacked, every), strict=True)))
        return tuple(found)

    def _run_layers(self, x, start, lengths):
        """What each layer and direction gives, in order."""
        runs: list[_Run] = []
        for layer in range(self.num_layers):
            if layer and self.dropout:
                x = FUNCTIONS["dropout"](x, self.dropout, self.training, self.generator)
            directions = self._directions(layer)
            for suffix, reverse in directions:
                state = [part[len(runs)] for part in start]
                with scope(suffix[1:]):
                    runs.append(self._run_one(x, state, self._weights(suffix), lengths, reverse))
            done = [run.states[0] for run in runs[-len(directions) :]]
            x = done[0] if len(done) == 1 else xp.concat(done, axis=-1)
        return runs

    def _run_one(self, x, state, weights, lengths, reverse):
        names = [f"{s}0" for s in self._states]
        found, lengths = ops.sequence(
            xp, self._kind, names, len(self._gates), x, *state, *weights,
            lengths=lengths, reverse=reverse, **self._options(),
        )  # fmt: skip
        states = [found] if len(names) == 1 else [found[k] for k in range(len(names))]
        gates: Sequence = ()
        if self.return_gates:
            live = ops.alive(xp, x, lengths)
            h = ops.before(xp, state[0], states[0], live, reverse)
            gates = getattr(ops, self._kind + "_gates")(xp, x, h, *weights)
            gates = gates if live is None else [xp.where(live, gate, 0) for gate in gates]
        return _Run(states, [ops.last(s, lengths, reverse) for s in states], gates)

    def extra_repr(self):
        usual = {"num_layers": 1, "bias": True, "batch_first": False, "dropout": 0.0}
        usual["bidirectional"] = False
        own = [f"{k}={getattr(self, k)}" for k, v in usual.items() if getattr(self, k) != v]
        own += _function(self)
        return ", ".join([str(self.input_size), str(self.hidden_size), *own])


class _Run(NamedTuple):
    """What one layer gives in one direction."""

    states: list  # each part of the state after each step, (T, B, H)
    final: list  # after the last one, (B, H)
    gates: Sequence  # (T, B, H) each


def _one_or_all(parts):
    return parts[0] if len(parts) == 1 else tuple(parts)


class RNN(_Layers):
    r"""A plain recurrent network.

    .. math:: h_t = \tanh(W_{ih} x_t + b_{ih} + W_{hh} h_{t-1} + b_{hh})

    In shapes, T is the number of steps, B of sequences, D of directions, L of layers times D. All
    weights start uniform in :math:`\pm 1 / \sqrt{H}`.

    Parameters
    ----------
    input_size, hidden_size : int
        I and H, at least 1.
    num_layers : int, default 1
        Each takes the states of the one below.
    nonlinearity : {"tanh", "relu"}
        The function in place of tanh.
    bias : bool, default True
        Whether the b are added.
    batch_first : bool, default False
        Whether x, the output, states and gates begin with the axis of the batch.
    dropout : float, default 0
        The share of a layer's states that the next layer does not see, in training.
    bidirectional : bool, default False
        Whether a second set of weights runs backwards in time, beside the first.
    return_states : bool, default False
        Whether a call gives the states of all layers and directions after each step, too.
    dtype : floating dtype, optional
        Of the parameters; the default dtype if not given.
    generator : Generator, optional
        Where the initial numbers and those of dropout come from; the default one if not given.

    Attributes
    ----------
    weight_ih_l0, weight_ih_l1, ... : Parameter of shape (H, I); above the first, (H, D H)
    weight_hh_l0, ... : Parameter of shape (H, H)
    bias_ih_l0, bias_hh_l0, ... : Parameter of shape (H,), if `bias`
    weight_ih_l0_reverse, ... : the same, backwards

    Raises
    ------
    ArgumentError
        If a size is below 1; on a call with lengths that are not one from 1 to T for each sequence.
    ShapeError
        On a call whose x has not I on its last axis, has no steps, or does not fit the state.
    DTypeError
        On a call whose x is not floating, or of another dtype than the weights.

    References
    ----------
    J. L. Elman, "Finding structure in time", Cognitive Science 14 (1990).

    Examples
    --------
    >>> import graddl as gd
    >>> rnn = gd.nn.RNN(3, 4)
    >>> y, h = rnn(gd.zeros(5, 2, 3))
    >>> y.shape, h.shape
    ((5, 2, 4), (1, 2, 4))
    """

    def __init__(
        self, input_size, hidden_size, num_layers=1, nonlinearity="tanh", bias=True,
        batch_first=False, dropout=0.0, bidirectional=False, *, return_states=False, dtype=None,
        generator=None,
    ):  # fmt: skip
        self.nonlinearity = _known(self, nonlinearity)
        super().__init__(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional,
            return_states=return_states, dtype=dtype, generator=generator,
        )  # fmt: skip

    def _options(self):
        return {"nonlinearity": self.nonlinearity}


class LSTM(_Layers):
    r"""Long short-term memory.

    .. math::
        i, f, o &= \sigma(W_{ih} x_t + b_{ih} + W_{hh} h_{t-1} + b_{hh}) \\
        g &= \tanh(W_{ih} x_t + b_{ih} + W_{hh} h_{t-1} + b_{hh}) \\
        c_t &= f \odot c_{t-1} + i \odot g, \qquad h_t = o \odot \tanh c_t

    each gate with its own block of H rows of the weights, in the order i, f, g, o. In shapes, T is
    the number of steps, B of sequences, D of directions, L of layers times D. All weights start
    uniform in :math:`\pm 1 / \sqrt{H}`.

    Parameters
    ----------
    input_size, hidden_size : int
        I and H, at least 1.
    num_layers : int, default 1
        Each takes the states of the one below.
    bias : bool, default True
        Whether the b are added.
    batch_first : bool, default False
        Whether x, the output, states and gates begin with the axis of the batch.
    dropout : float, default 0
        The share of a layer's states that the next layer does not see, in training.
    bidirectional : bool, default False
        Whether a second set of weights runs backwards in time, beside the first.
    return_states : bool, default False
        Whether a call gives the states of all layers and directions after each step, too.
    return_gates : bool, default False
        Whether a call gives the gates, a dict by name (i, f, g, o), too.
    dtype : floating dtype, optional
        Of the parameters; the default dtype if not given.
    generator : Generator, optional
        Where the initial numbers and those of dropout come from; the default one if not given.

    Attributes
    ----------
    weight_ih_l0, weight_ih_l1, ... : Parameter of shape (4 H, I); above the first, (4 H, D H)
    weight_hh_l0, ... : Parameter of shape (4 H, H)
    bias_ih_l0, bias_hh_l0, ... : Parameter of shape (4 H,), if `bias`
    weight_ih_l0_reverse, ... : the same, backwards

    Raises
    ------
    ArgumentError
        If a size is below 1; on a call with lengths that are not one from 1 to T for each sequence.
    ShapeError
        On a call whose x has not I on its last axis, has no steps, or does not fit the state.
    DTypeError
        On a call whose x is not floating, or of another dtype than the weights.

    References
    ----------
    S. Hochreiter, J. Schmidhuber, "Long short-term memory", Neural Computation 9 (1997);
    F. A. Gers, J. Schmidhuber, F. Cummins, "Learning to forget", Neural Computation 12 (2000).

    Examples
    --------
    >>> import graddl as gd
    >>> lstm = gd.nn.LSTM(3, 4, 2, return_gates=True)
    >>> y, (h, c), gates = lstm(gd.zeros(5, 2, 3))
    >>> y.shape, h.shape, c.shape
    ((5, 2, 4), (2, 2, 4), (2, 2, 4))
    >>> {name: gate.shape for name, gate in gates.items()}
    {'i': (2, 5, 2, 4), 'f': (2, 5, 2, 4), 'g': (2, 5, 2, 4), 'o': (2, 5, 2, 4)}
    """

    _kind, _states, _gates = "lstm", ("h", "c"), ("i", "f", "g", "o")


class GRU(_Layers):
    r"""Gated recurrent units.

    .. math::
        r, z &= \sigma(W_{ih} x_t + b_{ih} + W_{hh} h_{t-1} + b_{hh}) \\
        n &= \tanh(W_{in} x_t + b_{in} + r \odot (W_{hn} h_{t-1} + b_{hn})) \\
        h_t &= (1 - z) \odot n + z \odot h_{t-1}

    each gate with its own block of H rows of the weights, in the order r, z, n. In shapes, T is the
    number of steps, B of sequences, D of directions, L of layers times D. All weights start uniform
    in :math:`\pm 1 / \sqrt{H}`.

    Parameters
    ----------
    input_size, hidden_size : int
        I and H, at least 1.
    num_layers : int, default 1
        Each takes the states of the one below.
    bias : bool, default True
        Whether the b are added.
    batch_first : bool, default False
        Whether x, the output, states and gates begin with the axis of the batch.
    dropout : float, default 0
        The share of a layer's states that the next layer does not see, in training.
    bidirectional : bool, default False
        Whether a second set of weights runs backwards in time, beside the first.
    return_states : bool, default False
        Whether a call gives the states of all layers and directions after each step, too.
    return_gates : bool, default False
        Whether a call gives the gates, a dict by name (r, z, n), too.
    dtype : floating dtype, optional
        Of the parameters; the default dtype if not given.
    generator : Generator, optional
        Where the initial numbers and those of dropout come from; the default one if not given.

    Attributes
    ----------
    weight_ih_l0, weight_ih_l1, ... : Parameter of shape (3 H, I); above the first, (3 H, D H)
    weight_hh_l0, ... : Parameter of shape (3 H, H)
    bias_ih_l0, bias_hh_l0, ... : Parameter of shape (3 H,), if `bias`
    weight_ih_l0_reverse, ... : the same, backwards

    Raises
    ------
    ArgumentError
        If a size is below 1; on a call with lengths that are not one from 1 to T for each sequence.
    ShapeError
        On a call whose x has not I on its last axis, has no steps, or does not fit the state.
    DTypeError
        On a call whose x is not floating, or of another dtype than the weights.

    References
    ----------
    K. Cho et al., "Learning phrase representations using RNN encoder-decoder for statistical
    machine translation", EMNLP 2014, with r applied after the matrix product.

    Examples
    --------
    >>> import graddl as gd
    >>> gru = gd.nn.GRU(3, 4, bidirectional=True)
    >>> y, h = gru(gd.zeros(5, 2, 3), lengths=[5, 3])
    >>> y.shape, h.shape
    ((5, 2, 8), (2, 2, 4))
    """

    _kind, _gates = "gru", ("r", "z", "n")


# ---------------------------------------------------------------------- one step
class _Cell(_Recurrent):
    """One step of a recurrent network."""

    def __init__(
        self, input_size, hidden_size, bias=True, *, return_gates=False, dtype=None, generator=None
    ):
        self._set_sizes(input_size, hidden_size)
        self.bias, self.return_gates = bias, return_gates
        self._add_weights("", input_size, dtype, generator)

    def _options(self):
        return {}

    def forward(self, x, hx=None):
        """Take one step.

        Parameters
        ----------
        x : Tensor of shape (B, I), or (I,) for one sequence
        hx : Tensor of shape (B, H), or (H,); for an LSTM a pair of them (h, c); optional
            The state before; zeros if not given.

        Returns
        -------
        hx : as the argument; the state after
        gates : dict of Tensors of shape (B, H) or (H,)
            If `return_gates`: the gates by name.
        """
        x = self._checked(x, ("B", "I"))
        single = x.ndim == 1
        state = self._start(x, hx, (*x.shape[:-1], self.hidden_size))
        if single:
            x, *state = (xp.expand_dims(a, axis=0) for a in (x, *state))
        weights = self._weights("")
        new = FUNCTIONS[self._kind + "_cell"](x, *state, *weights, **self._options())
        new = new if isinstance(new, tuple) else (new,)
        new = _one_or_all([part[0] for part in new] if single else new)
        if not self.return_gates:
            return new
        gates = getattr(ops, self._kind + "_gates")(xp, x, state[0], *weights)
        gates = [gate[0] for gate in gates] if single else gates
        return new, dict(zip(self._gates, gates, strict=True))

    def extra_repr(self):
        own = [] if self.bias else ["bias=False"]
        return ", ".join([str(self.input_size), str(self.hidden_size), *own, *_function(self)])


class RNNCell(_Cell):
    """One step of an :class:`RNN`, with the weights weight_ih, weight_hh, bias_ih and bias_hh.

    Parameters
    ----------
    input_size, hidden_size : int
        I and H, at least 1.
    bias : bool, default True
    nonlinearity : {"tanh", "relu"}
    dtype : floating dtype, optional
    generator : Generator, optional

    Raises
    ------
    ArgumentError, ShapeError, DTypeError
        As :class:`RNN`.

    Examples
    --------
    >>> import graddl as gd
    >>> cell, h = gd.nn.RNNCell(3, 4), None
    >>> for t, x in enumerate(gd.zeros(5, 2, 3)):
    ...     with gd.timestep(t):
    ...         h = cell(x, h)
    >>> h.shape
    (2, 4)
    """

    def __init__(
        self, input_size, hidden_size, bias=True, nonlinearity="tanh", *, dtype=None, generator=None
    ):
        self.nonlinearity = _known(self, nonlinearity)
        super().__init__(input_size, hidden_size, bias, dtype=dtype, generator=generator)

    def _options(self):
        return {"nonlinearity": self.nonlinearity}


class LSTMCell(_Cell):
    """One step of an :class:`LSTM`, with the weights weight_ih, weight_hh, bias_ih and bias_hh.

    Parameters
    ----------
    input_size, hidden_size : int
        I and H, at least 1.
    bias : bool, default True
    return_gates : bool, default False
        Whether a call gives the gates, a dict by name (i, f, g, o), too.
    dtype : floating dtype, optional
    generator : Generator, optional

    Raises
    ------
    ArgumentError, ShapeError, DTypeError
        As :class:`LSTM`.

    Examples
    --------
    >>> import graddl as gd
    >>> h, c = gd.nn.LSTMCell(3, 4)(gd.zeros(2, 3))
    >>> h.shape, c.shape
    ((2, 4), (2, 4))
    """

    _kind, _states, _gates = "lstm", ("h", "c"), ("i", "f", "g", "o")


class GRUCell(_Cell):
    """One step of a :class:`GRU`, with the weights weight_ih, weight_hh, bias_ih and bias_hh.

    Parameters
    ----------
    input_size, hidden_size : int
        I and H, at least 1.
    bias : bool, default True
    return_gates : bool, default False
        Whether a call gives the gates, a dict by name (r, z, n), too.
    dtype : floating dtype, optional
    generator : Generator, optional

    Raises
    ------
    ArgumentError, ShapeError, DTypeError
        As :class:`GRU`.

    Examples
    --------
    >>> import graddl as gd
    >>> h, gates = gd.nn.GRUCell(3, 4, return_gates=True)(gd.zeros(2, 3))
    >>> h.shape, list(gates)
    ((2, 4), ['r', 'z', 'n'])
    """

    _kind, _gates = "gru", ("r", "z", "n")


def _function(layer):
    """For the repr of a layer its function, if it is not tanh."""
    name = getattr(layer, "nonlinearity", "tanh")
    return [] if name == "tanh" else [f"nonlinearity={name!r}"]


def _known(layer, nonlinearity):
    if nonlinearity not in ("tanh", "relu"):
        raise ArgumentError(
            "unknown nonlinearity",
            op=type(layer).__name__,
            got=repr(nonlinearity),
            expected="'tanh' or 'relu'",
            fix="nonlinearity='tanh'",
        )
    return nonlinearity
