"""A model in eval mode for a while: afterwards its modules are in different modes again."""

import pytest

import graddl as gd
from graddl.nn._modes import evaluating


def test_each_module_gets_its_mode_back_also_after_an_error():
    model = gd.nn.Sequential(gd.nn.Linear(2, 2), gd.nn.Dropout())
    model[1].eval()
    before = [m.training for m in model.modules()]
    assert before == [True, True, False]
    with evaluating(model) as lent:
        assert lent is model and not any(m.training for m in model.modules())
    assert [m.training for m in model.modules()] == before
    with pytest.raises(KeyError), evaluating(model):
        raise KeyError
    assert [m.training for m in model.modules()] == before
