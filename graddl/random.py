"""Random numbers from explicit generators; never from NumPy's global one."""

import numpy as np

from ._core import Tensor
from .creation import DType, Shape, sized


class Generator:
    """A source of random numbers with a seed and a state that can be saved.

    Parameters
    ----------
    seed : int, optional. The same seed gives the same numbers; None takes fresh entropy.
    """

    def __init__(self, seed=None):
        self.manual_seed(seed)

    def manual_seed(self, seed):
        """Start again from a seed; returns the generator."""
        self.seed, self._numpy = seed, None
        return self

    @property
    def numpy(self):
        """The numpy.random.Generator behind it, made when first used: loading takes 18 ms."""
        if self._numpy is None:
            self._numpy = np.random.Generator(np.random.PCG64(self.seed))
        return self._numpy

    def get_state(self):
        """The state as a dict of plain values."""
        return self.numpy.bit_generator.state

    def set_state(self, state):
        """Go on from a state that get_state() gave."""
        self.numpy.bit_generator.state = state


default_generator = Generator(0)


def manual_seed(seed: int | None) -> Generator:
    """Seed the default generator; returns it."""
    return default_generator.manual_seed(seed)


def _made(op, sample, shape, dtype, requires_grad, generator, name):
    rng = (generator or default_generator).numpy
    array = sized(op, lambda size, dtype: np.asarray(sample(rng, size)).astype(dtype), shape, dtype)
    return Tensor(array, requires_grad=requires_grad, name=name, copy=False)


def rand(
    *shape: Shape,
    dtype: DType | None = None,
    requires_grad: bool = False,
    generator: Generator | None = None,
    name: str | None = None,
) -> Tensor:
    """Uniform numbers in [0, 1)."""
    return _made("rand", lambda rng, s: rng.random(s), shape, dtype, requires_grad, generator, name)


def randn(
    *shape: Shape,
    dtype: DType | None = None,
    requires_grad: bool = False,
    generator: Generator | None = None,
    name: str | None = None,
) -> Tensor:
    """Normal numbers with mean 0 and standard deviation 1."""
    return _made(
        "randn", lambda rng, s: rng.standard_normal(s), shape, dtype, requires_grad, generator, name
    )


def randint(low: int, high: int, shape: Shape, generator: Generator | None = None) -> Tensor:
    """Integers from low to high - 1."""
    return Tensor((generator or default_generator).numpy.integers(low, high, shape), copy=False)


def permutation(n: int, generator: Generator | None = None) -> np.ndarray:
    """The integers 0 to n - 1 in random order, as an ndarray."""
    return (generator or default_generator).numpy.permutation(n)
