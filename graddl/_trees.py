"""Containers of containers: tuples, lists, dicts, named tuples. All else but None is a leaf."""

import copy


def branches(tree):
    """(keys, children) of a container; None of a leaf."""
    if isinstance(tree, tuple | list):
        return getattr(tree, "_fields", range(len(tree))), tree
    if isinstance(tree, dict):
        return tree, tree.values()
    return ((), ()) if tree is None else None


def leaves(tree):
    """The leaves in order."""
    parts = branches(tree)
    return [tree] if parts is None else [x for child in parts[1] for x in leaves(child)]


def mapped(f, tree):
    """The same containers with f(x) in the place of each leaf x."""
    parts = branches(tree)
    if parts is None or tree is None:
        return f(tree) if parts is None else None
    new = [mapped(f, child) for child in parts[1]]
    if isinstance(tree, dict):  # a copy keeps its class, and what that knows beside the items
        tree = copy.copy(tree)
        tree.update(zip(tree, new, strict=True))
        return tree
    return type(tree)(*new) if hasattr(tree, "_fields") else type(tree)(new)


def filled(tree, values):
    """The same containers with the next of `values` in the place of each leaf."""
    values = iter(values)
    return mapped(lambda _: next(values), tree)


def paths(tree, path=""):
    """How one reaches the leaves: "['w'][1].x"; `path` is what the tree itself is called."""
    parts = branches(tree)
    if parts is None:
        return [path]
    step = ".{}" if hasattr(tree, "_fields") else "[{!r}]"
    return [p for k, child in zip(*parts, strict=True) for p in paths(child, path + step.format(k))]


def matched(tree, like, path):
    """What `tree` has in the places of the leaves of `like`; LookupError if it has not."""
    parts, own = branches(like), branches(tree)
    if parts is None:
        return [tree]
    if own is None or set(own[0]) != set(parts[0]):
        got = type(tree).__name__ if own is None else list(own[0])
        raise LookupError(f"{path} has to have {list(parts[0])}, got {got}")
    there = dict(zip(*own, strict=True))
    pairs = zip(*parts, strict=True)
    return [x for k, child in pairs for x in matched(there[k], child, f"{path}[{k!r}]")]
