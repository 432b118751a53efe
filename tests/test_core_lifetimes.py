"""What the core must survive: long chains, small stacks, the collector off, Ctrl-C, threads."""

import gc
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
import tracemalloc
import weakref

import numpy as np
import pytest

import graddl as gd


def run(code, **env):
    """Run code in a process of its own; a crash there is a failed assertion here."""
    line = [sys.executable, "-W", "error", "-c", textwrap.dedent(code)]
    env = {**os.environ, **env}
    done = subprocess.run(line, env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


CHAINS = """
import threading
import numpy as np
import graddl as gd

def scalars(n, backward):
    x = gd.Scalar(0.5)
    y = x
    for _ in range(n // 2):
        y = y * 1.0 + 0.0
    if backward:
        y.backward()
        assert x.grad == 1.0
    del y

def tensors(n, backward):
    x = gd.tensor(np.ones(2, "f4"), requires_grad=True)
    c = gd.tensor(np.zeros(2, "f4"))
    y = x
    for i in range(n // 2):
        y = y + c
        y = y.tanh() if i < 3 else y + c
    if backward:
        y.sum().backward()
        assert 0 < x.grad.numpy()[0] < 1
    del y

def all_chains(n):
    for make in scalars, tensors:
        for backward in True, False:
            make(n, backward)
"""


def test_chains_of_a_million_nodes_are_freed_without_recursion():
    run(CHAINS + "all_chains(1_000_000)")


def test_chains_of_a_million_nodes_are_freed_on_a_stack_of_256_kib():
    run(
        CHAINS
        + textwrap.dedent("""
        failures = []
        def work():
            try:
                all_chains(1_000_000)
            except BaseException as error:
                failures.append(error)
        threading.stack_size(256 * 1024)
        t = threading.Thread(target=work)
        t.start()
        t.join()
        assert not failures, failures
        """)
    )


def test_chains_of_a_million_nodes_under_the_debug_allocator():
    run(CHAINS + "all_chains(1_000_000)", PYTHONMALLOC="debug")


def test_dropping_the_middle_of_a_chain_keeps_what_is_still_held():
    x = gd.Scalar(1.0)
    y = x
    for _ in range(1000):
        y = y + 1.0
    middle = y
    for _ in range(1000):
        y = y + 1.0
    del y
    middle.backward()
    assert (middle.data, x.grad) == (1001.0, 1.0)


def test_no_reference_cycles_with_the_collector_off():
    rng = np.random.default_rng(0)
    w = gd.tensor(rng.normal(size=(16, 16)), requires_grad=True)
    x = gd.tensor(rng.normal(size=(8, 16)))

    def step():
        loss = ((x @ w).tanh() ** 2).mean()
        loss.backward()
        second = ((x @ w).tanh() ** 2).sum()
        second.backward(create_graph=True)
        (w.grad * w.grad).sum().backward()
        w.zero_grad()
        abandoned = gd.relu(x @ w).sum()  # a graph that is never walked
        a, b = gd.split(x @ w, sections=2)
        (a * b).sum().backward()
        with gd.record():
            gd.exp(x @ w).sum().backward()
        s = gd.Scalar(0.3)
        (s.tanh() * s).backward()
        del abandoned

    gc.collect()
    gc.disable()
    try:
        tracemalloc.start()
        for _ in range(1200):  # fills the free lists of NumPy and Python, of up to 2000 blocks each
            step()
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(1000):
            step()
        grown = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()
    finally:
        gc.enable()
    assert grown < 50_000, f"{grown} bytes in 1000 steps"  # one lost Scalar a step would be 96,000


def test_scalar_gradients_that_are_scalars_are_collected():
    """x.grad refers to x where it is a Scalar: the one cycle there is, and it is collected."""

    class Marker:
        pass

    def graph():
        x = gd.Scalar(0.3)
        y = (x.tanh() * x).exp()
        marker = Marker()
        x.register_hook(lambda g: (marker, None)[1])
        y.backward(create_graph=True)
        return weakref.ref(marker)

    seen = graph()
    gc.collect()
    assert seen() is None


def test_a_hook_that_holds_its_own_tensor_is_collected():
    class Marker:
        pass

    def make():
        x = gd.tensor([1.0], requires_grad=True)
        y = x * 2
        s = gd.Scalar(1.0)
        marker = Marker()
        y.register_hook(lambda g: (y, marker, None)[2])
        x.register_hook(lambda g: (x, marker, None)[2])
        s.register_hook(lambda g: (s, marker, None)[2])
        return weakref.ref(marker)

    marker = make()
    gc.collect()
    assert marker() is None


def test_what_no_rule_names_is_not_kept_alive():
    x = gd.tensor(np.ones(250_000, "f4"), requires_grad=True)
    gd.relu(x + x).sum().backward()  # fills pools
    tracemalloc.start()
    y = x
    for _ in range(20):
        y = y + x
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert held < 1.5 * x.nbytes  # the last value only; a chain of additions saves nothing


def test_ctrl_c_is_answered_during_a_long_backward():
    y = gd.Scalar(1.0)
    x = y
    for _ in range(3_000_000):
        y = y * 1.0
    sent = []

    def interrupt():
        sent.append(time.perf_counter())
        os.kill(os.getpid(), signal.SIGINT)

    for delay in (0.02, 0.05, 0.11):  # while planning, while running, in the next pass
        timer = threading.Timer(delay, interrupt)
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            for _ in range(1000):
                y.backward()
        assert time.perf_counter() - sent[-1] < 0.2
    timer.join()
    before = x.grad
    y.backward()
    assert x.grad == before + 1.0  # the pass that was stopped left nothing behind


def test_a_plan_of_doubled_sums_is_not_exponential():
    x = gd.tensor([1.0], requires_grad=True)
    y = x
    for _ in range(60):
        y = y + y
    y.backward()
    assert x.grad.item() == 2.0**60


def test_passes_of_two_threads_over_a_shared_subgraph_lose_no_gradient():
    x = gd.tensor(np.ones(3), requires_grad=True)
    shared = (x * 2.0).tanh()
    weight = 2.0 * (1 - np.tanh(2.0) ** 2)
    rounds, failures = 5000, []

    def work():
        try:
            for _ in range(rounds):
                (shared * 1.0).sum().backward(retain_graph=True)
        except BaseException as error:
            failures.append(error)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=work) for _ in range(2)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
    finally:
        sys.setswitchinterval(interval)
    assert not failures
    np.testing.assert_allclose(x.grad.numpy(), 2 * rounds * weight, rtol=1e-9)
