"""A small transformer: for the next token, or for the class of a sequence."""

import numpy as np

from .. import nn
from ..errors import ArgumentError, ShapeError
from ..functional import where
from ._generation import checked_prompt, drawn, inference


class TinyTransformer(nn.Module):
    r"""Embeddings of tokens and of positions, encoder layers, a norm, and a linear head.

    .. math::
        h_t = E_{x_t} + P_t, \qquad y = \mathrm{norm}(\mathrm{encoder}(h)), \qquad
        z_t = W y_t + b

    The layers are those of `nn.TransformerEncoder` with `norm_first`, 4 `d_model` features between
    their two linear maps, and GELU. A classifier has the mean of all :math:`y_t` in place of
    :math:`y_t`.

    In shapes, B is the number of sequences, T of steps, V of tokens.

    Parameters
    ----------
    num_tokens : int
        V: tokens are the integers from 0 to V - 1.
    d_model : int, default 32
        Features of each position.
    num_heads : int, default 4
        Of attention, a divisor of `d_model`.
    num_layers : int, default 2
    max_length : int, default 128
        How many positions there are; T may not be larger.
    num_classes : int, optional
        Classes of a sequence. Without it the model gives logits of tokens, one for each position.
    causal : bool, default False
        Whether a position looks at no later one, as a model of the next token needs it.
    dropout : float, default 0
        Probability of dropout, of embeddings and in the layers.
    generator : Generator, optional
        Where the initial numbers come from, and dropout; the default one if not given.

    Attributes
    ----------
    embedding, positions : Embedding
    dropout : Dropout
    encoder : TransformerEncoder
        With a LayerNorm at its end.
    head : Linear

    Raises
    ------
    ArgumentError
        If a size is below 1, or `num_heads` does not divide `d_model`.
    ``IndexError_``, DTypeError
        On a call with a token that is not there, or that is no integer.
    ShapeError
        On a call with more than `max_length` steps, or a mask that does not fit.

    References
    ----------
    A. Vaswani et al., "Attention is all you need", 2017, arXiv:1706.03762. Norms before each part
    and one at the end: A. Radford et al., "Language models are unsupervised multitask learners",
    2019, section 2.3.

    Examples
    --------
    >>> import graddl as gd
    >>> model = gd.models.TinyTransformer(10, causal=True)
    >>> model([[1, 2, 3], [4, 5, 6]]).shape
    (2, 3, 10)
    >>> model.generate([1, 2, 3], 5, generator=gd.Generator(0)).shape
    (5,)
    >>> classifier = gd.models.TinyTransformer(10, num_classes=2)
    >>> classifier([[1, 2, 0], [4, 5, 6]], mask=[[False, False, True], [False] * 3]).shape
    (2, 2)
    """

    def __init__(
        self, num_tokens, d_model=32, num_heads=4, num_layers=2, *, max_length=128,
        num_classes=None, causal=False, dropout=0.0, generator=None,
    ):  # fmt: skip
        self.max_length, self.num_classes, self.causal = max_length, num_classes, causal
        self.embedding = nn.Embedding(num_tokens, d_model, generator=generator)
        self.positions = nn.Embedding(max_length, d_model, generator=generator)
        self.dropout = nn.Dropout(dropout, generator=generator)
        layer = nn.TransformerEncoderLayer(
            d_model, num_heads, 4 * d_model, dropout, "gelu", batch_first=True, norm_first=True,
            generator=generator,
        )  # fmt: skip
        self.encoder = nn.TransformerEncoder(layer, num_layers, norm=nn.LayerNorm(d_model))
        outputs = num_tokens if num_classes is None else num_classes
        self.head = nn.Linear(d_model, outputs, generator=generator)

    def forward(self, tokens, mask=None):
        """Map tokens to logits.

        Parameters
        ----------
        tokens : integers of shape (B, T), or (T,) for one sequence
        mask : booleans of shape (B, T), or (T,); optional
            True for padding: nobody looks at it, and the mean leaves it out.

        Returns
        -------
        Tensor of shape (B, T, V), or (B, num_classes)
        """
        x = self.embedding(tokens)  # (B, T, d_model)
        x = self.dropout(x + self.positions(np.arange(self._checked(x.shape[-2]))))
        mask = None if mask is None else np.asarray(mask, bool)
        y = self.encoder(x, src_key_padding_mask=mask, is_causal=self.causal)
        return self.head(y if self.num_classes is None else self._mean(y, mask))

    def _checked(self, steps):
        if not 1 <= steps <= self.max_length:
            raise ShapeError(
                f"{steps} steps, and there are {self.max_length} positions",
                op="TinyTransformer",
                got=steps,
                expected=f"1 to {self.max_length} steps",
                fix=f"max_length={max(steps, 1)}" if steps else "a token or more",
            )
        return steps

    def _mean(self, y, mask):
        """The mean of y (B, T, d_model) over positions that are no padding, (B, d_model)."""
        if mask is None:
            return y.mean(axis=-2)
        count = (~mask).sum(axis=-1, keepdims=True)  # (B, 1)
        if not count.all():
            raise ArgumentError(
                "a sequence has nothing but padding",
                op="TinyTransformer",
                got="True in all of a row of the mask",
                expected="a False or more in each row",
                fix="mask = tokens == padding, without empty sequences",
            )
        return where(mask[..., None], 0.0, y).sum(axis=-2) / count.astype(y.dtype)

    def generate(self, prompt, length, temperature=1.0, generator=None):
        """Go on from a prompt; each token is drawn given the last `max_length` before it.

        Parameters
        ----------
        prompt : integers of shape (T,), or (B, T) for several at once
            At least one token.
        length : int
            How many tokens to make, at least 1.
        temperature : float, default 1
            Logits are divided by it: below 1 the likely gets likelier. 0 takes the most likely.
        generator : Generator, optional
            Where the draws come from; the default one if not given.

        Returns
        -------
        ndarray of integers of shape (length,), or (B, length); without the prompt

        Raises
        ------
        ArgumentError
            If the model is no causal one of tokens, `length` is below 1, or `temperature` below 0.
        ShapeError
            If there is no token in the prompt.
        """
        if not self.causal or self.num_classes is not None:
            raise ArgumentError(
                "this model was not made to guess the next token",
                op="TinyTransformer.generate",
                got={"causal": self.causal, "num_classes": self.num_classes},
                expected="causal=True and no num_classes",
                fix=f"TinyTransformer({self.embedding.num_embeddings}, causal=True)",
            )
        tokens = checked_prompt(self, prompt, length, temperature)
        with inference(self):
            for _ in range(length):
                logits = self(tokens[..., -self.max_length :])
                new = drawn(logits[..., -1:, :], temperature, generator)  # (..., 1)
                tokens = np.concatenate([tokens, new], axis=-1)
        return tokens[..., -length:]
