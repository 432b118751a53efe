"""What all optimizers share: parameter groups, state, saving."""

from collections.abc import Mapping

from .._core import Scalar, Tensor
from ..errors import ArgumentError, CheckpointError, DTypeError, GradientError
from ..modes import no_grad


class Optimizer:
    """Changes parameters by their gradients. A subclass defines ``update`` for one parameter.

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
        Options of each group, and under "params" its Tensors. A schedule writes ``group["lr"]``.
    state : dict of Tensor to dict
        What the rule remembers for each parameter, such as momentum.

    Raises
    ------
    GradientError
        If something cannot be trained, or nothing is left that wants gradient.
    ArgumentError
        If an option has an impossible value, or a parameter is given twice.
    """

    def __init__(self, params, **options):
        self.options, self.param_groups, self.state = options, [], {}
        if isinstance(params, Tensor | Scalar):
            raise self._error(DTypeError, "takes a list", "a single tensor", "[tensor]")
        if hasattr(params, "parameters"):
            raise self._error(DTypeError, "takes a list", "a Module", "model.parameters()")
        params = list(params)
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
        unknown = [key for key in options if key not in self.options]
        if unknown:
            fix = f"one of {', '.join(self.options)}"
            raise self._error(ArgumentError, f"knows no option {', '.join(unknown)}", unknown, fix)
        options = {**self.options, **options}
        self.check(**options)
        params = group["params"]
        params = [params] if isinstance(params, Tensor) else list(params)
        known = {id(p) for p in self._parameters()}
        for i, p in enumerate(params):
            self._check_parameter(i, p)
            if id(p) in known:
                fix = "each parameter in one group only"
                raise self._error(ArgumentError, f"was given parameter {i} twice", repr(p), fix)
            known.add(id(p))
        self.param_groups.append({"params": params, **options})

    def _parameters(self):
        return [p for group in self.param_groups for p in group["params"]]

    def _check_parameter(self, i, p):
        if isinstance(p, Scalar):
            problem, fix = "is a Scalar", "w.data -= lr * w.grad"
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
            if name in ("lr", "weight_decay", "eps"):
                self.require(value >= 0, name, value, "0 or more")

    def require(self, holds, name, value, expected):
        """Raise ArgumentError about an option unless it `holds`."""
        if not holds:
            raise ArgumentError(
                f"{name} is {value!r}",
                op=type(self).__name__,
                got=value,
                expected=f"{name}: {expected}",
                fix=f"another {name}",
            )

    # ------------------------------------------------------------------------------ training
    def step(self):
        """Change every parameter that has a gradient, in place."""
        with no_grad():
            for group in self.param_groups:
                options = {key: value for key, value in group.items() if key != "params"}
                for p in group["params"]:
                    if p.grad is not None:
                        self.update(p, p.grad, self.state.setdefault(p, {}), **options)

    def update(self, p, g, state, **options):
        """Change one parameter in place; runs under no_grad().

        Parameters
        ----------
        p : Tensor of any shape
            The parameter.
        g : Tensor of p's shape and dtype
            Its gradient, not to be written to.
        state : dict
            Kept for this parameter from step to step; empty at first.
        **options
            The options of p's group.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define update()")

    def zero_grad(self):
        """Set every gradient to None, so that the next backward() starts afresh."""
        for p in self._parameters():
            p.grad = None

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
        names = {key for group in groups for key in group} - {"params"}
        if names != self.options.keys():
            differ = ", ".join(sorted(names ^ self.options.keys()))
            raise self._misfit(f"options differ: {differ}", sorted(names))
        state = {}
        positions = [i for group in groups for i in group["params"]]
        for i, p in zip(positions, self._parameters(), strict=True):
            for key, value in kept.get(i, {}).items():
                if isinstance(value, Tensor) and value.shape != p.shape:
                    message = f"{key} of parameter {i} is {value.shape}, the parameter {p.shape}"
                    raise self._misfit(message, value.shape)
            if i in kept:
                state[p] = _copied(kept[i])
        for group, new in zip(self.param_groups, groups, strict=True):
            group.update({key: value for key, value in new.items() if key != "params"})
        self.state = state

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
            + ", ".join(f"{key}={value}" for key, value in group.items() if key != "params")
            for group in self.param_groups
        ]
        return f"{type(self).__name__}({'; '.join(lines)})"


def _copied(state):
    return {key: Tensor(v.detach()) if isinstance(v, Tensor) else v for key, v in state.items()}
