"""Threads for kernels that let go of the interpreter's lock: one piece of work, shared by all.

GRADDL_NUM_THREADS, OMP_NUM_THREADS or OPENBLAS_NUM_THREADS says how many, in this order; otherwise
there are as many as processors that this process may use.
"""

import os
from typing import Any

LEAST = 1 << 23  # multiply-adds that a thread is worth: 0.2 ms, of which waking it takes a quarter
CALL = 1 << 14  # those of one call; shorter ones would wait for the lock more than they work


def _count():
    for name in ("GRADDL_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        value = os.environ.get(name, "")
        if value.isdecimal() and int(value) > 0:
            return int(value)
    known = hasattr(os, "sched_getaffinity")
    return len(os.sched_getaffinity(0)) if known else os.cpu_count() or 1


THREADS = _count()
_pools: list[Any] = []


def shared(work, count, size, calls):
    """The results of work(first, last) for parts of the numbers up to `count`, in order.

    `size` is how many multiply-adds all are together, `calls` how often the lock is let go for
    them. The parts depend on these and the number of threads alone, so that sums over them are the
    same from run to run.
    """
    parts = max(1, min(THREADS, count, size // LEAST)) if size >= CALL * calls else 1
    ends = [count * k // parts for k in range(parts + 1)]
    if parts == 1:
        return [work(0, count)]
    if not _pools:
        from concurrent.futures import ThreadPoolExecutor

        _pools.append(ThreadPoolExecutor(THREADS, "graddl"))
    return list(_pools[0].map(work, ends[:-1], ends[1:]))


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pools.clear)  # threads do not come along
