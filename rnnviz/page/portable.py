"""An index as one JSON object, which a browser searches where there is no Python: ``web/src/engine/corpus.ts``.

For small ones only: all of it is in memory there. Left out: the search.
"""

import base64
from typing import Any

import numpy as np

from rnnviz import files
from rnnviz.corpus.index import Index


def portable(index: Index) -> dict[str, Any]:
    """What a search needs of an index: its own words, its tokens and states, labels and answers.

    Returns:
        For JSON. ``tokens`` are places in ``words``, ``states`` are float16 [position, unit] in base64.
    """
    own, tokens = np.unique(index.tokens, return_inverse=True)
    about = index.about
    return {
        "name": files.name_of(index.folder),
        "kind": about.tokens,
        "both_ways": about.directions > 1,
        "units": about.units,
        "thresholds": list(about.thresholds),
        "words": [index.words[word] for word in own],
        "tokens": tokens.tolist(),
        "offsets": index.offsets.tolist(),
        "classes": list(about.classes),
        "labels": index.labels.tolist(),
        "answer_names": list(about.answers),
        "answers": index.answers.tolist(),
        "probabilities": index.probabilities.astype(float).round(4).tolist(),
        "states": base64.b64encode(np.ascontiguousarray(index.hidden).tobytes()).decode(),
    }
