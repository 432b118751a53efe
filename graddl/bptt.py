"""Backpropagation through time: in windows over a long sequence, and step by step."""

from numbers import Integral

from . import _backward, _trees, modes
from ._core import Tensor
from .backend import tensor_namespace as xp
from .errors import ArgumentError, DTypeError, GradientError, ShapeError

__all__ = ["BPTT", "bptt_contributions"]


class BPTT:
    r"""Truncated backpropagation through time: a model runs over a sequence window by window.

    The state is carried from window to window, detached: a gradient reaches back to the first step
    of its window and no further. Each window begins `stride` steps after the one before. With
    ``stride < window`` they overlap: the steps in common are run again, so that gradients of the
    new ones reach at least ``window - stride`` steps back, as in truncated BPTT(k1, k2) with
    :math:`k_1` = stride and :math:`k_2` = window. With a window as long as the sequence, this is
    full backpropagation.

    Parameters
    ----------
    model : callable
        ``model(x, state)`` gives ``(y, state)``, as the layers RNN, LSTM and GRU do; the first
        state is None. A state is a Tensor, or a tuple, list or dict of such.
    window : int
        Steps that a gradient can reach back, at least 1.
    stride : int, optional
        Steps from one window to the next, from 1 to `window`, which is the default.
    axis : int, default 0
        The axis of time, of x and of y.

    Attributes
    ----------
    state : the state after the last step that was run, detached; None before the first. Assign
        None to begin anew.

    Raises
    ------
    ArgumentError
        If `window` or `stride` is out of range, or a sequence has no steps.
    DTypeError
        If the model does not return a pair.
    ShapeError
        If a target has not as many steps as its sequence.

    References
    ----------
    R. J. Williams, J. Peng, "An efficient gradient-based algorithm for on-line training of
    recurrent network trajectories", Neural Computation 2 (1990).

    Examples
    --------
    >>> import graddl as gd
    >>> rnn = gd.nn.RNN(1, 4, generator=gd.Generator(0))
    >>> x = gd.arange(10.0).sin().reshape(10, 1, 1)
    >>> bptt = gd.BPTT(rnn, window=4, stride=2)
    >>> for steps, y in bptt(x):
    ...     loss = (y.sum(axis=-1, keepdims=True) - x[steps]).square().sum()
    ...     loss.backward()  # and a step of an optimizer
    ...     print(steps)
    slice(0, 4, None)
    slice(4, 6, None)
    slice(6, 8, None)
    slice(8, 10, None)
    """

    def __init__(self, model, window, stride=None, *, axis=0):
        stride = window if stride is None else stride
        integers = isinstance(window, Integral) and isinstance(stride, Integral)
        if not (integers and 1 <= stride <= window):
            raise ArgumentError(
                "a window takes steps, and the next one begins within it or at its end",
                op="BPTT",
                got={"window": window, "stride": stride},
                expected="integers, 1 <= stride <= window",
                fix=f"BPTT(model, {max(window, 1) if integers else 1})",
            )
        self.model, self.window, self.stride, self.axis = model, window, stride, axis
        self.state = None

    def __call__(self, x):
        """Run over a sequence, beginning with `state`.

        Parameters
        ----------
        x : Tensor or array with time on `axis`

        Yields
        ------
        steps : slice
            The steps that are new in this window: each step is new once.
        y : Tensor
            What the model gives for them. Take its loss and call ``backward()`` before the next
            window is run.
        """
        total = x.shape[self.axis]
        if not total:
            raise ArgumentError(
                "the sequence has no steps", op="BPTT", got=tuple(x.shape), expected="1 or more"
            )
        begin, done, state = 0, 0, self.state
        while done < total:
            end = min(begin + self.window, total)
            middle = min(begin + self.stride, end)  # where the next window begins
            y, after = self._run(self._part(x, begin, middle), state)
            state = _trees.mapped(_detached, after)
            outputs = [y]
            if middle < end:
                y, after = self._run(self._part(x, middle, end), after)
                outputs.append(y)
            self.state = _trees.mapped(_detached, after)
            whole = outputs[0] if len(outputs) == 1 else xp.concat(outputs, axis=self.axis)
            yield slice(done, end), self._part(whole, done - begin, end - begin)
            begin, done = middle, end

    def losses(self, x, target, loss):
        """Yield for each window ``loss(y, target)`` of its new steps; both have time on `axis`."""
        if target.shape[self.axis] != x.shape[self.axis]:
            raise ShapeError(
                f"the target {tuple(target.shape)} has not the steps of x {tuple(x.shape)}",
                op="BPTT",
                got=tuple(target.shape),
                expected=f"{x.shape[self.axis]} steps on axis {self.axis}",
                fix="x and target of the same steps, such as x[:-1] and x[1:]",
            )
        for steps, y in self(x):
            yield loss(y, self._part(target, steps.start, steps.stop))

    def _run(self, x, state):
        """What the model gives for some steps. A Tensor alone could be unpacked, too: into rows."""
        returned = self.model(x, state)
        if not isinstance(returned, tuple) or len(returned) != 2:
            raise DTypeError(
                "the model has to return two things",
                op="BPTT",
                got=type(returned).__name__,
                expected="a pair (y, state)",
                fix="return y, state",
            )
        return returned

    def _part(self, x, begin, end):
        """Steps of x; x itself if these are all."""
        if end - begin == x.shape[self.axis]:
            return x
        return x[(slice(None),) * (self.axis % x.ndim) + (slice(begin, end),)]


def _detached(x):
    return x.detach() if isinstance(x, Tensor) else x


def bptt_contributions(loss, parameter):
    r"""The gradient of a weight that all time steps share, as the sum's terms: one for each step.

    .. math:: \frac{\partial L}{\partial W} = \sum_t \frac{\partial L}{\partial W_t}

    where :math:`W_t` is W as step t uses it. The op of a whole sequence is run again for this, one
    cell after another. In a loop of one's own each step has to be in its own
    ``with gd.timestep(t):``. Nothing is added to ``.grad``, and the graph can be walked again.

    Parameters
    ----------
    loss : Tensor of one element
    parameter : Tensor that the loss was computed from

    Returns
    -------
    Tensor of shape (T, \*parameter.shape)
        T is one more than the last step that uses the parameter.

    Raises
    ------
    GradientError
        If the loss does not depend on the parameter, or it is used outside of time steps.
    DTypeError
        If one of them is no Tensor.

    Examples
    --------
    >>> import graddl as gd
    >>> rnn = gd.nn.RNN(1, 2)
    >>> loss = rnn(gd.ones(5, 1, 1))[0].square().sum()
    >>> terms = gd.bptt_contributions(loss, rnn.weight_hh_l0)
    >>> loss.backward()
    >>> terms.shape, bool(gd.allclose(terms.sum(axis=0), rnn.weight_hh_l0.grad, atol=1e-6))
    ((5, 2, 2), True)
    """
    for x in (loss, parameter):
        if not isinstance(x, Tensor):
            raise DTypeError(
                f"takes two Tensors, not {type(x).__name__}",
                op="bptt_contributions",
                got=type(x).__name__,
                expected="a loss, and one parameter",
                fix="gd.bptt_contributions(loss, rnn.weight_hh_l0)",
            )
    terms: dict[int, Tensor] = {}
    with modes.enable_grad():
        _collect([loss], [None], parameter, terms)
    if not terms:
        raise GradientError(
            "the loss does not depend on the parameter",
            op="bptt_contributions",
            got=repr(parameter),
            expected="a tensor that the loss was computed from",
        )
    nothing = xp.zeros_like(parameter.detach())
    return xp.stack([terms.get(t, nothing) for t in range(max(terms) + 1)])


def _collect(outputs, seeds, parameter, terms):
    """Add to `terms` what reaches the parameter at each time step of the graph of `outputs`."""

    def visit(node, g, gs):
        there = [i for i, parent in enumerate(node.inputs) if parent is leaf]
        if not there or node.op is None:
            return
        step = node.where and node.where[1]
        if step is None and node.op.composition is not None:
            fused.append((node, g, there))
        elif step is None:
            raise GradientError(
                f"{node.op.name} uses the parameter outside of any time step",
                op="bptt_contributions",
                got=node.op.name,
                expected="uses within time steps",
                fix="with gd.timestep(t): around the whole of each step",
            )
        else:
            for i in there:
                term = Tensor(gs[i])
                terms[step] = terms[step] + term if step in terms else term

    leaf, fused = parameter.node, list[tuple]()
    _backward.gradients(outputs, [parameter], seeds, on_visit=visit)
    for node, g, there in fused:
        own = Tensor(parameter.detach(), requires_grad=True)
        xs = [x.detach() if isinstance(x, Tensor) else x for x in node.recall()[0]]
        xs = [own if i in there else x for i, x in enumerate(xs)]
        _collect([node.op.composition(xp, *xs, **(node.params or {}))], [g], own, terms)
