"""What models share that make tokens, one after the other."""

from contextlib import contextmanager

import numpy as np

from ..errors import ArgumentError, ShapeError
from ..modes import no_grad
from ..nn._modes import evaluating
from ..random import default_generator


@contextmanager
def inference(model):
    """Within this block: no graph, no dropout. After it each layer is in the mode that it was."""
    with evaluating(model), no_grad():
        yield model


def drawn(logits, temperature, generator):
    """Indices along the last axis, drawn with the probabilities softmax(logits / temperature).

    The largest of logits / temperature + Gumbel noise is such a draw: C. Maddison, D. Tarlow and
    T. Minka, "A* sampling", 2014, section 2, arXiv:1411.0030. At temperature 0 noise is nothing.
    """
    z = logits.numpy()
    if temperature > 0:
        z = z + temperature * (generator or default_generator).numpy.gumbel(size=z.shape)
    return z.argmax(axis=-1)


def checked_prompt(model, prompt, length, temperature):
    """The tokens to go on from as an array (T,) or (B, T), if that and the rest make sense."""
    op, prompt = f"{type(model).__name__}.generate", np.asarray(prompt)
    check_length(op, length)
    if temperature < 0:
        raise ArgumentError(
            "a temperature below 0 would prefer the unlikely",
            op=op,
            got=temperature,
            expected="0, the most likely token, or more",
            fix="temperature=1.0",
        )
    if prompt.ndim not in (1, 2) or not prompt.shape[-1]:
        raise ShapeError(
            f"a prompt of shape {prompt.shape} has no token to go on from",
            op=op,
            got=prompt.shape,
            expected="(T,) or (B, T), T of 1 or more",
            fix="generate([0], length)",
        )
    return prompt


def check_length(op, length):
    """Refuse to make no tokens."""
    if length < 1:
        raise ArgumentError(
            f"a length of {length}", op=op, got=length, expected="1 or more", fix="length=1"
        )
