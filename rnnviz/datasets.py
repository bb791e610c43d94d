r"""Texts with their labels: from a file, from the Hugging Face Hub, or made in memory.

The public name of ``rnnviz.data.datasets``.

Example:
    >>> from pathlib import Path
    >>> _ = Path("reviews.csv").write_text("text,label\nnot bad,yes\nawful,no\nfine,yes\ndull,no\n")
    >>> rnnviz.datasets.load("reviews.csv").classes
    ('no', 'yes')
"""

from rnnviz.data.datasets import Dataset as Dataset, FileOptions as FileOptions, from_hub as from_hub, load as load
