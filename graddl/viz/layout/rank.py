"""In which column each node stands: behind all that it is computed from, and near what uses it."""

from collections.abc import Iterable, Sequence

Link = tuple[str, str, int, float]  # tail, head, least number of columns between, weight


def ranks(
    nodes: Iterable[str], links: Iterable[Link], same: Sequence[Sequence[str]] = ()
) -> dict[str, int]:
    """The column of each node, from 0 on.

    The longest path from a leaf says how early a node can stand. All but the last ones then move as
    late as they can, so that a leaf stands next to its first use; those with more edges before than
    behind go back. Links that would close a circle are passed over.
    """
    nodes = list(nodes)
    chief = {n: n for n in nodes}
    for group in same:
        for n in group[1:]:
            old, new = chief[n], chief[group[0]]
            chief = {k: new if c == old else c for k, c in chief.items()}
    heads = list(dict.fromkeys(chief.values()))
    links = forward(
        heads, [(chief[t], chief[h], m, w) for t, h, m, w in links if chief[t] != chief[h]]
    )
    into: dict[str, list] = {n: [] for n in heads}
    out: dict[str, list] = {n: [] for n in heads}
    for t, h, m, w in links:
        into[h].append((t, m, w))
        out[t].append((h, m, w))
    order = topological(heads, into, out)
    rank: dict[str, int] = {}
    for n in order:
        rank[n] = max((rank[t] + m for t, m, _ in into[n]), default=0)
    for n in reversed(order):
        if out[n]:
            rank[n] = min(rank[h] - m for h, m, _ in out[n])
    for n in order:  # what has more edges before it than behind stands nearer to those
        if into[n] and sum(w for *_, w in into[n]) > sum(w for *_, w in out[n]):
            rank[n] = max(rank[t] + m for t, m, _ in into[n])
    first = min(rank.values(), default=0)
    return {n: rank[chief[n]] - first for n in nodes}


def topological(nodes: Sequence[str], into: dict, out: dict) -> list[str]:
    """Nodes in an order in which tails come before heads."""
    missing = {n: len(into[n]) for n in nodes}
    order = [n for n in nodes if not missing[n]]
    for n in order:  # grows while it is read
        for h, *_ in out[n]:
            missing[h] -= 1
            if not missing[h]:
                order.append(h)
    return order


def forward(nodes: Sequence[str], links: Sequence[Link]) -> list[Link]:
    """The links without those that lead back to a node on the way to them."""
    out: dict[str, list] = {n: [] for n in nodes}
    for k, link in enumerate(links):
        out[link[0]].append((k, link[1]))
    state, back = dict.fromkeys(nodes, 0), set()  # 0 unseen, 1 on the path, 2 done
    for start in nodes:
        path = [(start, iter(out[start]))] if not state[start] else []
        state[start] = state[start] or 1
        while path:
            n, rest = path[-1]
            step = next(rest, None)
            if step is None:
                state[n] = 2
                path.pop()
            elif state[step[1]] == 1:
                back.add(step[0])
            elif not state[step[1]]:
                state[step[1]] = 1
                path.append((step[1], iter(out[step[1]])))
    return [link for k, link in enumerate(links) if k not in back]
