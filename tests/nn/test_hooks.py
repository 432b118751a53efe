"""Hooks of modules."""

import copy
import json
from pathlib import Path

import numpy as np
import pytest

import graddl as gd
from graddl import nn

ORACLE = Path(__file__).parents[1] / "oracles" / "hooks.json"


def numbers(*shape, seed=0):
    return np.sin(np.arange(np.prod(shape)) + seed).reshape(shape)


def make():
    net = nn.Sequential(
        nn.Linear(4, 3, dtype="float64"), nn.Tanh(), nn.Linear(3, 2, dtype="float64")
    )
    for i, p in enumerate(net.parameters()):
        p.data = numbers(*p.shape, seed=i)
    return net


def tensor(*shape, seed=0):
    return gd.tensor(numbers(*shape, seed=seed), requires_grad=True)


# ---------------------------------------------------------------------------------- forward
def test_forward_hooks_see_what_goes_in_and_out():
    net, seen = make(), []
    net[0].register_forward_pre_hook(lambda *given: seen.append(given))
    net[0].register_forward_hook(lambda *given: seen.append(given))
    x = tensor(2, 4)
    net(x)
    (module, args), (same, same_args, y) = seen
    assert module is same is net[0] and args == same_args == (x,) and y.shape == (2, 3)


def test_forward_hooks_replace():
    layer, x = nn.ReLU(), gd.tensor([-1.0, 2.0])
    layer.register_forward_pre_hook(lambda module, args: -args[0])
    assert layer(x).tolist() == [1, 0]
    layer.register_forward_pre_hook(lambda module, args: (args[0] * 2,))
    assert layer(x).tolist() == [2, 0]
    layer.register_forward_hook(lambda module, args, y: y + 10)
    assert layer(x).tolist() == [12, 10]
    layer.register_forward_hook(lambda module, args, y: None)
    assert layer(x).tolist() == [12, 10]


def test_hooks_run_in_order_and_prepend_puts_one_first():
    layer, order = nn.ReLU(), []
    for register in (layer.register_forward_pre_hook, layer.register_forward_hook):
        register(lambda *given: order.append(1))
        register(lambda *given: order.append(2))
        register(lambda *given: order.append(0), prepend=True)
    layer(gd.ones(1))
    assert order == [0, 1, 2, 0, 1, 2]


class Scale(nn.Module):
    def forward(self, x, *, by=1.0):
        return x * by


def test_hooks_with_keywords():
    layer, seen = Scale(), []
    pre = layer.register_forward_pre_hook(
        lambda module, args, kwargs: (args, {"by": kwargs["by"] + 1}), with_kwargs=True
    )
    layer.register_forward_hook(
        lambda module, args, kwargs, y: seen.append(kwargs), with_kwargs=True
    )
    assert layer(gd.ones(1), by=2.0).tolist() == [3] and seen == [{"by": 3.0}]
    pre.remove()
    layer.register_forward_pre_hook(lambda module, args, kwargs: None, with_kwargs=True)
    assert layer(gd.ones(1), by=2.0).tolist() == [2]
    layer.register_forward_pre_hook(lambda module, args, kwargs: args, with_kwargs=True)
    with pytest.raises(gd.DTypeError, match="both kinds of arguments"):
        layer(gd.ones(1), by=2.0)


def test_removed_hooks_do_not_run_and_cost_nothing():
    layer, seen = nn.ReLU(), []
    first = layer.register_forward_hook(lambda *given: seen.append(1))
    with layer.register_forward_hook(lambda *given: seen.append(2)):
        layer(gd.ones(1))
    first.remove()
    first.remove()
    layer(gd.ones(1))
    assert seen == [1, 2] and layer._hooks is None


def test_a_hook_may_remove_itself():
    layer, seen = nn.ReLU(), []

    def once(module, args, y):
        seen.append(1)
        handle.remove()

    handle = layer.register_forward_hook(once)
    layer.register_forward_hook(lambda *given: seen.append(2))
    layer(gd.ones(1))
    layer(gd.ones(1))
    assert seen == [1, 2, 2]


def test_a_copy_has_hooks_of_its_own():
    layer, seen = nn.ReLU(), []
    handle = layer.register_forward_hook(lambda module, args, y: seen.append(module))
    other = copy.deepcopy(layer)
    handle.remove()
    layer(gd.ones(1))
    other(gd.ones(1))
    assert seen == [other]


def test_hooks_are_callables():
    for register in (
        nn.ReLU().register_forward_pre_hook,
        nn.ReLU().register_forward_hook,
        nn.ReLU().register_full_backward_hook,
    ):
        with pytest.raises(gd.DTypeError, match="a hook is a function"):
            register(3)


def test_an_error_in_a_hook_names_the_layer():
    net = make()
    net[2].register_forward_pre_hook(lambda module, args: args[0] @ gd.ones(7))
    with pytest.raises(gd.ShapeError) as caught:
        net(tensor(2, 4))
    assert caught.value.layer == "2"


# ---------------------------------------------------------------------------------- backward
def lists(gs):
    return [None if g is None else g.tolist() for g in gs]


def test_backward_hooks_are_pytorchs():
    net, x, seen = make(), tensor(2, 4, seed=5), {}
    for name, module in net.named_modules():
        module.register_full_backward_hook(
            lambda module, gx, gy, name=name: seen.update({name: [lists(gx), lists(gy)]})
        )
    ((net(x) + x[:, :2]) ** 2).sum().backward()
    oracle = json.loads(ORACLE.read_text())
    assert seen.keys() == oracle["seen"].keys()
    for name, (gx, gy) in oracle["seen"].items():
        np.testing.assert_allclose(seen[name][0], gx, rtol=1e-9)
        np.testing.assert_allclose(seen[name][1], gy, rtol=1e-9)
    np.testing.assert_allclose(x.grad.numpy(), oracle["x.grad"], rtol=1e-9)


def test_backward_hooks_change_no_gradient():
    plain, hooked = make(), make()
    hooked.apply(lambda module: module.register_full_backward_hook(lambda *given: None))
    xs = [tensor(2, 4), tensor(2, 4)]
    for net, x in zip((plain, hooked), xs, strict=True):
        net(x).exp().sum().backward()
    assert np.array_equal(xs[0].grad.numpy(), xs[1].grad.numpy())
    for a, b in zip(plain.parameters(), hooked.parameters(), strict=True):
        assert np.array_equal(a.grad.numpy(), b.grad.numpy())


def test_a_backward_hook_replaces_the_gradient_of_inputs_only():
    net, x = make(), tensor(2, 4)
    net[2].register_full_backward_hook(lambda module, gx, gy: (gx[0] * 0,))
    net[2].register_full_backward_hook(lambda module, gx, gy: (gx[0] + 1,))
    net(x).sum().backward()
    assert net[2].weight.grad.numpy().all()
    h = net[0](x)
    expected = ((1 - h.tanh() ** 2).detach() @ net[0].weight.detach()).numpy()
    np.testing.assert_allclose(x.grad.numpy(), expected, rtol=1e-12)


class Two(nn.Module):
    """Two inputs, a constant one between, outputs in containers."""

    def forward(self, a, n, b):
        return a * b, {"sum": [a + n * b], "number": n}


def test_several_inputs_and_outputs():
    net, seen, a, b = Two(), [], tensor(2), tensor(2, seed=1)
    net.register_full_backward_hook(lambda module, gx, gy: seen.append((lists(gx), lists(gy))))
    y, more = net(a, 3, b)
    assert more["number"] == 3
    (y.sum() + 2 * more["sum"][0].sum()).backward()
    (((ga, none, gb), (gy, gsum, also_none)),) = seen
    assert none is also_none is None and gy == [1, 1] and gsum == [2, 2]
    np.testing.assert_allclose(ga, b.numpy() + 2, rtol=1e-12)
    np.testing.assert_allclose(gb, a.numpy() + 6, rtol=1e-12)


def test_an_output_that_is_not_used_has_a_gradient_of_zeros():
    net, seen, a, b = Two(), [], tensor(2), tensor(2, seed=1)
    net.register_full_backward_hook(lambda module, gx, gy: seen.append(lists(gy)))
    net(a, 3, b)[1]["sum"][0].sum().backward()
    assert seen == [[[0, 0], [1, 1], None]]
    np.testing.assert_allclose(b.grad.numpy(), [3, 3])


def test_the_gradient_of_an_input_is_the_modules_own_share():
    net, seen, x = nn.Tanh(), [], gd.tensor([0.0], requires_grad=True)
    net.register_full_backward_hook(lambda module, gx, gy: seen.append(lists(gx)))
    (net(x) + 5 * x).sum().backward()
    assert seen == [[[1]]] and x.grad.tolist() == [6]


def test_without_an_input_that_wants_gradient_the_hook_still_sees_outputs():
    net, seen = nn.Linear(2, 1), []
    net.register_full_backward_hook(lambda module, gx, gy: seen.append((gx, lists(gy))))
    net(gd.ones(1, 2)).sum().backward()
    assert seen == [((None,), [[[1]]])] and net.weight.grad is not None


def test_a_module_that_returns_its_input():
    net, seen, x = Scale(), [], tensor(2)
    net.forward = lambda x: x
    net.register_full_backward_hook(lambda module, gx, gy: seen.append((lists(gx), lists(gy))))
    net(x).sum().backward()
    assert seen == [([[1, 1]], [[1, 1]])]


def test_hooks_run_in_each_pass_and_not_in_private_ones():
    net, count, x = nn.Tanh(), [], tensor(2)
    net.register_full_backward_hook(lambda *given: count.append(1))
    y = net(x).sum()
    y.backward(retain_graph=True)
    y.backward()
    assert len(count) == 2
    gd.grad(lambda x: net(x).sum())(x)
    assert len(count) == 2
    with gd.no_grad():
        assert not net(x).requires_grad


def test_second_derivatives_go_through_hooks():
    net, x = nn.Tanh(), tensor(3)
    net.register_full_backward_hook(lambda module, gx, gy: (gx[0] * 2,))
    net(x).sum().backward(create_graph=True)
    first, x.grad = x.grad, None
    first.sum().backward()
    t = np.tanh(x.numpy())
    np.testing.assert_allclose(first.numpy(), 2 * (1 - t * t), rtol=1e-12)
    # the second pass starts within tanh: no gradient of its output, so no hook, as in PyTorch
    np.testing.assert_allclose(x.grad.numpy(), -4 * t * (1 - t * t), rtol=1e-12)
    assert gd.gradcheck(nn.Sequential(net, nn.Tanh()), [tensor(2)], order=2)


def test_a_second_derivative_from_within_a_module_calls_no_hook():
    net, seen = make(), []

    def penalty():
        net.zero_grad()
        x = tensor(5, 4)
        net(x).sum().backward(create_graph=True)
        g, x.grad = x.grad, None
        net.zero_grad()
        (g * g).sum().backward()
        return [p.grad.numpy(copy=True) for p in net.parameters() if p.grad is not None]

    def twice(module, grad_input, grad_output):
        seen.append((type(module).__name__, grad_output[0].shape))
        return (2 * grad_input[0],)

    plain = penalty()
    for layer in net:
        layer.register_full_backward_hook(twice)
    for got, want in zip(penalty(), plain, strict=True):  # 2 for each layer, and squared: PyTorch's
        np.testing.assert_allclose(got, 64 * want, rtol=1e-12)
    first = [("Linear", (5, 2)), ("Tanh", (5, 3)), ("Linear", (5, 3))]
    assert seen == [*first, ("Linear", (5, 3))]  # tanh's own derivative depends on what it got


@pytest.mark.parametrize("wrong", [(), (None,), (1.0, 2.0)])
def test_a_hook_that_would_lose_a_gradient_is_refused(wrong):
    net, x = nn.Tanh(), tensor(2)
    net.register_full_backward_hook(lambda module, gx, gy: wrong)
    y = net(x).sum()
    with pytest.raises(gd.GradientError, match="a backward hook replaces"):
        y.backward()
    assert x.grad is None


def test_in_place_on_a_hooked_output():
    net, x = nn.Tanh(), tensor(2)
    net.register_full_backward_hook(lambda *given: None)
    y = net(x)
    y += 1
    y.sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), 1 - np.tanh(x.numpy()) ** 2, rtol=1e-12)
