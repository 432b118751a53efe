"""GradientRecorder: what it records, what it says about it, and how it hands it over."""

import csv
import math
import re
import struct
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest

import graddl as gd
from graddl.viz.recorder import KINDS, GradientRecorder
from graddl.viz.style import LIGHT
from graddl.viz.teach.heatmap import binned, flags, heatmap


def network(act=gd.nn.ReLU, sizes=(4, 6, 3)):
    gd.manual_seed(0)
    layers = []
    for a, b in pairwise(sizes):
        layers += [gd.nn.Linear(a, b), act()]
    return gd.nn.Sequential(*layers[:-1])


def rms(*arrays):
    return float(np.sqrt(np.mean(np.concatenate([a.astype(float).ravel() for a in arrays]) ** 2)))


def train(model, steps=3, lr=0.1, batch=8):
    optimizer = gd.optim.SGD(model.parameters(), lr=lr)
    recorder = GradientRecorder(model, optimizer)
    x = gd.tensor(np.random.default_rng(0).standard_normal((batch, 4)).astype("f4"))
    for _ in range(steps):
        optimizer.zero_grad()
        model(x).square().mean().backward()
        optimizer.step()
        recorder.step()
    return recorder


def test_numbers_are_those_of_the_training():
    model = network()
    optimizer = gd.optim.SGD(model.parameters(), lr=0.1)
    recorder = GradientRecorder(model, optimizer)
    x = gd.tensor(np.random.default_rng(0).standard_normal((8, 4)).astype("f4"))
    expected = {kind: {name: [] for name in ("0", "2")} for kind in ("grad", "weight", "ratio")}
    dead = []
    for _ in range(4):
        optimizer.zero_grad()
        before = {n: [p.numpy(copy=True) for p in model[int(n)].parameters()] for n in ("0", "2")}
        h = model[0](x).numpy()
        dead.append(float(np.mean((h <= 0).all(axis=0))))
        model(x).square().mean().backward()
        optimizer.step()
        recorder.step()
        for name, old in before.items():
            grads = [p.grad.numpy() for p in model[int(name)].parameters()]
            expected["grad"][name].append(rms(*grads))
            expected["weight"][name].append(rms(*old))
            expected["ratio"][name].append(0.1 * rms(*grads) / rms(*old))
    found = recorder.to_dict()
    assert recorder.steps == 4 and recorder.layers == ["0", "2"] and recorder.units == ["1"]
    for kind, rows in expected.items():
        for name, row in rows.items():
            assert found[kind][name] == pytest.approx(row, rel=1e-4)
    assert found["dead"] == {"1": pytest.approx(dead)} and found["lr"] == [0.1] * 4


def test_dead_units():
    model = network()
    model[0].bias.data.copy_(gd.tensor(np.array([-1e3, -1e3, -1e3, 1e3, 1e3, 1e3], "f4")))
    recorder = train(model, lr=1e-9)
    assert recorder.to_dict()["dead"]["1"] == [0.5, 0.5, 0.5]
    assert "▲ 50 % dead at the last step" in recorder.heatmap("dead").dot


def test_channels_are_units():
    model = gd.nn.Sequential(gd.nn.Conv2d(1, 2, 3), gd.nn.ReLU())
    model[0].bias.data.copy_(gd.tensor(np.array([1e3, -1e3], "f4")))
    recorder = GradientRecorder(model)
    model(gd.ones(2, 1, 5, 5)).sum().backward()
    recorder.step()
    assert recorder.to_dict()["dead"]["1"] == [0.5]


def test_validation_does_not_count():
    model = network()
    recorder = GradientRecorder(model)
    model(gd.ones(2, 4)).sum().backward()
    kept = dict(recorder._alive)
    model.eval()
    model(100 * gd.ones(2, 4))
    assert all(np.array_equal(kept[k], v) for k, v in recorder._alive.items())


def test_a_layer_without_gradient_is_not_zero():
    model = network()
    model[0].requires_grad_(False)
    recorder = train(model)
    found = recorder.to_dict()
    assert found["grad"]["0"] == [None] * 3 and found["ratio"]["0"] == [0.0] * 3
    dot = recorder.heatmap().dot
    assert "▲ got no gradient" in dot and ">–<" in dot and "– not computed" in dot


def test_training_is_the_same_with_it():
    plain, watched = network(), network()
    recorder = train(watched, 5)
    optimizer = gd.optim.SGD(plain.parameters(), lr=0.1)
    x = gd.tensor(np.random.default_rng(0).standard_normal((8, 4)).astype("f4"))
    for _ in range(5):
        optimizer.zero_grad()
        plain(x).square().mean().backward()
        optimizer.step()
    for a, b in zip(plain.parameters(), watched.parameters(), strict=True):
        assert np.array_equal(a.numpy(), b.numpy())
    recorder.close()
    assert not any(m._hooks for m in watched.modules())


def test_vanishing_is_seen():
    recorder = train(network(gd.nn.Sigmoid, (4, *[16] * 8, 1)), 5)
    drawing = recorder.heatmap()
    assert "▼ vanishing" in drawing.dot and "0 Linear ▼ vanishing" in drawing.sentence
    text = next(t for t, _ in drawing.view.notes if t.startswith("at step 0"))
    share = float(text.split("receives ")[1].split(" ×")[0].replace("−", "-"))
    grads = recorder.to_dict()["grad"]
    assert share == pytest.approx(grads["0"][0] / grads["16"][0], rel=0.06)


def test_nan_is_seen():
    recorder = train(network(), 6, lr=1e12)
    found = recorder.to_dict()["grad"]["0"]
    first = next(k for k, v in enumerate(found) if not math.isfinite(v))
    drawing = recorder.heatmap()
    assert re.search(rf"✕ first \w+.* at step {first}", drawing.dot)
    assert LIGHT.warning in drawing.dot and "✕ NaN or infinite" in drawing.dot


def test_flags_in_words():
    grads = {"a": [1.0] * 20, "b": [2.0] * 20, "c": [1e-6] * 20, "d": [5e4] * 20, "e": [0.0] * 20}
    found = flags("grad", grads)
    assert found["c"].startswith("▼ vanishing: 2e−11") and found["e"] == "▼ gradient is 0"
    assert found["d"].startswith("▲ exploding")
    rising = flags("grad", {"a": [10.0**k for k in range(10)]})
    assert rising["a"] == "▲ exploding: grew 1e9 ×"
    ratios = flags("ratio", {"a": [1e-3], "b": [1e-7], "c": [0.5]})
    assert set(ratios) == {"b", "c"}
    assert flags("weight", {"a": [1.0], "b": [math.nan]}) == {"b": "✕ first NaN at step 0"}


def test_colours_are_by_decades():
    rows = {"a": [1e-6, 1e-3, 1.0], "b": [0.0, None, math.nan]}
    dot = heatmap("grad", rows, {}, [None] * 3, (1e-7, 1.0)).to_dot()
    cells = re.findall(r'HEIGHT="18"(?: BGCOLOR="([^"]+)")?>', dot)
    ramp = LIGHT.ramp
    assert cells == [ramp[1], ramp[4], ramp[6], LIGHT.zero, "", LIGHT.warning]


def test_many_steps_are_pooled():
    assert binned([1.0, 100.0, 3.0], 2, True) == pytest.approx([10.0, 3.0])
    assert binned([1.0, 3.0, None, None], 2, False) == [2.0, None]
    assert binned([1.0, math.nan, 0.0, 0.0], 2, True) == [pytest.approx(math.nan, nan_ok=True), 0.0]
    rows = {f"layer{k}": [1.0 + s for s in range(1000)] for k in range(80)}
    picture = heatmap("grad", rows, {}, [None] * 1000, None)
    dot = picture.to_dot()
    assert dot.count('HEIGHT="18"') <= 2400 and len(dot) < 400_000
    assert any("of 80 layers shown" in text for text, _ in picture.notes)
    assert any("a column is the mean of" in text for text, _ in picture.notes)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_drawn(kind, boxes):
    drawing = train(network(), 40).heatmap(kind)
    for backend in (None, "builtin"):
        drawing.backend, drawing._svg = backend, None
        svg = drawing.svg()
        assert boxes.faults(svg) == [] and boxes.smallest(svg) >= 9


def test_csv(tmp_path):
    recorder = train(network())
    recorder.to_csv(tmp_path / "run.csv")
    with open(tmp_path / "run.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = recorder.to_dict()
    assert len(rows) == 3 * (2 * 3 + 1)
    for row in rows:
        assert float(row["value"]) == found[row["kind"]][row["layer"]][int(row["step"])]


def events(folder):
    """(tag, step, value) of the scalars in an event file: length, check, data, check."""
    from tensorboardX.proto.event_pb2 import Event

    (path,) = folder.glob("events*")
    data, at = path.read_bytes(), 0
    while at < len(data):
        (n,) = struct.unpack_from("<Q", data, at)
        event = Event.FromString(data[at + 12 : at + 12 + n])
        at += 16 + n
        for value in event.summary.value:
            yield value.tag, event.step, value.simple_value


def test_tensorboard(tmp_path):
    recorder = train(network())
    recorder.to_tensorboard(tmp_path / "runs")
    found = recorder.to_dict()
    rates = found.pop("lr")
    expected = {(f"{kind}/{name}", step): v for kind, rows in found.items()
                for name, row in rows.items() for step, v in enumerate(row)}  # fmt: skip
    expected |= {("lr", step): v for step, v in enumerate(rates)}
    got = {(tag, step): value for tag, step, value in events(tmp_path / "runs")}
    assert got.keys() == expected.keys()
    for key, value in got.items():
        assert value == pytest.approx(expected[key], rel=1e-6)


def test_tensorboard_missing(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    with pytest.raises(gd.MissingDependency, match=r"pip install graddl\[train\]"):
        train(network()).to_tensorboard(tmp_path)


def test_not_imported_before_it_is_used():
    code = (
        "import sys, graddl.viz as v; v.GradientRecorder; assert 'tensorboardX' not in sys.modules"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


def test_errors():
    model = network()
    with pytest.raises(gd.DTypeError, match="no model"):
        GradientRecorder("model")
    with pytest.raises(gd.DTypeError, match="no optimizer"):
        GradientRecorder(model, 0.1)
    recorder = GradientRecorder(model)
    with pytest.raises(gd.GradientError) as info:
        recorder.step()
    loss = model(gd.ones(2, 4)).sum()
    optimizer = gd.optim.SGD(model.parameters(), lr=0.1)
    exec(info.value.fix, {"loss": loss, "optimizer": optimizer, "recorder": recorder})
    assert recorder.steps == 1
    with pytest.raises(gd.ArgumentError, match="unknown kind"):
        recorder.heatmap("loss")
    with pytest.raises(gd.ArgumentError) as info:
        recorder.heatmap(range=(1, 0))
    assert eval(info.value.fix, {"recorder": recorder})
    with pytest.raises(gd.ArgumentError, match="no steps"):
        GradientRecorder(model).heatmap()
    without = GradientRecorder(gd.nn.Linear(2, 2))
    without.steps = 1
    with pytest.raises(gd.ArgumentError, match="no modules of type ReLU"):
        without.heatmap("dead")
