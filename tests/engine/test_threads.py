"""A text alone is read by the thread that asks: no thread of NumPy's BLAS library wakes, whatever variables say."""

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, strategies as st

from rnnviz.engine.products import product, project

THREADS = [f"{name}_NUM_THREADS" for name in ("OMP", "OPENBLAS", "MKL", "GOTO", "BLIS", "VECLIB_MAXIMUM", "NUMEXPR")]
PROGRAM = """
import sys, time, numpy as np, torch
torch.set_num_threads(1)
import rnnviz
from rnnviz.engine import numpy_loops, one_text

def of_others(work):
    "Processor time of all other threads, as a share of this one's."
    others, own = time.process_time() - time.thread_time(), time.thread_time()
    while time.thread_time() - own < 0.2:
        work()
    return (time.process_time() - time.thread_time() - others) / (time.thread_time() - own)

cell, units, tokens, kind, loops = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], sys.argv[5]
if loops == "numpy":
    one_text.loops_for = lambda dtype: numpy_loops
matrix, vector = np.ones((4 * 512, 512), np.float32), np.ones(512, np.float32)
module = getattr(torch.nn, cell)(128, units, bidirectional=True).to(getattr(torch, kind))
text = torch.randn(tokens, 128, dtype=getattr(torch, kind))
rnnviz.capture(module, text)
print(of_others(lambda: rnnviz.capture(module, text)), of_others(lambda: matrix.dot(vector)))
"""


@pytest.mark.parametrize(
    ("cell", "units", "tokens", "kind", "loops"),
    [
        ("LSTM", 512, 2, "float32", "numpy"),  # the steps' product is large
        ("LSTM", 128, 9, "float32", "best"),  # that of all inputs is
        ("RNN", 700, 120, "float64", "numpy"),  # both are
    ],
)
def test_no_other_thread_takes_part_in_reading_a_text(cell, units, tokens, kind, loops):
    environment = {name: value for name, value in os.environ.items() if name not in THREADS}
    command = [sys.executable, "-c", PROGRAM, cell, str(units), str(tokens), kind, loops]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    in_capture, in_numpy = map(float, done.stdout.split())
    if in_numpy < 0.2:
        pytest.skip("NumPy's BLAS has no threads of its own here")
    assert in_capture < 0.05


shapes = st.tuples(st.integers(1, 700), st.integers(1, 300))


@given(shapes, st.integers(1, 90), st.sampled_from(["float32", "float64"]), st.integers(0, 9))
def test_products_in_blocks_are_the_products(shape, rows, kind, seed):
    random = np.random.default_rng(seed)
    matrix, vector = random.integers(-9, 10, shape).astype(kind), random.integers(-9, 10, shape[1]).astype(kind)
    table = random.integers(-9, 10, (rows, shape[1])).astype(kind)
    multiply, out, values = product(matrix)
    multiply(vector, out)
    found = np.full((rows, shape[0]), np.nan, kind)
    project(table, matrix, found)
    exact = matrix.astype(int)  # whole numbers this small are exact in both, in any order
    assert values.dtype == kind
    np.testing.assert_array_equal(values, exact @ vector.astype(int))
    np.testing.assert_array_equal(found, table.astype(int) @ exact.T)
