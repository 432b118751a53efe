"""A picture that brings its own coordinates (`layout=nop2`): nothing is left to place."""

from .geometry import Frame, Plan, measure
from .labels import label
from .net import Net
from .parse import Edge, Graph
from .route import Curve, Point


def fixed(graph: Graph) -> tuple[Plan, list[Curve]]:
    """Nodes at `pos`, clusters at `bb`, edges along `pos`. DOT's y points up, ours down."""
    boxes = {name: measure(node) for name, node in graph.nodes.items()}
    for box in boxes.values():
        box.a, box.c = flipped(box.node.attributes["pos"])
    plan = Plan(Net(graph), boxes, down=False)
    for name, look in graph.clusters.items():
        size, colour = float(look.get("fontsize", 14)), look.get("fontcolor", "#000000")
        left, bottom, right, top = map(float, look["bb"].split(","))
        text = label(look.get("label", ""), size, colour)
        plan.frames[name] = Frame(text, look, (left, -top), (right, -bottom))
    return plan, [curve(edge) for edge in graph.edges]


def flipped(text: str) -> Point:
    x, y = map(float, text.split(","))
    return x, -y


def curve(edge: Edge) -> Curve:
    """The path of an edge; `s,x,y` before it is the tip of an arrow at its start."""
    parts = edge.attributes["pos"].split()
    tip = flipped(parts.pop(0)[2:]) if parts[0].startswith("s,") else None
    points = [flipped(part) for part in parts]
    if tip is not None:
        points[0] = tip
    return Curve(edge, points, towards(points, 1), towards(points[::-1], 1))


def towards(points: list[Point], k: int) -> Point:
    """The direction of length 1 from the first point to the next one that differs."""
    x0, y0 = points[0]
    for x, y in points[k:]:
        far = ((x - x0) ** 2 + (y - y0) ** 2) ** 0.5
        if far:
            return (x - x0) / far, (y - y0) / far
    return 1.0, 0.0
