"""What things are called: names that were given, else a short expression, else v₁, v₂, ..."""

import re
import unicodedata

from .graph import Step, written
from .numbers import number
from .options import called

LONGEST = 32  # characters of a name; more are cut
SHORT = 12  # an intermediate value is called by its expression up to this length
TITLE = 64  # the title spells the whole expression up to this length
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_INDEXED = re.compile(r"([^\W\d_])_?(\d{1,3})")
_NUMBER = re.compile(r"[\d.]+")
_INFIX = {
    "add": (" + ", 1),
    "subtract": (" − ", 1),
    "multiply": ("·", 2),
    "divide": (" / ", 2),
    "matmul": (" @ ", 2),
}
_AUTOMATIC = {"parameter": "p", "input": "x", "constant": "c", "value": "v", "output": "v"}
HIDDEN = "…"
ATOM, PREFIX = 9, 3  # how tightly a name and a leading minus bind


def clean(name: object, longest: int = LONGEST) -> str:
    """A name on one line, without control characters, cut if it is long; `x1` gets a subscript.

    >>> clean("w2"), clean("two\\nlines"), clean("fc1.weight")
    ('w₂', 'two lines', 'fc1.weight')
    """
    text = str(name)[: 4 * longest]
    text = "".join(
        " " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c)[0] != "C"
    )
    text = " ".join(text.split())
    if len(text) > longest:
        text = text[: longest - 1] + "…"
    indexed = _INDEXED.fullmatch(text)
    return indexed[1] + indexed[2].translate(SUBSCRIPTS) if indexed else text


def given(steps: list[Step], names: dict | None) -> dict[tuple, str]:
    """(step, output) -> the cleaned name that its user gave it, by `name=` or by `names=`."""
    by_id: dict = {}
    for word, value in called(names).items():
        node = getattr(value, "node", value)  # of a Tensor its node; a Scalar is one itself
        if node is not None and not str(word).startswith("_"):
            by_id.setdefault((id(node), getattr(value, "node_output", 0)), word)
    out = {}
    for k, step in enumerate(steps):
        node = step.node
        for o in range(len(node.shapes)):
            named = node.tensors[o] if o else node
            name = getattr(named, "name", None) or by_id.get((id(node), o))
            if name is not None and clean(name):
                out[k, o] = clean(name)
    return out


def call_all(
    steps: list[Step], shown: set[int], names: dict | None, roles: list[str]
) -> tuple[list[str], dict, str]:
    """Names of all steps, names that users gave, and the whole expression of the last step.

    Steps that are not shown are called … unless they have a name.

    Returns
    -------
    list of str; dict (step, output) -> str; str, empty if it would be long
    """
    own = given(steps, names)
    taken, counts = set(own.values()), dict.fromkeys("pxcv", 0)
    short: list = []  # (text, binding) of each step as it appears within longer expressions
    full: list = []  # the same with names of intermediate values spelled out; None where too long

    def automatic(role):
        letter = _AUTOMATIC[role]
        while True:
            counts[letter] += 1
            name = clean(f"{letter}{counts[letter]}")
            if name not in taken:
                return name

    def by_argument(k):
        """The op's word for an array without a name: `target`; not for what it calls `a` or `x`."""
        if roles[k] != "constant" or not steps[k].consumers:
            return ""
        c, i = steps[k].consumers[0]
        args = steps[c].node.op.args
        word = args[min(i, len(args) - 1)]
        if len(word) < 3 or word in taken:
            return ""
        taken.add(word)
        return word

    def part(texts, j, o):
        """An input as it appears in an expression; of an op with several outputs, which one."""
        if len(steps[j].node.shapes) == 1 or not texts[j]:
            return texts[j]
        return own.get((j, o)) or f"{texts[j][0]}[{o}]", ATOM

    for k, step in enumerate(steps):
        node = step.node
        if k not in shown:
            short.append((own.get((k, 0), HIDDEN), ATOM))
            full.append(None)
            continue
        if node.op is None:
            text = own.get((k, 0)) or (number(node.value) if written(node) else by_argument(k))
            text = text or automatic(roles[k])
            short.append((text, PREFIX if text.startswith("−") else ATOM))
            full.append(short[-1])
            continue
        text, binding = expression(node, [part(short, j, o) for j, o, _ in step.inputs])
        if (k, 0) in own and len(node.shapes) == 1:
            text, binding = own[k, 0], ATOM
        elif len(text) > SHORT or HIDDEN in text:
            text, binding = automatic(roles[k]), ATOM
        short.append((text, binding))
        parts = [part(full, j, o) for j, o, _ in step.inputs]
        spelled = expression(node, parts) if all(parts) else None
        full.append(spelled if spelled and len(spelled[0]) <= TITLE else None)
    whole = full[-1][0] if full[-1] and steps[-1].node.op is not None else ""
    return [text for text, _ in short], own, whole


def expression(node, parts):
    """(text, how tightly it binds) of an op on expressions."""
    op = node.op

    def within(i, binding):
        text, own = parts[i]
        return text if own >= binding else f"({text})"

    if len(parts) == 2 and op.name in _INFIX:
        sign, binding = _INFIX[op.name]
        a, b = within(0, binding), within(1, binding + (op.name != "add" and op.name != "multiply"))
        if b.startswith("−"):
            b = f"({b})"
        if op.name == "multiply" and not (
            node.is_scalar or _NUMBER.fullmatch(a) or _NUMBER.fullmatch(b)
        ):
            sign = " ⊙ "  # of arrays: element by element
        elif (
            op.name == "multiply" and (_letter(a) or _NUMBER.fullmatch(a)) and _letter(b) and a != b
        ):
            sign = ""
        return a + sign + b, binding
    if op.name == "power" and len(parts) == 2:
        raised = parts[1][0].translate(str.maketrans("0123456789−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"))
        whole = re.fullmatch(r"−?\d+", parts[1][0])
        return (
            (within(0, ATOM) + raised, ATOM - 1)
            if whole
            else (f"{within(0, ATOM)}^{within(1, ATOM)}", ATOM - 1)
        )
    if op.name == "linear" and len(parts) >= 2:
        bias = f" + {within(2, 1)}" if len(parts) == 3 else ""
        return f"{within(0, 2)} @ {within(1, ATOM)}ᵀ{bias}", 1 if bias else 2
    if op.name == "negative":
        return "−" + within(0, 2), PREFIX
    if op.name in ("transpose", "matrix_transpose"):
        return within(0, ATOM) + "ᵀ", ATOM - 1
    if op.name == "square":
        return within(0, ATOM) + "²", ATOM - 1
    if op.name in ("to_scalar", "from_scalar", "identity", "clone") and len(parts) == 1:
        return parts[0]
    if not parts:
        return f"{op.name}()", ATOM
    symbol = op.info.get("symbol", "")
    word = symbol if symbol.isalpha() else op.name  # tanh, σ, Σ; but sqrt for √
    return f"{word}({', '.join(text for text, _ in parts)})", ATOM - 1


def _letter(text: str) -> bool:
    """One letter, perhaps with an index or a power: what multiplication may put side by side."""
    return len(text.rstrip("₀₁₂₃₄₅₆₇₈₉⁰¹²³⁴⁵⁶⁷⁸⁹")) == 1 and text[0].isalpha()
