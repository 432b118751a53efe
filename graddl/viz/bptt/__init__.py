"""Backpropagation through time: a lane for each step, and what each step adds to a weight.

graph -> unfold (fused ops) -> Timeline (columns) -> Structure (cells) -> Sums (one pass)
      -> BpttView (plain data) -> DOT text with coordinates
"""

from .parts import BpttView as BpttView
from .view import view as view
