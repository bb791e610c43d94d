"""The public name of ``rnnviz.data.text``."""

from rnnviz.data.text import (
    PADDING as PADDING,
    UNKNOWN as UNKNOWN,
    Vocabulary as Vocabulary,
    WordVectors as WordVectors,
    load_vectors as load_vectors,
    tokenise as tokenise,
)
