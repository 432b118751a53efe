"""The step-through: its numbers are the engine's, and its page works in a browser."""

import json
import re
from html.parser import HTMLParser

import pytest

import graddl as gd
from graddl.errors import ArgumentError, DTypeError
from tests.viz.chromium import answers


def expression():
    """y = tanh(x w + b) x, in which x is used twice."""
    x, w, b = gd.Scalar(1.5, "x"), gd.Scalar(0.8, "w"), gd.Scalar(0.1, "b", parameter=True)
    n = x * w + b
    t = n.tanh()
    y = t * x
    n.name, t.name, y.name = "n", "t", "y"
    return y, {"x": x, "w": w, "b": b}


def test_forward_then_backward_in_the_real_order():
    y, _ = expression()
    steps = gd.step_through(y).steps
    assert [s.phase for s in steps] == ["forward"] * 4 + ["backward"] * 8
    assert [s.line.split(" ")[0] for s in steps[4:]] == [
        "y.grad", "t.grad", "x.grad", "n.grad", "xw.grad", "b.grad", "x.grad", "w.grad",
    ]  # fmt: skip


def test_shares_multiply_out_and_add_up_to_the_gradient():
    y, leaves = expression()
    steps = gd.step_through(y).steps
    y.backward()
    totals = dict.fromkeys(leaves, 0.0)
    for step in steps:
        found = re.fullmatch(r"(\w+)\.grad \+= (\S+) × (\S+) = (\S+)", step.line.replace("−", "-"))
        if found and found[1] in totals:
            a, b, share = (float(n.strip("()")) for n in found.groups()[1:])
            assert share == pytest.approx(a * b, rel=2e-3)
            totals[found[1]] += share
            [texts] = step.grads.values()
            assert float(texts[0].replace("−", "-")) == pytest.approx(totals[found[1]], rel=2e-3)
    for name, leaf in leaves.items():
        assert totals[name] == pytest.approx(leaf.grad, rel=2e-3)


def test_two_leaves_of_one_name_are_told_apart():
    a, b = gd.Scalar(1.0, "w"), gd.Scalar(2.0, "w")
    y = a * b + a * 3 + a * 4 + a * 5 + b  # a is read so often that marks stand for it
    story = gd.step_through(y)
    assert any(step.line == "w·3 = 1 × 3 = 3" for step in story.steps)
    y.backward()
    totals = {k: float(texts[0]) for step in story.steps for k, texts in step.grads.items()}
    leaves = [
        n.id for n in story.view.nodes if getattr(n, "role", "") == "input" and n.id in totals
    ]
    assert [totals[k] for k in leaves] == [a.grad, b.grad]


def test_lines_read_as_one_writes_them():
    x = gd.Scalar(-2.0, "x")
    for y, line in (
        (x**3, "x³ = (−2) ^ 3 = −8"),
        (x.square(), "x² = (−2)² = 4"),
        (x.abs(), "abs(x) = |−2| = 2"),
        (x.reciprocal(), "v₁ = 1/(−2) = −0.5"),
        (x * x, "x·x = −2 × (−2) = 4"),
        (x.exp(), "exp(x) = exp(−2) = 0.1353"),
    ):
        assert gd.step_through(y).steps[0].line == line


def test_small_tensors():
    W = gd.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True, name="W")
    v = gd.tensor([1.0, -1.0], name="v")
    with gd.record():
        loss = (W @ v).tanh().sum()
    steps = gd.step_through(loss).steps
    loss.backward()
    assert steps[0].line == "W @ v = [1, 2, 3, 4] @ [1, −1] = [−1, −1]"
    assert steps[-1].line.startswith("W.grad += [0.42, −0.42")
    [texts] = steps[-1].grads.values()
    assert [float(t.replace("−", "-")) for t in texts] == pytest.approx(
        W.grad.numpy().ravel().tolist(), rel=1e-3
    )


def test_nothing_is_changed():
    y, leaves = expression()
    gd.step_through(y)
    assert [leaf.grad for leaf in leaves.values()] == [0.0] * 3
    y.backward()
    grads = [leaf.grad for leaf in leaves.values()]
    gd.step_through(y)
    assert [leaf.grad for leaf in leaves.values()] == grads


def test_errors(tmp_path):
    y = x = gd.Scalar(0.1, "x")
    for _ in range(80):
        y = y.tanh()
    for graph in (y, gd.tensor(1.0) * 2):
        with pytest.raises(ArgumentError):
            gd.step_through(graph)
    with pytest.raises(DTypeError):
        gd.step_through("y")
    with pytest.raises(ArgumentError) as caught:
        gd.step_through(x.tanh()).save(tmp_path / "steps.svg")
    assert "steps.html" in caught.value.fix
    assert not list(tmp_path.iterdir())


class Elements(HTMLParser):
    """What a page consists of."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.links = [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [v for k, v in attrs if k in ("src", "href", "xlink:href")]


def test_a_leaf_has_no_steps():
    with pytest.raises(ArgumentError, match="what no op has computed"):
        gd.step_through(gd.Scalar(1.0, "x"))


def test_the_page_stands_alone_and_hostile_names_stay_text(tmp_path):
    x = gd.Scalar(2.0, "</script><script>alert(1)</script>")
    story = gd.step_through(x * x)
    page = Elements(story.html())
    assert page.tags.count("script") == 2 and not page.links
    file = tmp_path / "steps.html"
    assert story.save(file) is story
    data = re.search(r'type="application/json">(.*?)</script>', file.read_text(), re.S)[1]
    assert len(json.loads(data)["steps"]) == len(story.steps)
    assert "iframe" in story._repr_html_()
    assert gd.draw(x * x).html(step=True) == story.html()


READ = "said.push($('count').textContent, $('line').textContent);"


def test_keys_buttons_and_the_address_in_a_browser(tmp_path):
    y, _ = expression()
    story = gd.step_through(y)
    lines = [s.line for s in story.steps]
    page, n = story.html(), len(lines)
    said = answers(page, READ + "press('ArrowRight');" + READ + "press('ArrowLeft');" + READ
                   + "press('End');" + READ + "press('Home');" + READ + "$('next').click();" + READ
                   + "said.push(location.hash);", tmp_path, at="5")  # fmt: skip
    expected = [4, 5, 4, n - 1, 0, 1]
    assert said[1:-1:2] == [lines[k] for k in expected]
    assert said[0] == f"backward, step 5 of {n}" and said[-1] == "#2"


def test_numbers_appear_when_their_step_comes(tmp_path):
    y, leaves = expression()
    page = gd.step_through(y).html()
    box = next(n for n in json.loads(re.search(r"json\">(.*?)</script>", page, re.S)[1])["steps"]
               if n["line"].startswith("x.grad"))["show"][0]  # fmt: skip
    read = f"said.push(boxes['{box}'][0].textContent);"
    keys = "press('ArrowRight');"
    said = answers(page, read + (keys + read) * 11, tmp_path)
    y.backward()
    assert said[0] == "–" and said[5] == "–"
    assert float(said[6]) == pytest.approx(0.8617, abs=5e-3)  # tanh(1.3)
    assert float(said[-1]) == pytest.approx(leaves["x"].grad, rel=1e-3)


def test_predict_first_asks_before_it_tells(tmp_path):
    y, _ = expression()
    story = gd.step_through(y)
    script = "$('predict').click(); press('ArrowRight');" + READ + "press('ArrowRight');" + READ
    said = answers(story.html(), script, tmp_path)
    assert said[1] == story.steps[1].ask and said[1].endswith("?")
    assert said[3] == story.steps[1].line


def test_the_page_follows_the_reader_into_the_dark(tmp_path):
    y, _ = expression()
    page = gd.step_through(y).html()
    script = "said.push(getComputedStyle(document.body).backgroundColor);"
    assert answers(page, script, tmp_path, dark=True) == ["rgb(17, 24, 39)"]
    assert answers(page, script, tmp_path) == ["rgb(255, 255, 255)"]
