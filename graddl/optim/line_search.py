"""A line search: how far to go in a direction."""

from math import isfinite, sqrt
from typing import Any, NamedTuple


class Point(NamedTuple):
    """A place on the line."""

    t: float  # how far along the direction
    f: float  # the loss there
    slope: float  # its derivative along the direction
    g: Any  # its gradient


def strong_wolfe(evaluate, start, t, size, tolerance=1e-9, most=25, c1=1e-4, c2=0.9):
    r"""Find a step that makes the loss smaller, and its slope flatter, by enough.

    .. math::

        f(t) \le f(0) + c_1 t f'(0), \qquad |f'(t)| \le c_2 |f'(0)|

    Parameters
    ----------
    evaluate : callable
        Gives the Point at a t.
    start : Point
        That of t = 0, where the slope is negative.
    t : float
        The first to be tried.
    size : float
        The largest element of the direction.
    tolerance : float, default 1e-9
        Gives up where steps of `size` would be smaller.
    most : int, default 25
        How often to go on after the first evaluation.
    c1, c2 : float
        :math:`0 < c_1 < c_2 < 1`.

    Returns
    -------
    Point
        The one found, or, when giving up, the lowest.
    int
        The number of evaluations.

    References
    ----------
    Nocedal and Wright (2006), Numerical optimization, algorithms 3.5 and 3.6; in detail as in
    PyTorch, whose steps these are.

    Examples
    --------
    >>> def bowl(t):
    ...     return Point(t, (t - 3) ** 2, 2 * (t - 3), None)
    >>> found, evaluations = strong_wolfe(bowl, bowl(0.0), 0.1, 1.0)
    >>> found.t, evaluations
    (1.0, 2)
    """

    def too_high(point):  # NaN is
        return not point.f <= start.f + c1 * point.t * start.slope

    def flat(point):
        return abs(point.slope) <= -c2 * start.slope

    # Go on until a bracket holds such a step: the loss has risen, or its slope has.
    previous, point, evaluations = start, evaluate(t), 1
    for tried in range(most):
        if too_high(point) or (tried > 1 and point.f >= previous.f):
            break
        if flat(point):
            return point, evaluations
        if point.slope >= 0:
            break
        near, far = point.t + 0.01 * (point.t - previous.t), 10 * point.t
        previous, point = point, evaluate(lowest_of_cubic(previous, point, near, far))
        evaluations += 1
    else:
        return (point if point.f < start.f else start), evaluations

    # Narrow the bracket. `low` is the end of the lower loss.
    low, high = (point, previous) if point.f < previous.f else (previous, point)
    stuck = False
    for _ in range(tried, most):
        left, right = min(low.t, high.t), max(low.t, high.t)
        if (right - left) * size <= tolerance:
            break
        a, b = (low, high) if low.t < high.t else (high, low)
        t = lowest_of_cubic(a, b, left, right)
        # Close to an end for the second time, or at it: a tenth of the bracket away from it.
        margin = 0.1 * (right - left)
        close = min(right - t, t - left) < margin
        if close and (stuck or t >= right or t <= left):
            t = right - margin if right - t < t - left else left + margin
            close = False
        stuck = close
        point = evaluate(t)
        evaluations += 1
        if too_high(point) or point.f >= low.f:
            low, high = (point, low) if point.f < low.f else (low, point)
            continue
        if flat(point):
            return point, evaluations
        if point.slope * (high.t - low.t) >= 0:
            high = low
        low = point
    return low, evaluations


def lowest_of_cubic(a, b, least, most):
    """Where the cubic through two Points with their slopes is lowest, within [least, most].

    References
    ----------
    Nocedal and Wright (2006), Numerical optimization, equation 3.59.
    """
    middle = (least + most) / 2
    if a.t == b.t:
        return middle
    d1 = a.slope + b.slope - 3 * (a.f - b.f) / (a.t - b.t)
    square = d1 * d1 - a.slope * b.slope
    if square >= 0:
        d2 = sqrt(square)
        below = b.slope - a.slope + 2 * d2
        t = b.t - (b.t - a.t) * ((b.slope + d2 - d1) / below) if below else float("nan")
        if isfinite(t):
            return min(max(t, least), most)
    return middle
