"""Models that give a state of units an energy: a state is the likelier, the lower its energy."""

import itertools
from numbers import Integral

import numpy as np

from .._core import Tensor
from ..errors import ArgumentError, DTypeError, ShapeError
from ..modes import get_default_dtype, no_grad
from ..ops import FUNCTIONS
from ..random import default_generator
from .module import Module
from .parameter import Parameter

MOST = 16  # units whose states may be enumerated: 65 536 of them

linear, softplus, sigmoid = (FUNCTIONS[name] for name in ("linear", "softplus", "sigmoid"))
logsumexp, setitem = FUNCTIONS["logsumexp"], FUNCTIONS["setitem"]


class RBM(Module):
    r"""A restricted Boltzmann machine: visible and hidden units with weights between, not within.

    .. math::

        E(v, h) &= -a^\top v - b^\top h - h^\top W v \qquad
            \text{(Gaussian: } \tfrac{1}{2} \|v - a\|^2 - b^\top h - h^\top W v) \\
        p(v) &= \tfrac{1}{Z} \textstyle\sum_h e^{-E(v, h)} = \tfrac{1}{Z} e^{-F(v)}, \qquad
            F(v) = -a^\top v - \textstyle\sum_j \ln(1 + e^{b_j + W_j v})

    Hidden units are 0 or 1. Gaussian visible units have variance 1: standardize the data.
    Called as a layer, the machine gives p(h = 1 | v).

    Parameters
    ----------
    n_visible, n_hidden : int
        Numbers of units, at least 1.
    visible : "binary" or "gaussian", default "binary"
        What the visible units are.
    dtype : floating dtype, optional
        Of the parameters; the default dtype if not given.
    generator : Generator, optional
        Where the initial weights come from; the default one if not given.

    Attributes
    ----------
    weight : Parameter of shape (n_hidden, n_visible)
        :math:`W`, normal with standard deviation 0.01 at the start.
    visible_bias : Parameter of shape (n_visible,)
        :math:`a`, 0 at the start.
    hidden_bias : Parameter of shape (n_hidden,)
        :math:`b`, 0 at the start.
    chain : Tensor of shape (N, n_visible), or None
        Where persistent contrastive divergence goes on; None starts it afresh. Not part of
        ``state_dict()``.

    Raises
    ------
    ArgumentError
        If a size is below 1, or `visible` is neither of the two.
    ShapeError, DTypeError
        On a call whose states have another number of units, or are not floating.

    References
    ----------
    Hinton (2002), Training products of experts by minimizing contrastive divergence. Tieleman
    (2008), Training restricted Boltzmann machines using approximations to the likelihood gradient.
    Hinton (2012), A practical guide to training restricted Boltzmann machines, sections 8 and 13.

    Examples
    --------
    >>> import graddl as gd
    >>> rbm = gd.nn.RBM(4, 2, generator=gd.Generator(0))
    >>> optimizer = gd.optim.SGD(rbm.parameters(), lr=0.1)
    >>> v = gd.tensor([[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0]])
    >>> rbm.contrastive_divergence(v, k=1, generator=gd.Generator(1)).backward()
    >>> optimizer.step()
    >>> rbm(v).shape, rbm.free_energy(v).shape
    ((2, 2), (2,))
    """

    def __init__(self, n_visible, n_hidden, visible="binary", *, dtype=None, generator=None):
        _check_sizes("RBM", n_visible=(n_visible, 1), n_hidden=(n_hidden, 1))
        if visible not in ("binary", "gaussian"):
            raise ArgumentError(
                "unknown kind of visible units",
                op="RBM",
                got=repr(visible),
                expected="'binary' or 'gaussian'",
                fix=f"RBM({n_visible}, {n_hidden}, 'gaussian')",
            )
        self.n_visible, self.n_hidden, self.visible = n_visible, n_hidden, visible
        self.weight = _small(n_hidden, n_visible, dtype=dtype, generator=generator)
        self.visible_bias = _zeros(n_visible, dtype)
        self.hidden_bias = _zeros(n_hidden, dtype)
        self.chain = None

    def forward(self, v):
        """Give p(h = 1 | v) of shape (..., n_hidden) for v of shape (..., n_visible)."""
        return self.hidden_given(v)

    # ------------------------------------------------------------------------------ energies
    def energy(self, v, h):
        """Give E(v, h) of shape (...) for v (..., n_visible) and h (..., n_hidden)."""
        v, h = self._states(v, self.n_visible, "v"), self._states(h, self.n_hidden, "h")
        return self._own_energy(v) - (h * linear(v, self.weight, self.hidden_bias)).sum(axis=-1)

    def free_energy(self, v):
        """Give F(v) of shape (...) for v (..., n_visible), where p(v) is exp(-F(v)) / Z."""
        v = self._states(v, self.n_visible, "v")
        inputs = linear(v, self.weight, self.hidden_bias)
        return self._own_energy(v) - softplus(inputs).sum(axis=-1)

    def _own_energy(self, v):
        """The part of the energy that the hidden units have no part in, (...)."""
        if self.visible == "binary":
            return -(v @ self.visible_bias)
        return ((v - self.visible_bias) ** 2).sum(axis=-1) / 2

    def log_partition(self):
        r"""Give :math:`\ln Z`, exactly, by a sum over all states of the smaller layer.

        Returns
        -------
        Tensor of shape (), with a graph: its gradient is that of the model's expectations

        Raises
        ------
        ArgumentError
            If there are more than 16 units in that layer, which of Gaussian machines is the
            hidden one.
        """
        if self.visible == "binary" and self.n_visible < self.n_hidden:
            return logsumexp(-self.free_energy(self._all(self.n_visible)))
        h = self._all(self.n_hidden)
        inputs = h @ self.weight
        if self.visible == "binary":
            rest = softplus(inputs + self.visible_bias).sum(axis=-1)
        else:  # the Gaussian integral of exp(-|v - a|² / 2 + inputs v)
            rest = (inputs * (inputs / 2 + self.visible_bias)).sum(axis=-1)
            rest = rest + self.n_visible * np.log(2 * np.pi) / 2
        return logsumexp(h @ self.hidden_bias + rest)

    def _all(self, n):
        return _all_states("RBM.log_partition", n, self.weight.dtype)

    def log_likelihood(self, v):
        r"""Give :math:`\ln p(v)` of shape (...), exactly, for v (..., n_visible).

        The mean of its gradient is what contrastive divergence estimates. See `log_partition`.
        """
        return -self.free_energy(v) - self.log_partition()

    # ------------------------------------------------------------------------------ conditionals
    def hidden_given(self, v):
        """Give p(h = 1 | v), (..., n_hidden), for v (..., n_visible)."""
        return sigmoid(linear(self._states(v, self.n_visible, "v"), self.weight, self.hidden_bias))

    def visible_given(self, h):
        """Give p(v = 1 | h), or the mean of Gaussian units, for h of shape (..., n_hidden).

        The weights run backward, so its shape is (..., n_visible).
        """
        mean = self._states(h, self.n_hidden, "h") @ self.weight + self.visible_bias
        return sigmoid(mean) if self.visible == "binary" else mean

    def reconstruct(self, v):
        """Give the visible units' mean given p(h = 1 | v), (..., n_visible); it has a gradient."""
        return self.visible_given(self.hidden_given(v))

    # ------------------------------------------------------------------------------ samples
    def sample_hidden(self, v, generator=None):
        """Draw h given v, of shape (..., n_hidden), without a gradient."""
        with no_grad():
            return _bernoulli(self.hidden_given(v), generator)

    def sample_visible(self, h, generator=None):
        """Draw v given h, of shape (..., n_visible), without a gradient."""
        with no_grad():
            mean = self.visible_given(h)
            if self.visible == "binary":
                return _bernoulli(mean, generator)
            noise = (generator or default_generator).numpy.standard_normal(mean.shape)
            return mean + Tensor(noise.astype(mean.dtype), copy=False)

    def gibbs(self, v, k=1, generator=None):
        """Draw hidden and visible units in turn.

        Parameters
        ----------
        v : Tensor of shape (N, n_visible)
            Where the chains start.
        k : int, default 1
            How many times both layers are drawn.
        generator : Generator, optional

        Returns
        -------
        Tensor of shape (N, n_visible), without a gradient
        """
        v = self._states(v, self.n_visible, "v").detach()
        for _ in range(_count(k, "RBM.gibbs")):
            v = self.sample_visible(self.sample_hidden(v, generator), generator)
        return v

    # ------------------------------------------------------------------------------ learning
    def contrastive_divergence(self, v, k=1, persistent=False, generator=None):
        r"""Give a loss whose gradient is that of contrastive divergence (CD-k).

        .. math:: \frac{1}{N} \sum_n F(v_n) - \frac{1}{M} \sum_m F(\tilde v_m)

        The samples :math:`\tilde v` are taken as constants, so that the gradient of W is the mean
        of :math:`h v^\top` over samples less that over data. The value is no measure of success:
        see `log_likelihood`.

        Parameters
        ----------
        v : Tensor of shape (N, n_visible)
            Data; from 0 to 1 for binary units.
        k : int, default 1
            Gibbs steps between data and samples.
        persistent : bool, default False
            Whether the samples go on from those of the last call, kept in `chain`, rather than
            from the data (PCD).
        generator : Generator, optional

        Returns
        -------
        Tensor of shape ()

        Raises
        ------
        ShapeError
            If there are no data.
        ArgumentError
            If k is below 1, or data of binary units are not from 0 to 1.
        """
        v = self._states(v, self.n_visible, "v")
        self._check_data(v)
        start = v if not persistent or self.chain is None else self.chain
        samples = self.gibbs(start, k, generator)
        if persistent:
            self.chain = samples
        return self.free_energy(v).mean() - self.free_energy(samples).mean()

    def _check_data(self, v):
        if not v.size:
            raise ShapeError(
                "there are no data to learn from",
                op="RBM.contrastive_divergence",
                got=v.shape,
                expected=f"v (N, {self.n_visible}) with N of 1 or more",
                fix="v of a batch that is not empty",
            )
        low, high = v.min().item(), v.max().item()
        if self.visible == "binary" and not (low >= 0 and high <= 1):
            raise ArgumentError(
                "binary units take data from 0 to 1",
                op="RBM.contrastive_divergence",
                got=f"{low:.4g} to {high:.4g}",
                expected="0 to 1",
                fix=f"RBM({self.n_visible}, {self.n_hidden}, 'gaussian'), or (v > 0).astype(float)",
            )

    def _states(self, x, n, name):
        return _checked_states(self, x, n, name, self.weight.dtype)

    def extra_repr(self):
        return f"{self.n_visible}, {self.n_hidden}, {self.visible!r}"


class BoltzmannMachine(Module):
    r"""A small Boltzmann machine: binary units, each connected to every other one.

    .. math::

        E(s) = -\sum_{i < j} w_{ij} s_i s_j - \sum_i b_i s_i, \qquad
        p(s) = \tfrac{1}{Z} e^{-E(s)}, \qquad s_i \in \{0, 1\}

    The visible units come first. Sums over all states make the likelihood exact; its gradient by
    automatic differentiation is :math:`\langle s_i s_j \rangle_{\text{data}} - \langle s_i s_j
    \rangle_{\text{model}}`.

    Parameters
    ----------
    n_visible : int
        Units that data are given for, at least 1.
    n_hidden : int, default 0
        Units besides.
    dtype : floating dtype, optional
        Of the parameters; the default dtype if not given.
    generator : Generator, optional
        Where the initial weights come from; the default one if not given.

    Attributes
    ----------
    weight : Parameter of shape (n (n - 1) / 2,)
        A weight for each pair of the n units, in the order of ``itertools.combinations``: one
        number serves both directions, and no unit is connected to itself. See `matrix`. Normal
        with standard deviation 0.01 at the start.
    bias : Parameter of shape (n,)
        :math:`b`, 0 at the start.

    Raises
    ------
    ArgumentError
        If there is no visible unit.
    ShapeError, DTypeError
        On a call whose states have another number of units, or are not floating.

    References
    ----------
    Ackley, Hinton, Sejnowski (1985), A learning algorithm for Boltzmann machines.

    Examples
    --------
    >>> import graddl as gd
    >>> machine = gd.nn.BoltzmannMachine(3)
    >>> machine.weight.data = [0.0, 0.0, 0.0]
    >>> p = machine.log_likelihood(gd.tensor([[1.0, 0.0, 1.0]])).exp()
    >>> p.tolist()  # 1 of 8 states
    [0.125]
    """

    def __init__(self, n_visible, n_hidden=0, *, dtype=None, generator=None):
        _check_sizes("BoltzmannMachine", n_visible=(n_visible, 1), n_hidden=(n_hidden, 0))
        self.n_visible, self.n_hidden, self.n_units = n_visible, n_hidden, n_visible + n_hidden
        pairs = self.n_units * (self.n_units - 1) // 2
        self.weight = _small(pairs, dtype=dtype, generator=generator)
        self.bias = _zeros(self.n_units, dtype)

    def matrix(self):
        """Give the weights as a symmetric matrix (n, n) with a diagonal of 0; it has a gradient."""
        n = self.n_units
        upper = setitem(np.zeros((n, n), self.bias.dtype), self.weight, index=np.triu_indices(n, 1))
        return upper + upper.T

    def energy(self, s):
        """Give E(s) of shape (...) for s of shape (..., n), visible units first."""
        s = self._states(s, self.n_units, "s")
        return -((s @ self.matrix()) * s).sum(axis=-1) / 2 - s @ self.bias

    def free_energy(self, v):
        """Give F(v) of shape (...) for v (..., n_visible): -ln of the sum over hidden states."""
        v = self._states(v, self.n_visible, "v")
        if not self.n_hidden:
            return self.energy(v)
        h = _all_states("BoltzmannMachine.free_energy", self.n_hidden, v.dtype)
        rows = (*v.shape[:-1], h.shape[0])
        v = FUNCTIONS["broadcast_to"](v[..., None, :], (*rows, self.n_visible))
        h = FUNCTIONS["broadcast_to"](h, (*rows, self.n_hidden))
        return -logsumexp(-self.energy(FUNCTIONS["concat"]([v, h], axis=-1)), axis=-1)

    def log_partition(self):
        r"""Give :math:`\ln Z`, exactly, of shape ().

        Raises
        ------
        ArgumentError
            If there are more than 16 units.
        """
        states = _all_states("BoltzmannMachine.log_partition", self.n_units, self.bias.dtype)
        return logsumexp(-self.energy(states))

    def log_likelihood(self, v):
        r"""Give :math:`\ln p(v)` of shape (...), exactly, for v (..., n_visible)."""
        return -self.free_energy(v) - self.log_partition()

    def forward(self, v):
        """The same as `log_likelihood`."""
        return self.log_likelihood(v)

    def gibbs(self, s, k=1, clamp=False, generator=None):
        """Draw one unit after another, each given all others.

        Parameters
        ----------
        s : Tensor of shape (N, n)
            Where the chains start, visible units first.
        k : int, default 1
            How many times each unit is drawn.
        clamp : bool, default False
            Whether the visible units stay as they are, which samples the hidden ones given them.
        generator : Generator, optional

        Returns
        -------
        Tensor of shape (N, n), without a gradient
        """
        s = np.array(self._states(s, self.n_units, "s").detach())
        rng = (generator or default_generator).numpy
        with no_grad():
            w, b = self.matrix().numpy(), self.bias.numpy()
        for _ in range(_count(k, "BoltzmannMachine.gibbs")):
            for i in range(self.n_visible if clamp else 0, self.n_units):
                p = sigmoid(s @ w[i] + b[i]).numpy()
                s[..., i] = rng.random(p.shape) < p
        return Tensor(s, copy=False)

    def _states(self, x, n, name):
        return _checked_states(self, x, n, name, self.bias.dtype)

    def extra_repr(self):
        return f"{self.n_visible}, {self.n_hidden}"


# ---------------------------------------------------------------------- what both share
def _small(*shape, dtype, generator):
    """A Parameter of normal numbers with standard deviation 0.01."""
    numbers = (generator or default_generator).numpy.normal(0, 0.01, shape)
    return Parameter(numbers.astype(dtype or get_default_dtype()))


def _zeros(n, dtype):
    return Parameter(np.zeros(n, dtype or get_default_dtype()))


def _bernoulli(p, generator):
    """1 with probability p, else 0."""
    drawn = (generator or default_generator).numpy.random(p.shape) < p.numpy()
    return Tensor(drawn.astype(p.dtype), copy=False)


def _all_states(op, n, dtype):
    """Every state of n binary units, (2ⁿ, n)."""
    if n > MOST:
        raise ArgumentError(
            f"{n} units have 2^{n} states, too many to enumerate",
            op=op,
            got=n,
            expected=f"{MOST} units or fewer",
            fix="fewer units, or learning without the exact likelihood",
        )
    return Tensor(np.array(list(itertools.product((0, 1), repeat=n)), dtype), copy=False)


def _count(k, op):
    if k < 1:
        raise ArgumentError(f"k is {k}", op=op, got=k, expected="1 step or more", fix="k=1")
    return k


def _check_sizes(op, **sizes):
    """Refuse sizes, given as name=(size, least)."""
    for name, (size, least) in sizes.items():
        if not isinstance(size, Integral) or size < least:
            raise ArgumentError(
                f"{name} is {size!r}",
                op=op,
                got=size,
                expected=f"an integer of {least} or more",
                fix=f"{name}={least}",
            )


def _checked_states(module, x, n, name, dtype):
    """States of n units as a floating Tensor."""
    x = x if isinstance(x, Tensor) else Tensor(x)
    if x.dtype.kind != "f":
        raise DTypeError(
            f"{module._label()} on {x.dtype}: units take floating numbers",
            op=type(module).__name__,
            got=x.dtype.name,
            expected=dtype.name,
            fix=f"{name}.astype({dtype.name!r})",
        )
    if x.shape[-1:] != (n,):
        raise ShapeError(
            f"{module._label()} on {name} {x.shape}: the last axis is that of {n} units",
            op=type(module).__name__,
            got=x.shape,
            expected=f"{name} (..., {n})",
            fix=f"{name}.reshape(-1, {n})" if x.size % n == 0 and x.ndim else f"{n} units",
        )
    return x
