"""From a person's text to the ids that a network reads: tokens, vocabulary, pretrained word vectors.

Tokens are words, those of torchtext's ``basic_english``, whose ``Vocab`` counts them as in the lesson (no other module
knows torchtext); or they are letters, the text's code points. Left out: where training texts come from
(``rnnviz.datasets``), how a file of vectors is read (``rnnviz.data.vector_file``).
"""

import itertools
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torchtext.vocab
from jaxtyping import Float

from rnnviz.data import vector_file
from rnnviz.errors import DataError, TextError
from rnnviz.model_config import (
    BETWEEN,
    PADDING as PADDING,
    PADDING_ID as PADDING_ID,
    SPECIALS as SPECIALS,
    UNKNOWN as UNKNOWN,
    UNKNOWN_ID as UNKNOWN_ID,
    Tokens as Tokens,
)
from rnnviz.untrusted.strict_json import json_array

_BASIC_ENGLISH = (
    *(("'", " '  "), ('"', ""), (".", " . "), ("<br />", " "), (",", " , "), ("(", " ( "), (")", " ) ")),
    *(("!", " ! "), ("?", " ? "), (";", " "), (":", " ")),
)
"""What torchtext's ``basic_english`` replaces, in its order; as plain replacements they take a third of its time."""
_TYPED = str.maketrans(
    {"\u2018": "'", "\u2019": "'", "\u02bc": "'", "\u2026": "...", "\u2014": " -- "} | dict.fromkeys('"\u201c\u201d')
)
"""What phones write for plain characters, and the double quotes, which ``basic_english`` drops anyway."""
_MOST_MARKS = 30  # of accents on one letter, as in Unicode's stream-safe format: NFC needs quadratic time for them
_MARKS = re.compile(rf"[^\w\s!-~]{{{_MOST_MARKS + 1},}}")


def tokenise(text: str) -> list[str]:
    """Split a text as it was split in training: torchtext's ``basic_english``, after a few repairs.

    Unicode is composed (NFC) and the quotes, ellipses and dashes of a phone become plain ones, so that its ``didn't``
    meets the tokens ``didn ' t`` of training. A lone surrogate becomes U+FFFD. ``basic_english`` lower-cases, sets off
    ``. , ( ) ! ? '`` and drops ``" ; :``. Takes time linear in the length of the text.

    Args:
        text: Any string; an empty one has no tokens.

    Raises:
        TextError: It is no string.

    Example:
        >>> from rnnviz.text import tokenise
        >>> tokenise("It's not bad.")
        ['it', "'", 's', 'not', 'bad', '.']
    """
    text = _whole(text)
    if not text.isascii():
        text = _composed(text.translate(_TYPED).lower())
    text = text.lower()
    for old, new in _BASIC_ENGLISH:
        text = text.replace(old, new)
    return text.split()


def letters(text: str) -> list[str]:
    r"""Split a text into its letters: the code points of its composed form (NFC), spaces and line feeds included.

    Case is kept. A sign that combines with the letter before it is a token of its own, unless Unicode has one code
    point for both. Of more than 30 such signs in a row the first 30 are kept; a lone surrogate becomes U+FFFD. Takes
    time linear in the length of the text.

    Args:
        text: Any string; an empty one has no tokens.

    Raises:
        TextError: It is no string.

    Example:
        >>> from rnnviz.text import letters
        >>> letters("Ja!\n")
        ['J', 'a', '!', '\n']
    """
    text = _whole(text)
    return list(text if text.isascii() else _composed(text))


def _whole(text: str) -> str:
    """A text without half a surrogate pair.

    Raises:
        TextError: It is no string.
    """
    if not isinstance(text, str):
        raise TextError("text_type", type=type(text).__name__)
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _composed(text: str) -> str:
    """A text in its composed form (NFC), which takes long only for marks that ``_fewer_marks`` removes."""
    return unicodedata.normalize("NFC", _MARKS.sub(_fewer_marks, text))


def _fewer_marks(match: re.Match[str]) -> str:
    """A run of symbols with no more than 30 combining marks in a row."""
    runs = itertools.groupby(match[0], key=lambda character: unicodedata.combining(character) > 0)
    return "".join("".join(itertools.islice(run, _MOST_MARKS) if marks else run) for marks, run in runs)


SPLITTERS: dict[Tokens, Callable[[str], list[str]]] = {"words": tokenise, "letters": letters}
"""What splits a text into each kind of tokens."""


class Vocabulary:
    """Tokens and their ids. Id 0 is the unknown one and id 1 the padding; neither can be typed.

    Attributes:
        words: All entries by id, ``<unk>`` and ``<pad>`` first.
        tokens: What they are: "words" or "letters".

    Example:
        >>> from rnnviz.text import Vocabulary, tokenise
        >>> words = Vocabulary.count([tokenise("not bad, not good"), tokenise("not bad")])
        >>> words.words
        ('<unk>', '<pad>', 'not', 'bad', ',', 'good')
        >>> words.ids(["not", "awful"])
        [2, 0]
        >>> Vocabulary("no", "letters").tokenise("On")
        ['O', 'n']
    """

    def __init__(self, words: Iterable[str], tokens: Tokens = "words") -> None:
        """Take the ordinary tokens, most frequent first; the two special entries are put before them."""
        self.words: tuple[str, ...] = (*SPECIALS, *words)
        self.tokens: Tokens = tokens
        if len(set(self.words)) != len(self.words):
            raise ValueError("a vocabulary names each token once")
        self._ids = {word: index for index, word in enumerate(self.words) if word not in SPECIALS}

    @classmethod
    def count(
        cls,
        texts: Iterable[Sequence[str]],
        *,
        min_freq: int = 1,
        size: int | None = None,
        more: Iterable[str] = (),
        tokens: Tokens = "words",
    ) -> "Vocabulary":
        """Collect the words of tokenised texts, most frequent first, ties in alphabetical order.

        Args:
            texts: The tokens of each text.
            min_freq: Words seen less often are left out.
            size: The most words to keep, not counting the two special entries; None keeps all.
            more: Fills the vocabulary up to ``size``, in this order: words that have a pretrained vector, say.
            tokens: What the texts were split into.
        """
        counter = Counter(itertools.chain.from_iterable(texts))
        counted = torchtext.vocab.Vocab(counter, max_size=size, min_freq=min_freq, specials=list(SPECIALS))
        words = dict.fromkeys(counted.itos[len(SPECIALS) :])
        if size is not None:
            fillers = (word for word in dict.fromkeys(more) if word not in words and word not in SPECIALS)
            words.update(dict.fromkeys(itertools.islice(fillers, size - len(words))))
        return cls(words, tokens)

    @classmethod
    def from_bytes(cls, data: bytes, tokens: Tokens = "words") -> "Vocabulary":
        """Read what lies in a checkpoint: words one a line, letters as a JSON array, the two special entries first.

        Raises:
            ValueError: It is something else.
        """
        text = data.decode()
        entries = _array(text) if tokens == "letters" else text.removesuffix("\n").split("\n")
        if tuple(entries[: len(SPECIALS)]) != SPECIALS:
            raise ValueError(
                f"a vocabulary begins with the {'entries' if tokens == 'letters' else 'lines'} {UNKNOWN} and {PADDING}"
            )
        return cls(entries[len(SPECIALS) :], tokens)

    def to_bytes(self) -> bytes:
        """Write what ``from_bytes`` reads back exactly."""
        if self.tokens == "letters":
            return (json.dumps(self.words, ensure_ascii=False, indent=0) + "\n").encode()
        return "".join(f"{word}\n" for word in self.words).encode()

    def tokenise(self, text: str) -> list[str]:
        """Split a text into this vocabulary's kind of tokens, known or not."""
        return SPLITTERS[self.tokens](text)

    def joined(self, tokens: Iterable[str]) -> str:
        """A text of some tokens, which ``tokenise`` splits into them again."""
        return BETWEEN[self.tokens].join(tokens)

    def ids(self, tokens: Iterable[str]) -> list[int]:
        """The id of each token; 0 for a word that is not here. ``<pad>`` and ``<unk>`` are ordinary unknown words."""
        return list(map(self._ids.get, tokens, itertools.repeat(UNKNOWN_ID)))

    def __contains__(self, word: object) -> bool:
        return word in self._ids

    def __len__(self) -> int:
        return len(self.words)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vocabulary) and (self.words, self.tokens) == (other.words, other.tokens)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Vocabulary({len(self):,} entries)"


def _array(text: str) -> list[str]:
    """A JSON array of letters, each of one code point, after the two special entries.

    Raises:
        ValueError: It is something else.
    """
    entries = json_array(text.encode())
    if any(not isinstance(entry, str) for entry in entries) or any(len(one) != 1 for one in entries[len(SPECIALS) :]):
        raise ValueError("a vocabulary of letters is an array of strings, each of one letter")
    return entries


@dataclass(frozen=True, eq=False)
class WordVectors:
    """Word vectors of somebody else's training.

    Attributes:
        words: Word to row, in the order of the file (usually most frequent first).
        vectors: One row a word.

    Example:
        >>> from rnnviz.text import Vocabulary, WordVectors
        >>> vectors = WordVectors({"good": 0}, np.array([[0.5, 1.0]], dtype=np.float32))
        >>> vectors.rows_for(Vocabulary(["good", "bad"]))
        array([[nan, nan],
               [nan, nan],
               [0.5, 1. ],
               [nan, nan]], dtype=float32)
    """

    words: dict[str, int]
    vectors: Float[np.ndarray, "word feature"]

    def rows_for(self, vocabulary: Vocabulary) -> Float[np.ndarray, "entry feature"]:
        """One row an entry of a vocabulary; NaN where there is no vector for it."""
        rows = np.full((len(vocabulary), self.vectors.shape[1]), np.nan, dtype=np.float32)
        for entry, word in enumerate(vocabulary.words[len(SPECIALS) :], start=len(SPECIALS)):
            if word in self.words:
                rows[entry] = self.vectors[self.words[word]]
        return rows


def load_vectors(path: str | Path) -> WordVectors:
    r"""Read word vectors: GloVe's, word2vec's and fastText's text formats (also gzipped), or a ``.npy`` array.

    Beside an array lies ``vocab.txt``, one word a line in the order of its rows. Of a word that is there twice the
    first vector counts, and a word that is not UTF-8 is skipped. word2vec's binary format is not read.

    Args:
        path: The file. Any suffix but ``.npy`` means one of the text formats.

    Returns:
        The words, and their vectors as float32 [word, feature].

    Raises:
        DataError: The file cannot be read, or its vocabulary does not fit.

    Example:
        >>> from pathlib import Path
        >>> from rnnviz.text import load_vectors
        >>> _ = Path("glove.txt").write_text("good 0.5 1.0\nbad -0.5 1.0\n")
        >>> load_vectors("glove.txt").vectors.shape
        (2, 2)
    """
    path = Path(path)
    try:
        words, vectors = vector_file.from_array(path) if path.suffix == ".npy" else vector_file.from_text(path)
    except DataError:
        raise
    except ValueError as error:
        raise _unreadable(path, error) from None
    except OSError as error:
        raise _unreadable(path, error.strerror or "it is no file") from None
    return WordVectors(words, vectors)


def _unreadable(path: Path, problem: object) -> DataError:
    return DataError("vectors_file", path=path, problem=str(problem).rstrip("."))
