"""Encoder and decoder: one recurrent network reads, another writes."""

import numpy as np

from .. import nn
from ..functional import concat
from ._choices import CELLS, chosen
from ._generation import check_length, inference


class Seq2Seq(nn.Module):
    r"""From one sequence to another, of another length and other tokens.

    The state in which the encoder ends is that in which the decoder starts. With `attention` each
    state of the decoder also looks at all states of the encoder, and the head sees what it found.

    In shapes, B is the number of sequences, S and T of steps, V of target tokens, H of units.

    Parameters
    ----------
    source_tokens, target_tokens : int
        How many tokens there are on either side.
    embedding_size : int, default 32
        Features of a token.
    hidden_size : int, default 64
        H.
    cell : "gru", "lstm" or "rnn", default "gru"
    attention : bool, default False
    generator : Generator, optional
        Where the initial numbers come from; the default one if not given.

    Attributes
    ----------
    source_embedding, target_embedding : Embedding
    encoder, decoder : GRU, LSTM or RNN
    attention : MultiHeadAttention with one head, or None
    head : Linear

    Raises
    ------
    ArgumentError
        If a size is below 1, or there is no such cell; on a call with lengths that do not fit.
    ``IndexError_``, DTypeError
        On a call with a token that is not there, or that is no integer.
    ShapeError
        On a call without steps, or with other numbers of sources and targets.

    References
    ----------
    K. Cho et al., "Learning phrase representations using RNN encoder-decoder for statistical
    machine translation", 2014, arXiv:1406.1078. I. Sutskever, O. Vinyals and Q. Le, "Sequence to
    sequence learning with neural networks", 2014, arXiv:1409.3215. Attention after the recurrent
    layer: M. Luong, H. Pham and C. Manning, "Effective approaches to attention-based neural machine
    translation", 2015, section 3.1, arXiv:1508.04025.

    Examples
    --------
    >>> import graddl as gd
    >>> model = gd.models.Seq2Seq(7, 5, attention=True)
    >>> source, target = [[4, 2, 6]], [[3, 4, 3, 2]]  # 1 begins a target, 2 ends it
    >>> logits = model(source, [[1, 3, 4, 3]])  # teacher forcing: the target, a step late
    >>> loss = gd.nn.functional.cross_entropy(logits.moveaxis(-1, 1), target)
    >>> logits.shape, loss.shape
    ((1, 4, 5), ())
    >>> model.decode(source, 6, start=1, end=2).shape
    (1, 6)
    """

    def __init__(
        self, source_tokens, target_tokens, embedding_size=32, hidden_size=64, *, cell="gru",
        attention=False, generator=None,
    ):  # fmt: skip
        kind, made = chosen(CELLS, cell, "Seq2Seq", "cell"), {"generator": generator}
        self.source_embedding = nn.Embedding(source_tokens, embedding_size, **made)
        self.encoder = kind(embedding_size, hidden_size, batch_first=True, **made)
        self.target_embedding = nn.Embedding(target_tokens, embedding_size, **made)
        self.decoder = kind(embedding_size, hidden_size, batch_first=True, **made)
        self.attention = None
        if attention:
            self.attention = nn.MultiHeadAttention(hidden_size, 1, batch_first=True, **made)
        self.head = nn.Linear((2 if attention else 1) * hidden_size, target_tokens, **made)

    def forward(self, source, target_in, lengths=None):
        """Logits of each next target token, given the source and the target tokens up to there.

        Parameters
        ----------
        source : integers of shape (B, S), or (S,) for one sequence
        target_in : integers of shape (B, T), or (T,)
            The target a step late: the start token, then all tokens but the last.
        lengths : B integers from 1 to S, optional
            How many tokens of each source count, where the others are padding.

        Returns
        -------
        Tensor of shape (B, T, V)
        """
        memory, state = self._read(source, lengths)
        return self._write(target_in, state, memory, lengths)[0]

    def _read(self, source, lengths):
        """All states of the encoder (B, S, H), and the last one as the decoder takes it."""
        return self.encoder(self.source_embedding(source), lengths=lengths)

    def _write(self, target_in, state, memory, lengths):
        """Logits (B, T, V), and the state of the decoder after them."""
        hidden, state = self.decoder(self.target_embedding(target_in), state)  # (B, T, H)
        if self.attention is not None:
            steps, padding = np.arange(memory.shape[-2]), None
            if lengths is not None:
                padding = steps >= np.asarray(lengths)[:, None]  # (B, S)
            found, _ = self.attention(hidden, memory, memory, key_padding_mask=padding)
            hidden = concat([hidden, found], axis=-1)  # (B, T, 2 H)
        return self.head(hidden), state

    def decode(self, source, length, start=1, end=None, lengths=None):
        """Write the most likely token at each step: greedy decoding.

        Parameters
        ----------
        source : integers of shape (B, S), or (S,) for one sequence
        length : int
            How many tokens to make at most, at least 1.
        start : int, default 1
            The target token to start from.
        end : int, optional
            The target token after which a sequence ends.
        lengths : B integers from 1 to S, optional
            How many tokens of each source count.

        Returns
        -------
        ndarray of integers of shape (B, length), or (length,)
            Without `start`; `end` in all places from the first one on.

        Raises
        ------
        ArgumentError
            If `length` is below 1.
        """
        check_length("Seq2Seq.decode", length)
        with inference(self):
            memory, state = self._read(source, lengths)
            batch = memory.shape[:-2]
            made = np.full((*batch, length), start if end is None else end)
            token, ended = np.full((*batch, 1), start), np.zeros((*batch, 1), bool)
            for t in range(length):
                logits, state = self._write(token, state, memory, lengths)
                token = logits.numpy().argmax(axis=-1)
                if end is not None:
                    token = np.where(ended, end, token)
                    ended = token == end
                made[..., t : t + 1] = token
                if ended.all():
                    break
        return made
