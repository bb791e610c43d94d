"""Matrix products in NumPy that never start the threads of its BLAS library, whatever the environment says.

NumPy's BLAS has threads of its own, which ``torch.set_num_threads`` does not reach. A product of one text is done in
microseconds; handed to a thread that waits for a processor, it takes milliseconds. OpenBLAS, which NumPy's wheels
carry, keeps small products to the calling thread, so a larger one is made in blocks that are small enough. Nothing
global is changed, as ``threadpoolctl`` would have to.
"""

from collections.abc import Callable
from functools import partial
from math import isqrt
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

_MATRIX = 20_000  # OpenBLAS shares out a matrix times a vector from 460,800 elements, on some processors from 25,600
_MULTIPLICATIONS = 120_000  # and a matrix times a matrix from 524,288 multiplications, on some processors from 125,000


class Product(NamedTuple):
    """A matrix times one vector after another.

    Attributes:
        multiply: ``multiply(vector, out)`` fills ``out``.
        out: The array to pass.
        values: What it then holds, one number a row of the matrix.
    """

    multiply: Callable[[np.ndarray, np.ndarray], object]
    out: np.ndarray
    values: Float[np.ndarray, " row"]


def product(matrix: Float[np.ndarray, "row column"]) -> Product:
    """Prepare to multiply a matrix by many vectors: in one call each, which goes through the blocks by itself."""
    rows, columns = matrix.shape
    least = -(-matrix.size // _MATRIX)
    if least <= 1:
        out = np.empty(rows, matrix.dtype)
        return Product(matrix.dot, out, out)
    blocks = 1 << (least - 1).bit_length()  # usual widths are powers of two, and then nothing is filled up
    height = -(-rows // blocks)
    filled = np.pad(matrix, ((0, blocks * height - rows), (0, 0))) if blocks * height > rows else matrix
    out = np.empty((blocks, height), matrix.dtype)
    return Product(partial(np.matmul, filled.reshape(blocks, height, columns)), out, out.ravel()[:rows])


def project(
    rows: Float[np.ndarray, "row column"],
    matrix: Float[np.ndarray, "gate column"],
    out: Float[np.ndarray, "row gate"],
) -> None:
    """Multiply rows by a transposed matrix, in blocks of about as many rows as columns of the result."""
    most = max(1, _MULTIPLICATIONS // max(1, matrix.shape[1]))  # numbers of the result in a block
    height = min(len(rows), isqrt(most))
    width = max(1, most // height)
    turned = matrix.T
    for top in range(0, len(rows), height):
        for left in range(0, len(matrix), width):
            block = slice(top, top + height), slice(left, left + width)
            np.matmul(rows[block[0]], turned[:, block[1]], out=out[block])
