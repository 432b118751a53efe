"""A recurrent network that guesses the next character, and so writes."""

import numpy as np

from .. import nn
from ._choices import CELLS, chosen
from ._generation import checked_prompt, drawn, inference


class CharRNN(nn.Module):
    r"""A language model: at each step the logits of the next token, given all before.

    .. math:: h_t = \mathrm{cell}(E_{x_t}, h_{t - 1}), \qquad z_t = W h_t + b, \qquad
        p(x_{t + 1} \mid x_1, \dots, x_t) = \mathrm{softmax}(z_t)

    In shapes, B is the number of sequences, T of steps, V of tokens, L of layers, H of units.

    Parameters
    ----------
    num_tokens : int
        V: tokens are the integers from 0 to V - 1.
    embedding_size : int, default 32
        Features of a token, a row of E.
    hidden_size : int, default 128
        H.
    num_layers : int, default 1
        L.
    cell : "lstm", "gru" or "rnn", default "lstm"
    dropout : float, default 0
        Probability of dropout between layers.
    generator : Generator, optional
        Where the initial numbers come from, and dropout; the default one if not given.

    Attributes
    ----------
    embedding : Embedding
    rnn : LSTM, GRU or RNN
    head : Linear

    Raises
    ------
    ArgumentError
        If a size is below 1, or there is no such cell.
    ``IndexError_``, DTypeError
        On a call with a token that is not there, or that is no integer.
    ShapeError
        On a call without steps, or with a state that does not fit.

    References
    ----------
    A. Graves, "Generating sequences with recurrent neural networks", 2013, sections 2 and 3,
    arXiv:1308.0850.

    Examples
    --------
    >>> import graddl as gd
    >>> model = gd.models.CharRNN(5, hidden_size=8, cell="gru")
    >>> logits, state = model([[0, 1, 2], [3, 4, 0]])
    >>> logits.shape, state.shape
    ((2, 3, 5), (1, 2, 8))
    >>> logits, state = model([[3], [1]], state)  # and on
    >>> model.generate([0, 1, 2], 10, generator=gd.Generator(0)).shape
    (10,)
    """

    def __init__(
        self, num_tokens, embedding_size=32, hidden_size=128, num_layers=1, *, cell="lstm",
        dropout=0.0, generator=None,
    ):  # fmt: skip
        kind = chosen(CELLS, cell, "CharRNN", "cell")
        self.embedding = nn.Embedding(num_tokens, embedding_size, generator=generator)
        self.rnn = kind(
            embedding_size, hidden_size, num_layers, batch_first=True, dropout=dropout,
            generator=generator,
        )  # fmt: skip
        self.head = nn.Linear(hidden_size, num_tokens, generator=generator)

    def forward(self, tokens, state=None):
        """Read tokens.

        Parameters
        ----------
        tokens : integers of shape (B, T), or (T,) for one sequence
        state : Tensor of shape (L, B, H), for an LSTM a pair of them; optional
            Where to go on from, as a call before gave it; zeros if not given.

        Returns
        -------
        logits : Tensor of shape (B, T, V)
        state : as the argument
        """
        hidden, state = self.rnn(self.embedding(tokens), state)
        return self.head(hidden), state

    def generate(self, prompt, length, temperature=1.0, generator=None):
        """Go on from a prompt.

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
            If `length` is below 1, or `temperature` below 0.
        ShapeError
            If there is no token in the prompt.
        """
        tokens, state, made = checked_prompt(self, prompt, length, temperature), None, []
        with inference(self):
            for _ in range(length):
                logits, state = self(tokens, state)
                tokens = drawn(logits[..., -1:, :], temperature, generator)  # (..., 1)
                made.append(tokens)
        return np.concatenate(made, axis=-1)
