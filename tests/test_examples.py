"""The programs of `examples/` do what they say."""

import csv
import math
import xml.etree.ElementTree as ET

import pytest

from tests.programs import load

pytest.importorskip("sklearn", exc_type=ImportError)


@pytest.fixture(scope="module")
def digits():
    return load("digits")


def test_digits_writes_its_files(digits, tmp_path, capsys):
    out = tmp_path / "deep" / "out"
    results = digits.main(["--seeds", "1", "--epochs", "2", "--out", str(out)])
    assert set(results) == {("adam", 0), ("sgd", 0)}
    assert min(results.values()) > 0.8
    printed = capsys.readouterr().out
    assert all(f"{value:.4f}" in printed for value in results.values())

    with open(out / "digits_history.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(r["optimizer"], r["epoch"]) for r in rows] == [
        ("adam", "1"), ("adam", "2"), ("sgd", "1"), ("sgd", "2"),
    ]  # fmt: skip
    assert float(rows[1]["loss"]) < float(rows[0]["loss"])

    loss = "".join(ET.parse(out / "digits_loss_graph.svg").getroot().itertext())
    assert all(name in loss for name in ("images", "labels", "fc1.weight", "fc2.bias", "loss"))
    neuron = "".join(ET.parse(out / "neuron.svg").getroot().itertext()).replace("−", "-")
    assert "y = tanh(x₁w₁ + x₂w₂ + b)" in neuron
    slope = 1 - math.tanh(1.5 * 0.8 - 0.5 * 1.2 + 0.1) ** 2
    assert f"x₁: data = 1.5, grad = {0.8 * slope:.4g}" in neuron
    assert f"w₂: data = 1.2, grad = {-0.5 * slope:.4g}" in neuron


def test_digits_holds_out_30_percent_of_each_class(digits):
    x, x_held, y, y_held = digits.load_data(0)
    assert len(x_held) == 540 and len(x) == 1257
    assert x.min() == 0 and x.max() == 1 and x.dtype == "float32"
    for digit in range(10):
        held, kept = (y_held == digit).sum(), (y == digit).sum()
        assert held / (held + kept) == pytest.approx(0.3, abs=0.01)
    assert not {row.tobytes() for row in x_held} & {row.tobytes() for row in x}


def test_digits_is_accurate_and_deterministic(digits):
    _, history = digits.train(0, "adam", 40)
    assert history[-1]["accuracy"] >= 0.96
    _, again = digits.train(0, "adam", 3)
    assert again == history[:3]


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_digits_is_accurate_on_five_seeds(digits, optimizer):
    worst = min(digits.train(seed, optimizer, 40)[1][-1]["accuracy"] for seed in range(5))
    assert worst >= 0.96


def test_bars_and_stripes_become_more_likely():
    machine = load("bars_and_stripes")
    found = machine.main(["--epochs", "500"])
    assert len(found) == 2 and all(run[-1] > run[0] + 1 for run in found.values())
