"""Texts from a seed: sentences of a network's own words, and strings of any characters at all."""

import random
from collections.abc import Sequence

from rnnviz.data.text import Vocabulary

_PHONE = "‘’ʼ…—“”\"'.,()!?;:<br />"
_SPACES = "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2003\u2028\u2029\u202f\u205f\u3000\ufeff\u200b"
_ODD = "İıΣσςΑΣ ΑΣΑ ß ẞ ǅ ﬁ Å Å é é 가 각 \u0345\u0301\u0334\u0308 1² ٣ ५ _ - 😀 👩\u200d🔬 \U0001d15e ≠ \u0344 "
_ODD += "\ud800 \udfff \x00\x7f"


def sentence(vocabulary: Vocabulary, words: int, source: random.Random) -> str:
    """A text of so many tokens that a network knows, frequent ones more often, and a few that it does not."""
    known = vocabulary.words[2:]
    text, parts = "", []
    while len(vocabulary.tokenise(text)) < words:  # a letter may combine with the one before it
        place = min(int(source.expovariate(8 / len(known))), len(known) - 1)
        parts.append("☃" if source.random() < 0.05 else known[place])
        text = vocabulary.joined(parts)
    return text


def anything(source: random.Random) -> str:
    """A string over all of Unicode, with what people and phones type, and what tells JavaScript and Python apart."""
    pools: Sequence[str] = (_PHONE, _SPACES, _ODD, "The Movie wasn't GOOD ")
    parts = []
    for _ in range(source.randrange(1, 30)):
        kind = source.randrange(6)
        if kind < 4:
            parts.append(source.choice(pools[kind]))
        elif kind == 4:
            parts.append(
                chr(source.choice((source.randrange(0x250), source.randrange(0x3000), source.randrange(0x110000))))
            )
        else:
            parts.append(source.choice(_ODD) * source.randrange(1, 70))
    return "".join(parts)


LETTERS = (
    "मैं घर जा रहा हूँ, क्या आप भी?",
    "నేను ఇంటికి వెళ్తున్నాను.",
    "Πάω σπίτι τώρα, ΌΧΙ αύριο·",
    "म घर जाँदैछु ।",
    "Smörgåsbord, e\u0301 \u0344 A\u030a q\u0301",
    "👩\u200d🔬 👍🏽 🇳🇵 ☺\ufe0f",
    "one\ntwo\r\nthree\r\tfour  ",
    " ",
    "\n",
    "half \ud83d of one, \udc4d the other",
    "Å ﬁ ß 가 각 क्\u200dष \u0958 \ufeff\x00",
    "e" + "\u0301" * 50 + "क" + "\u093c" * 40,
)
"""Texts that a network may read letter by letter."""
