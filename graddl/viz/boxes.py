"""From parts to boxes: what each part of a sketch shows, as plain data."""

import math
from typing import Any

from .flags import CELLS, Finding, Watch, flags_of
from .flow import Flow
from .graph import written
from .names import clean, expression
from .numbers import Numbers, pooled, summary
from .parts import Elided, Layer, Op, Value, Weight
from .scopes import LAP
from .sketch import BOXED, Part, Sketch
from .values import Values

KIND = 34  # characters of what a layer consists of
FORMULA = 44  # a longer formula of a layer is not shown
SEVERAL = {"parameter": "parameters", "input": "inputs", "constant": "constants"}
KINDS = {
    "linear": "Linear", "relu": "ReLU", "tanh": "Tanh", "sigmoid": "Sigmoid", "conv1d": "Conv1d",
    "conv2d": "Conv2d", "rnn_states": "RNN", "lstm_states": "LSTM", "gru_states": "GRU",
}  # fmt: skip


class Boxes:
    """Makes the boxes of a picture.

    Parameters
    ----------
    sketch : Sketch
    found : Flow
    values : Values
    watch : flags.Watch
    named : (words, own), as from `call_all`
    classes : dict of a module's path to the name of its class
    """

    def __init__(
        self,
        sketch: Sketch,
        found: Flow,
        values: Values,
        watch: Watch,
        named: tuple,
        classes: dict,
    ):
        self.sketch, self.steps = sketch, sketch.steps
        self.found, self.values, self.watch = found, values, watch
        self.words, self.own = named
        self.classes = classes
        self.findings: dict[int, list[Finding]] = {}
        for f in watch.found:
            self.findings.setdefault(sketch.of[f.step], []).append(f)

    # ------------------------------------------------------------------------------------- numbers
    def flags(self, p: int) -> tuple:
        part = self.sketch.parts[p]
        if p not in self.findings:
            return ()
        units: dict[str, int] = {}
        for word, n in [self.watch.units[k] for k in part.members() if k in self.watch.units]:
            units[word] = units.get(word, 0) + n
        return flags_of(self.findings[p], units, lambda k: self.inside(k, part.scope))

    def gradient(self, part: Part, o: int = 0) -> Numbers | None:
        return pooled([self.found.values.get((item[-1], o)) for item in part.items])

    def data(self, part: Part, o: int = 0) -> Numbers | None:
        return pooled([self.values(item[-1], o) for item in part.items])

    def name(self, part: Part, role: str, o: int = 0) -> str:
        """What a value is called; of folded ones the first and the last."""
        word = self.words[part.last]
        if len(part.items) > 1:
            given = [self.own.get((item[-1], o)) for item in (part.items[0], part.items[-1])]
            if all(given):
                return given[0] if given[0] == given[1] else f"{given[0]} … {given[1]}"
            what = "numbers" if written(self.steps[part.last].node) else SEVERAL.get(role, "values")
            return f"{len(part.items)} {what}"
        several = len(self.steps[part.last].node.shapes) > 1
        return self.own.get((part.last, o)) or (f"{word}[{o}]" if several else word)

    # --------------------------------------------------------------------------------------- boxes
    def value(self, p: int, o: int, role: str) -> Value:
        """The box of one output of a step, or of the same output of siblings."""
        part, times = self.sketch.parts[p], len(self.sketch.parts[p].items)
        node = self.steps[part.last].node
        data, grad, kept = self.data(part, o), self.gradient(part, o), False
        if self.found.missing and grad is None and o == 0 and node.op is None:
            grad = pooled([kept_grad(self.steps[item[-1]].node) for item in part.items])
            kept = grad is not None
        dtype = None if node.is_scalar or node.dtype is None else str(node.dtype)
        return Value(
            f"v{p}_{o}", self.name(part, role, o), role, node.shapes[o], dtype, data, grad,
            node.requires_grad, kept, bare=written(node) and times == 1,
            named=(part.last, o) in self.own, times=times,
            strip=self.siblings(part) if node.requires_grad else None,
            flags=self.flags(p) if o == 0 else (),
        )  # fmt: skip

    def siblings(self, part: Part) -> tuple | None:
        """A cell for each item: the size of its gradient."""
        sizes = [self.found.values.get((item[-1], 0)) for item in part.items]
        numbers = [n.size for n in sizes if n is not None]
        if len(sizes) < 2 or len(numbers) < len(sizes):
            return None
        per = -(-len(numbers) // CELLS)
        cells = [numbers[i : i + per] for i in range(0, len(numbers), per)]
        return tuple(math.sqrt(sum(x * x for x in cell) / len(cell)) for cell in cells)

    def op(self, p: int) -> Op:
        part, node = self.sketch.parts[p], self.steps[self.sketch.parts[p].last].node
        symbol = clean(node.op.info.get("symbol") or node.op.name)
        order = [self.found.order[k] for k in part.members() if k in self.found.order]
        first = min(order, default=None) if len(part.items) == 1 else None
        terms = len(part.items[0]) + 1 if part.kind == "sum" else 0
        return Op(
            f"o{p}", node.op.name, "Σ" if terms else symbol, first, node.source,
            clean(node.scope) if node.scope else None,
            times=len(part.items), terms=terms,
        )  # fmt: skip

    def layer(self, p: int) -> Layer:
        part = self.sketch.parts[p]
        last = result_of(self.steps, part.items[0])
        node = self.steps[last].node
        ops = [k for k in part.items[0] if self.steps[k].node.op is not None]
        weights = self.weights(part)
        strips = [self.watch.strips[k] for k in ops if k in self.watch.strips]
        cells, units = self.siblings(part), 0
        if strips and len(part.items) == 1:
            cells, units = max(strips, key=lambda strip: strip[1])
        results = [result_of(self.steps, item) for item in part.items]
        kind = self.kind(part, ops)
        return Layer(
            f"y{p}", layer_name(part, self.words[last], kind), kind, self.formula(ops, part.scope),
            weights, sum(math.prod(w.shape) for w in weights), node.shapes[0],
            None if node.is_scalar else str(node.dtype),
            pooled([self.values(k) for k in results]),
            pooled([self.found.values.get((k, 0)) for k in results]), node.requires_grad,
            cells, units or len(part.items), len(ops), len(part.items), self.flags(p),
        )  # fmt: skip

    def weights(self, part: Part) -> list[Weight]:
        """The parameters that a layer reads, each once, also those that it shares with others."""
        places: list[list[int]] = []
        for item in part.items:
            ops = [k for k in item if self.steps[k].node.op is not None]
            read = dict.fromkeys(j for k in ops for j, _, _ in self.steps[k].inputs)
            inside = [j for j in read if self.steps[j].node.op is None]
            places.append([j for j in inside if self.in_layers(j)])
        found = []
        for column in zip(*places, strict=False):
            node = self.steps[column[0]].node
            users = {self.sketch.of[c] for c, _ in self.steps[column[0]].consumers}
            grad = pooled([self.found.values.get((j, 0)) or kept_grad(self.steps[j].node)
                           for j in column])  # fmt: skip
            name = self.inside(column[0], part.scope)
            again = self.sketch.parts[self.sketch.of[column[0]]] is not part
            found.append(Weight(name, node.shapes[0], grad, node.requires_grad, len(users), again))
        return found

    def inside(self, j: int, scope: str | None) -> str:
        """What a leaf is called inside of a scope; its whole name is read, which may be long."""
        name = self.steps[j].node.name
        return clean(within(name, scope)) if name else self.words[j]

    def in_layers(self, j: int) -> bool:
        """Whether a leaf is a parameter that has no box of its own."""
        return self.steps[j].node.is_parameter and (
            self.sketch.parts[self.sketch.of[j]].kind in BOXED
        )

    def kind(self, part: Part, ops: list[int]) -> str:
        """`Linear + ReLU`: classes of modules where they are known, else ops."""
        found: list[str] = []
        for k in ops:
            scope = self.steps[k].node.scope or ""
            own = part.scope and (scope == part.scope or scope.startswith(part.scope + "."))
            word = self.classes.get(part.scope if own else scope)
            if word is None and part.time is not None:
                continue
            name = self.steps[k].node.op.name
            word = word or KINDS.get(name, name)
            if not found or found[-1] != word:
                found.append(word)
        if part.time is not None:
            return part.scope if part.scope not in (None, LAP) else ""
        whole = " + ".join(found)
        return whole if len(whole) <= KIND else f"{found[0]} + {len(found) - 1} more"

    def formula(self, ops: list[int], scope: str | None) -> str:
        """What a layer computes, if it is short: `relu(x @ weightᵀ + bias)`."""
        texts: dict[int, tuple] = {}
        letters: dict[tuple, str] = {}  # of what other layers give it
        if len(ops) > 6:
            return ""

        def text(j, o):
            node = self.steps[j].node
            if j in texts:
                return texts[j]
            if node.op is None:
                return self.inside(j, scope), 9
            letter = "xzuvw…"[min(len(letters), 5)]
            return self.own.get((j, o)) or letters.setdefault((j, o), letter), 9

        for k in ops:
            node = self.steps[k].node
            texts[k] = expression(node, [text(j, o) for j, o, _ in self.steps[k].inputs])
        whole = texts[ops[-1]][0]
        return whole if len(whole) <= FORMULA and "…" not in whole else ""

    def rest(self, p: int) -> Elided:
        """The box of a chain that was contracted, or of what was left out."""
        part = self.sketch.parts[p]
        ops = [k for k in part.members() if self.steps[k].node.op is not None]
        text, first, last = "", None, None
        if part.kind == "run" and ops:
            what = "ops" if not part.scope and part.time is None else "layers"
            if part.time is not None:
                what = "passes" if part.scope == LAP else "steps"
            text = f"{part.links} {what} in a row"
            ops.sort(key=lambda k: self.steps[k].node.id)
            sizes = [self.found.values[k, 0] for k in ops if (k, 0) in self.found.values]
            first, last = (sizes[-1], sizes[0]) if sizes else (None, None)
        return Elided(f"e{p}", sum(1 for _ in part.members()), text, first, last, self.flags(p))


def layer_name(part: Part, word: str, kind: str) -> str:
    if part.time is not None:
        return f"{'pass' if part.scope == LAP else 't ='} {part.time}"
    if part.scope is None or part.scope.startswith(LAP):
        return kind if "(" in word or word[:1] in "…v" else word
    return clean(part.scope)


def within(name: str, scope: str | None) -> str:
    """A dotted name as it reads inside of a scope, without the path that both have.

    >>> within("fc1.weight", "fc1"), within("block.fc1.weight", "block.fc2")
    ('weight', 'fc1.weight')
    """
    names, path = name.split("."), (scope or "").split(".")
    same = 0
    while same < min(len(names) - 1, len(path)) and names[same] == path[same]:
        same += 1
    return ".".join(names[same:])


def result_of(steps: list, item: list[int]) -> int:
    """The step of a layer whose value leaves it; of several the largest, of these the last."""
    inside = set(item)
    leaving = [
        k
        for k in item
        if steps[k].node.op is not None
        and (not steps[k].consumers or any(c not in inside for c, _ in steps[k].consumers))
    ]
    sizes = {k: math.prod(steps[k].node.shapes[0]) for k in leaving}
    return max(leaving, key=lambda k: (sizes[k], k), default=item[-1])


def kept_grad(node: Any) -> Numbers | None:
    """The .grad that an earlier backward() left on a leaf, where this pass cannot tell."""
    if not node.requires_grad or (node.is_scalar and not node.has_grad) or node.grad is None:
        return None
    g = node.grad
    return summary(getattr(g, "data", g) if node.is_scalar else g.numpy())
