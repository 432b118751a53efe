"""A layout of our own, for where Graphviz is missing: DOT text to SVG in plain Python.

    parse -> rank (columns) -> net (bends) -> order -> place (heights) -> route -> paint

It knows the part of DOT that our own writers use, and is made for up to about 300 nodes.
"""

from .run import OutOfTime as OutOfTime
from .run import layout as layout
