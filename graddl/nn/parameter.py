"""What training changes."""

from .._core import Tensor


class Parameter(Tensor):
    """A Tensor that a :class:`Module` trains.

    A Module finds its Parameters among its attributes; ``parameters()`` lists them for an
    optimizer. Pictures draw them apart from inputs.

    Parameters
    ----------
    data : array_like of any shape, floating
        Copied. Python floats take the default dtype, arrays keep theirs.
    requires_grad : bool, default True
        False for a parameter that is frozen for now.
    name : str, optional
        Shown in pictures. A Module gives a parameter that has none its dotted path, "fc1.weight".

    Raises
    ------
    DTypeError
        If `data` is not an array of floating numbers.

    Examples
    --------
    >>> import graddl as gd
    >>> w = gd.nn.Parameter([[1.0, 2.0]])
    >>> w.shape, w.requires_grad
    ((1, 2), True)
    """

    __slots__ = ()

    def __init__(self, data, requires_grad=True, *, name=None):
        data = data.detach() if isinstance(data, Tensor) else data
        Tensor.__init__(self, data, requires_grad=requires_grad, parameter=True, name=name)
