"""The layers that a name in a constructor may stand for."""

from .. import nn
from ..errors import ArgumentError

ACTIVATIONS = {
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "elu": nn.ELU,
    "selu": nn.SELU,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "softplus": nn.Softplus,
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
}
CELLS: dict[str, type] = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
OUTPUTS = {"sigmoid": nn.Sigmoid, None: nn.Identity}


def chosen(table, name, model, parameter):
    """The class that `table` has under `name`, which was given as a parameter of a model."""
    if name not in table:
        raise ArgumentError(
            f"unknown {parameter}",
            op=model,
            got=repr(name),
            expected=" or ".join(map(repr, table)),
            fix=f"{parameter}={next(iter(table))!r}",
        )
    return table[name]
