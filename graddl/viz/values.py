"""The value of a step: from the Tensor while it lives, else from what the graph saved of it."""

from typing import Any

from .graph import Step
from .numbers import Numbers, summary


def array_of(steps: list[Step], k: int, o: int = 0) -> Any:
    """The o-th output of a step, an array or a number; None if nothing holds it any more."""
    node = steps[k].node
    value = node.value if o == 0 else None
    if o and node.tensors[o] is not None:
        value = node.tensors[o].numpy()
    if value is None and node.op is not None and node.op.name == "from_scalar":
        value = steps[steps[k].inputs[0][0]].node.value
    if value is None:  # a Scalar made of a Tensor has its value; other ops may have saved it
        for c, i in steps[k].consumers:
            user = steps[c].node
            if (k, o, i) in steps[c].inputs:
                value = user.value if user.is_scalar else user.saved[0][i]
            if value is not None:
                break
    return value


class Values:
    """`values(k, o)`: the Numbers of an output, each made once."""

    def __init__(self, steps: list[Step]):
        self.steps, self.known = steps, dict[tuple, Numbers | None]()

    def __call__(self, k: int, o: int = 0) -> Numbers | None:
        if (k, o) not in self.known:
            self.known[k, o] = summary(array_of(self.steps, k, o))
        return self.known[k, o]
