"""What graddl has to reach: the only place that knows a target.

A row that is a ratio is graddl's time over PyTorch's within one interleaved run on one thread.
The order here is the order of the printed table. A workload that is missing here still runs and
is printed last, unjudged.
"""

TARGETS: dict[str, float] = {
    "S1": 0.02,  # ratio
    "S1 tape": 0.001,  # ratio
    "S2 1e5": 0.02,  # ratio
    "S2 1e6": 0.02,  # ratio
    "S2 memory": 112,  # bytes a node
    "O1a": 0.06,  # ratio
    "O1b": 0.15,  # ratio
    "O1c": 0.75,  # ratio
    "O2": 0.15,  # ratio
    "TC": 0.30,  # ratio
    "M1": 0.48,  # ratio, as down to H1
    "M2": 0.88,
    "C1": 0.60,
    "C2": 0.95,
    "R1": 0.92,
    "R2": 0.45,
    "R3": 0.45,
    "T1": 0.95,
    "E1": 0.35,
    "H1": 0.75,
    "IMPORT": 40,  # ms above `import numpy`
}
