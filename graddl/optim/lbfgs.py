"""L-BFGS."""

from ..creation import zeros_like
from ..errors import ArgumentError, DTypeError
from ..functional import concatenate
from ..modes import enable_grad, no_grad
from .line_search import Point, strong_wolfe
from .optimizer import Optimizer


class LBFGS(Optimizer):
    r"""L-BFGS: Newton's method, with a Hessian guessed from how the last gradients changed.

    .. math::

        s_k &= \theta_{k+1} - \theta_k, \qquad y_k = g_{k+1} - g_k,
            \qquad \rho_k = 1 / s_k^\top y_k \\
        H_{k+1} &= (1 - \rho_k s_k y_k^\top) \, H_k \, (1 - \rho_k y_k s_k^\top)
            + \rho_k s_k s_k^\top, \qquad
            H_0 = \frac{s^\top y}{y^\top y} \text{ of the last pair} \\
        \theta &\leftarrow \theta - t H g

    H is never formed: the last `history_size` pairs are applied to g in two loops. It is for
    losses without noise, of all data at once; each ``step`` makes up to `max_iter` of the updates
    above, and calls the closure once or more for each.

    Parameters
    ----------
    params : iterable of Tensor
        See :class:`Optimizer`. One group only.
    lr : float, default 1
        t, or with a line search the first t that it tries.
    max_iter : int, default 20
        Updates in a step.
    max_eval : int, default 1.25 * max_iter
        Calls of the closure in a step, about.
    tolerance_grad : float, default 1e-7
        Stops when no element of the gradient is larger.
    tolerance_change : float, default 1e-9
        Stops when neither a parameter nor the loss changes by more.
    history_size : int, default 100
        Pairs that are kept.
    line_search_fn : "strong_wolfe", optional
        Choose each t so that the loss falls by enough; without it t is `lr`.

    Raises
    ------
    ArgumentError
        If an option is impossible, or there is a second group.

    References
    ----------
    Nocedal and Wright (2006), Numerical optimization, algorithms 7.4 and 7.5. Liu and Nocedal
    (1989), On the limited memory BFGS method for large scale optimization.

    Examples
    --------
    The minimum of Rosenbrock's function is at (1, 1).

    >>> import graddl as gd
    >>> w = gd.tensor([-1.5, 2.0], dtype="float64", requires_grad=True)
    >>> optimizer = gd.optim.LBFGS([w], max_iter=100, line_search_fn="strong_wolfe")
    >>> def closure():
    ...     optimizer.zero_grad()
    ...     loss = 100 * (w[1] - w[0] ** 2) ** 2 + (1 - w[0]) ** 2
    ...     loss.backward()
    ...     return loss
    >>> round(optimizer.step(closure).item(), 6)
    12.5
    >>> [round(x, 4) for x in w.tolist()]
    [1.0, 1.0]
    """

    def __init__(
        self,
        params,
        lr=1.0,
        max_iter=20,
        max_eval=None,
        tolerance_grad=1e-7,
        tolerance_change=1e-9,
        history_size=100,
        line_search_fn=None,
    ):
        super().__init__(
            params,
            lr=lr,
            max_iter=max_iter,
            max_eval=max_iter * 5 // 4 if max_eval is None else max_eval,
            tolerance_grad=tolerance_grad,
            tolerance_change=tolerance_change,
            history_size=history_size,
            line_search_fn=line_search_fn,
        )

    def check(self, max_iter, max_eval, history_size, line_search_fn, **others):
        super().check(**others)
        for name, value in [
            ("max_iter", max_iter),
            ("max_eval", max_eval),
            ("history_size", history_size),
        ]:
            self.require(value >= 1, name, value, "1 or more")
        fit = line_search_fn in (None, "strong_wolfe")
        self.require(fit, "line_search_fn", line_search_fn, "None or 'strong_wolfe'")

    def add_param_group(self, group):
        if self.param_groups:
            raise ArgumentError(
                "takes one group only",
                op="LBFGS",
                got=group,
                expected="all parameters in one list",
                fix="LBFGS(model.parameters())",
            )
        super().add_param_group(group)

    def step(self, closure=None):
        """Make up to `max_iter` updates.

        Parameters
        ----------
        closure : callable
            Sets gradients to None, computes the loss, calls ``backward()`` on it and returns it.
            It is called several times, with the parameters at different places.

        Returns
        -------
        Tensor
            The loss before the first update.

        Raises
        ------
        DTypeError
            If there is no closure.
        """
        if not callable(closure):
            raise self._no_loss("step() computes the loss several times: needs a closure", closure)
        with no_grad():
            return self._step(enable_grad()(closure), **self.param_groups[0])

    def _step(
        self,
        closure,
        params,
        lr,
        max_iter,
        max_eval,
        tolerance_grad,
        tolerance_change,
        history_size,
        line_search_fn,
        **_,
    ):
        def evaluate():
            loss = closure()
            if not hasattr(loss, "item"):
                raise self._no_loss("the closure returned no loss", loss)
            return loss, _flat([zeros_like(p) if p.grad is None else p.grad for p in params])

        first, g = evaluate()
        f, evaluations = first.item(), 1
        # All that is kept is about all parameters at once; it stands under the first of them.
        state = self.state.setdefault(params[0], {"t": 0, "evaluations": 0, "pairs": []})
        state["evaluations"] += 1
        if _largest(g) <= tolerance_grad:
            return first

        for iteration in range(1, max_iter + 1):
            if "s" in state:
                _remember(state["pairs"], state.pop("s"), g - state.pop("g"), history_size)
            d, t = -_times_inverse_hessian(g, state["pairs"]), lr
            if state["t"] == 0:  # nothing is known of the curvature: a step of size 1 at most
                t *= min(1.0, 1 / g.abs().sum().item())
            slope = _dot(g, d)
            if slope > -tolerance_change:
                break
            x, f_before, g_before = _flat(params), f, g
            if line_search_fn:

                def at(t, x=x, d=d):
                    _write(x + t * d, params)
                    try:
                        loss, g = evaluate()
                    finally:
                        _write(x, params)  # also when the closure raises
                    return Point(t, loss.item(), _dot(g, d), g)

                start = Point(0.0, f, slope, g)
                most = max_eval - evaluations
                point, n = strong_wolfe(at, start, t, _largest(d), most=most)
                t, f, g = point.t, point.f, point.g
                _write(x + t * d, params)
            else:
                _write(x + t * d, params)
                n = int(iteration < max_iter)  # what comes after the last update is not needed
                if n:
                    loss, g = evaluate()
                    f = loss.item()
            evaluations += n
            s = t * d
            state.update(t=state["t"] + 1, evaluations=state["evaluations"] + n, s=s, g=g_before)
            if (
                evaluations >= max_eval
                or _largest(g) <= tolerance_grad
                or _largest(s) <= tolerance_change
                or abs(f - f_before) < tolerance_change
            ):
                break
        return first

    def _no_loss(self, message, got):
        expected = "a function that calls zero_grad() and backward(), and returns the loss"
        fix = "optimizer.step(closure)"
        return DTypeError(message, op="LBFGS", got=got, expected=expected, fix=fix)

    def _check_state(self, i, p, kept):
        here = sum(p.size for p in self._parameters())
        last = [[kept["s"], kept["g"]]] if "s" in kept else []
        for x in (x for pair in kept["pairs"] + last for x in pair):
            if x.size != here:
                message = f"it is of {x.size} numbers, the parameters have {here}"
                raise self._misfit(message, x.shape)


def _remember(pairs, s, y, most):
    """Add a pair to the history, if it has the loss curve upwards."""
    if _dot(s, y) > 1e-10:
        if len(pairs) == most:
            del pairs[0]
        pairs.append([s, y])


def _times_inverse_hessian(g, pairs):
    """H g, in two loops over the history (Nocedal and Wright, algorithm 7.4)."""
    q, weights = g, []
    for s, y in reversed(pairs):
        weight = _dot(s, q) / _dot(s, y)
        weights.append(weight)
        q = q - weight * y
    if pairs:
        s, y = pairs[-1]
        q = _dot(s, y) / _dot(y, y) * q
    for (s, y), weight in zip(pairs, reversed(weights), strict=True):
        q = q + (weight - _dot(y, q) / _dot(s, y)) * s
    return q


def _flat(tensors):
    """One Tensor of shape (n,) with all their elements."""
    return concatenate([t.detach().reshape(-1) for t in tensors])


def _write(flat, tensors):
    """Give the Tensors the elements of a flat one, in place."""
    at = 0
    for t in tensors:
        t.copy_(flat[at : at + t.size].reshape(t.shape))
        at += t.size


def _dot(a, b):
    return (a * b).sum().item()


def _largest(x):
    return x.abs().max().item()
