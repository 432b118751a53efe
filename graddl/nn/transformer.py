"""Transformer encoder: attention, then a map of each position; and waves that tell positions."""

import copy

import numpy as np

from .._core import Tensor
from ..errors import ArgumentError, ShapeError
from ..modes import get_default_dtype
from ..ops import FUNCTIONS
from .attention import MultiHeadAttention
from .container import ModuleList
from .dropout import Dropout
from .linear import Linear, floating, whole
from .module import Module
from .normalization import LayerNorm


class TransformerEncoderLayer(Module):
    r"""Self-attention, then two linear maps of each position, each added to what came in.

    .. math::
        z = \mathrm{norm}(x + \mathrm{attention}(x)), \qquad
        y = \mathrm{norm}(z + W_2 \, f(W_1 z + b_1) + b_2)

    With `norm_first` :math:`z = x + \mathrm{attention}(\mathrm{norm}(x))`, and y likewise, which
    trains without warming up.

    Parameters
    ----------
    d_model : int
        E, features of x and y.
    nhead : int
        Heads of the attention, a divisor of `d_model`.
    dim_feedforward : int, default 2048
        Features between the two linear maps.
    dropout : float, default 0.1
        Probability of dropout: of attention weights, between the maps, of what is added.
    activation : "relu", "gelu" or function, default "relu"
        f.
    layer_norm_eps : float, default 1e-5
    batch_first : bool, default False
        Whether x is (N, L, E) rather than (L, N, E).
    norm_first : bool, default False
        Whether to normalize what goes into each part rather than what comes out.
    bias : bool, default True
        Whether linear maps and norms have biases.
    dtype : floating dtype, optional
        Of the parameters; the default dtype if not given.
    generator : Generator, optional
        Where the initial numbers come from, and dropout; the default one if not given.

    Attributes
    ----------
    self_attn : MultiHeadAttention
    linear1, linear2 : Linear
    norm1, norm2 : LayerNorm
    dropout, dropout1, dropout2 : Dropout

    Raises
    ------
    ArgumentError
        If `nhead` does not divide `d_model`, or there is no such activation.
    ShapeError, DTypeError
        On a call whose arrays do not fit.

    References
    ----------
    A. Vaswani et al., "Attention is all you need", 2017, section 3.1, arXiv:1706.03762.
    R. Xiong et al., "On layer normalization in the transformer architecture", 2020, figure 1,
    arXiv:2002.04745.

    Examples
    --------
    >>> import graddl as gd
    >>> layer = gd.nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    >>> layer(gd.randn(3, 5, 8)).shape
    (3, 5, 8)
    """

    def __init__(
        self,
        d_model,
        nhead,
        dim_feedforward=2048,
        dropout=0.1,
        activation="relu",
        layer_norm_eps=1e-5,
        batch_first=False,
        norm_first=False,
        bias=True,
        *,
        dtype=None,
        generator=None,
    ):
        if not callable(activation) and activation not in ("relu", "gelu"):
            raise ArgumentError(
                "unknown activation",
                op="TransformerEncoderLayer",
                got=repr(activation),
                expected="'relu', 'gelu' or a function",
                fix="activation='relu'",
            )
        made = {"dtype": dtype, "generator": generator}
        self.self_attn = MultiHeadAttention(
            d_model, nhead, dropout, bias, batch_first=batch_first, **made
        )
        self.linear1 = Linear(d_model, dim_feedforward, bias, **made)
        self.dropout = Dropout(dropout, generator=generator)
        self.linear2 = Linear(dim_feedforward, d_model, bias, **made)
        self.norm_first = norm_first
        self.norm1 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.dropout1 = Dropout(dropout, generator=generator)
        self.dropout2 = Dropout(dropout, generator=generator)
        self.activation = activation if callable(activation) else FUNCTIONS[activation]

    def forward(self, src, src_mask=None, src_key_padding_mask=None, is_causal=False):
        """Map src of shape (L, N, E), (N, L, E) or (L, E) to y of the same shape.

        Parameters
        ----------
        src : Tensor
        src_mask : array of shape (L, L) or (N nhead, L, L), optional
            True where a position does not look at another; or floating numbers, to be added.
        src_key_padding_mask : array of shape (N, L) or (L,), optional
            True for positions that nobody looks at; or floating numbers, to be added.
        is_causal : bool, default False
            Whether a position looks at no later one.
        """
        x = floating(self, src, "TransformerEncoderLayer")
        masks = (src_mask, src_key_padding_mask, is_causal)
        if self.norm_first:
            x = x + self._attended(self.norm1(x), *masks)
            return x + self._mapped(self.norm2(x))
        x = self.norm1(x + self._attended(x, *masks))
        return self.norm2(x + self._mapped(x))

    def _attended(self, x, mask, padding, is_causal):
        y, _ = self.self_attn(
            x, x, x, padding, need_weights=False, attn_mask=mask, is_causal=is_causal
        )
        return self.dropout1(y)

    def _mapped(self, x):
        return self.dropout2(self.linear2(self.dropout(self.activation(self.linear1(x)))))


class TransformerEncoder(Module):
    """Copies of an encoder layer, one after the other.

    Parameters
    ----------
    encoder_layer : TransformerEncoderLayer
        Copied; the copies start with the same numbers and do not share them.
    num_layers : int
        At least 1.
    norm : Module, optional
        Applied at the end; a LayerNorm, where the layers have `norm_first`.

    Attributes
    ----------
    layers : ModuleList
    norm : Module, or None

    Raises
    ------
    ArgumentError
        If `num_layers` is below 1.

    Examples
    --------
    >>> import graddl as gd
    >>> layer = gd.nn.TransformerEncoderLayer(8, 2, 16)
    >>> gd.nn.TransformerEncoder(layer, 3)(gd.randn(5, 2, 8)).shape
    (5, 2, 8)
    """

    def __init__(self, encoder_layer, num_layers, norm=None):
        fix = "TransformerEncoder(encoder_layer, 1)"
        (num_layers,) = whole("TransformerEncoder", "at least one layer", num_layers, fix=fix)
        # Copies of a generator would give the same dropout in each layer, so it is shared.
        own = [getattr(module, "generator", None) for module in encoder_layer.modules()]
        shared = {id(generator): generator for generator in own}
        self.layers = ModuleList(
            copy.deepcopy(encoder_layer, dict(shared)) for _ in range(num_layers)
        )
        self.norm = norm

    def forward(self, src, mask=None, src_key_padding_mask=None, is_causal=False):
        """Map src to y of the same shape; masks as TransformerEncoderLayer takes them."""
        for layer in self.layers:
            src = layer(src, mask, src_key_padding_mask, is_causal)
        return src if self.norm is None else self.norm(src)


class PositionalEncoding(Module):
    r"""Adds waves to x that tell positions apart, since attention does not; then dropout.

    .. math::
        p_{t, 2i} = \sin \frac{t}{10000^{2i / E}}, \qquad
        p_{t, 2i + 1} = \cos \frac{t}{10000^{2i / E}}

    Parameters
    ----------
    d_model : int
        E, features of x.
    dropout : float, default 0.1
        Probability of dropout of the sum.
    max_len : int, default 5000
        How many positions there may be.
    batch_first : bool, default False
        Whether x is (N, L, E) rather than (L, N, E).
    dtype : floating dtype, optional
        Of the waves; the default dtype if not given.

    Attributes
    ----------
    pe : Tensor of shape (max_len, d_model)
        A buffer.

    Raises
    ------
    ArgumentError
        If a size is below 1.
    ShapeError
        On a call whose x has other features, or more than `max_len` positions.

    References
    ----------
    A. Vaswani et al., "Attention is all you need", 2017, section 3.5, arXiv:1706.03762.

    Examples
    --------
    >>> import graddl as gd
    >>> layer = gd.nn.PositionalEncoding(4, dropout=0.0)
    >>> layer(gd.zeros(2, 4)).tolist()[0]
    [0.0, 1.0, 0.0, 1.0]
    """

    pe: Tensor

    def __init__(self, d_model, dropout=0.1, max_len=5000, batch_first=False, *, dtype=None):
        needs, fix = "at least one feature and one position", "PositionalEncoding(d_model)"
        d_model, max_len = whole("PositionalEncoding", needs, d_model, max_len, fix=fix)
        self.batch_first = batch_first
        self.dropout = Dropout(dropout)
        even = np.arange(0, d_model, 2)
        angle = np.arange(max_len)[:, None] * np.exp(-np.log(10000.0) * even / d_model)
        pe = np.empty((max_len, d_model))
        pe[:, 0::2], pe[:, 1::2] = np.sin(angle), np.cos(angle[:, : d_model // 2])
        self.register_buffer("pe", Tensor(pe.astype(dtype or get_default_dtype())))

    def forward(self, x):
        """Map x of shape (L, N, E), (N, L, E) or (L, E) to y of the same shape."""
        x = floating(self, x, "PositionalEncoding")
        shape, (limit, features) = tuple(x.shape), self.pe.shape
        lengths = shape[1:2] if self.batch_first and len(shape) == 3 else shape[:1]
        if len(shape) not in (2, 3) or shape[-1] != features or lengths[0] > limit:
            raise ShapeError(
                f"{self._label()} on {shape}: {limit} positions of {features} features",
                op="PositionalEncoding",
                got=shape,
                expected=f"({'N, L' if self.batch_first else 'L, N'}, {features}), L up to {limit}",
                fix="PositionalEncoding(x.shape[-1], max_len=...)",
            )
        pe = self.pe[: lengths[0]]
        along_batch = len(shape) == 3 and not self.batch_first
        return self.dropout(x + (pe.expand_dims(1) if along_batch else pe))

    def extra_repr(self):
        limit, features = self.pe.shape
        return f"{features}, max_len={limit}, batch_first={self.batch_first}"
