"""Rows of a table that is learned: what stands for words and other classes."""

from numbers import Integral

import numpy as np

from .._core import Tensor
from ..errors import IndexError_, ShapeError
from ..modes import get_default_dtype
from ..ops import FUNCTIONS
from ..random import default_generator
from .linear import whole
from .module import Module
from .parameter import Parameter


class Embedding(Module):
    """For each index its row of a table.

    Parameters
    ----------
    num_embeddings : int
        Rows of the table: indices go from 0 to one less.
    embedding_dim : int
        Features of each.
    padding_idx : int, optional
        A row that stands for no word: it starts at zeros, gets no gradient and so stays.
    dtype : floating dtype, optional
        Of the weight; the default dtype if not given.
    generator : Generator, optional
        Where the initial numbers come from; the default one if not given.

    Attributes
    ----------
    weight : Parameter of shape (num_embeddings, embedding_dim)
        Normal numbers at first, with mean 0 and standard deviation 1.

    Raises
    ------
    ArgumentError
        If a size is below 1.
    IndexError\\_
        If there is no row `padding_idx`; on a call with an index that names no row.
    DTypeError
        On a call whose indices are not integers.

    Notes
    -----
    Only the rows that were used get anything added to their gradient, which is zeros elsewhere.

    Examples
    --------
    >>> import graddl as gd
    >>> table = gd.nn.Embedding(10, 3, padding_idx=0)
    >>> table([[1, 2, 0], [4, 0, 0]]).shape
    (2, 3, 3)
    >>> table([0]).tolist()
    [[0.0, 0.0, 0.0]]
    """

    def __init__(
        self, num_embeddings, embedding_dim, padding_idx=None, *, dtype=None, generator=None
    ):
        needs = "at least one row and one feature"
        shape = whole("Embedding", needs, num_embeddings, embedding_dim)
        padding_idx = _row(padding_idx, shape[0])
        numbers = (generator or default_generator).numpy.standard_normal(shape)
        if padding_idx is not None:
            numbers[padding_idx] = 0
        self._hold(Parameter(numbers.astype(dtype or get_default_dtype())), padding_idx)

    def _hold(self, weight, padding_idx):
        self.num_embeddings, self.embedding_dim = weight.shape
        self.padding_idx = padding_idx
        self.weight = weight

    @classmethod
    def from_pretrained(cls, embeddings, freeze=True, padding_idx=None):
        """A layer with a table that is there already.

        Parameters
        ----------
        embeddings : array of shape (num_embeddings, embedding_dim)
            Copied.
        freeze : bool, default True
            Whether the table stays as it is.
        padding_idx : int, optional
            A row that gets no gradient; it keeps its numbers.

        Returns
        -------
        Embedding

        Raises
        ------
        ShapeError
            If `embeddings` is no matrix.

        Examples
        --------
        >>> import graddl as gd
        >>> table = gd.nn.Embedding.from_pretrained([[1.0, 2.0], [3.0, 4.0]])
        >>> table([1]).tolist(), table.weight.requires_grad
        ([[3.0, 4.0]], False)
        """
        shape = np.shape(embeddings.detach() if isinstance(embeddings, Tensor) else embeddings)
        if len(shape) != 2 or not all(shape):
            raise ShapeError(
                f"a table of shape {shape} is no matrix",
                op="Embedding.from_pretrained",
                got=shape,
                expected="(num_embeddings, embedding_dim)",
                fix="embeddings.reshape(num_embeddings, -1)",
            )
        layer = cls.__new__(cls)
        weight = Parameter(embeddings, requires_grad=not freeze)
        layer._hold(weight, _row(padding_idx, shape[0]))
        return layer

    def forward(self, x):
        """Map integers x of shape (...) to y of shape (..., embedding_dim)."""
        return FUNCTIONS["embedding"](x, self.weight, self.padding_idx)

    def extra_repr(self):
        padding = "" if self.padding_idx is None else f", padding_idx={self.padding_idx}"
        return f"{self.num_embeddings}, {self.embedding_dim}{padding}"


def _row(padding_idx, rows):
    """padding_idx, counted from the start."""
    if padding_idx is None:
        return None
    if not isinstance(padding_idx, Integral) or not -rows <= padding_idx < rows:
        raise IndexError_(
            f"padding_idx {padding_idx!r} is no row",
            op="Embedding",
            got=padding_idx,
            expected=f"an integer from {-rows} to {rows - 1}",
            fix="padding_idx=0",
        )
    return padding_idx % rows
