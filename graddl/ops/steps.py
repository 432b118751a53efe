"""The steps of optimizers: (p, state) after a step from the parameter p, its gradient g and the state.

They are functions of their arrays, so that a step can be differentiated, too. `graddl.optim` takes
them in place: it knows what the state was at first, counts the steps and deals with decay.
"""

import math

from ..errors import ArgumentError, ShapeError
from ._complaints import complain
from ._define import FUNCTIONS, composed
from ._explain import shape_of
from ._functions import run_into


def take(step, p, g, *state, **options):
    """Take a step and write its results over the parameter and the state. Nothing is recorded."""
    run_into(step, (p, *[s for s in state if s is not None]), p, g, *state, **options)


# ------------------------------------------------------------------------------------------------ what all share
def _check(name, values, t=1, **params):
    """All arrays have the shape of p, and the first step has the number 1."""
    names, shape = FUNCTIONS[name].op.args, shape_of(values[0])
    counted = params if name not in COUNTED else params | {"t": t}
    for a, x in zip(names, values, strict=True):
        if x is not None and shape_of(x) != shape:
            fits = math.prod(shape_of(x)) == math.prod(shape)
            complain(ShapeError, name, f"{a} {shape_of(x)} and p {shape} differ", shape_of(x), shape, values, counted,
                     **{a: f"{a}.reshape(p.shape)" if fits else "gd.ones_like(p)"})
    if t < 1:
        complain(ArgumentError, name, "steps are counted from 1", f"t={t}", "t=1 and up", values, counted | {"t": 1})


def _mean(old, new, share):
    """A running mean, of which `share` is kept."""
    return share * old + (1 - share) * new


def _given(*arrays):
    """Without the state that is not kept."""
    return tuple(a for a in arrays if a is not None)


def _state(n):
    """Samples: p, g and n arrays of state, the squares among which are far from 0."""
    def samples(make):
        return [((make(2, 3), make(2, 3), *[make(2, 3) ** 2 + 1.5 for _ in range(n)]), {}),
                ((make(0), make(0), *[make(0) for _ in range(n)]), {}), ((make(), make(), *[make() ** 2 + 1.5 for _ in range(n)]), {})]

    return samples


def _options(samples, *others):
    """Samples, and the first of them again with other options or more state."""
    def more(make):
        first, *rest = samples(make)
        return [first, *rest, *(((*first[0], *[x and make(2, 3) ** 2 + 5 for x in state]), params) for state, params in others)]

    return more


def _errors(n, *wrong):
    """A gradient or state of another shape, text, options that cannot be."""
    def errors(make):
        state = [make(2, 3) ** 2 + 1.5 for _ in range(n)]
        return [((make(2, 3), make(3), *state), {}, "ShapeError"), ((make(2, 3), make(3, 2), *state), {}, "ShapeError"),
                ((make(2, 3), make.text(2, 3), *state), {}, "DTypeError"),
                *(((make(2, 3), make(2, 3), *state), params, "ArgumentError") for params in wrong)]

    return errors


COUNTED = {"adagrad_step", "adam_step", "adamax_step", "nadam_step", "radam_step"}
_ALIKE = dict(method=False, several=True, expects="p, g and the state of one shape", torch="")


# ------------------------------------------------------------------------------------------------ by the gradient
def _sgd(xp, p, g, v, lr, momentum, dampening, nesterov):
    _check("sgd_step", (p, g, v), lr=lr, momentum=momentum, dampening=dampening, nesterov=nesterov)
    if v is None:
        return (p - lr * g,)
    v = momentum * v + (1 - dampening) * g
    return p - lr * (g + momentum * v if nesterov else v), v


sgd_step = composed(
    "sgd_step", lambda xp, p, g, v=None, *, lr=1e-3, momentum=0.0, dampening=0.0, nesterov=False: _sgd(
        xp, p, g, v, lr, momentum, dampening, nesterov), symbol="SGD",
    tex=r"v \leftarrow \mu v + (1 - \tau) g, \quad p \leftarrow p - \eta v \quad (\text{Nesterov:} \; p - \eta (g + \mu v))",
    doc="A step of stochastic gradient descent: (p,), or with a momentum v: (p, v).",
    samples=_options(_state(0), ([1], {"momentum": 0.9, "dampening": 0.5}), ([1], {"momentum": 0.9, "nesterov": True, "lr": 0.5})),
    errors=_errors(0), **_ALIKE,
)


def _lion(xp, p, g, m, lr, beta1, beta2):
    _check("lion_step", (p, g, m), lr=lr, beta1=beta1, beta2=beta2)
    return p - lr * xp.sign(_mean(m, g, beta1)), _mean(m, g, beta2)


lion_step = composed(
    "lion_step", lambda xp, p, g, m, *, lr=1e-4, beta1=0.9, beta2=0.99: _lion(xp, p, g, m, lr, beta1, beta2), symbol="Lion",
    tex=r"p \leftarrow p - \eta \operatorname{sign}(\beta_1 m + (1 - \beta_1) g), \quad m \leftarrow \beta_2 m + (1 - \beta_2) g",
    doc="A step of one size, by the sign of a mean of gradient and momentum: (p, m).",
    samples=_options(_state(1), ([], {"lr": 0.1, "beta1": 0.5})), errors=_errors(1), **_ALIKE,
)


# ------------------------------------------------------------------------------------------------ by the size of gradients
def _adagrad(xp, p, g, v, lr, lr_decay, eps, t):
    _check("adagrad_step", (p, g, v), lr=lr, lr_decay=lr_decay, eps=eps, t=t)
    v = v + g * g
    return p - lr / (1 + (t - 1) * lr_decay) * g / (xp.sqrt(v) + eps), v


adagrad_step = composed(
    "adagrad_step", lambda xp, p, g, v, *, lr=1e-2, lr_decay=0.0, eps=1e-10, t=1: _adagrad(xp, p, g, v, lr, lr_decay, eps, t), symbol="Adagrad",
    tex=r"v \leftarrow v + g^2, \quad p \leftarrow p - \frac{\eta}{1 + (t - 1) \eta_d} \frac{g}{\sqrt{v} + \epsilon}",
    doc="A step divided by the root of the sum of squared gradients: (p, v).",
    samples=_options(_state(1), ([], {"lr": 0.5, "lr_decay": 0.1, "t": 3})), errors=_errors(1, {"t": 0}), **_ALIKE,
)


def _rmsprop(xp, p, g, v, mean, b, lr, alpha, eps, momentum):
    _check("rmsprop_step", (p, g, v, mean, b), lr=lr, alpha=alpha, eps=eps, momentum=momentum)
    v, spread = _mean(v, g * g, alpha), 0
    if mean is not None:
        mean = _mean(mean, g, alpha)
        spread = mean * mean
    size = xp.sqrt(v if mean is None else xp.maximum(v - spread, 0.0))  # rounding may leave less than 0
    step = g / (size + eps)
    if b is not None:
        b = step = momentum * b + step
    return _given(p - lr * step, v, mean, b)


rmsprop_step = composed(
    "rmsprop_step", lambda xp, p, g, v, mean=None, b=None, *, lr=1e-2, alpha=0.99, eps=1e-8, momentum=0.0: _rmsprop(
        xp, p, g, v, mean, b, lr, alpha, eps, momentum), symbol="RMSprop",
    tex=r"v \leftarrow \alpha v + (1 - \alpha) g^2, \quad b \leftarrow \mu b + \frac{g}{\sqrt{v - \bar g^2} + \epsilon}, "
        r"\quad p \leftarrow p - \eta b",
    doc="A step divided by the root of the mean of squared gradients; with a mean gradient it is centered, with b it has momentum: "
        "(p, v, mean, b), of which what is None is left out.",
    samples=lambda make: [*_options(_state(1), ([None, 1], {"momentum": 0.9, "lr": 0.5}))(make),
                          ((make(2, 3), make(2, 3), make(3) ** 2 + make(2, 1) ** 2 + 5, make(2, 3)), {"alpha": 0.5}),
                          ((make(3), make(3), make(3) ** 2 + 5, make(3), make(3)), {"momentum": 0.5})],
    errors=_errors(1), **_ALIKE,
)


def _adadelta(xp, p, g, v, u, lr, rho, eps):
    _check("adadelta_step", (p, g, v, u), lr=lr, rho=rho, eps=eps)
    v = _mean(v, g * g, rho)
    d = g * xp.sqrt((u + eps) / (v + eps))
    return p - lr * d, v, _mean(u, d * d, rho)


adadelta_step = composed(
    "adadelta_step", lambda xp, p, g, v, u, *, lr=1.0, rho=0.9, eps=1e-6: _adadelta(xp, p, g, v, u, lr, rho, eps), symbol="Adadelta",
    tex=r"v \leftarrow \rho v + (1 - \rho) g^2, \quad \delta = g \sqrt{\frac{u + \epsilon}{v + \epsilon}}, "
        r"\quad u \leftarrow \rho u + (1 - \rho) \delta^2, \quad p \leftarrow p - \eta \delta",
    doc="A step scaled by the size of past steps over that of past gradients: (p, v, u).",
    samples=_options(_state(2), ([], {"lr": 0.5, "rho": 0.5})), errors=_errors(2), **_ALIKE,
)


# ------------------------------------------------------------------------------------------------ by both
def _adam(xp, p, g, m, v, v_max, lr, beta1, beta2, eps, t):
    _check("adam_step", (p, g, m, v, v_max), lr=lr, beta1=beta1, beta2=beta2, eps=eps, t=t)
    m, v = _mean(m, g, beta1), _mean(v, g * g, beta2)
    if v_max is not None:
        v_max = xp.maximum(v, v_max)
    # The two corrections by 1 - beta^t are numbers, so they go into numbers: lr and the root.
    size = xp.sqrt(v if v_max is None else v_max) / math.sqrt(1 - beta2**t)
    return _given(p - (lr / (1 - beta1**t)) * m / (size + eps), m, v, v_max)


adam_step = composed(
    "adam_step", lambda xp, p, g, m, v, v_max=None, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8, t=1: _adam(
        xp, p, g, m, v, v_max, lr, beta1, beta2, eps, t), symbol="Adam",
    tex=r"m \leftarrow \beta_1 m + (1 - \beta_1) g, \quad v \leftarrow \beta_2 v + (1 - \beta_2) g^2, \quad "
        r"p \leftarrow p - \eta \frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + \epsilon}",
    doc="The t-th step by the mean gradient, divided by the root of the mean square, or, given v_max, of the largest such mean (AMSGrad): "
        "(p, m, v), or (p, m, v, v_max).",
    samples=_options(_state(2), ([], {"lr": 0.5, "beta1": 0.5, "t": 3}), ([1], {"lr": 0.5, "t": 2})), errors=_errors(2, {"t": 0}), **_ALIKE,
)


def _adamax(xp, p, g, m, u, lr, beta1, beta2, eps, t):
    _check("adamax_step", (p, g, m, u), lr=lr, beta1=beta1, beta2=beta2, eps=eps, t=t)
    m, u = _mean(m, g, beta1), xp.maximum(beta2 * u, xp.abs(g) + eps)
    return p - (lr / (1 - beta1**t)) * m / u, m, u


adamax_step = composed(
    "adamax_step", lambda xp, p, g, m, u, *, lr=2e-3, beta1=0.9, beta2=0.999, eps=1e-8, t=1: _adamax(
        xp, p, g, m, u, lr, beta1, beta2, eps, t), symbol="Adamax",
    tex=r"m \leftarrow \beta_1 m + (1 - \beta_1) g, \quad u \leftarrow \max(\beta_2 u, |g| + \epsilon), \quad "
        r"p \leftarrow p - \frac{\eta}{1 - \beta_1^t} \frac{m}{u}",
    doc="The t-th step by the mean gradient, divided by the largest recent one: (p, m, u).",
    samples=_options(_state(2), ([], {"lr": 0.5, "t": 3})), errors=_errors(2, {"t": 0}), **_ALIKE,
)


def nadam_momentum(t, beta1, momentum_decay):
    """How much of the mean the t-th step of NAdam keeps."""
    return beta1 * (1 - 0.5 * 0.96 ** (t * momentum_decay))


def _nadam(xp, p, g, m, v, lr, beta1, beta2, eps, momentum_decay, product, t):
    _check("nadam_step", (p, g, m, v), lr=lr, beta1=beta1, beta2=beta2, eps=eps, momentum_decay=momentum_decay, product=product, t=t)
    mu, mu_next = (nadam_momentum(s, beta1, momentum_decay) for s in (t, t + 1))
    product = product * mu
    m, v = _mean(m, g, beta1), _mean(v, g * g, beta2)
    m_hat = mu_next / (1 - product * mu_next) * m + (1 - mu) / (1 - product) * g
    return p - lr * m_hat / (xp.sqrt(v / (1 - beta2**t)) + eps), m, v


nadam_step = composed(
    "nadam_step", lambda xp, p, g, m, v, *, lr=2e-3, beta1=0.9, beta2=0.999, eps=1e-8, momentum_decay=4e-3, product=1.0, t=1: _nadam(
        xp, p, g, m, v, lr, beta1, beta2, eps, momentum_decay, product, t), symbol="NAdam",
    tex=r"\hat m = \frac{\mu_{t+1} m}{1 - \prod_{i \le t+1} \mu_i} + \frac{(1 - \mu_t) g}{1 - \prod_{i \le t} \mu_i}, \quad "
        r"p \leftarrow p - \eta \frac{\hat m}{\sqrt{v / (1 - \beta_2^t)} + \epsilon}",
    doc="The t-th step of Adam that looks ahead along its momentum; product is that of the momenta before: (p, m, v).",
    samples=_options(_state(2), ([], {"lr": 0.5, "t": 3, "product": 0.3})), errors=_errors(2, {"t": 0}), **_ALIKE,
)


def _radam(xp, p, g, m, v, lr, beta1, beta2, eps, t):
    _check("radam_step", (p, g, m, v), lr=lr, beta1=beta1, beta2=beta2, eps=eps, t=t)
    m, v = _mean(m, g, beta1), _mean(v, g * g, beta2)
    step, last = lr / (1 - beta1**t) * m, 2 / (1 - beta2) - 1
    rho = last - 2 * t * beta2**t / (1 - beta2**t)
    if rho > 5:
        r = math.sqrt((rho - 4) * (rho - 2) * last / ((last - 4) * (last - 2) * rho))
        step = step * (r * math.sqrt(1 - beta2**t)) / (xp.sqrt(v) + eps)
    return p - step, m, v


radam_step = composed(
    "radam_step", lambda xp, p, g, m, v, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8, t=1: _radam(
        xp, p, g, m, v, lr, beta1, beta2, eps, t), symbol="RAdam",
    tex=r"p \leftarrow p - \eta \, r_t \frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + \epsilon} "
        r"\quad (\text{while} \; \rho_t \le 5: \; p - \eta \, m / (1 - \beta_1^t))",
    doc="The t-th step of Adam, which does without its divisor until that is reliable: (p, m, v).",
    samples=_options(_state(2), ([], {"lr": 0.5, "t": 10})), errors=_errors(2, {"t": 0}), **_ALIKE,
)
