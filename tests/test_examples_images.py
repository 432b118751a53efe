"""The programs of `examples/` about images do what they say."""

import numpy as np
import pytest

import graddl as gd
from tests.programs import load, rows_of

pytest.importorskip("sklearn", exc_type=ImportError)

NAMES = ("lenet", "autoencoder", "rbm_pretraining", "transfer")


@pytest.fixture(scope="module")
def programs():
    return {name: load(name) for name in NAMES}


def keys(images):
    return {image.tobytes() for image in images}


# ---------------------------------------------------------------------- what they share
@pytest.mark.parametrize("name", NAMES)
def test_30_percent_of_each_class_are_held_out(programs, name):
    still = {"still": True} if name == "rbm_pretraining" else {}
    x, x_held, y, y_held = programs[name].load_data(**still)
    assert len(x) == 1257 and len(x_held) == 540
    assert x.min() == 0 and x.max() == 1 and x.dtype == "float32"
    for digit in range(10):
        held, kept = (y_held == digit).sum(), (y == digit).sum()
        assert held / (held + kept) == pytest.approx(0.3, abs=0.01)
    assert not keys(x) & keys(x_held)


@pytest.mark.parametrize("name", NAMES)
def test_validation_takes_images_from_training(programs, name):
    still = {"still": True} if name == "rbm_pretraining" else {}
    x, _, _, _ = programs[name].load_data(**still)
    tested = []
    for quarter in range(2):
        rest, test, _, _ = programs[name].load_data(quarter, **still)
        assert len(test) == 315 and not keys(rest) & keys(test)
        assert keys(rest) | keys(test) == keys(x)
        tested.append(keys(test))
    assert tested[0] != tested[1]


# ---------------------------------------------------------------------- LeNet
def test_lenet_distorts_as_it_says(programs, monkeypatch):
    lenet = programs["lenet"]
    x, _, _, _ = lenet.load_data()
    monkeypatch.setattr(lenet, "BEND", 0.0)
    monkeypatch.setattr(lenet, "MOVE", 0.0)
    assert np.allclose(lenet.distort(x[:50], np.random.default_rng(0)), x[:50], atol=1e-6)

    class OneDown:  # moves of one row and no column, in place of random ones
        def uniform(self, low, high, shape):
            return np.zeros(shape) + ([[1.0], [0.0]] if shape[1:] == (2, 1) else 0.0)

    moved = lenet.distort(x[:50], OneDown())
    assert np.allclose(moved[:, :, :7], x[:50, :, 1:], atol=1e-6)
    assert np.abs(moved[:, :, 7]).max() < 1e-6


def test_lenet_learns_writes_and_repeats_itself(programs, tmp_path, capsys):
    arguments = ["--seeds", "1", "--epochs", "5", "--out", str(tmp_path / "deep" / "out")]
    results = programs["lenet"].main(arguments)
    assert results[0] > 0.7
    printed = capsys.readouterr().out
    assert all(f"{value:.4f}" in printed for value in results.values())
    rows = rows_of(tmp_path / "deep" / "out" / "lenet_history.csv")
    assert [(row["seed"], row["epoch"]) for row in rows] == [("0", str(n)) for n in range(1, 6)]
    assert float(rows[-1]["voted"]) == results[0]
    assert programs["lenet"].main(arguments) == results


@pytest.mark.slow
def test_lenet_is_accurate_from_three_seeds(programs, tmp_path):
    results = programs["lenet"].main(["--out", str(tmp_path)])
    assert len(results) == 3 and min(results.values()) >= 0.985


# ---------------------------------------------------------------------- autoencoder
def test_autoencoder_measures_the_error_of_an_image(programs):
    x = np.array([[0.0, 1.0], [0.5, 0.5]])
    assert programs["autoencoder"].error(x, np.array([[1.0, 1.0], [0.5, 0.0]])) == 0.625


def test_autoencoder_pca_leaves_what_its_components_leave(programs, tmp_path):
    """The squared error of an image is what the other singular values hold, for training images."""
    x, _, _, _ = programs["autoencoder"].load_data()
    left = np.square(np.linalg.svd(x - x.mean(axis=0), compute_uv=False)[2:]).sum() / len(x)
    results = programs["autoencoder"].main(
        ["--sizes", "2", "--seeds", "1", "--epochs", "1", "--out", str(tmp_path)]
    )
    assert results[2, "PCA"][0] == pytest.approx(left, rel=0.05)


def test_autoencoder_beats_pca_and_writes_its_files(programs, tmp_path, capsys):
    arguments = ["--seeds", "1", "--epochs", "20", "--out", str(tmp_path / "out")]
    results = programs["autoencoder"].main(arguments)
    assert list(results) == [(n, way) for n in (2, 8) for way in ("PCA", "autoencoder")]
    for size in (2, 8):
        assert results[size, "autoencoder"][0] < 0.95 * results[size, "PCA"][0]
    printed = capsys.readouterr().out
    assert all(f"{value:.4f}" in printed for (value,) in results.values())
    rows = rows_of(tmp_path / "out" / "autoencoder.csv")
    assert {(int(row["size"]), row["way"]): [float(row["error"])] for row in rows} == results
    codes = rows_of(tmp_path / "out" / "autoencoder_codes.csv")
    assert len(codes) == 540 and {row["digit"] for row in codes} == set("0123456789")


@pytest.mark.slow
def test_autoencoder_needs_two_thirds_of_the_error_of_pca(programs, tmp_path):
    results = programs["autoencoder"].main(["--out", str(tmp_path)])
    for size in (2, 8):
        assert max(results[size, "autoencoder"]) < 0.66 * min(results[size, "PCA"])


# ---------------------------------------------------------------------- RBM
def test_rbm_pretraining_moves_by_a_pixel_to_each_side(programs):
    image = np.arange(1.0, 65.0).reshape(8, 8)
    still, *moved = programs["rbm_pretraining"].moved(image.reshape(1, 64)).reshape(5, 8, 8)
    assert np.array_equal(still, image)
    down, up, right, left = moved
    assert np.array_equal(down[1:], image[:-1]) and not down[0].any()
    assert np.array_equal(up[:-1], image[1:]) and not up[-1].any()
    assert np.array_equal(right[:, 1:], image[:, :-1]) and not right[:, 0].any()
    assert np.array_equal(left[:, :-1], image[:, 1:]) and not left[:, -1].any()


def test_rbm_pretraining_does_not_move_held_out_images_into_training(programs):
    x, x_held, y, y_held = programs["rbm_pretraining"].load_data()
    assert len(x) == len(y) == 5 * 1257 and len(x_held) == len(y_held) == 5 * 540
    assert not keys(x) & keys(x_held)


def test_rbm_pretraining_helps_writes_and_repeats_itself(programs, tmp_path, capsys):
    arguments = ["--seeds", "1", "--epochs", "3", "--out", str(tmp_path / "out")]
    results = programs["rbm_pretraining"].main(arguments)
    assert list(results) == list(programs["rbm_pretraining"].WAYS)
    assert results["pre-trained, head"] > results["random, head"]
    printed = capsys.readouterr().out
    assert all(f"{value:.4f}" in printed for (value,) in results.values())
    rows = rows_of(tmp_path / "out" / "rbm_pretraining.csv")
    assert {row["way"]: [float(row["accuracy"])] for row in rows} == results
    assert programs["rbm_pretraining"].main(arguments) == results


@pytest.mark.slow
def test_rbm_pretraining_helps_by_ten_points_where_images_move(programs, tmp_path):
    results = programs["rbm_pretraining"].main(["--out", str(tmp_path)])
    mean = {way: np.mean(values) for way, values in results.items()}
    assert mean["pre-trained, head"] > mean["random"] + 0.1
    assert mean["pre-trained, tuned"] > mean["random"] + 0.1
    for random, tuned in zip(results["random"], results["pre-trained, tuned"], strict=True):
        assert tuned > random
    still = programs["rbm_pretraining"].main(["--still", "--out", str(tmp_path)])
    mean = {way: np.mean(values) for way, values in still.items()}
    assert mean["pre-trained, tuned"] < mean["random"] + 0.01


# ---------------------------------------------------------------------- transfer
def test_transfer_places_images(programs):
    transfer = programs["transfer"]
    x, _, _, _ = transfer.load_data()
    fields = transfer.place(x[:200], np.random.default_rng(0))
    assert fields.shape == (200, 1, 12, 12)
    found = set()
    for field, image in zip(fields[:, 0], x[:200, 0], strict=True):
        places = [
            (i, j)
            for i in range(5)
            for j in range(5)
            if np.array_equal(field[i : i + 8, j : j + 8], image)
        ]
        assert places and field.sum() == pytest.approx(image.sum())
        found.update(places)
    assert len(found) == 25


def test_transfer_carries_over_what_it_says(programs):
    transfer = programs["transfer"]
    state = transfer.network(gd.Generator(1)).state_dict()
    x, y = gd.rand(4, 1, 12, 12, generator=gd.Generator(0)), np.arange(4)
    for way in transfer.WAYS:
        model, groups = transfer.transferred(way, state, gd.Generator(2))
        before = model.state_dict()
        for name, value in before.items():
            same = np.array_equal(value.numpy(), state[name].numpy())
            assert same == (way != "scratch" and name.startswith("features")), (way, name)
        transfer.fit(model, groups, x.numpy(), y, 2, gd.Generator(3))
        for name, value in model.state_dict().items():
            same = np.array_equal(value.numpy(), before[name].numpy())
            assert same == (way == "frozen" and name.startswith("features")), (way, name)


def test_transfer_trains_features_at_a_lower_rate(programs):
    transfer = programs["transfer"]
    state = transfer.network(gd.Generator(1)).state_dict()
    model, (features, head) = transfer.transferred("tuned", state, gd.Generator(2))
    optimizer = gd.optim.AdamW([features, head], lr=transfer.LR)
    rates = [group["lr"] for group in optimizer.param_groups]
    assert rates == [transfer.LR / transfer.SLOWER, transfer.LR]
    sizes = [len(group["params"]) for group in optimizer.param_groups]
    assert sizes == [4, 6] and sum(sizes) == len(list(model.parameters()))


def test_transfer_writes_and_repeats_itself(programs, tmp_path, capsys):
    arguments = ["--examples", "5", "--seeds", "1", "--epochs", "30", "--first-epochs", "8"]
    arguments += ["--out", str(tmp_path / "out")]
    results = programs["transfer"].main(arguments)
    assert list(results) == [(5, way) for way in programs["transfer"].WAYS]
    assert min(results.values()) > 0.2 and results[5, "frozen"] > results[5, "scratch"]
    printed = capsys.readouterr().out
    assert all(f"{value:.4f}" in printed for value in results.values())
    rows = rows_of(tmp_path / "out" / "transfer.csv")
    assert {(int(r["examples"]), r["way"]): float(r["accuracy"]) for r in rows} == results
    assert programs["transfer"].main(arguments) == results


@pytest.mark.slow
def test_transfer_helps_where_examples_are_few(programs, tmp_path):
    results = programs["transfer"].main(["--out", str(tmp_path)])
    for way in ("frozen", "tuned"):
        assert results[5, way] > results[5, "scratch"] + 0.05
    assert results[10, "tuned"] > results[10, "scratch"] + 0.03
    gain = [results[n, "frozen"] - results[n, "scratch"] for n in (5, 10, 20)]
    assert gain[0] > gain[1] > gain[2]  # the more examples, the less is gained by freezing
