"""Gates of an LSTM and states of recurrent layers over time, as heat maps."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from ... import nn
from ..._core import Tensor
from ...errors import DTypeError, ShapeError
from ...modes import no_grad
from ..drawing import Drawing
from ..modules import unchanged
from ..numbers import number
from ..options import complain
from ..words import font
from .grids import Shades, around_zero, heat
from .picture import P, Picture, box

UNITS, STEPS = 12, 60  # that are shown; more steps are pooled
ROOM = 220  # points of a map
ROLES = {
    "f": "f, forget gate: 1 keeps", "i": "i, input gate: 1 lets in", "g": "g, candidate",
    "o": "o, output gate: 1 shows",
}  # fmt: skip


def gates(lstm: nn.LSTM, x: Any, layer: int = 0, theme: str = "auto") -> Drawing:
    r"""Draw the gates of an LSTM over time, and how they make its states.

    .. math:: c_t = f_t \odot c_{t-1} + i_t \odot g_t \qquad h_t = o_t \odot \tanh c_t

    Parameters
    ----------
    lstm : LSTM
        It runs once and stays as it was.
    x : array of shape (T, I) or as its forward takes; of a batch the first sequence is drawn
    layer : int, default 0
        Which layer, with two directions which of them.
    theme : "auto", "light" or "dark"

    Returns
    -------
    Drawing

    Raises
    ------
    DTypeError
        Not an LSTM.
    ShapeError
        x does not fit.
    ArgumentError
        There is no such layer.

    Examples
    --------
    >>> import graddl as gd
    >>> gd.viz.gates(gd.nn.LSTM(2, 3), gd.zeros(5, 2))
    <Drawing of LSTM gates over 5 steps>
    """
    if not isinstance(lstm, nn.LSTM):
        raise complain("gates", "only an LSTM has these gates", type(lstm).__name__, "gd.nn.LSTM",
                       "gd.viz.states(rnn, x)", DTypeError)  # fmt: skip
    found, every = run(lstm, x, "gates")
    count = len(found["h"])
    if not isinstance(layer, int) or not 0 <= layer < count:
        raise complain("gates", "there is no such layer", layer, f"0 to {count - 1}",
                       "gd.viz.gates(lstm, x, layer=0)")  # fmt: skip
    maps = {name: a[layer] for name, a in {**every, **found}.items()}
    steps = counted(len(maps["h"]))
    spans = ", ".join(f"{name} from {span(a)}" for name, a in maps.items())
    pic = Picture(
        f"LSTM gates over {steps}",
        f"Gates and states of {maps['h'].shape[1]} units over {steps}: {spans}.",
    )
    if count > 1:
        pic.note(f"layer {layer} of {count}")
    limits(pic, maps["h"].shape, lstm, x)
    gate = Shades(0.0, 1.0)
    either = around_zero(maps["g"], maps["c"], maps["h"])
    either = Shades(-either.high, either.high)
    pic.sign("■ data, forward →", P.data)
    pic.signs.append(gate.legend("gate: closed, open"))
    pic.signs.append(either.legend("g, c, h: − is negative"))
    pic.sign("a row for each unit, a column for each step", P.quiet)
    where = {}
    for name in ROLES:
        shades = either if name == "g" else gate
        where[name] = pic.node(chart(ROLES[name], maps[name], shades), ROLES[name])
    c = pic.node(chart("c, cell", maps["c"], either), "cell state")
    h = pic.node(chart("h, hidden", maps["h"], either), "hidden state")
    for name, formula in (("f", "f ⊙ c of the step before"), ("i", "i ⊙ g"), ("g", "i ⊙ g")):
        pic.edge(where[name], c, formula)
    pic.edge(where["o"], h, "o ⊙ tanh c")
    pic.edge(c, h, "o ⊙ tanh c")
    pic.note("c = f ⊙ c of the step before + i ⊙ g;  h = o ⊙ tanh c", P.ink)
    return pic.drawn(theme)


def states(rnn: Any, x: Any, theme: str = "auto") -> Drawing:
    """Draw the states of a recurrent network over time: all layers, for an LSTM cells, too.

    Parameters
    ----------
    rnn : RNN, LSTM or GRU
        It runs once and stays as it was.
    x : array of shape (T, I) or as its forward takes; of a batch the first sequence is drawn
    theme : "auto", "light" or "dark"

    Returns
    -------
    Drawing

    Raises
    ------
    DTypeError
        Not a recurrent layer.
    ShapeError
        x does not fit.

    Examples
    --------
    >>> import graddl as gd
    >>> gd.viz.states(gd.nn.GRU(2, 3, num_layers=2), gd.zeros(5, 2))
    <Drawing of GRU states over 5 steps>
    """
    if not isinstance(rnn, nn.RNN | nn.LSTM | nn.GRU):
        raise complain("states", "draws recurrent layers", type(rnn).__name__, "RNN, LSTM or GRU",
                       "gd.viz.states(gd.nn.RNN(2, 3), gd.zeros(5, 2))", DTypeError)  # fmt: skip
    found, _ = run(rnn, x, "states")
    kind, steps = type(rnn).__name__, counted(found["h"].shape[1])
    spans = ", ".join(f"{name} from {span(a)}" for name, a in found.items())
    layers, _, units = found["h"].shape
    pic = Picture(
        f"{kind} states over {steps}",
        f"States of {layers} layers with {units} units over {steps}: {spans}.",
    )
    limits(pic, found["h"].shape[1:], rnn, x)
    shades = around_zero(*found.values())
    pic.sign("■ data, forward →", P.data)
    pic.signs.append(shades.legend("− is negative" if shades.diverging else ""))
    pic.sign("a row for each unit, a column for each step", P.quiet)
    two = 2 if rnn.bidirectional else 1
    first: list[str] = []
    for layer in range(0, len(found["h"]), two):
        row = []
        for k in range(layer, layer + two):
            label = f"layer {layer // two}" + (", backwards" if k > layer else "")
            row += [pic.node(chart(f"{name} {label}", found[name][k], shades)) for name in found]
        for tail in first:
            pic.edge(tail, row[-1 if two == 1 else 0], "the states below are the input")
        first = [row[-1]] if two == 1 else row[:1]
    return pic.drawn(theme)


def run(rnn: Any, x: Any, want: str) -> tuple[dict, dict]:
    """(states by name, gates by name), each of shape (L, T, H), of the first sequence."""
    a = np.asarray(x.detach().numpy() if isinstance(x, Tensor) else x)
    shape = (5, rnn.input_size)
    if a.ndim not in (2, 3) or a.shape[-1] != rnn.input_size or not a.size:
        raise complain(want, "x does not fit the layer", f"shape {a.shape}",
                       f"shape (T, {rnn.input_size})", f"gd.viz.{want}(rnn, gd.zeros{shape})",
                       ShapeError)  # fmt: skip
    a = a.astype(next(iter(rnn.parameters())).dtype)
    if a.ndim == 3:
        a = a[0] if rnn.batch_first else a[:, 0]
    with unchanged(rnn), no_grad(), returning(rnn, want == "gates"):
        _, _, kept, *more = rnn.forward(Tensor(a))
    parts = kept if isinstance(kept, tuple) else (kept,)
    names = ("h", "c")[: len(parts)]
    found = {name: t.numpy(copy=True) for name, t in zip(names, parts, strict=True)}
    return found, {name: t.numpy(copy=True) for name, t in (more[0] if more else {}).items()}


@contextmanager
def returning(rnn: Any, gates_too: bool) -> Iterator[None]:
    """The layer returns its states, and then its gates, as long as this lasts."""
    before = rnn.return_states, rnn.return_gates
    rnn.return_states, rnn.return_gates = True, gates_too
    try:
        yield
    finally:
        rnn.return_states, rnn.return_gates = before


def counted(steps: int) -> str:
    return f"{steps} step{'s' * (steps != 1)}"


def limits(pic: Picture, shape: tuple, rnn: Any, x: Any) -> None:
    """Notes on what is not shown."""
    steps, units = shape
    whole = np.shape(x)
    if len(whole) == 3 and (many := whole[0 if rnn.batch_first else 1]) > 1:
        pic.note(f"the first of {many} sequences")
    if units > UNITS:
        pic.note(f"units 0…{UNITS - 1} of {units}")
    if steps > STEPS:
        pic.note(f"a column is the mean of up to {-(-steps // STEPS)} steps")


def span(a: np.ndarray) -> str:
    return f"{number(float(a.min()))} to {number(float(a.max()))}"


def chart(title: str, a: np.ndarray, shades: Shades) -> str:
    """A heat map of (T, H), units downwards and time to the right, and its range."""
    name, _, role = title.partition(", ")
    steps = len(a)
    per = -(-steps // STEPS)
    part = np.stack([a[k : k + per].mean(0) for k in range(0, steps, per)])[:, :UNITS].T
    wide = min(max(ROOM // part.shape[1], 4), 22)
    under = font(f"t = 1 … {steps}", P.quiet, 10)
    made = heat(part, shades, wide, 14, gap=1 if wide > 5 else 0,
                left=[str(u) for u in range(len(part))])  # fmt: skip
    role = f"{role}  {span(a)}".strip()
    return box(name, role, [made, under], pad=3)
