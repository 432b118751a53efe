"""Pictures for teaching: what layers, windows, gates and tensors do, with the engine's numbers.

Read `picture.py` for what they share, `grids.py` for cells and their colours.
"""

from .confusion import confusion as confusion
from .convolution import convolution as convolution
from .filters import filters as filters
from .gates import gates as gates
from .gates import states as states
from .network import network as network
from .pipeline import pipeline as pipeline
from .pooling import pooling as pooling
from .tensor import tensor as tensor
