"""What all teaching pictures have in common: texts, themes, layout, hostile names.

To write the golden files anew, and look at them: GRADDL_GOLDEN=write.
"""

import os
import pathlib
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

import graddl as gd
from graddl.viz.style import LIGHT, pairs
from graddl.viz.teach.heatmap import heatmap

GOLDEN = pathlib.Path(__file__).with_name("golden")
HOSTILE = ["<script>alert(1)</script>", '"quoted" \\N\\G', "two\nlines", "x" * 10_000, "#0072b2"]
SMALL = np.array([[1.0, 3.0, 2.0], [4.0, 0.0, 1.0], [2.0, 2.0, 0.0]])
KERNEL = np.array([[1.0, -1.0], [0.5, 0.0]])


def model():
    gd.manual_seed(0)
    return gd.nn.Sequential(gd.nn.Linear(2, 3), gd.nn.Tanh(), gd.nn.Linear(3, 1))


def recorder(steps=4):
    net = gd.nn.Sequential(gd.nn.Linear(2, 3), gd.nn.ReLU(), gd.nn.Linear(3, 1))
    for k, p in enumerate(net.parameters()):
        p.data.copy_(gd.tensor(np.linspace(0.2, 1.0, p.size).reshape(p.shape) + k))
    found = gd.viz.GradientRecorder(net)
    for k in range(steps):
        net.zero_grad()
        net(gd.ones(2, 2)).sum().backward()
        for p in net.parameters():
            p.data.copy_(p.detach() - 0.1 * (k + 1) * p.grad)
        found.step()
    return found


def signal(n):
    return np.sin(np.arange(2.0 * n)).reshape(n, 2)


def lstm(kind=gd.nn.LSTM, **more):
    gd.manual_seed(0)
    return kind(2, 3, **more)


PICTURES = {
    "confusion": lambda **o: gd.viz.confusion([0, 1, 2, 2, 1], [0, 1, 2, 1, 1], **o),
    "convolution": lambda **o: gd.viz.convolution(SMALL, KERNEL, at=(1, 0), bias=0.5, **o),
    "padded": lambda **o: gd.viz.convolution(
        np.stack([SMALL, -SMALL]), np.stack([KERNEL, KERNEL]), padding=1, stride=2, dilation=2, **o
    ),
    "filters": lambda **o: gd.viz.filters(SMALL[None] / 4, -SMALL[None] / 2, **o),
    "gates": lambda **o: gd.viz.gates(lstm(), signal(6), **o),
    "network": lambda **o: gd.viz.network(model(), [1.0, -2.0], **o),
    "network_large": lambda **o: gd.viz.network([20, 5, 1], max_units=4, **o),
    "pipeline": lambda **o: gd.viz.pipeline(gd.models.LeNet(), (1, 1, 28, 28), **o),
    "pooling_max": lambda **o: gd.viz.pooling(SMALL, "max", stride=1, at=(0, 1), grad=1.0, **o),
    "pooling_avg": lambda **o: gd.viz.pooling(SMALL[:2, :2], "avg", **o),
    "recorder": lambda **o: recorder().heatmap("grad", **o),
    "recorder_dead": lambda **o: recorder().heatmap("dead", **o),
    "states": lambda **o: gd.viz.states(lstm(gd.nn.GRU, num_layers=2), signal(80), **o),
    "tensor": lambda **o: gd.viz.tensor(np.arange(24).reshape(2, 3, 4).transpose(0, 2, 1), **o),
    "scalar": lambda **o: gd.viz.tensor(gd.tensor(3.5), **o),
}  # fmt: skip
GOLDENS = ["confusion", "convolution", "pooling_max", "recorder", "scalar", "network_large"]


@pytest.fixture(params=PICTURES)
def make(request):
    return PICTURES[request.param]


@pytest.mark.parametrize("name", GOLDENS)
def test_golden(name):
    path = GOLDEN / f"{name}.dot"
    if os.environ.get("GRADDL_GOLDEN") == "write":
        path.write_text(PICTURES[name]().dot, encoding="utf-8")
    assert PICTURES[name]().dot == path.read_text(encoding="utf-8")


def test_golden_files_have_a_picture_each():
    assert {p.stem for p in GOLDEN.glob("*.dot")} == set(GOLDENS)


def test_the_same_again(make):
    assert make().dot == make().dot


def test_themes(make):
    light, dark = make(theme="light").dot, make(theme="dark").dot
    assert make(theme="auto").dot == light
    for a, b in pairs().items():
        light = light.replace(f'"{a}"', f'"{b}"')
    assert light == dark and f'bgcolor="{LIGHT.paper}"' not in dark


def test_every_colour_is_of_the_palette(make):
    assert set(re.findall(r'"(#[0-9A-Fa-f]{6})"', make().dot)) <= set(pairs())


def test_layout(make, boxes):
    """By our own renderer, which is here always: nothing overlaps or is clipped, all is legible."""
    drawing = make()
    drawing.backend = "builtin"
    svg = drawing.svg()
    assert boxes.faults(svg) == []
    assert boxes.smallest(svg) >= 9


def test_layout_by_the_first_renderer(make, boxes):
    drawing = make()
    svg = drawing.svg()
    assert boxes.faults(svg) == [], drawing.renderer
    assert boxes.smallest(svg) >= 9


def test_svg_is_well_formed_and_alone(make):
    drawing = make()
    drawing.backend = "builtin"
    root = ET.fromstring(drawing.svg())
    assert root.get("role") == "img" and root.find("{*}desc").text.startswith(drawing.sentence)
    assert drawing.sentence.endswith(".") and drawing.sentence[0] == drawing.sentence[0].upper()
    assert not [e for e in root.iter() if any("href" in key for key in e.attrib)]


def test_other_formats(make, tmp_path):
    drawing = make()
    drawing.backend = "builtin"
    for suffix in ("dot", "mmd", "txt", "json", "tex", "html"):
        drawing.save(tmp_path / f"picture.{suffix}")
    assert drawing.view.title in drawing.text()
    assert repr(drawing) == f"<Drawing of {drawing.view.title}>"


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names(name, boxes):
    parameter = gd.Tensor([1.0, 2.0], requires_grad=True, parameter=True, name=name)
    rows = {name: [1e-3, 1e-9], "fc2": [1.0, 1.0]}
    for drawing in (
        gd.viz.confusion([0, 1], [1, 1], labels=[name, "b"]),
        gd.viz.tensor(parameter),
        gd.viz.confusion([name, "b"], [name, name]),
        heatmap("grad", rows, {}, [None], None).drawn("auto"),
    ):
        drawing.backend = "builtin"
        assert "<script" not in drawing.dot and len(drawing.dot) < 60_000
        svg = drawing.svg()
        ET.fromstring(svg)
        assert boxes.faults(svg) == []
        dark = type(drawing)(drawing.view, "dark")
        assert ("#0072b2" in dark.dot) == (name == "#0072b2")  # in words, not as a colour
