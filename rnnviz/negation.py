"""Negation, measured: does *not* turn a sentiment round?

The fair set was fixed before any network was trained on anything with it in view, and none of its sentences is in a
training set. Left out: printing (``rnnviz.cli``).
"""

import numpy as np

from rnnviz.datasets import Dataset
from rnnviz.formats import FORMATS

POSITIVE = (
    *("good", "great", "funny", "clever", "lovely", "fresh", "beautiful", "brilliant", "charming", "convincing"),
    *("delightful", "enjoyable", "entertaining", "exciting", "impressive", "interesting", "moving", "original"),
    *("smart", "wonderful"),
)
"""The fair set's twenty positive adjectives."""

NEGATIVE = (
    *("bad", "awful", "boring", "stupid", "dull", "weak", "ugly", "annoying", "disappointing", "forgettable"),
    *("horrible", "lame", "messy", "painful", "pointless", "predictable", "shallow", "silly", "tedious", "terrible"),
)
"""The fair set's twenty negative adjectives."""

FORMS = ("affirmative", "not", "n't", "never", "hardly")
"""How each sentence is said; all but the first turn it round."""

_FRAMES = (
    ("this is {}", "this is not {}", "this isn't {}", "this is never {}", "this is hardly {}"),
    (
        "the ending was {}",
        "the ending was not {}",
        "the ending wasn't {}",
        "the ending was never {}",
        "the ending was hardly {}",
    ),
    ("it feels {}", "it does not feel {}", "it doesn't feel {}", "it never feels {}", "it hardly feels {}"),
    (
        "the songs are {}",
        "the songs are not {}",
        "the songs aren't {}",
        "the songs are never {}",
        "the songs are hardly {}",
    ),
    ("i found it {}", "i did not find it {}", "i didn't find it {}", "i never found it {}", "i hardly found it {}"),
)


def fair_set() -> Dataset:
    """Forty adjectives in five frames, each affirmative and with not, n't, never and hardly: 1,000 short sentences.

    The rows go through the frames, then the adjectives, positive ones first, then ``FORMS``. A negation turns the
    label round: to say that something is not bad counts as praise.
    """
    rows = [
        (sentence.format(word), positive == (form == 0))
        for frame in _FRAMES
        for words, positive in ((POSITIVE, True), (NEGATIVE, False))
        for word in words
        for form, sentence in enumerate(frame)
    ]
    return Dataset(
        name="fair negation set",
        texts=tuple(text for text, _ in rows),
        labels=np.array([int(positive) for _, positive in rows], dtype=np.int64),
        classes=tuple(entry.name for entry in FORMATS["sst2"].classes),
        format=FORMATS["sst2"],
    )
