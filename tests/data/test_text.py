"""Text: what a person types meets the tokens, the ids and the vectors of training."""

import gzip
import json
import logging
import re
import tracemalloc
import unicodedata
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st
from torchtext.data.utils import get_tokenizer

from rnnviz.data.spelling import SPELLINGS
from rnnviz.data.text import (
    PADDING,
    PADDING_ID,
    SPECIALS,
    UNKNOWN,
    UNKNOWN_ID,
    Vocabulary,
    WordVectors,
    letters,
    load_vectors,
    tokenise,
)
from rnnviz.errors import DataError, TextError

FAMILY = "\N{MAN}\u200d\N{WOMAN}\u200d\N{GIRL}"
any_text = st.text(st.characters())  # surrogates too
some_texts = st.lists(any_text, max_size=8)


@pytest.mark.parametrize(
    ("typed", "tokens"),
    [
        ("didn't", ["didn", "'", "t"]),
        ("isn't", ["isn", "'", "t"]),
        ("It's not bad.", ["it", "'", "s", "not", "bad", "."]),
        ("a (good) film", ["a", "(", "good", ")", "film"]),
        ('so-so; no: "really"?!', ["so-so", "no", "really", "?", "!"]),
        ("one<br />two", ["one", "two"]),
        (" \t\n", []),
        ("", []),
    ],
)
def test_tokens_are_those_of_the_lesson(typed, tokens):
    assert tokenise(typed) == get_tokenizer("basic_english")(typed) == tokens


@pytest.mark.parametrize(
    ("phone", "plain"),
    [
        ("didn’t", "didn't"),
        ("It’s", "It's"),
        ("ʼtis", "'tis"),
        ("a ‘good’ film", "a 'good' film"),
        ("a “good” film", 'a "good" film'),
        ("great…", "great..."),
        ("good—really good", "good -- really good"),
    ],
)
def test_a_phone_s_characters_meet_the_tokens_of_training(phone, plain):
    assert tokenise(phone) == get_tokenizer("basic_english")(plain)


@pytest.mark.parametrize(
    ("spelling", "in_the_file", "typed"),
    [
        ("treebank", "it did n't work , is n't that a shame", "It didn't work, isn't that a shame"),
        ("treebank", "the film 's heart", "the film's heart"),
        (
            "treebank",
            "i 'd say we 're sure they 'll come , i 've seen it",
            "I'd say we're sure they'll come, I've seen it",
        ),
        ("treebank", "i can not recommend it", "I cannot recommend it"),
        ("treebank", "an american not wan na pelican not gon na", "an American not wanna pelican not gonna"),
        ("treebank", "-lrb- a good one -rrb-", "(a good one)"),
        ("treebank", "-LRB- a good one -RRB- -LSB- sic -RSB-", "(a good one) [ sic ]"),
        ("treebank", "( a good one )", "(a good one)"),
        ("treebank", "`` good '' and ` bad '", "\"good\" and 'bad'"),
        ("treebank", "either\\/or , 5 \\*", "either/or, 5 *"),
        ("treebank", "the '70s and rock 'n' roll", "the '70s and rock 'n' roll"),
        ("ag_news", "Apple #39;s shares", "Apple's shares"),
        ("ag_news", "a  quot;good quot; year", 'a "good" year'),
        ("ag_news", "&lt;b&gt;News&lt;/b&gt; today", "News today"),
        ("ag_news", "for  #36;25.4 billion", "for $25.4 billion"),
        ("ag_news", "US #36;160 and AT amp;T", "US$160 and AT&T"),
        ("ag_news", "rivals\\next week", "rivals next week"),
        ("html", "good<br /><br />film<BR>end", "good film end"),
        ("plain", "did n't -lrb- #39; <br>", "did n't -lrb- #39; <br>"),
    ],
)
def test_a_data_set_s_own_spelling_meets_what_a_person_types(spelling, in_the_file, typed):
    assert tokenise(SPELLINGS[spelling](in_the_file)) == tokenise(typed)


@pytest.mark.parametrize("typed", ["<pad>", "<unk>", "<PAD> <UNK> <pad>"])
def test_t11_typing_a_special_entry_is_an_ordinary_unknown_word(typed):
    vocabulary = Vocabulary.count([["a", *tokenise(typed)]])
    assert vocabulary.words == (UNKNOWN, PADDING, "a")
    assert set(vocabulary.ids(tokenise(typed))) == {UNKNOWN_ID}
    assert tokenise(typed) == typed.lower().split()
    assert PADDING not in vocabulary


@pytest.mark.parametrize(
    ("typed", "token"),
    [("\ud800", "\ufffd"), ("a\udc00b", "a\ufffdb"), ("\udc00\ud800", "\ufffd\ufffd"), ("\ud83d\ude00", "\U0001f600")],
)
def test_t4_a_lone_surrogate_becomes_the_replacement_character_and_a_pair_its_emoji(typed, token):
    assert tokenise(typed) == [token]


@given(any_text)
def test_t4_every_token_can_be_written_as_utf_8(text):
    "".join(tokenise(text)).encode()


@given(st.text())
def test_t5_composed_and_decomposed_texts_have_the_same_tokens(text):
    assert tokenise(unicodedata.normalize("NFD", text)) == tokenise(unicodedata.normalize("NFC", text))


@pytest.mark.parametrize("typed", ["cafe\u0301", "café", "CAFÉ", "CAFE\u0301", 'cafe"\u0301'])
def test_t5_a_token_is_composed_however_it_was_typed(typed):
    assert tokenise(typed) == ["café"]


def test_t5_a_letter_that_can_be_composed_only_in_lower_case_is():
    assert tokenise("J\N{COMBINING CARON}") == ["\N{LATIN SMALL LETTER J WITH CARON}"]


@given(any_text)
def test_reading_the_tokens_again_changes_nothing(text):
    tokens = tokenise(text)
    assert tokenise(" ".join(tokens)) == tokens


def test_t7_a_family_of_emoji_stays_one_token():
    assert tokenise(f"so {FAMILY}{FAMILY} good") == ["so", FAMILY * 2, "good"]


def test_t12_a_megabyte_is_split_into_the_right_number_of_tokens():
    text = "It's (not) bad; " * (1_000_000 // 16)
    assert Counter(tokenise(text)) == dict.fromkeys(["it", "'", "s", "(", "not", ")", "bad"], 62_500)


def test_t12_unicode_composition_never_sees_a_run_of_accents_that_it_needs_quadratic_time_for(monkeypatch):
    """Sorting n accents takes Python's unicodedata n² steps: 64 kB of them once held a processor for seconds."""
    seen = []

    def spy(form: str, text: str) -> str:
        runs = "".join("^" if unicodedata.combining(character) else " " for character in text).split()
        seen.extend(map(len, runs))
        return text

    monkeypatch.setattr(unicodedata, "normalize", spy)
    tokenise("a" + "\u0300\u0327" * 100_000 + "\U0001f600" + "\u0327\u0300" * 40 + "b\u0300")
    assert seen == [30, 30, 1]


@pytest.mark.parametrize(
    "text", ["a" + "\u0300\u0327" * 15, "\U0001f600" * 100, f"{FAMILY} " * 40, "。" * 50, "=" * 99]
)
def test_what_is_not_a_pile_of_accents_is_left_alone(text):
    assert "".join(tokenise(text)) == unicodedata.normalize("NFC", text).replace(" ", "")


@pytest.mark.parametrize("given_text", [None, 3, ["a", "b"], b"text"])
def test_what_is_no_string_is_refused_by_its_type(as_shipped, given_text):
    with pytest.raises(TextError) as caught:
        as_shipped("data.text").tokenise(given_text)
    assert str(caught.value) == f"A text must be a string, not {type(given_text).__name__}.\nPass one string."


def test_unknown_is_0_padding_is_1_and_words_follow_by_frequency_then_alphabet():
    vocabulary = Vocabulary.count([["b", "a", "c"], ["c", "B"]])
    assert vocabulary.words == ("<unk>", "<pad>", "c", "B", "a", "b")
    assert (UNKNOWN_ID, PADDING_ID) == (0, 1)
    assert vocabulary.ids(["c", "zebra", "b"]) == [2, 0, 5]


@given(some_texts, st.integers(1, 3), st.integers(0, 6))
def test_the_vocabulary_is_a_plain_count_cut_off(typed, min_freq, size):
    texts = [tokenise(text) for text in typed]
    counts = Counter(token for text in texts for token in text if token not in SPECIALS)
    ranked = sorted((word for word in counts if counts[word] >= min_freq), key=lambda word: (-counts[word], word))
    assert Vocabulary.count(texts, min_freq=min_freq, size=size).words == (*SPECIALS, *ranked[:size])
    assert Vocabulary.count(texts, min_freq=min_freq).words == (*SPECIALS, *ranked)


def test_words_with_a_vector_fill_the_vocabulary_up_to_its_size_and_no_further():
    more = ["a", "<pad>", "x", "x", "y", "z", "<unk>"]
    assert Vocabulary.count([["a", "a", "b"]], size=4, more=more).words[2:] == ("a", "b", "x", "y")
    assert Vocabulary.count([["a", "a", "b"]], size=1, more=more).words[2:] == ("a",)
    assert Vocabulary.count([["a", "a", "b"]], min_freq=2, size=9, more=more).words[2:] == ("a", "x", "y", "z")
    assert Vocabulary.count([["a", "a", "b"]], more=more).words[2:] == ("a", "b")


@given(some_texts)
def test_the_plain_text_form_is_read_back_exactly(typed):
    texts = [tokenise(text) for text in typed]
    vocabulary = Vocabulary.count(texts)
    again = Vocabulary.from_bytes(vocabulary.to_bytes())
    assert again == vocabulary
    assert [again.ids(text) for text in texts] == [vocabulary.ids(text) for text in texts]


def test_the_plain_text_form_is_one_entry_a_line():
    assert Vocabulary(["film", "é"]).to_bytes() == "<unk>\n<pad>\nfilm\né\n".encode()


@given(st.lists(st.text(), unique=True))
def test_no_word_ever_gets_the_id_of_a_special_entry(words):
    words = [word for word in words if word not in SPECIALS]
    vocabulary = Vocabulary(words)
    assert vocabulary.ids(words) == list(range(2, len(words) + 2))
    assert [vocabulary.words[place] for place in vocabulary.ids(words)] == words
    assert all(word in vocabulary for word in words)


@pytest.mark.parametrize("words", [["a", "a"], ["a", "<unk>"], ["<pad>"]])
def test_a_vocabulary_that_names_an_entry_twice_is_refused(words):
    with pytest.raises(ValueError, match="names each token once"):
        Vocabulary(words)
    with pytest.raises(ValueError, match="names each token once"):
        Vocabulary.from_bytes("".join(f"{word}\n" for word in (*SPECIALS, *words)).encode())


@pytest.mark.parametrize("text", ["", "film\n", "<pad>\n<unk>\nfilm\n"])
def test_a_text_that_does_not_begin_with_the_special_entries_is_no_vocabulary(text):
    with pytest.raises(ValueError, match="begins with the lines <unk> and <pad>"):
        Vocabulary.from_bytes(text.encode())


@given(st.text())
def test_letters_are_the_code_points_of_the_composed_text_and_nothing_else_is_dropped(typed):
    tokens = letters(typed)
    assert all(len(token) == 1 for token in tokens)
    whole = typed.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if not re.search(r"[^\w\s!-~]{31,}", whole):
        assert "".join(tokens) == unicodedata.normalize("NFC", whole)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a  B\n\t", ["a", " ", " ", "B", "\n", "\t"]),
        ("e\u0301", ["\u00e9"]),
        ("\u0939\u093f\u0928\u094d\u0926\u0940", ["\u0939", "\u093f", "\u0928", "\u094d", "\u0926", "\u0940"]),
        ("\ud800x", ["\ufffd", "x"]),
        ("\ud83d\ude00", ["\U0001f600"]),
        ("", []),
    ],
)
def test_letters_keep_spaces_case_and_signs(text, wanted):
    assert letters(text) == wanted


def test_a_letter_with_a_thousand_marks_keeps_thirty():
    assert len(letters("q" + "\u0323" * 1000)) == 31


@given(some_texts)
def test_a_vocabulary_of_letters_is_read_back_exactly(typed):
    texts = [letters(text) for text in typed]
    vocabulary = Vocabulary.count(texts, tokens="letters")
    again = Vocabulary.from_bytes(vocabulary.to_bytes(), "letters")
    assert again == vocabulary
    assert again != Vocabulary.count(texts)
    assert [again.ids(text) for text in texts] == [vocabulary.ids(text) for text in texts]
    assert json.loads(vocabulary.to_bytes())[:2] == list(SPECIALS)


@pytest.mark.parametrize(
    "data",
    [
        "<unk>\n<pad>\na\n",
        '{"a": 1}',
        '["a", "b"]',
        '["<unk>", "<pad>", "ab"]',
        '["<unk>", "<pad>", 1]',
        '["<unk>", "<pad>", ""]',
        '["<unk>", "<pad>", "a", "a"]',
        '["<unk>", "<pad>", "\\ud800"]',
        "[" * 100_000,
    ],
)
def test_an_array_that_is_none_of_letters_is_refused(data):
    with pytest.raises(ValueError, match=r"array|vocabulary|JSON|Expecting|nested|character"):
        Vocabulary.from_bytes(data.encode(), "letters")


VECTORS = {"the": (0.25, -1.5, 3e-3), "didn": (1, 2, 3), "\u00a0": (0, 0, 0.5), "é": (-1, -2, -3.5)}
TABLE = np.array(list(VECTORS.values()), dtype=np.float32)
LINES = "".join(f"{word} {' '.join(map(repr, row))}\n" for word, row in VECTORS.items())


def write_glove(folder: Path) -> Path:
    path = folder / "glove.txt"
    path.write_text(LINES, encoding="utf-8")
    return path


def write_word2vec(folder: Path) -> Path:
    path = folder / "word2vec.vec"
    path.write_text(f"{len(VECTORS)} 3\n" + LINES.replace("\n", " \n"), encoding="utf-8")
    return path


def write_gzip(folder: Path) -> Path:
    path = folder / "glove.txt.gz"
    path.write_bytes(gzip.compress(LINES.encode()))
    return path


def write_array(folder: Path, dtype: str = "float32") -> Path:
    path = folder / "vectors.npy"
    np.save(path, TABLE.astype(dtype))
    (folder / "vocab.txt").write_text("".join(f"{word}\n" for word in VECTORS), encoding="utf-8")
    return path


@pytest.mark.parametrize("write", [write_glove, write_word2vec, write_gzip, write_array])
def test_every_form_of_word_vectors_reads_alike_and_leaves_no_trace(tmp_path, monkeypatch, capfd, caplog, write):
    path = write(tmp_path)
    files = sorted(tmp_path.iterdir())
    monkeypatch.chdir(tmp_path)
    caplog.set_level(logging.INFO)
    found = load_vectors(str(path))
    assert found.words == {word: place for place, word in enumerate(VECTORS)}
    np.testing.assert_array_equal(found.vectors, TABLE)
    assert sorted(tmp_path.iterdir()) == files
    assert capfd.readouterr() == ("", "")
    assert caplog.messages == []


def test_a_word_that_is_not_utf_8_is_skipped_with_its_row(tmp_path):
    path = tmp_path / "glove.txt"
    path.write_bytes(b"the 1 2 3\ncaf\xe9 4 5 6\nfilm 7 8 9\n")
    found = load_vectors(path)
    assert found.words == {"the": 0, "film": 1}
    assert found.vectors.tolist() == [[1, 2, 3], [7, 8, 9]]


def test_half_precision_arrays_keep_their_type(tmp_path):
    found = load_vectors(write_array(tmp_path, "float16"))
    assert found.vectors.dtype == np.float16
    np.testing.assert_array_equal(found.vectors, TABLE.astype("float16"))


def test_rows_for_a_vocabulary_are_the_words_own_and_nan_where_there_is_none():
    vectors = WordVectors({"<pad>": 1, "film": 1, "the": 0}, np.array([[1.0, 2.0], [3.0, 4.0]], dtype=np.float16))
    rows = vectors.rows_for(Vocabulary(["the", "didn", "film"]))
    nan = np.nan
    np.testing.assert_array_equal(rows, [[nan, nan], [nan, nan], [1, 2], [nan, nan], [3, 4]])
    assert rows.dtype == np.float32


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "no line of it holds a word and its numbers"),
        (b"just a few words\n", "line 1 has 0 numbers after its word, and at least one is needed"),
        (
            b"the 1 2 3\nfilm 1 2\n",
            "line 2 has 2 numbers after its word, and 3 are needed",
        ),
    ],
)
def test_a_text_that_holds_no_vectors_says_why(tmp_path, data, problem):
    path = tmp_path / "glove.txt"
    path.write_bytes(data)
    with pytest.raises(DataError) as caught:
        load_vectors(path)
    assert str(caught.value) == (
        f"{path} cannot be read as word vectors: {problem}.\nPass GloVe or word2vec text, or a .npy file."
    )


@pytest.mark.parametrize("name", ["glove.txt", "vectors.npy"])
def test_missing_vectors_are_said_to_be_missing(tmp_path, name):
    with pytest.raises(DataError, match="cannot be read as word vectors: there is no"):
        load_vectors(tmp_path / name)


def test_an_array_without_its_words_asks_for_them(tmp_path):
    path = write_array(tmp_path)
    path.with_name("vocab.txt").unlink()
    with pytest.raises(DataError, match=r"there is no vocab\.txt in its folder"):
        load_vectors(path)


@pytest.mark.parametrize("words", ["the\n", "the\nfilm\nwas\nnot\nbad\n"])
def test_an_array_of_another_size_than_its_words_gives_both_sizes(tmp_path, words):
    path = write_array(tmp_path)
    path.with_name("vocab.txt").write_text(words)
    with pytest.raises(DataError) as caught:
        load_vectors(path)
    assert str(caught.value) == (
        f"{path} has 4 vectors but vocab.txt lists {words.count(chr(10))} words.\nPut the matching vocab.txt beside it."
    )


def zip_arrays(path: Path) -> None:
    with path.open("wb") as file:
        np.savez(file, TABLE)


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:-3]),
        lambda path: np.save(path, np.array([{"a": 1}], dtype=object)),
        lambda path: np.save(path, np.float32(3)),
        lambda path: np.save(path, np.array(["the", "film"])),
        zip_arrays,
    ],
    ids=["empty", "cut short", "pickled", "one number", "words", "an archive"],
)
def test_a_file_that_is_no_table_is_refused_as_such(tmp_path, damage):
    path = write_array(tmp_path)
    damage(path)
    with pytest.raises(DataError, match="cannot be read as word vectors"):
        load_vectors(path)


def test_a_gzip_file_that_is_cut_short_is_refused(tmp_path):
    path = write_gzip(tmp_path)
    path.write_bytes(path.read_bytes()[:-12])
    with pytest.raises(DataError, match="it is cut short: the gzip file ends too early"):
        load_vectors(path)


def test_glove_s_text_and_array_agree_and_know_the_tokens_a_person_types(data_folder):
    """The text is not rounded; the array is to 16 bits, with a largest error of 0.001 (its README)."""
    text = load_vectors(data_folder / "glove_6b_100d" / "glove.6B.100d.top10k.txt.gz")
    array = load_vectors(data_folder / "glove_6b_100d" / "vectors.f16.npy")
    assert len(text.words) == 10_000
    assert len(array.words) == len(array.vectors) == 85_753
    rows = [array.words[word] for word in text.words]
    np.testing.assert_allclose(array.vectors[rows].astype("float32"), text.vectors, atol=1e-3)
    for word in tokenise("The film wasn't bad, it's good!"):
        assert word in text.words or word == "wasn"


def said_of(path: Path) -> str:
    with pytest.raises(DataError) as caught:
        load_vectors(path)
    assert caught.value.key in ("vectors_file", "vectors_vocabulary")
    return str(caught.value)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"the 1 2 3\ncat 4 5 6\ndog 1", "line 3 has 1 numbers after its word, and 3 are needed: it is cut short"),
        (b"the 1 2 3\ncat 4 5 -", "line 2 has 0 numbers after its word, and 3 are needed: it is cut short"),
        (b"3 2\nthe 1 2\ncat 3 4\n", "its first line promises 3 words, and it has 2: fetch the file again"),
        (b"1 2\nthe 1 2\ncat 3 4\n", "its first line promises 1 words, and it has 2"),
        (b"2 3\nthe 1 2\ncat 3 4\n", "line 2 has 2 numbers after its word, and 3 are needed"),
        (b"9999999999999 3\nthe 1 2 3\n", "line 1 promises more words than any file has"),
        (b"2 999999999\nthe 1 2 3\n", "its vectors have 999,999,999 numbers; from 1 to 10,000 are read"),
        (b"2 0\nthe\ncat\n", "its vectors have 0 numbers"),
        (b"the 1 2 3\ncat 4 5 6 7\n", "line 2 has 4 numbers after its word, and 3 are needed"),
        (b"the 1 2 3\ncat 4 inf 6\n", "line 2 holds a number that is not finite"),
        (b"the 1 2 3\nSKIPPED\xe9 1 2 3\ncat 4 nan 6\n", "line 3 holds a number that is not finite"),
        (b"the 1 2 3\ncat 4 1e39 6\n", "line 2 holds a number that is not finite"),  # in float32
        (b"the 1 2 3\ncat 4 1e999 6\n", "line 2 holds a number that is not finite"),
        (b"the 1 2 3\ncat 4 1_0 6\n", "line 2 has 1 numbers"),
        (b"\n" * 101 + b"the 1 2 3\n", "more than 100 of its lines are empty"),
        (b"the " + b"1" * 300_000 + b"\n", "line 1 has more than 250,000 bytes"),
        (b"2 3\nthe \0\0\x80\x3f\0\0\x80\x3f\0\0\x80\x3f\ncat \0\0\x80\x3f\0\0\x80\x3f\0\0\x80\x3f\n", "binary=False"),
        (b"PK\3\4 and so on", "it is damaged: File is not a zip file"),
        (b"PK\5\6" + bytes(18), "it is a zip archive of 0 files: unpack it first"),
        (b"BZh91AY", "it is packed by bzip2: unpack it first"),
        (b"\xfd7zXZ\0\0", "it is packed by xz: unpack it first"),
        (b"\x28\xb5\x2f\xfd\0", "it is packed by zstd: unpack it first"),
        (b"\x1f\x8b\x08", "it is cut short: the gzip file ends too early"),
        (gzip.compress(b"the 1 2\n") + b"garbage", "it is damaged: Not a gzipped file"),
        (gzip.compress(b"the 1 2\n")[:-4], "it is cut short"),
        (gzip.compress(b"\n" * 9_000_000), "more than 100 of its lines are empty"),
        (gzip.compress((b"the" + b" 0" * 2_000 + b"\n") * 2_500), "it unpacks to more than 1,"),
        (gzip.compress(b"the" + b" 0" * 5_000_000), "has more than 250,000 bytes"),
        ("the 1 2\n".encode("utf-16"), "line 1"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_wrong_with_a_text_of_vectors_is_said_by_line_at_once(tmp_path, data, problem):
    path = tmp_path / "vectors.txt"
    path.write_bytes(data)
    tracemalloc.start()
    assert problem in said_of(path)
    assert tracemalloc.get_traced_memory()[1] < 60_000_000
    tracemalloc.stop()


def test_spaces_in_words_marks_line_ends_and_repetitions_are_read_as_meant(tmp_path):
    """GloVe's 840B has words such as ". . ."; of a word that comes twice, gensim keeps the first as well."""
    path = tmp_path / "vectors.txt"
    lines = ["at name@domain.com 0.5 1 2", ". . . 3 4 5", "the 6 7 8 ", "the 9 9 9", "", "1 10 11 12"]
    path.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode())
    found = load_vectors(path)
    assert found.words == {"at name@domain.com": 0, ". . .": 1, "the": 2, "1": 3}
    assert found.vectors.tolist() == [[0.5, 1, 2], [3, 4, 5], [6, 7, 8], [10, 11, 12]]
    assert found.vectors.dtype == np.float32


@given(
    st.lists(st.sampled_from(["a", "b c", "é", "1", ". . .", "x_y", "nan"]), min_size=1, unique=True),
    st.integers(1, 4),
    st.booleans(),
    st.booleans(),
)
def test_any_vectors_that_are_written_are_read_back(tmp_path_factory, words, width, zipped, header):
    rows = np.random.default_rng(width).normal(size=(len(words), width)).astype(np.float32)
    lines = [f"{word} {' '.join(map(repr, row.tolist()))}" for word, row in zip(words, rows, strict=True)]
    text = "\n".join([f"{len(words)} {width}"] * header + lines).encode()
    path = tmp_path_factory.mktemp("any") / "vectors"
    path.write_bytes(gzip.compress(text) if zipped else text)
    found = load_vectors(path)
    assert list(found.words) == words
    np.testing.assert_array_equal(found.vectors, rows)


@pytest.mark.parametrize("shape", ["(10000000, 1000)", "(3, 3)", "(5, 3)", "(-4, -3)", "(4, 0)", "(12,)", "(4, 3, 1)"])
def test_an_array_that_lies_about_its_size_is_refused_with_little_memory(tmp_path, shape):
    path = write_array(tmp_path)
    data = path.read_bytes()
    text = data[10:128].replace(b"(4, 3)", shape.encode())[:118].ljust(118)
    path.write_bytes(data[:10] + text + data[128:])
    tracemalloc.start()
    said_of(path)
    assert tracemalloc.get_traced_memory()[1] < 30_000_000
    tracemalloc.stop()


def test_an_array_may_be_of_another_byte_order_and_its_words_have_a_mark_and_repetitions(tmp_path):
    path = write_array(tmp_path, ">f4")
    path.with_name("vocab.txt").write_bytes(b"\xef\xbb\xbfthe\r\nfilm\r\nthe\r\n\xc3\xa9\r\n")
    found = load_vectors(path)
    assert found.words == {"the": 0, "film": 1, "é": 3}
    np.testing.assert_array_equal(found.vectors, TABLE)
    assert found.vectors.dtype.isnative
    path.with_name("vocab.txt").write_bytes(b"the\nfil\xe9\n")
    assert "vocab.txt is not UTF-8 at byte 7" in said_of(path)
    np.save(path, np.full((4, 3), np.inf))
    path.with_name("vocab.txt").write_bytes(b"a\nb\nc\nd\n")
    assert "row 0 holds a number that is not finite" in said_of(path)


def test_a_folder_is_no_file_of_vectors(tmp_path):
    (tmp_path / "folder.npy").mkdir()
    for name in ("", "folder.npy"):
        assert "there is no" in said_of(tmp_path / name)
