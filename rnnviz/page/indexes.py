"""Which index of texts belongs to which of the networks that are served. No torch: an index was written before.

One comes with the page (``SHIPPED``): ``examples/reviews.csv``, as the network of the first example read it.

Left out: what is found in one (``rnnviz.page.finding``).
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from rnnviz import files
from rnnviz.checkpoint.config import read_config
from rnnviz.corpus.index import ABOUT, about_of
from rnnviz.errors import CheckpointError, IndexFileError
from rnnviz.page.networks import CONFIG

SHIPPED = Path(__file__).parent / "example_indexes"
"""Indexes of networks that come with rnnviz, for whoever has made none."""


def indexes(folders: Iterable[Path], networks: Mapping[str, Path]) -> dict[str, Path]:
    """The index of each network that has one, by the network's name; a shipped one where there is no other.

    Args:
        folders: Each an index, or a folder of indexes.
        networks: The checkpoints that are served, by name.

    Raises:
        IndexFileError: There is no index in a folder, one cannot be read, it is of other weights than all networks
            here, or a network has two.
    """
    names: dict[tuple[str, str], str] = {}
    for name, checkpoint in networks.items():
        with suppress(CheckpointError):
            config = read_config(checkpoint / CONFIG)
            names[config.weights_sha256, config.vocabulary_sha256] = name
    found: dict[str, Path] = {}
    for folder in _each(folders):
        about = about_of(folder)
        network = names.get((about.weights_sha256, about.vocabulary_sha256))
        if network is None:
            raise IndexFileError("index_unserved", path=folder, wanted=about.network)
        if network in found:
            raise IndexFileError("index_twice", path=folder, other=found[network], network=network)
        found[network] = folder
    for folder in _each([SHIPPED]):
        about = about_of(folder)
        if network := names.get((about.weights_sha256, about.vocabulary_sha256)):
            found.setdefault(network, folder)
    return found


def _each(folders: Iterable[Path]) -> Iterable[Path]:
    for folder in folders:
        if (folder / ABOUT).exists():
            yield folder
            continue
        inner = [path for path in files.folders(folder) if (path / ABOUT).exists()] if folder.is_dir() else []
        if not inner:
            raise IndexFileError("index_missing", path=folder, name=ABOUT)
        yield from inner
