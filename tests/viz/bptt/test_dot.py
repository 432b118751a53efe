"""DOT text of lanes: golden files, straight rows, and what every renderer makes of it.

To write the golden files anew, and look at them: GRADDL_GOLDEN=write.
"""

import gc
import os
import pathlib
import re
import subprocess
import sys
import weakref
import xml.etree.ElementTree as ET

import pytest

import graddl as gd
from graddl.viz.bptt.labels import text_of
from graddl.viz.bptt.place import plan
from graddl.viz.drawing import Drawing
from graddl.viz.render import LAYOUTS, backends
from graddl.viz.style import DARK, LIGHT, Scale, pairs

GOLDEN = pathlib.Path(__file__).with_name("golden")
TEXTS = ("scalars", "rnn", "lstm_ops", "gru_values", "long", "windows", "rolled")
HERE = [name for name in LAYOUTS if backends()[name]]


def drawn(loop, **more):
    root, options = loop()
    return gd.draw(root, mode="bptt", **{**options, **more})


@pytest.mark.parametrize("name", TEXTS)
def test_golden(loops, name):
    path, text = GOLDEN / f"{name}.dot", drawn(loops.LOOPS[name]).dot
    if os.environ.get("GRADDL_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_golden_files_have_a_loop_each():
    assert {p.stem for p in GOLDEN.glob("*.dot")} == set(TEXTS)


def test_the_same_in_another_process(loops):
    """No id(), no hash order: a fresh interpreter with another hash seed gives the same bytes."""
    code = (
        "import sys, importlib.util as u; s = u.spec_from_file_location('l', sys.argv[1]);"
        "m = u.module_from_spec(s); s.loader.exec_module(m); import graddl as gd;"
        "r, o = m.translator(); sys.stdout.buffer.write(gd.draw(r, mode='bptt', **o).dot.encode())"
    )
    path = pathlib.Path(__file__).parents[1] / "loops.py"
    command = [sys.executable, "-W", "error", "-c", code, path]
    run = subprocess.run(command, capture_output=True, check=True,
                         env={**os.environ, "PYTHONHASHSEED": "7"})  # fmt: skip
    assert run.stdout.decode() == drawn(loops.translator).dot


# -------------------------------------------------------------------------------------- the layout
def test_rows_of_states_are_straight(loop):
    view = drawn(loop).view
    where = plan(view, LIGHT, Scale(-1, 1), [])
    ways: dict = {}
    for route in where.routes:
        if route.arrow.kind == "state":
            straight = len(route.points) == 2 and len({y for _, y in route.points}) == 1
            key = route.arrow.tail, route.arrow.slot
            ways.setdefault(key, []).append(straight)
    assert ways or view.rolled
    for found in ways.values():  # among its ops a cell may read a state more than once
        assert any(found) if view.detail != "layers" else all(found)


def test_lanes_go_from_left_to_right_and_boxes_stay_within(loop):
    view = drawn(loop).view
    where = plan(view, LIGHT, Scale(-1, 1), [])
    for (_, _, right, _), (left, *_) in zip(where.frames, where.frames[1:], strict=False):
        assert right < left
    for box in view.nodes:
        if box.lane is not None:
            spot, (left, bottom, right, top) = where.spots[box.id], where.frames[box.lane]
            assert left <= spot.left and spot.right <= right, box.name
            assert bottom <= spot.bottom and spot.top <= top, box.name


def test_inputs_are_lowest_and_outputs_highest(loops):
    view = drawn(loops.scalars_layers).view
    spots = plan(view, LIGHT, Scale(-1, 1), []).spots
    for lane in view.lanes:
        below, cell, above = (spots[b[0].id] for b in (lane.inputs, lane.cells, lane.outputs))
        pills = [spots[b.id] for b in lane.pills[lane.cells[0].id]]
        assert below.top < min(p.bottom for p in pills)
        assert max(p.top for p in pills) < cell.bottom and cell.top < above.bottom


def inside_of_boxes(view):
    """Arrows with a piece that lies within a box."""
    where = plan(view, LIGHT, Scale(-1, 1), [])
    return [
        (route.arrow.kind, box.name)
        for route in where.routes
        for (x0, y0), (x1, y1) in zip(route.points, route.points[1:], strict=False)
        for box in view.nodes
        for spot in [where.spots[box.id]]
        if (
            spot.left < x0 == x1 < spot.right
            and min(y0, y1) < spot.top
            and max(y0, y1) > spot.bottom
        )
        or (
            spot.bottom < y0 == y1 < spot.top
            and min(x0, x1) < spot.right
            and max(x0, x1) > spot.left
        )
    ]


def test_arrows_keep_out_of_boxes(loop):
    assert inside_of_boxes(drawn(loop, detail="layers").view) == []


def test_a_loss_with_weights_stands_clear_of_the_arrows_to_the_lanes(loops):
    y = loops.run("RNN", 4) @ gd.Tensor(loops.numbers(3, 2), requires_grad=True, parameter=True)
    view = gd.draw(y.square().sum(), mode="bptt").view
    assert [b.kind for b in view.ends] == ["pill", "loss"]
    assert inside_of_boxes(view) == []


def test_the_second_input_of_a_step_is_joined_past_the_first():
    w, h = gd.Scalar(0.5, "w", parameter=True), gd.Scalar(0.25, "h")
    for t in range(3):
        with gd.timestep(t):
            h = (w * h + float(t) - w * (5.0 - t)).tanh()
    view = gd.draw(h, mode="bptt", detail="layers").view
    assert [len(lane.inputs) for lane in view.lanes] == [2, 2, 2]
    assert inside_of_boxes(view) == []


@pytest.mark.parametrize("backend", HERE)
def test_nothing_overlaps_and_nothing_is_clipped(loop, backend, boxes):
    drawing = drawn(loop, theme="auto")
    svg = Drawing(drawing.view, "auto", 10.0, backend).svg()
    assert boxes.faults(svg) == []
    if drawing.view.detail == "layers":
        assert boxes.smallest(svg) >= 8.95
    tree = ET.fromstring(svg)
    assert tree.get("role") == "img" and len(svg) < 200_000


# ------------------------------------------------------------------------------------- the grammar
def test_numbers_of_boxes_are_in_the_text(loop):
    drawing = drawn(loop)
    for box in drawing.view.nodes:
        for state in box.states:
            assert f">{text_of(state.data)}<" in drawing.dot
            assert f">{text_of(state.grad)}<" in drawing.dot


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_colour_is_of_the_palette(loop, theme):
    known = set(pairs()) if theme == "light" else set(pairs().values())
    assert set(re.findall(r"#[0-9A-Fa-f]{6}", drawn(loop, theme=theme).dot)) <= known


def test_themes(loops):
    light, dark = (drawn(loops.lstm, theme=theme).dot for theme in ("light", "dark"))
    assert drawn(loops.lstm, theme="auto").dot == light
    for a, b in pairs().items():
        light = light.replace(a, b)
    assert light == dark
    assert DARK.paper in dark and LIGHT.paper not in dark


def test_a_zero_gradient_is_grey_and_dashed(loops):
    drawing = drawn(loops.rnn)
    zero = [a for a in drawing.view.arrows if a.grad is not None and a.grad.size == 0]
    assert len(zero) == 1  # of W_hh in the first step, which starts from 0
    pill = next(b for b in drawing.view.nodes if b.id == zero[0].tail)
    assert pill.name == "W_hh" and pill.lane == 0
    (line,) = (x for x in drawing.dot.splitlines() if f" {pill.id} -> " in x)
    assert f'style=dashed color="{LIGHT.zero}"' in line


def test_larger_gradients_are_thicker_and_the_range_can_be_set(loops):
    def widths(**options):
        dot = drawn(loops.rnn, **options).dot
        return [float(x) for x in re.findall(r"penwidth=([\d.]+)", dot)]

    view = drawn(loops.rnn).view
    sizes = [a.grad.size for a in view.arrows if a.grad is not None and a.grad.size]
    order = sorted(range(len(sizes)), key=lambda k: sizes[k])
    found = widths()
    assert [found[k] for k in order] == sorted(found) and min(found) < max(found)
    assert max(widths(range=(1e-3, 1e6))) < max(found)
    assert "1e−6" in drawn(loops.rnn, range=(1e-6, 1.0)).dot


def test_ledgers_say_what_their_numbers_are(loops):
    arrays, single = drawn(loops.rnn).dot, drawn(loops.scalars).dot
    assert arrays.count(">|contribution|<") == arrays.count(">|sum|<") == 3
    assert "∂loss/∂b_ih, ∂loss/∂b_hh = Σ over steps" in arrays
    assert single.count(">contribution<") == single.count(">sum<") == 3
    assert ">|sum|<" not in single and "∂loss/∂W_hh = Σ over steps" in arrays


@pytest.mark.parametrize(
    "name",
    ["<script>alert(1)</script>", '"quoted"', "back\\N\\G", "]>; n0 -> n1", "a\nb", "x" * 9999],
)
def test_hostile_names_are_escaped(name):
    w, h = gd.Scalar(0.5, name, parameter=True), gd.Scalar(1.0, name)
    for t in range(3):
        with gd.timestep(t):
            h = (w * h).tanh()
    drawing = gd.draw(h, mode="bptt")
    assert "<script" not in drawing.dot and len(drawing.dot) < 40_000
    for line in drawing.dot.splitlines():
        assert line.replace('\\"', "").count('"') % 2 == 0
    ET.fromstring(Drawing(drawing.view, "light", 10.0, "builtin").svg())


def test_a_nan_is_magenta(loops):
    model = loops.layer("RNN", 2, 3)
    x = loops.numbers(3, 4, 2)
    x[1] = float("nan")
    loss = model(gd.tensor(x))[0].square().sum()
    dot = gd.draw(loss, mode="bptt").dot
    assert "NaN" in dot and f'color="{LIGHT.warning}" penwidth=3' in dot


def test_the_sentence_tells_lanes_and_ledgers(loops):
    sentence = drawn(loops.long).sentence
    assert "RNN unrolled over 100 steps" in sentence and "94 steps between them" in sentence
    assert "gradient of W_hh by step: t = 0 0, t = 1 " in sentence
    assert "the gradient is cut" in drawn(loops.windows).sentence


def test_a_drawing_tells_how_many_boxes_it_has(loops):
    drawing = drawn(loops.rnn_ops)
    boxes = f"{len(drawing.view.nodes)} boxes, detail='ops', mode='bptt'>"
    assert repr(drawing).endswith(boxes)


def test_text_and_mermaid(loops):
    drawing = drawn(loops.rnn)
    assert "├─ W_hh ↻" in drawing.text() and "|sum|" in drawing.text()
    assert drawing.mermaid().count("subgraph") == 4


def test_a_picture_keeps_no_array_alive(loops):
    x = gd.Tensor(loops.numbers(3, 4, 2), requires_grad=True)
    drawing = gd.draw(loops.layer("RNN", 2, 3)(x)[0].sum(), mode="bptt")
    alive = weakref.ref(x)
    del x
    gc.collect()
    assert alive() is None and drawing.dot
