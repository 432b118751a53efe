"""Activations: functions of the table as layers. Except where it says otherwise, each works point
by point on x of any shape, and y has that shape."""

import numpy as np

from ..errors import ArgumentError
from ..modes import get_default_dtype
from ..ops import FUNCTIONS
from ._function_layer import FunctionLayer
from .linear import whole
from .parameter import Parameter


class Activation(FunctionLayer):
    """A function of one array as a layer. A subclass names it: ``op="relu"``.

    ``inplace=True``, which PyTorch's users write, changes nothing: gradients may need x.
    """

    op: str  # the function's name in the table
    _notes = "x may have any shape; y has the same."

    def __init__(self, inplace=False):
        pass

    def __init_subclass__(cls, op=None, **more):
        if op is not None:
            cls.op = op
        super().__init_subclass__(function=op and FUNCTIONS[op], **more)

    def forward(self, x):
        """Map x to y of the same shape."""
        return self._function(x, **self._options()) if self._parameters else self._function(x)


# ---------------------------------------------------------------------- a bend at 0
class ReLU(Activation, op="relu"):
    r"""Its derivative at 0 is 0.

    References
    ----------
    Nair and Hinton (2010), Rectified linear units improve restricted Boltzmann machines.

    Examples
    --------
    >>> import graddl as gd
    >>> gd.nn.ReLU()(gd.tensor([-1.0, 2.0])).tolist()
    [0.0, 2.0]
    """


class ReLU6(Activation, op="relu6"):
    """
    References
    ----------
    Krizhevsky (2010), Convolutional deep belief networks on CIFAR-10.
    """


class LeakyReLU(Activation, op="leaky_relu"):
    """
    Parameters
    ----------
    negative_slope : float, default 0.01
        s, the slope for negative x.

    References
    ----------
    Maas et al. (2013), Rectifier nonlinearities improve neural network acoustic models.

    Examples
    --------
    >>> import graddl as gd
    >>> gd.nn.LeakyReLU(0.5)(gd.tensor([-1.0, 2.0])).tolist()
    [-0.5, 2.0]
    """

    def __init__(self, negative_slope=0.01, inplace=False):
        self.negative_slope = negative_slope


class PReLU(Activation, op="prelu"):
    """
    Parameters
    ----------
    num_parameters : int, default 1
        One slope for all of x; or one for each channel, which is then axis 1 of x.
    init : float, default 0.25
        Where the slopes start.
    dtype : floating dtype, optional
        Of the slopes; the default dtype if not given.

    Attributes
    ----------
    weight : Parameter of shape (num_parameters,)
        w, the slopes. Weight decay would pull them to 0: leave them out of it.

    Raises
    ------
    ArgumentError
        If `num_parameters` is below 1.
    ShapeError
        On a call whose x has another number of channels.

    References
    ----------
    He et al. (2015), Delving deep into rectifiers, section 2.1.

    Examples
    --------
    >>> import graddl as gd
    >>> gd.nn.PReLU()(gd.tensor([-1.0, 2.0])).tolist()
    [-0.25, 2.0]
    """

    def __init__(self, num_parameters=1, init=0.25, *, dtype=None):
        slopes = whole("PReLU", "at least one slope", num_parameters)
        self.weight = Parameter(np.full(slopes, init, dtype or get_default_dtype()))

    def forward(self, x):
        """Map x to y of the same shape; with several slopes, x of shape (N, C, ...) or (N, C)."""
        return self._function(x, self.weight)

    def extra_repr(self):
        return f"num_parameters={self.weight.size}"


class Threshold(Activation, op="threshold"):
    """
    Parameters
    ----------
    threshold : float
        t, up to which x is replaced.
    value : float
        v, which stands in its place.
    """

    def __init__(self, threshold, value, inplace=False):
        self.threshold, self.value = threshold, value


# ---------------------------------------------------------------------- exponentials for negative x
class ELU(Activation, op="elu"):
    """
    Parameters
    ----------
    alpha : float, default 1
        y goes to -alpha.

    References
    ----------
    Clevert et al. (2016), Fast and accurate deep network learning by exponential linear units.
    """

    def __init__(self, alpha=1.0, inplace=False):
        self.alpha = alpha


class SELU(Activation, op="selu"):
    """For weights that start as `gd.init.lecun_normal_` makes them.

    References
    ----------
    Klambauer et al. (2017), Self-normalizing neural networks, equation 2.
    """


class CELU(Activation, op="celu"):
    """
    Parameters
    ----------
    alpha : float other than 0, default 1
        y goes to -alpha.

    References
    ----------
    Barron (2017), Continuously differentiable exponential linear units.
    """

    def __init__(self, alpha=1.0, inplace=False):
        self.alpha = alpha


# ---------------------------------------------------------------------- smooth steps
class Sigmoid(Activation, op="sigmoid"):
    pass


class LogSigmoid(Activation, op="logsigmoid"):
    pass


class Tanh(Activation, op="tanh"):
    pass


class Softsign(Activation, op="softsign"):
    pass


class Hardtanh(Activation, op="hardtanh"):
    """
    Parameters
    ----------
    min_val, max_val : float, default -1 and 1
        The bounds.

    Raises
    ------
    ArgumentError
        If `min_val` is not below `max_val`.
    """

    def __init__(self, min_val=-1.0, max_val=1.0, inplace=False):
        if not min_val < max_val:
            raise ArgumentError(
                "no number lies between the bounds",
                op="Hardtanh",
                got=f"{min_val} to {max_val}",
                expected="min_val below max_val",
                fix=f"gd.nn.Hardtanh({min_val}, {min_val + 2})",
            )
        self.min_val, self.max_val = min_val, max_val


class Hardsigmoid(Activation, op="hardsigmoid"):
    pass


# ---------------------------------------------------------------------- gates: x times a step
class GELU(Activation, op="gelu"):
    """
    Parameters
    ----------
    approximate : "none" or "tanh", default "none"
        Whether the normal distribution is exact or made of tanh.

    References
    ----------
    Hendrycks and Gimpel (2016), Gaussian error linear units.
    """

    def __init__(self, approximate="none"):
        self.approximate = approximate


class SiLU(Activation, op="silu"):
    """Here beta is 1; see `Swish`."""


class Swish(Activation, op="silu"):
    """
    Parameters
    ----------
    beta : float, default 1
        How steep the step is: 0 makes y = x / 2, a large beta almost relu.
    learnable : bool, default False
        Whether beta is a Parameter of shape ().
    dtype : floating dtype, optional
        Of that Parameter; the default dtype if not given.

    Attributes
    ----------
    beta : float, or Parameter of shape ()

    References
    ----------
    Ramachandran et al. (2017), Searching for activation functions.

    Examples
    --------
    >>> import graddl as gd
    >>> layer = gd.nn.Swish(learnable=True)
    >>> layer(gd.tensor([0.0, 20.0])).sum().backward()
    >>> layer.beta.grad.shape
    ()
    """

    def __init__(self, beta=1.0, learnable=False, *, dtype=None):
        start = np.asarray(beta, dtype or get_default_dtype())
        self.beta = Parameter(start) if learnable else beta

    def forward(self, x):
        """Map x to y of the same shape."""
        return self._function(x, self.beta)

    def extra_repr(self):
        learnable = isinstance(self.beta, Parameter)
        return f"beta={self.beta.item() if learnable else self.beta:g}, {learnable=}"


class Mish(Activation, op="mish"):
    """
    References
    ----------
    Misra (2019), Mish: a self regularized non-monotonic activation function.
    """


class Hardswish(Activation, op="hardswish"):
    """
    References
    ----------
    Howard et al. (2019), Searching for MobileNetV3, section 5.2.
    """


class Softplus(Activation, op="softplus"):
    """
    Parameters
    ----------
    beta : float other than 0, default 1
        How sharp the bend is.
    threshold : float or None, default 20
        Where beta x is larger, y is x itself.
    """

    def __init__(self, beta=1.0, threshold=20.0):
        self.beta, self.threshold = beta, threshold


class GLU(Activation, op="glu"):
    """
    Parameters
    ----------
    dim : int, default -1
        The axis that is halved.

    Raises
    ------
    ShapeError
        On a call whose x has an odd number of elements there.

    References
    ----------
    Dauphin et al. (2017), Language modeling with gated convolutional networks.
    """

    def __init__(self, dim=-1):
        self.dim = dim

    def forward(self, x):
        """Map x to y, which has half of its elements along the axis."""
        return super().forward(x)


# ---------------------------------------------------------------------- shrinkage
class Tanhshrink(Activation, op="tanhshrink"):
    pass


class Softshrink(Activation, op="softshrink"):
    """
    Parameters
    ----------
    lambd : float, default 0.5
        How far x is moved; not negative.
    """

    def __init__(self, lambd=0.5):
        self.lambd = lambd


class Hardshrink(Activation, op="hardshrink"):
    """
    Parameters
    ----------
    lambd : float, default 0.5
        Up to where y is 0.
    """

    def __init__(self, lambd=0.5):
        self.lambd = lambd


# ---------------------------------------------------------------------- all numbers along an axis
def named_axis(name, dim):
    """The axis of a softmax, which has to be told: None would be all of them, or the last."""
    if dim is None:
        raise ArgumentError(
            "along which axis?", op=name, got="dim=None", expected="an axis", fix="dim=-1"
        )
    return dim


class Softmax(Activation, op="softmax"):
    """Losses take logits: `CrossEntropyLoss` has a softmax in it.

    Parameters
    ----------
    dim : int
        The axis along which y adds up to 1.

    Examples
    --------
    >>> import graddl as gd
    >>> gd.nn.Softmax(dim=1)(gd.zeros(1, 4)).tolist()
    [[0.25, 0.25, 0.25, 0.25]]
    """

    def __init__(self, dim):
        self.dim = named_axis("Softmax", dim)


class LogSoftmax(Activation, op="log_softmax"):
    """
    Parameters
    ----------
    dim : int
        The axis along which the exponentials of y add up to 1.
    """

    def __init__(self, dim):
        self.dim = named_axis("LogSoftmax", dim)


class Softmin(Activation, op="softmin"):
    """
    Parameters
    ----------
    dim : int
        The axis along which y adds up to 1.
    """

    def __init__(self, dim):
        self.dim = named_axis("Softmin", dim)
