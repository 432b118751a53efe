"""Every entry against PyTorch, whose answers on the samples are frozen in tests/oracles/ops.json.

Where a spelling of PyTorch means something else, the entry's `torch=` is the expression that means
the same.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from tests.samples import ENTRIES, fingerprint, ids, samples, special
from tests.samples import value_and_gradients as run

ORACLES = Path(__file__).parents[1] / "oracles"
ANSWERS = json.loads((ORACLES / "ops.json").read_text())
AT_SPECIAL = json.loads((ORACLES / "special.json").read_text())


@pytest.mark.parametrize("op", ENTRIES, ids=ids)
def test_values_and_gradients_are_those_of_pytorch(op):
    assert op.name in ANSWERS, "no frozen answers: run `make oracles`"
    answers = ANSWERS[op.name]
    if answers is None:
        assert not op.info["torch"]
        return
    for (xs, params), answer in zip(samples(op), answers, strict=True):
        assert answer["sample"] == fingerprint(xs, params), "another sample: run `make oracles`"
        values, gradients = run(op, xs, params)
        for got, want in zip([*values, *gradients], _flat(answer), strict=True):
            np.testing.assert_allclose(
                got, np.reshape(np.array(want, float), got.shape), rtol=1e-10, atol=1e-12
            )


@pytest.mark.parametrize("op", [op for op in ENTRIES if op.name in AT_SPECIAL], ids=ids)
def test_zeros_infinities_nan_kinks_and_ties_are_those_of_pytorch(op):
    """An entry that keeps a difference says which, and why."""
    xs, answer = special(op), AT_SPECIAL[op.name]
    assert answer["sample"] == fingerprint(xs, {}), "another sample: run `make oracles`"
    values, gradients = run(op, xs, {})
    equal = all(
        np.allclose(got, np.array(want, float), rtol=1e-10, atol=0, equal_nan=True)
        for got, want in zip([*values, *gradients], _flat(answer), strict=True)
    )
    assert equal == (op.info["differs"] is None), op.info["differs"]


def _flat(answer):
    return [*answer["values"], *answer["gradients"]]
