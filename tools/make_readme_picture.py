"""Write docs/_static/neuron.svg, the picture of the README: a neuron with its gradients.

python tools/make_readme_picture.py [FILE]
"""

import sys
from pathlib import Path

import graddl as gd

PICTURE = Path(__file__).parents[1] / "docs" / "_static" / "neuron.svg"


def neuron():
    """A neuron of two inputs after backward(), as a Drawing."""
    x1, x2 = gd.Scalar(1.5, "x1"), gd.Scalar(-0.5, "x2")
    w1, w2 = gd.Scalar(0.8, "w1", parameter=True), gd.Scalar(1.2, "w2", parameter=True)
    b = gd.Scalar(0.1, "b", parameter=True)
    o = (x1 * w1 + x2 * w2 + b).tanh()
    o.name = "o"
    o.backward()
    return gd.draw(o, direction="right")


if __name__ == "__main__":
    neuron().save(sys.argv[1] if len(sys.argv) > 1 else PICTURE)
