"""
Your first gradient
===================

A **gradient** says how a result changes when you change what it was computed from. Everything that
learns by gradients needs these numbers, one for every weight. Here you compute them three ways: by
a nudge, by hand, and by ``backward()``; and you see them in pictures that graddl draws.

You need to know what a derivative is, and some Python.
"""

# %%
# Nudge the input
# ---------------
#
# Take a function of one number. At :math:`x = 2` it gives 4.


def f(x):
    return x * x * x - 2 * x


assert f(2.0) == 4.0

# %%
# How fast does it grow there? Move :math:`x` a little to both sides and compare: the *difference
# quotient*. On paper, :math:`f'(x) = 3x^2 - 2`, which is 10 at :math:`x = 2`.

h = 1e-4
slope = (f(2.0 + h) - f(2.0 - h)) / (2 * h)
assert abs(slope - 10) < 1e-6
slope

# %%
# The nudge needs no calculus, but it is never exact, and it runs the function anew for **every**
# input. A network with a million weights would run a million times for one step of learning.

# %%
# Multiply along the way
# ----------------------
#
# Now three inputs, in small steps: :math:`y = (ab + c)^2`.

a, b, c = 2.0, -3.0, 10.0
d = a * b  # -6
e = d + c  # 4
y = e * e  # 16

# %%
# For each step alone, the derivative is easy:
#
# - :math:`y = e^2` changes :math:`2e = 8` times as fast as :math:`e`;
# - :math:`e = d + c` changes just as fast as :math:`d`, and as :math:`c`;
# - :math:`d = ab` changes :math:`b = -3` times as fast as :math:`a`, and :math:`a = 2` times as
#   fast as :math:`b`.
#
# The **chain rule** says: multiply them along the way from the result to the input.

dy_de = 2 * e  # 8
dy_dc = dy_de * 1  # 8
dy_dd = dy_de * 1  # 8
dy_da = dy_dd * b  # 8 × -3
dy_db = dy_dd * a  # 8 × 2
assert (dy_da, dy_db, dy_dc) == (-24, 16, 8)

# a nudge to a agrees
up, down = ((a + h) * b + c) ** 2, ((a - h) * b + c) ** 2
assert abs((up - down) / (2 * h) - dy_da) < 1e-6

# %%
# Note what was shared: ``dy_dd`` is computed once and serves both :math:`a` and :math:`b`. Walking
# from the result back to the inputs, *all* gradients together cost about as much as the function.
# That walk is called **backpropagation**.

# %%
# Let graddl walk
# ---------------
#
# A ``Scalar`` is a number that remembers how it was made. The expression is the same; its steps
# become a graph.

import graddl as gd

a, b, c = gd.Scalar(2.0, "a"), gd.Scalar(-3.0, "b"), gd.Scalar(10.0, "c")
y = (a * b + c).square()
y.name = "y"
assert y.data == 16

gd.draw(y, mode="data")

# %%
# Read it from left to right: boxes are values, circles are operations. Nothing has a gradient yet.
# Now walk back:

y.backward()
assert (a.grad, b.grad, c.grad) == (-24, 16, 8)

gd.draw(y)

# %%
# Read this one from right to left. It starts with 1, since :math:`y` changes just as fast as
# itself. Each arrow is a product: **what arrives** (orange) times **the step's own derivative**
# (green). Follow ①, ② and ③ and you find the lines of the calculation by hand: 1 × 8, then
# 8 × 1, then 8 × −3.

# %%
# Used twice: gradients add up
# ----------------------------
#
# In :math:`y = ba + a` a change of :math:`a` reaches the result on two ways. Both count, so their
# shares are **added**: 4 from the product and 1 from the sum.

a, b = gd.Scalar(3.0, "a"), gd.Scalar(4.0, "b")
y = b * a + a
y.name = "y"
y.backward()
assert a.grad == 4 + 1
assert b.grad == 3

gd.draw(y)

# %%
# A second ``backward()`` adds as well. That is useful where a result comes in parts, and a trap
# where you meant to start again: then say ``zero_grad()`` first.

z = 2 * a
z.backward()
assert a.grad == 5 + 2  # added to what was there

a.zero_grad()
z.backward()
assert a.grad == 2

# %%
# A neuron
# --------
#
# A neuron weighs its inputs, adds a bias and squashes the sum:
# :math:`o = \tanh(x_1 w_1 + x_2 w_2 + b)`. Weights and bias are *parameters*: what learning may
# change.

x1, x2 = gd.Scalar(1.5, "x1"), gd.Scalar(-0.5, "x2")
w1 = gd.Scalar(0.8, "w1", parameter=True)
w2 = gd.Scalar(1.2, "w2", parameter=True)
b = gd.Scalar(0.1, "b", parameter=True)
o = (x1 * w1 + x2 * w2 + b).tanh()
o.name = "o"
o.backward()

gd.draw(o)

# %%
# Only one derivative is new: that of :math:`o = \tanh(s)` is :math:`1 - o^2`, here 0.6347. From
# there on it is products and sums as before.

slope = 1 - o.data**2
assert round(o.data, 4) == 0.6044
assert round(slope, 4) == 0.6347
by_hand = {w1: slope * 1.5, w2: slope * -0.5, b: slope * 1}
for parameter, gradient in by_hand.items():
    assert abs(parameter.grad - gradient) < 1e-15

# %%
# ``w1.grad`` is 0.9521 and ``w2.grad`` is −0.3174: to make :math:`o` larger, raise :math:`w_1` and
# lower :math:`w_2`. Learning is no more than that, again and again, for the value that you want
# small: the loss.

assert round(w1.grad, 4) == 0.9521
assert round(w2.grad, 4) == -0.3174

# %%
# The same with arrays
# --------------------
#
# A ``Tensor`` is an array that remembers how it was made. Two products and a sum become one ``@``,
# and the neuron four lines. (``record()`` keeps what is computed on the way, for the picture.)

x = gd.tensor([1.5, -0.5], name="x")
w = gd.nn.Parameter([0.8, 1.2], name="w")
b = gd.nn.Parameter(0.1, name="b")
with gd.record():
    o = (x @ w + b).tanh()
o.backward()

# the same gradients: in float32 here, in float64 above
assert abs(w.grad[0].item() - w1.grad) < 1e-6
assert abs(w.grad[1].item() - w2.grad) < 1e-6

o.name = "o"
gd.draw(o)

# %%
# The seat belt
# -------------
#
# The nudge is too slow to learn by, but it is independent of all that backpropagation does, so it
# finds mistakes. ``gradcheck`` compares the two.

assert gd.gradcheck(lambda x, w, b: (x @ w + b).tanh(), [x, w, b])

# %%
# Here is a mistake to find: ``detach()`` cuts its value out of the graph, so that only one of two
# ways back is walked. The gradient of :math:`x^2` comes out as :math:`x`, half of what it should
# be. (The numbers are odd because the check weighs its outputs at random: no error cancels.)

try:
    gd.gradcheck(lambda x: x * x.detach(), [gd.tensor([1.0, 2.0])])
except gd.GradientError as error:
    message = str(error)
assert "0.5 times the right gradient" in message
print(message)

# %%
# That is the whole idea. :doc:`The engine in one sitting </engine>` shows the same walk in 200
# lines of Python, on arrays.
