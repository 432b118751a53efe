"""Attention with several heads."""

import math

import numpy as np

from ..errors import ArgumentError, DTypeError, ShapeError
from ..modes import get_default_dtype
from ..ops import FUNCTIONS
from ..random import default_generator
from .linear import Linear, floating, whole
from .module import Module
from .parameter import Parameter

linear, attend = FUNCTIONS["linear"], FUNCTIONS["scaled_dot_product_attention"]
where, logical_not, logical_and = (FUNCTIONS[n] for n in ("where", "logical_not", "logical_and"))


class MultiHeadAttention(Module):
    r"""Each query takes means of the values, weighted by how well their keys match: h of them.

    .. math::
        \mathrm{head}_i = \operatorname{softmax}\left(
        \frac{Q W_i^Q (K W_i^K)^\top}{\sqrt{d}} + M\right) V W_i^V, \qquad
        y = [\mathrm{head}_1, \dots, \mathrm{head}_h] W^O

    with :math:`d = E / h`. Projections have biases, too.

    Parameters
    ----------
    embed_dim : int
        E, features of queries and of y.
    num_heads : int
        h, a divisor of `embed_dim`.
    dropout : float, default 0
        Probability with which a weight is set to 0 while training.
    bias : bool, default True
        Whether the projections have biases.
    kdim, vdim : int, optional
        Features of keys and of values; E if not given.
    batch_first : bool, default False
        Whether arrays are (N, L, E) rather than (L, N, E).
    dtype : floating dtype, optional
        Of the parameters; the default dtype if not given.
    generator : Generator, optional
        Where the initial numbers come from, and dropout; the default one if not given.

    Attributes
    ----------
    in_proj_weight : Parameter of shape (3 E, E), or None
        The projections of queries, keys and values, one below the other. Uniform at first, with
        Xavier's bound. None if kdim or vdim is not E.
    q_proj_weight, k_proj_weight, v_proj_weight : Parameter, or None
        Of shapes (E, E), (E, kdim), (E, vdim), in its place if kdim or vdim is not E.
    in_proj_bias : Parameter of shape (3 E,), or None
        Zeros at first.
    out_proj : Linear
        From E to E; its bias is zeros at first.

    Raises
    ------
    ArgumentError
        If `num_heads` does not divide `embed_dim`, or `dropout` is no probability.
    ShapeError
        On a call whose arrays or masks do not fit.
    DTypeError
        On a call whose arrays are not floating, or masks neither boolean nor floating.

    Notes
    -----
    Where a query may look at nothing, its weights are 0. PyTorch gives NaN there if weights are
    asked for, and 0 if not.

    References
    ----------
    A. Vaswani et al., "Attention is all you need", 2017, section 3.2.2, arXiv:1706.03762.

    Examples
    --------
    >>> import graddl as gd
    >>> layer = gd.nn.MultiHeadAttention(8, 2, batch_first=True)
    >>> x = gd.randn(3, 5, 8)
    >>> y, weights = layer(x, x, x, is_causal=True)
    >>> y.shape, weights.shape
    ((3, 5, 8), (3, 5, 5))
    >>> weights[0, 0].tolist()  # the first position sees itself only
    [1.0, 0.0, 0.0, 0.0, 0.0]
    """

    def __init__(
        self,
        embed_dim,
        num_heads,
        dropout=0.0,
        bias=True,
        *,
        kdim=None,
        vdim=None,
        batch_first=False,
        dtype=None,
        generator=None,
    ):
        needs = "features, and heads to part them into"
        embed_dim, num_heads = whole("MultiHeadAttention", needs, embed_dim, num_heads)
        if embed_dim % num_heads:
            raise ArgumentError(
                f"{embed_dim} features cannot be parted into {num_heads} equal heads",
                op="MultiHeadAttention",
                got=(embed_dim, num_heads),
                expected="an embed_dim that is a multiple of num_heads",
                fix=f"MultiHeadAttention({embed_dim}, {math.gcd(embed_dim, num_heads)})",
            )
        if not 0 <= dropout <= 1:
            raise ArgumentError(
                "dropout is a probability",
                op="MultiHeadAttention",
                got=dropout,
                expected="0 to 1",
                fix="dropout=0.1",
            )
        e = self.embed_dim = embed_dim
        self.num_heads, self.dropout, self.batch_first = num_heads, dropout, batch_first
        self.kdim, self.vdim = kdim or e, vdim or e
        self.generator = generator
        packed = self.kdim == self.vdim == e

        def xavier(rows, columns):
            bound = math.sqrt(6 / (rows + columns))
            numbers = (generator or default_generator).numpy.uniform(-bound, bound, (rows, columns))
            return Parameter(numbers.astype(dtype or get_default_dtype()))

        self.in_proj_weight = xavier(3 * e, e) if packed else None
        self.q_proj_weight = None if packed else xavier(e, e)
        self.k_proj_weight = None if packed else xavier(e, self.kdim)
        self.v_proj_weight = None if packed else xavier(e, self.vdim)
        zeros = np.zeros(3 * e, dtype or get_default_dtype())
        self.in_proj_bias = Parameter(zeros) if bias else None
        self.out_proj = Linear(e, e, bias, dtype=dtype, generator=generator)
        if self.out_proj.bias is not None:
            self.out_proj.bias.data = zeros[:e]

    def forward(
        self,
        query,
        key,
        value,
        key_padding_mask=None,
        need_weights=True,
        attn_mask=None,
        average_attn_weights=True,
        is_causal=False,
    ):
        """Attend.

        Parameters
        ----------
        query : Tensor of shape (L, N, E), with `batch_first` (N, L, E); without a batch (L, E)
        key : Tensor of shape (S, N, kdim), (N, S, kdim) or (S, kdim)
        value : Tensor of shape (S, N, vdim), (N, S, vdim) or (S, vdim)
        key_padding_mask : array of shape (N, S), or (S,) without a batch, optional
            True for keys that nobody looks at; or floating numbers, to be added.
        need_weights : bool, default True
            Whether weights are returned, which takes more time.
        attn_mask : array of shape (L, S) or (N num_heads, L, S), optional
            True where a query does not look; or floating numbers, to be added.
        average_attn_weights : bool, default True
            Whether weights are those of all heads together.
        is_causal : bool, default False
            Whether a query looks at no later position than its own. No other mask is needed.

        Returns
        -------
        y : Tensor of query's shape
        weights : Tensor of shape (N, L, S), or (N, num_heads, L, S) if not averaged, or None
            As they were used: after dropout. Without a batch there is no N.
        """
        same, shared = query is key, key is value
        query = floating(self, query, "MultiHeadAttention")
        key = query if same else floating(self, key, "MultiHeadAttention")
        value = key if shared else floating(self, value, "MultiHeadAttention")
        self._check(query, key, value)
        batched = query.ndim == 3
        q, k, v = self._projected(query, key, value, same and shared)  # (N, H, L, E / H), ...
        n, h, length, _ = q.shape
        sizes = (n, h, length, k.shape[2])
        mask = _combined(
            _as_mask(attn_mask, "attn_mask", {2: sizes[2:], 3: (n * h, *sizes[2:])}, sizes),
            _as_mask(key_padding_mask, "key_padding_mask", _padding(n, sizes[3], batched), sizes),
            np.tri(*sizes[2:], dtype=bool) if is_causal else None,
        )
        p = self.dropout if self.training else 0.0
        options = {"dropout_p": p, "generator": self.generator}
        weights = None
        if need_weights:  # of values that are the identity attention makes the weights themselves
            weights = attend(q, k, np.eye(sizes[3], dtype=q.dtype.name), mask, **options)
            y = weights @ v
            weights = weights.mean(axis=1) if average_attn_weights else weights
            weights = weights if batched else weights[0]
        else:
            y = attend(q, k, v, mask, **options)
        y = y.permute_dims((0, 2, 1, 3) if self.batch_first or not batched else (2, 0, 1, 3))
        return self.out_proj(y.reshape(query.shape)), weights

    def _check(self, query, key, value):
        """Features, axes, and that keys and values are as many."""
        shapes = tuple(query.shape), tuple(key.shape), tuple(value.shape)
        features = (self.embed_dim, self.kdim, self.vdim)
        names = "(N, L, {}), (N, S, {}), (N, S, {})"
        names = names if self.batch_first else "(L, N, {}), (S, N, {}), (S, N, {})"
        axes = {len(s) for s in shapes}
        batch = 0 if self.batch_first else 1
        wrong = None
        if axes not in ({2}, {3}):
            wrong = "all three have two axes, or three with a batch"
        elif tuple(s[-1] for s in shapes) != features:
            wrong = "the features are not those of the layer"
        elif shapes[1][:-1] != shapes[2][:-1]:
            wrong = "there is a value for each key"
        elif axes == {3} and shapes[0][batch] != shapes[1][batch]:
            wrong = "queries and keys are of different batches"
        if wrong:
            given = ", ".join(map("{} {}".format, ("query", "key", "value"), shapes))
            raise ShapeError(
                f"{self._label()} on {given}: {wrong}",
                op="MultiHeadAttention",
                got=shapes,
                expected=names.format(*features),
                fix=f"arrays of these shapes; batch_first is {self.batch_first}",
            )

    def _projected(self, query, key, value, packed):
        """Queries, keys and values of each head; by one product where they come from one array."""
        weight, bias, e = self.in_proj_weight, self.in_proj_bias, self.embed_dim
        if packed and weight is not None:
            return self._heads(linear(query, weight, bias), 3)
        weights = [self.q_proj_weight, self.k_proj_weight, self.v_proj_weight]
        if weight is not None:
            weights = [weight[i * e : (i + 1) * e] for i in range(3)]
        biases = [None if bias is None else bias[i * e : (i + 1) * e] for i in range(3)]
        parts = zip((query, key, value), weights, biases, strict=True)
        return [self._heads(linear(*part), 1)[0] for part in parts]

    def _heads(self, x, k):
        """k arrays (N, H, L, E / H), from one that has them all on its last axis."""
        x = x if x.ndim == 3 else x.expand_dims(0 if self.batch_first else 1)
        x = x.reshape((*x.shape[:2], k, self.num_heads, self.embed_dim // self.num_heads))
        order = (2, 0, 3, 1, 4) if self.batch_first else (2, 1, 3, 0, 4)
        return x.permute_dims(order).unstack(axis=0)

    def extra_repr(self):
        return f"{self.embed_dim}, {self.num_heads}, dropout={self.dropout}"


MultiheadAttention = MultiHeadAttention  # PyTorch's spelling


def _padding(n, keys, batched):
    return {2: (n, keys)} if batched else {1: (keys,)}


def _as_mask(mask, name, shapes, sizes):
    """A mask that broadcasts to `sizes` (N, H, L, S): booleans, True for a look, or numbers to add.

    `shapes`: those that it may have, by their number of axes.
    """
    if mask is None:
        return None
    mask = mask if hasattr(mask, "dtype") else np.asarray(mask)
    shape = tuple(mask.shape)
    if shapes.get(len(shape)) != shape:
        raise ShapeError(
            f"{name} of shape {shape}",
            op="MultiHeadAttention",
            got=shape,
            expected=" or ".join(map(str, shapes.values())),
            fix="np.zeros(shape, bool), and True where nobody is to look",
        )
    if mask.dtype.kind not in "bf":
        raise DTypeError(
            f"{name} of {mask.dtype}",
            op="MultiHeadAttention",
            got=mask.dtype.name,
            expected="bool, or floating numbers to be added",
            fix=f"{name}.astype(bool)",
        )
    if name == "key_padding_mask":
        mask = mask.reshape((sizes[0], 1, 1, sizes[3]))
    elif len(shape) == 3:
        mask = mask.reshape(sizes)
    return logical_not(mask) if mask.dtype.kind == "b" else mask


def _combined(*masks):
    """What all masks say together; None if there is none."""
    allowed = added = None
    for mask in masks:
        if mask is None:
            continue
        if mask.dtype.kind == "b":
            allowed = mask if allowed is None else logical_and(allowed, mask)
        else:
            added = mask if added is None else added + mask
    if allowed is None or added is None:
        return added if allowed is None else allowed
    return where(allowed, added, -math.inf)
