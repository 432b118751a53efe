"""Answers of PyTorch about optimizers, schedules and clipping."""

import math

STEPS = (1, 2, 3, 10, 50)

ADAM_ALL = {"lr": 0.05, "betas": [0.8, 0.95], "eps": 1e-3, "weight_decay": 0.1}
OPTIMIZERS = {
    "sgd nesterov decay": (
        "SGD",
        {"lr": 0.02, "momentum": 0.7, "nesterov": True, "weight_decay": 0.2},
    ),
    "adagrad": ("Adagrad", {"lr": 0.3}),
    "adagrad all": (
        "Adagrad",
        {
            "lr": 0.2,
            "lr_decay": 0.05,
            "weight_decay": 0.1,
            "initial_accumulator_value": 0.4,
            "eps": 1e-3,
        },
    ),
    "rmsprop": ("RMSprop", {}),
    "rmsprop momentum": ("RMSprop", {"lr": 0.02, "alpha": 0.9, "momentum": 0.6}),
    "rmsprop centered": ("RMSprop", {"lr": 0.02, "centered": True}),
    "rmsprop all": (
        "RMSprop",
        {
            "lr": 0.01,
            "alpha": 0.95,
            "eps": 1e-3,
            "weight_decay": 0.1,
            "momentum": 0.5,
            "centered": True,
        },
    ),
    "adadelta": ("Adadelta", {}),
    "adadelta all": ("Adadelta", {"lr": 2.0, "rho": 0.8, "eps": 1e-3, "weight_decay": 0.1}),
    "adam": ("Adam", {}),
    "adam amsgrad": ("Adam", {**ADAM_ALL, "amsgrad": True}),
    "adam decoupled": ("Adam", {**ADAM_ALL, "decoupled_weight_decay": True}),
    "adamw": ("AdamW", {"lr": 0.1}),
    "adamw all": ("AdamW", {**ADAM_ALL, "weight_decay": 0.3, "amsgrad": True}),
    "adamax": ("Adamax", {"lr": 0.1}),
    "adamax all": ("Adamax", ADAM_ALL),
    "nadam": ("NAdam", {"lr": 0.1}),
    "nadam all": ("NAdam", {**ADAM_ALL, "lr": 0.02, "momentum_decay": 0.02}),
    "nadam decoupled": ("NAdam", {**ADAM_ALL, "decoupled_weight_decay": True}),
    "radam": ("RAdam", {"lr": 0.1}),
    "radam all": ("RAdam", ADAM_ALL),
    "radam decoupled": ("RAdam", {**ADAM_ALL, "decoupled_weight_decay": True}),
}

WOLFE = {"line_search_fn": "strong_wolfe"}
LBFGS = {
    "fixed steps": {"lr": 0.1, "max_iter": 4},
    "short history": {"lr": 0.2, "max_iter": 3, "history_size": 2},
    "one update a step": {"lr": 0.5, "max_iter": 1},
    "line search": {"max_iter": 3, **WOLFE},
    "line search, short first step": {"lr": 0.01, "max_iter": 2, "history_size": 3, **WOLFE},
    "line search, long first step": {"lr": 30.0, "max_iter": 2, **WOLFE},
    "few evaluations": {"lr": 5.0, "max_iter": 4, "max_eval": 3, **WOLFE},
    "loose tolerances": {"tolerance_grad": 0.05, "tolerance_change": 1e-3, **WOLFE},
}


def _schedule(kind, schedulers=None, optimizer="SGD", **options):
    more = {} if schedulers is None else {"schedulers": schedulers}
    return {"class": kind, "optimizer": optimizer, "options": options, **more}


SCHEDULES = {
    "lambda": _schedule("LambdaLR", lr_lambda="harmonic"),
    "lambda, two": _schedule("LambdaLR", lr_lambda=["harmonic", "root"]),
    "step": _schedule("StepLR", step_size=5, gamma=0.5),
    "step of 1": _schedule("StepLR", step_size=1, gamma=0.9),
    "multistep": _schedule("MultiStepLR", milestones=[3, 20, 9, 20], gamma=0.3),
    "multistep from 0": _schedule("MultiStepLR", milestones=[0, 4]),
    "constant": _schedule("ConstantLR"),
    "constant all": _schedule("ConstantLR", factor=0.2, total_iters=12),
    "constant forever": _schedule("ConstantLR", factor=0.2, total_iters=0),
    "linear": _schedule("LinearLR"),
    "linear all": _schedule("LinearLR", start_factor=0.9, end_factor=0.1, total_iters=20),
    "linear to 0": _schedule("LinearLR", start_factor=1.0, end_factor=0.0, total_iters=10),
    "exponential": _schedule("ExponentialLR", gamma=0.93),
    "polynomial": _schedule("PolynomialLR"),
    "polynomial all": _schedule("PolynomialLR", total_iters=40, power=1.7),
    "cosine": _schedule("CosineAnnealingLR", T_max=10),
    "cosine all": _schedule("CosineAnnealingLR", T_max=50, eta_min=0.01),
    "cosine, waves": _schedule("CosineAnnealingLR", T_max=3, eta_min=0.01),
    "restarts": _schedule("CosineAnnealingWarmRestarts", T_0=7),
    "restarts all": _schedule("CosineAnnealingWarmRestarts", T_0=3, T_mult=2, eta_min=0.02),
    "one cycle": _schedule("OneCycleLR", max_lr=0.5, total_steps=51),
    "one cycle all": _schedule(
        "OneCycleLR",
        optimizer="Adam",
        max_lr=[0.5, 0.3],
        epochs=6,
        steps_per_epoch=9,
        pct_start=0.4,
        anneal_strategy="linear",
        base_momentum=0.6,
        max_momentum=[0.9, 0.8],
        div_factor=10.0,
        final_div_factor=100.0,
        three_phase=True,
    ),
    "one cycle, to the end": _schedule(
        "OneCycleLR", max_lr=0.5, total_steps=50, cycle_momentum=False
    ),
    "cyclic": _schedule("CyclicLR", base_lr=0.01, max_lr=0.1, step_size_up=6),
    "cyclic 2": _schedule(
        "CyclicLR",
        optimizer="Adam",
        base_lr=[0.01, 0.02],
        max_lr=0.1,
        step_size_up=4,
        step_size_down=9,
        mode="triangular2",
        base_momentum=0.5,
        max_momentum=[0.8, 0.7],
    ),
    "cyclic exponential": _schedule(
        "CyclicLR", base_lr=0.01, max_lr=0.1, step_size_up=5, mode="exp_range", gamma=0.97
    ),
    "cyclic, own scale": _schedule(
        "CyclicLR",
        base_lr=0.01,
        max_lr=0.1,
        step_size_up=5,
        scale_fn="half",
        cycle_momentum=False,
    ),
    "cyclic, own scale of steps": _schedule(
        "CyclicLR",
        base_lr=0.01,
        max_lr=0.1,
        step_size_up=5,
        scale_fn="root",
        scale_mode="iterations",
    ),
    "plateau": _schedule("ReduceLROnPlateau", patience=2, factor=0.5),
    "plateau all": _schedule(
        "ReduceLROnPlateau",
        patience=1,
        factor=0.3,
        threshold=0.05,
        threshold_mode="abs",
        cooldown=3,
        min_lr=[0.001, 0.01],
    ),
    "plateau max": _schedule("ReduceLROnPlateau", mode="max", patience=4, factor=0.8, eps=0.02),
    "plateau max abs": _schedule(
        "ReduceLROnPlateau", mode="max", patience=3, threshold_mode="abs", threshold=0.1
    ),
    "chained": _schedule(
        "ChainedScheduler",
        [
            _schedule("ConstantLR", factor=0.1, total_iters=4),
            _schedule("ExponentialLR", gamma=0.9),
            _schedule("CosineAnnealingLR", T_max=8),
        ],
    ),
    "sequential": _schedule(
        "SequentialLR",
        [
            _schedule("LinearLR", start_factor=0.1, total_iters=5),
            _schedule("CosineAnnealingLR", T_max=25, eta_min=0.001),
            _schedule("ExponentialLR", gamma=0.8),
        ],
        milestones=[5, 30],
    ),
    "sequential of all": _schedule(
        "SequentialLR",
        [
            _schedule("ConstantLR", factor=0.3, total_iters=3),
            _schedule("CosineAnnealingWarmRestarts", T_0=3),
            _schedule("StepLR", step_size=4),
            _schedule("PolynomialLR", total_iters=6, power=2.0),
            _schedule("MultiStepLR", milestones=[2, 5]),
            _schedule("LambdaLR", lr_lambda="root"),
        ],
        milestones=[5, 12, 20, 30, 40],
    ),
}


def optim_more(torch):
    """Trajectories of optimizers, rates of schedules over 50 steps, clipped gradients."""
    torch.set_default_dtype(torch.float64)  # or NAdam would keep a float32 product
    try:
        trajectories = {
            name: {"class": kind, "options": options, "steps": _trajectory(torch, kind, options)}
            for name, (kind, options) in OPTIMIZERS.items()
        }
    finally:
        torch.set_default_dtype(torch.float32)
    return {
        "optimizers": trajectories,
        "lbfgs": {
            name: {"options": options, "steps": _rosenbrock(torch, options)}
            for name, options in LBFGS.items()
        },
        "schedules": {
            name: {**case, "rates": _rates(torch, case)} for name, case in SCHEDULES.items()
        },
        "clip": [
            _clipped(torch, max_norm, norm_type)
            for max_norm in (0.5, 100.0)
            for norm_type in (0.5, 1.0, 2.0, 3.0, math.inf)
        ],
    }


def _numbers(torch, *shape, seed):
    size = math.prod(shape)
    values = [math.sin(i + seed) for i in range(size)]
    return torch.tensor(values, dtype=torch.float64).reshape(shape)


def _trajectory(torch, kind, options):
    a = _numbers(torch, 2, 3, seed=1.0).requires_grad_()
    b = _numbers(torch, 3, seed=2.0).requires_grad_()
    arguments = {k: tuple(v) if isinstance(v, list) else v for k, v in options.items()}
    optimizer = getattr(torch.optim, kind)([a, b], **arguments)
    stiffness = torch.arange(1, 7, dtype=torch.float64).reshape(2, 3) / 6
    steps = {}
    for t in range(1, STEPS[-1] + 1):
        optimizer.zero_grad()
        y = a * b - 1
        (y * y * stiffness).sum().backward()
        optimizer.step()
        if t in STEPS:
            steps[str(t)] = {"a": a.tolist(), "b": b.tolist()}
    return steps


def _rosenbrock(torch, options):
    """A curved valley, in two parameters of two and of one element."""
    a = torch.tensor([-1.2, 1.0], dtype=torch.float64, requires_grad=True)
    b = torch.tensor([0.5], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([a, b], **options)

    def closure():
        optimizer.zero_grad()
        loss = 10 * (a[1] - a[0] ** 2) ** 2 + (1 - a[0]) ** 2 + 10 * (b[0] - a[1] ** 2) ** 2
        loss.backward()
        return loss

    steps = {}
    for t in range(1, 11):
        loss = optimizer.step(closure).item()
        evaluations = optimizer.state[a]["func_evals"]
        if t in STEPS:
            steps[str(t)] = {
                "a": a.tolist(),
                "b": b.tolist(),
                "loss": loss,
                "evaluations": evaluations,
            }
    return steps


def _rates(torch, case):
    from tests.optim.schedules import build, rates

    a, b = torch.zeros(1, requires_grad=True), torch.zeros(1, requires_grad=True)
    momentum = {"momentum": 0.9} if case["optimizer"] == "SGD" else {}
    groups = [{"params": [a], "lr": 0.1}, {"params": [b], "lr": 0.05}]
    optimizer = getattr(torch.optim, case["optimizer"])(groups, **momentum)
    return rates(optimizer, build(torch.optim.lr_scheduler, optimizer, case))


def _clipped(torch, max_norm, norm_type):
    a, b = torch.zeros(2, 3), torch.zeros(4)
    parameters = [p.double().requires_grad_() for p in (a, b)]
    parameters[0].grad = _numbers(torch, 2, 3, seed=1.0)
    parameters[1].grad = 2 * _numbers(torch, 4, seed=2.0)
    total = torch.nn.utils.clip_grad_norm_(parameters, max_norm, norm_type)
    return {
        "max_norm": max_norm,
        "norm_type": "inf" if norm_type == math.inf else norm_type,
        "total": total.item(),
        "gradients": [p.grad.tolist() for p in parameters],
    }
