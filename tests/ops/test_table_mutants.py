"""Does the check of gradients see a wrong sign? Every sign in every rule is flipped, one at a time,
and must be noticed."""

import dis
import types

import numpy as np
import pytest

import graddl as gd
from graddl import _core, backend
from graddl._core import Rule
from tests.samples import RULED, differentiable, ids, samples, with_rules

BINARY, NEGATIVE, NOP = (dis.opmap[n] for n in ("BINARY_OP", "UNARY_NEGATIVE", "NOP"))
SYMBOLS = [symbol for _, symbol in dis._nb_ops]
FLIP = {SYMBOLS.index(a): SYMBOLS.index(b) for a, b in ("+-", "-+", ("+=", "-="), ("-=", "+="))}


def flipped_codes(code):
    """Copies of a code object, each with one + and - exchanged or one negation dropped."""
    for instruction in dis.get_instructions(code):
        raw, at = bytearray(code.co_code), instruction.offset
        if instruction.opcode == BINARY and instruction.arg in FLIP:
            raw[at + 1] = FLIP[instruction.arg]
        elif instruction.opcode == NEGATIVE:
            raw[at], raw[at + 1] = NOP, 0
        else:
            continue
        yield f"line {code.co_firstlineno} byte {at}", code.replace(co_code=bytes(raw))


def helpers(f, found=None):
    """Functions of its own module that a rule calls, by name."""
    found = {} if found is None else found
    for name in f.__code__.co_names:
        g = f.__globals__.get(name)
        if (
            isinstance(g, types.FunctionType)
            and g.__globals__ is f.__globals__
            and name not in found
        ):
            found[name] = g
            helpers(g, found)
    return found


def rebuilt(f, mutant, code):
    """f with `code` in place of that of f itself (mutant None) or of the helper named `mutant`; the
    module is untouched."""
    space = dict(f.__globals__)
    for name, g in helpers(f).items():
        changed = types.FunctionType(
            code if name == mutant else g.__code__, space, name, g.__defaults__, g.__closure__
        )
        changed.__kwdefaults__ = g.__kwdefaults__
        space[name] = changed
    new = types.FunctionType(
        code if mutant is None else f.__code__, space, f.__name__, f.__defaults__, f.__closure__
    )
    new.__kwdefaults__ = f.__kwdefaults__
    return new


def negated(f):
    def rule(xp, *args, **keywords):
        r = f(xp, *args, **keywords)
        return tuple(-x for x in r) if isinstance(r, tuple) else -r

    return rule


def mutant_functions(fn):
    """(description, function or number) for each way to get one sign wrong."""
    if not callable(fn):
        return [("negated number", -fn)] if fn else []
    found = [("negated", negated(fn))]
    found += [(where, rebuilt(fn, None, code)) for where, code in flipped_codes(fn.__code__)]
    for name, helper in helpers(fn).items():
        found += [
            (f"{name} {where}", rebuilt(fn, name, code))
            for where, code in flipped_codes(helper.__code__)
        ]
    return found


def like(rule, fn):
    return Rule(fn, rule.times_g, rule.reads, rule.keywords)


def mutants(op):
    """(description, the op with one wrong sign)."""
    if op.joint is not None:
        for where, fn in mutant_functions(op.joint.fn):
            joint = like(op.joint, fn)
            yield f"joint: {where}", with_rules(op, tuple(r and joint for r in op.rules), joint)
        return
    for i, rule in enumerate(op.rules):
        for where, fn in mutant_functions(rule.fn) if rule is not None else ():
            rules = (*op.rules[:i], like(rule, fn), *op.rules[i + 1 :])
            yield f"{op.args[i]}: {where}", with_rules(op, rules, None)


def passes(op, check):
    """Whether a check holds on all samples; an error of a broken rule is a failure, as it would be
    in the suite."""
    for xs, params in samples(op):
        at = differentiable(op, xs)

        def f(*parts, at=at, xs=xs, params=params):
            full = list(xs)
            for i, x in zip(at, parts, strict=True):
                full[i] = x
            return _core.call(op, *full, **params)

        try:
            if not check(f, [xs[i] for i in at]):
                return False
        except Exception:
            return False
    return True


def reverse(f, xs):
    return gd.gradcheck(f, xs, raise_exception=False)


def forward(f, xs):
    """jvp against the difference quotient along a random direction."""
    rng = np.random.default_rng(1)
    vs = [rng.normal(size=x.shape) for x in xs]
    t = gd.jvp(f, tuple(map(gd.Tensor, xs)), tuple(vs))[1]
    ends = [f(*[gd.Tensor(x + h * v) for x, v in zip(xs, vs, strict=True)]) for h in (1e-4, -1e-4)]
    return np.allclose(t.numpy(), (ends[0].numpy() - ends[1].numpy()) / 2e-4, rtol=1e-5, atol=1e-6)


@pytest.fixture
def bare():
    """Takes an op's kernels out for a test."""
    used = []

    def strip(op):
        used.append(op)
        op.unbind()

    yield strip
    for op in used:
        for door, capsule in backend.kernels_of(op.name).items():
            op.bind(door, capsule)


@pytest.mark.parametrize("op", RULED, ids=ids)
def test_no_wrong_sign_survives(op, bare):
    bare(op)
    assert passes(op, reverse)
    survivors = [where for where, mutant in mutants(op) if passes(mutant, reverse)]
    assert not survivors


@pytest.mark.parametrize("op", [op for op in RULED if op.info["jvp"]], ids=ids)
def test_no_wrong_sign_survives_forward(op):
    assert passes(op, forward)
    rules = op.info["jvp"]
    try:
        for arg, rule in rules.items():
            for where, fn in mutant_functions(rule.fn):
                op.info["jvp"] = {**rules, arg: like(rule, fn)}
                assert not passes(op, forward), (arg, where)
    finally:
        op.info["jvp"] = rules


def test_flips_are_found():
    """The tool itself: one +, one binary -, one negation."""
    codes = dict(flipped_codes((lambda xp, x, y: -x + y - 1).__code__))
    assert len(codes) == 3
    values = {types.FunctionType(c, {})(None, 2.0, 5.0) for c in codes.values()}
    assert values == {6.0, -8.0, 4.0}
    assert (
        len(list(mutants(next(op for op in RULED if any(r and callable(r.fn) for r in op.rules)))))
        >= 2
    )
