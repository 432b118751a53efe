"""A model in eval mode for a while."""

from contextlib import contextmanager


@contextmanager
def evaluating(model):
    """Within this block the model is in eval mode; after it each module is in the one it was in."""
    modes = [(module, module.training) for module in model.modules()]
    try:
        yield model.eval()
    finally:
        for module, training in modes:
            module.training = training
