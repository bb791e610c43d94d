"""The public name of ``rnnviz.data.datasets``."""

from rnnviz.data.datasets import Dataset as Dataset, from_hub as from_hub, load as load
