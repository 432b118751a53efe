"""Clipping: gradients that are too large are made smaller."""

import warnings
from collections.abc import Iterable
from math import inf, isfinite, isnan, nan

from .._core import Tensor
from ..creation import asarray
from ..errors import DTypeError, NumericalError
from ..functional import abs as absolute
from ..functional import vector_norm
from ..modes import no_grad
from ._require import require

TINY = 1e-6  # as in PyTorch; gradients of norm 0 stay 0


def clip_grad_norm_(parameters, max_norm, norm_type=2.0, error_if_nonfinite=False):
    r"""Scale all gradients by one factor, so that their norm is at most `max_norm`.

    .. math::

        \|g\| = \Big( \sum_i |g_i|^p \Big)^{1/p}, \qquad
        g \leftarrow g \cdot \min\Big( 1, \frac{c}{\|g\| + 10^{-6}} \Big)

    The sum is over all elements of all gradients, so that the direction of the step is kept.

    Parameters
    ----------
    parameters : Tensor or iterable of Tensor
        Those without gradient are passed over.
    max_norm : float
        c.
    norm_type : float, default 2
        p; ``inf`` for the largest element.
    error_if_nonfinite : bool, default False
        Whether to raise if the norm is infinite or NaN. Otherwise a warning says so, and scaling
        turns the gradients into zeros and NaN, as in PyTorch.

    Returns
    -------
    Tensor of shape ()
        The norm before clipping.

    Raises
    ------
    NumericalError
        If the norm is not finite and `error_if_nonfinite`; it names the parameters. No gradient
        has been changed.
    ArgumentError
        If `max_norm` is negative or `norm_type` not positive.

    References
    ----------
    Pascanu, Mikolov, Bengio (2013), On the difficulty of training recurrent neural networks,
    algorithm 1.

    Examples
    --------
    >>> import graddl as gd
    >>> w = gd.tensor([1.0, 1.0], requires_grad=True)
    >>> (w * gd.tensor([3.0, 4.0])).sum().backward()
    >>> gd.optim.clip_grad_norm_([w], max_norm=1.0).item()
    5.0
    >>> [round(x, 3) for x in w.grad.tolist()]
    [0.6, 0.8]
    """
    parameters = _listed(parameters, "clip_grad_norm_")
    max_norm = _number(max_norm, "clip_grad_norm_", "max_norm", lambda c: c >= 0, "0 or more")
    norm_type = _number(norm_type, "clip_grad_norm_", "norm_type", lambda p: p > 0, "more than 0")
    gradients = [p.grad for p in parameters if p.grad is not None]
    if not gradients:
        return asarray(0.0)
    with no_grad():
        total = _norm(gradients, norm_type)
        if not isfinite(total):
            _complain(parameters, total, error_if_nonfinite)
        factor = max_norm / (total + TINY)
        if not factor >= 1:  # NaN goes into the gradients, too
            for g in gradients:
                g *= factor
        return asarray(total, dtype=gradients[0].dtype)


def clip_grad_value_(parameters, clip_value):
    r"""Clip each element of each gradient to [-`clip_value`, `clip_value`].

    .. math::

        g_i \leftarrow \max(-c, \min(c, g_i))

    Parameters
    ----------
    parameters : Tensor or iterable of Tensor
        Those without gradient are passed over.
    clip_value : float
        c. NaN stays NaN.

    Raises
    ------
    ArgumentError
        If `clip_value` is negative.

    Examples
    --------
    >>> import graddl as gd
    >>> w = gd.tensor([1.0, 1.0], requires_grad=True)
    >>> (w * gd.tensor([0.5, -4.0])).sum().backward()
    >>> gd.optim.clip_grad_value_([w], 1.0)
    >>> w.grad.tolist()
    [0.5, -1.0]
    """
    parameters = _listed(parameters, "clip_grad_value_")
    c = _number(clip_value, "clip_grad_value_", "clip_value", lambda c: c >= 0, "0 or more")
    with no_grad():
        for p in parameters:
            if p.grad is not None:
                p.grad.copy_(p.grad.clip(-c, c))


def _norm(gradients, p):
    """The norm of all elements together, as a number."""
    norms = [vector_norm(g, ord=p).item() for g in gradients]
    if not all(map(isfinite, norms)):
        if any(not g.isfinite().all() for g in gradients):
            return nan if any(map(isnan, norms)) else inf
        # Powers of finite elements have overflown; those of elements up to 1 do not.
        largest = max(absolute(g).max().item() for g in gradients if g.size)
        return largest * _norm([g / largest for g in gradients], p)
    largest = max(norms)
    if p == inf or largest == 0:
        return largest
    return largest * sum((norm / largest) ** p for norm in norms) ** (1 / p)


def _complain(parameters, total, raises):
    """Warn or raise, naming the parameters whose gradients are to blame."""
    bad = [
        f"{i} ({p.name})" if p.name else str(i)
        for i, p in enumerate(parameters)
        if p.grad is not None and not p.grad.isfinite().all()
    ]
    message = f"the norm is {total}, because of the gradient of parameter {', '.join(bad)}"
    if raises:
        raise NumericalError(
            message,
            op="clip_grad_norm_",
            got=total,
            expected="finite gradients",
            fix="with gd.detect_anomaly(): loss.backward()",
        )
    warnings.warn(f"clip_grad_norm_: {message}", RuntimeWarning, stacklevel=3)


def _listed(parameters, op):
    if isinstance(parameters, Tensor):
        return [parameters]
    fits = isinstance(parameters, Iterable) and not hasattr(parameters, "parameters")
    given = list(parameters) if fits else [parameters]
    for p in given:
        if not isinstance(p, Tensor):
            raise DTypeError(
                f"takes a list of Tensors, not {type(p).__name__}",
                op=op,
                got=type(p).__name__,
                expected="Tensors with gradients",
                fix="model.parameters()",
            )
    return given


def _number(value, op, name, fits, expected):
    """An argument as a number that fits."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = nan
    require(fits(number), op, name, value, expected)
    return number
