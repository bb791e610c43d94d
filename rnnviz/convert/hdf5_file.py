"""An .h5 file of Keras; all of it is in ``rnnviz.convert.keras_file``."""

from rnnviz.convert.keras_file import read_hdf5
from rnnviz.convert.unpickle import Read


def read(path: str, *_: str) -> Read:
    """The tensors of an .h5 file under PyTorch's names, and what its settings say."""
    return read_hdf5(path)
