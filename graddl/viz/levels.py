"""Coarser pictures: one box per op, and aliases for what is used in many places."""

from .parts import Alias, Op, Value

OFTEN = 3  # a leaf that more ops than this read is drawn once, and elsewhere as an alias


def to_ops(out):
    """Let every op stand for its result: values on the way become edges. The root keeps its box."""
    values = {n.id: n for n in out.nodes if isinstance(n, Value)}
    ops = {n.id: n for n in out.nodes if isinstance(n, Op)}
    maker = {}
    for edge in out.edges:
        if edge.tail in ops and values[edge.head].role == "value":
            maker[edge.head] = edge.tail
            ops[edge.tail].result = values[edge.head]
    out.nodes = [n for n in out.nodes if n.id not in maker]
    out.edges = [e for e in out.edges if e.head not in maker]
    for edge in out.edges:
        edge.tail = maker.get(edge.tail, edge.tail)


def alias(out):
    """Give a leaf with more than 3 uses an alias for each use after the first.

    One box with edges to everywhere makes layouts slow and pictures unreadable. Uses in one scope
    share an alias.
    """
    leaves = {
        n.id: n
        for n in out.nodes
        if isinstance(n, Value) and n.role in ("parameter", "input", "constant")
    }
    scopes = {n.id: n.scope for n in out.nodes if isinstance(n, Op)}
    uses: dict[str, dict] = {}
    for edge in out.edges:
        if edge.tail in leaves:
            uses.setdefault(edge.tail, {}).setdefault(
                scopes.get(edge.head) or edge.head, []
            ).append(edge)
    place = {node.id: k for k, node in enumerate(out.nodes)}
    extra = []
    for tail, places in uses.items():
        if len(places) <= OFTEN:
            continue
        leaf = leaves[tail]
        leaf.uses = sum(map(len, places.values()))
        for n, edges in enumerate(list(places.values())[1:]):
            pill = Alias(f"a{n}_{tail}", leaf.name, leaf.role)
            extra.append((min(place[e.head] for e in edges), pill))
            for edge in edges:
                edge.tail = pill.id
    for at, pill in sorted(extra, key=lambda pair: -pair[0]):
        out.nodes.insert(at, pill)
