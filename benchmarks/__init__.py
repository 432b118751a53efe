"""Workloads that time graddl against its peers; ``python -m benchmarks`` prints the table.

Two libraries that teach autodiff are missing, because they do not run where graddl does: DeZero
0.0.13 does not import with NumPy 1.24 and later (it asks for ``np.int``), and tinygrad 0.14 has
its code for the CPU compiled by clang, where graddl needs no more than gcc.
"""
