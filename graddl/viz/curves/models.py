"""Models that are run for a chart: on copies, so that nothing of theirs changes."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ...modes import no_grad
from ...nn import Module
from ...nn._modes import evaluating
from ..modules import unchanged


@contextmanager
def predicting(model: Any) -> Iterator[None]:
    """Run a model as it predicts: in eval mode, without a graph; afterwards all is as it was."""
    if not isinstance(model, Module):
        with no_grad():
            yield
        return
    with evaluating(model), unchanged(model), no_grad():
        yield


def copied(model: Module) -> Module:
    """A copy with parameters of its own, without hooks, ready to predict."""
    twin = copy.deepcopy(model)
    for m in twin.modules():
        m._hooks = None
    return twin.eval()
