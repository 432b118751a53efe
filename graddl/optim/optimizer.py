"""What all optimizers share: parameter groups, state, saving."""

from collections.abc import Iterable, Mapping
from numbers import Real

from .._core import Scalar, Tensor
from ..creation import zeros_like
from ..errors import ArgumentError, CheckpointError, DTypeError, GradientError
from ..modes import enable_grad, no_grad
from ._require import require

# What options of these names mean, and so may be, is the same in every optimizer.
AT_LEAST_0 = {"lr", "lr_decay", "weight_decay", "l1", "eps", "momentum", "momentum_decay"}
AT_LEAST_0 |= {"initial_accumulator_value", "tolerance_grad", "tolerance_change"}
SHARES = {"alpha", "rho"}  # of a running mean, that are kept
DECAY = ("weight_decay", "l1", "decoupled_weight_decay")  # dealt with before update()
INITIAL_RATE = "initial_lr"  # a schedule writes it into groups; it is no option


class Optimizer:
    r"""Changes parameters by their gradients. A subclass defines ``update`` for one parameter.

    Options that every optimizer has in common are dealt with here, before ``update``:
    ``weight_decay`` (:math:`\lambda`) and ``l1`` (:math:`\lambda_1`) pull parameters towards 0.
    They join the gradient, or, with ``decoupled_weight_decay``, change the parameter directly:

    .. math::

        d &= \lambda \theta + \lambda_1 \operatorname{sign} \theta \\
        g &\leftarrow g + d \qquad \text{(decoupled:} \; \theta \leftarrow \theta - \eta d)

    The first is the gradient of a loss to which
    :math:`\lambda/2 \, \|\theta\|_2^2 + \lambda_1 \|\theta\|_1` was added. Where a rule
    scales gradients, as Adam does, it scales that part too; the decoupled form is not scaled.

    Parameters
    ----------
    params : iterable of Tensor, or of dict
        Leaves that want gradient, as ``model.parameters()`` gives them. Frozen Parameters may be
        among them and stay as they are. A dict is a group with options of its own,
        ``{"params": [...], "lr": 0.01}``.
    **options
        The options of groups that do not set them.

    Attributes
    ----------
    param_groups : list of dict
        Options of each group, and under "params" its Tensors. A schedule writes ``group["lr"]``,
        and what it was at first, ``group["initial_lr"]``.
    options : dict
        The options of groups that do not set them.
    state : dict of Tensor to dict
        What the rule remembers for each parameter, such as momentum.

    Raises
    ------
    GradientError
        If something cannot be trained, or nothing is left that wants gradient.
    ArgumentError
        If an option has an impossible value, or a parameter is given twice.

    References
    ----------
    Loshchilov and Hutter (2019), Decoupled weight decay regularization.

    Examples
    --------
    A rule of one's own: steps of one size, by the gradient's sign.

    >>> import graddl as gd
    >>> class SignSGD(gd.optim.Optimizer):
    ...     def update(self, p, g, state, lr):
    ...         p -= lr * g.sign()
    >>> w = gd.tensor([1.0, -2.0], requires_grad=True)
    >>> optimizer = SignSGD([w], lr=0.25)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.tolist()
    [0.75, -1.75]
    """

    def __init__(self, params, **options):
        self.options, self.param_groups, self.state = options, [], {}
        params = self._listed(params)
        groups = params if params and isinstance(params[0], dict) else [{"params": params}]
        for group in groups:
            self.add_param_group(group)
        if not any(p.requires_grad for p in self._parameters()):
            fix = "list(model.parameters()), as a generator is empty once used"
            raise self._error(GradientError, "has nothing to train", "no parameters", fix)

    def add_param_group(self, group):
        """Add parameters with options of their own.

        Parameters
        ----------
        group : dict
            Tensors under "params"; other keys are options of the optimizer.
        """
        if not isinstance(group, dict) or "params" not in group:
            fix = '{"params": [...], "lr": 0.1}'
            raise self._error(DTypeError, "takes groups as dicts with 'params'", repr(group), fix)
        options = {key: value for key, value in group.items() if key != "params"}
        initial = {key: options.pop(key) for key in [INITIAL_RATE] if key in options}
        unknown = [key for key in options if key not in self.options]
        if unknown:
            fix = f"one of {', '.join(self.options)}"
            raise self._error(ArgumentError, f"knows no option {', '.join(unknown)}", unknown, fix)
        options = {**self.options, **options}
        self.check(**options)
        params = group["params"]
        params = [params] if isinstance(params, Tensor) else self._listed(params)
        known = {id(p) for p in self._parameters()}
        for i, p in enumerate(params):
            self._check_parameter(i, p)
            if id(p) in known:
                fix = "each parameter in one group only"
                raise self._error(ArgumentError, f"was given parameter {i} twice", repr(p), fix)
            known.add(id(p))
        self.param_groups.append({"params": params, **options, **initial})

    def _listed(self, params):
        """What was given as parameters, as a list."""
        if isinstance(params, Tensor | Scalar):
            got, fix = "a single tensor", "[tensor]"
        elif hasattr(params, "parameters"):
            got, fix = "a Module", "model.parameters()"
        elif isinstance(params, Mapping):
            got, fix = "a dict", "[group]" if "params" in params else "params.values()"
        elif not isinstance(params, Iterable):
            got, fix = repr(params), "model.parameters()"
        else:
            return list(params)
        raise self._error(DTypeError, f"takes a list, not {got}", got, fix)

    def _parameters(self):
        return [p for group in self.param_groups for p in group["params"]]

    def _check_parameter(self, i, p):
        if isinstance(p, Scalar):
            problem, fix = "is a Scalar", "w.data -= lr * w.grad"
        elif isinstance(p, tuple):  # of named_parameters()
            problem, fix = "is a tuple", "model.parameters()"
        elif not isinstance(p, Tensor):
            problem, fix = "is no Tensor", "gd.tensor(..., requires_grad=True)"
        elif not p.is_leaf:
            problem, fix = "was computed from others", "train what it was computed from"
        elif not p.requires_grad and not (p.node is not None and p.node.is_parameter):
            problem, fix = "wants no gradient", "requires_grad=True"
        else:
            return
        raise self._error(GradientError, f"cannot train parameter {i}: it {problem}", repr(p), fix)

    def _error(self, kind, message, got, fix):
        expected = "a list of leaf Tensors that want gradient, or of groups of them"
        return kind(message, op=type(self).__name__, got=got, expected=expected, fix=fix)

    def check(self, **options):
        """Raise ArgumentError for an option with an impossible value; subclasses add theirs."""
        for name, value in options.items():
            if name in AT_LEAST_0:
                fit = _is_number(value) and value >= 0
                self.require(fit, name, value, "a number, 0 or more")
            elif name == "dampening":
                self.require(_is_number(value), name, value, "a number")
            elif name in SHARES:
                fit = _is_number(value) and 0 <= value <= 1
                self.require(fit, name, value, "a number in [0, 1]")
            elif name == "betas":
                pair = isinstance(value, tuple | list) and len(value) == 2
                fit = pair and all(_is_number(beta) and 0 <= beta < 1 for beta in value)
                self.require(fit, name, value, "two numbers in [0, 1)")

    def require(self, holds, name, value, expected):
        """Raise ArgumentError about an option unless it `holds`."""
        require(holds, type(self).__name__, name, value, expected)

    # ------------------------------------------------------------------------------ training
    def step(self, closure=None):
        """Change every parameter that has a gradient, in place.

        Parameters
        ----------
        closure : callable, optional
            Sets gradients to None, computes the loss, calls ``backward()`` on it and returns it.
            It is called first.

        Returns
        -------
        Tensor or None
            What `closure` returned.
        """
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        with no_grad():
            for group in self.param_groups:
                options = {key: group[key] for key in self.options}
                decay = {key: options.pop(key) for key in DECAY if key in options}
                for p in group["params"]:
                    if p.grad is not None:
                        g = _with_decay(p, p.grad, group.get("lr"), **decay)
                        self.update(p, g, self.state.setdefault(p, {}), **options)
        return loss

    def update(self, p, g, state, **options):
        """Change one parameter in place; runs under no_grad().

        Parameters
        ----------
        p : Tensor of any shape
            The parameter.
        g : Tensor of p's shape and dtype
            Its gradient, with decay if that is not decoupled. Not to be written to.
        state : dict
            Kept for this parameter from step to step; empty at first.
        **options
            The options of p's group, other than those of decay.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define update()")

    def zero_grad(self, set_to_none=True):
        """Set every gradient to None, or to zeros, so that the next backward() starts afresh."""
        for p in self._parameters():
            p.grad = None if set_to_none or p.grad is None else zeros_like(p)

    # ------------------------------------------------------------------------------ saving
    def state_dict(self):
        """Return a snapshot of options and state, with parameters named by their position.

        Returns
        -------
        dict
            "state": position to dict, with copies of the Tensors; "param_groups": list of dict,
            with positions under "params".
        """
        positions = {id(p): i for i, p in enumerate(self._parameters())}
        groups = [
            {**group, "params": [positions[id(p)] for p in group["params"]]}
            for group in self.param_groups
        ]
        state = {positions[id(p)]: _copied(kept) for p, kept in self.state.items()}
        return {"state": state, "param_groups": groups}

    def load_state_dict(self, saved):
        """Go on from a snapshot: take over options and state, all or, on an error, nothing.

        Parameters
        ----------
        saved : dict
            What `state_dict` gave, of the same optimizer over parameters of the same shapes.

        Raises
        ------
        CheckpointError
            If it does not fit.
        """
        if not isinstance(saved, Mapping) or not {"state", "param_groups"} <= saved.keys():
            raise self._misfit("it is no snapshot of an optimizer", type(saved).__name__)
        groups, kept = saved["param_groups"], saved["state"]
        theirs = [len(group["params"]) for group in groups]
        ours = [len(group["params"]) for group in self.param_groups]
        if theirs != ours:
            raise self._misfit(f"parameters in its groups: {theirs}, here: {ours}", theirs)
        names = {key for group in groups for key in group} - {"params", INITIAL_RATE}
        if names != self.options.keys():
            differ = ", ".join(sorted(names ^ self.options.keys()))
            raise self._misfit(f"options differ: {differ}", sorted(names))
        state = {}
        positions = [i for group in groups for i in group["params"]]
        for i, p in zip(positions, self._parameters(), strict=True):
            if i in kept:
                self._check_state(i, p, kept[i])
                state[p] = _copied(kept[i], p.dtype)
        for group, new in zip(self.param_groups, groups, strict=True):
            group.update({key: value for key, value in new.items() if key != "params"})
        self.state = state

    def _check_state(self, i, p, kept):
        """Raise CheckpointError if what was kept for parameter i is of another shape."""
        for key, value in kept.items():
            if isinstance(value, Tensor) and value.shape != p.shape:
                message = f"{key} of parameter {i} is {value.shape}, the parameter {p.shape}"
                raise self._misfit(message, value.shape)

    def _misfit(self, message, got):
        return CheckpointError(
            f"the state does not fit: {message}",
            op=type(self).__name__,
            got=got,
            expected="a state_dict() of the same optimizer over the same parameters",
            fix="build model and optimizer as they were when saved",
        )

    def __repr__(self):
        lines = [
            f"{len(group['params'])} parameters, "
            + ", ".join(f"{key}={group[key]}" for key in self.options)
            for group in self.param_groups
        ]
        return f"{type(self).__name__}({'; '.join(lines)})"


def _with_decay(p, g, lr, weight_decay=0.0, l1=0.0, decoupled_weight_decay=False):
    """The gradient, with the decay of p in it unless decoupled: then p has decayed, in place."""
    if not weight_decay and not l1:
        return g
    if decoupled_weight_decay and not l1:  # in one pass
        p *= 1 - lr * weight_decay
        return g
    decay = weight_decay * p if weight_decay else 0.0
    if l1:
        decay = decay + l1 * p.sign()
    if not decoupled_weight_decay:
        return g + decay
    p -= lr * decay
    return g


def _is_number(value):
    return isinstance(value, Real)


def _copied(value, dtype=None):
    """Copies of the Tensors in dicts and lists, in their own dtype or the one given."""
    if isinstance(value, dict):
        return {key: _copied(item, dtype) for key, item in value.items()}
    if isinstance(value, list):
        return [_copied(item, dtype) for item in value]
    if isinstance(value, Tensor):
        return Tensor(value.detach(), dtype=dtype)
    return value
