"""Data files: every row as its writer meant it, and for a file that cannot be read so, where and what to do."""

import csv
import encodings
import encodings.aliases
import gzip
import io
import pkgutil
import re
import socket
import sys
import tracemalloc
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st

from rnnviz.data.csv_files import is_charset
from rnnviz.data.datasets import Dataset, from_hub, load
from rnnviz.data.formats import FORMATS, ClassName, DataFormat, named_format
from rnnviz.data.text import tokenise
from rnnviz.errors import DataError, DataWarning, SelectionError
from rnnviz.experiments.evaluation import overlap
from tests.builders import dataset

SMALL = "label,text\npos,a good film\nneg,a bad film\npos,great fun\nneg,awful\n"
TWO = DataFormat(classes=(ClassName(value="pos", name="good"), ClassName(value="neg", name="bad")))
some_rows = st.lists(st.tuples(st.sampled_from(["pos", "neg"]), st.text(st.characters(codec="utf-8"))), min_size=4)


def written(folder: Path, text: str | bytes, name: str = "reviews.csv") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def pairs(dataset: Dataset) -> list[tuple[str, str]]:
    return [(dataset.classes[label], text) for label, text in zip(dataset.labels, dataset.texts, strict=True)]


def objection(path: Path, *arguments: object, **options: object) -> str:
    """What is said of a file that cannot be used."""
    with pytest.raises(DataError) as caught:
        load(path, *arguments, **options)
    return str(caught.value)


@pytest.mark.filterwarnings("ignore::rnnviz.errors.DataWarning")  # such as texts without spaces
@given(some_rows, st.sampled_from([",", ";", "\t", "|"]), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_what_python_s_csv_module_writes_is_read_back(tmp_path_factory, rows, delimiter, ending, all_quoted):
    rows = [("pos", "a"), ("pos", "b"), ("neg", "c"), ("neg", "d"), *rows]
    file = io.StringIO(newline="")
    quoting = csv.QUOTE_ALL if all_quoted else csv.QUOTE_MINIMAL
    writer = csv.writer(file, delimiter=delimiter, lineterminator=ending, quoting=quoting)
    writer.writerows([("label", "text"), *rows])
    path = written(tmp_path_factory.mktemp("csv"), file.getvalue())
    assert pairs(load(path, delimiter=delimiter)) == [(label, text.strip()) for label, text in rows]


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_t41_unicode_files_are_read_with_and_without_a_mark(tmp_path, codec):
    text = SMALL.replace("great fun", "ein schöner Film, ☃").replace("ein schöner Film, ☃", '"ein schöner Film, ☃"')
    assert load(written(tmp_path, text.encode(codec))).texts[2] == "ein schöner Film, ☃"


@pytest.mark.parametrize("given_codec", ["utf-8", "utf-16-le", "cp1252"])
def test_t41_an_encoding_that_is_passed_is_used_and_a_mark_is_no_part_of_the_header(tmp_path, given_codec):
    mark = "" if given_codec == "cp1252" else "\ufeff"
    path = written(tmp_path, (mark + SMALL.replace("awful", "\u2019nuff")).encode(given_codec))
    assert load(path, encoding=given_codec).texts[3] == "\u2019nuff"


def test_t41_another_encoding_is_told_with_line_byte_guess_and_option(tmp_path):
    path = written(tmp_path, SMALL.replace("great fun", "a naïve café").encode("cp1252"))
    assert objection(path) == f"{path} is not UTF-8: line 4, byte 0xef.\nIt looks like cp1252; pass --encoding cp1252."


@pytest.mark.parametrize(
    ("words", "codec"),
    [
        ("it’s “great”, he said", "cp1252"),
        ("ein schöner, großer Film über Käse", "cp1252"),
        ("costs 5 £ — naïve", "cp1252"),
        ("zażółć gęślą jaźń, proszę państwa", "cp1250"),
        ("καλή ταινία που είδα χθες το βράδυ", "cp1253"),
        # A single short sentence is too little for older charset-normalizers.
        ("这部电影很好看，演员的表演也非常出色，我和家人昨天晚上一起看的，大家都很喜欢，下次还想再看一遍。", "gb18030"),
    ],
)
def test_t41_passing_the_encoding_that_is_guessed_gives_the_right_words(tmp_path, words, codec):
    path = written(tmp_path, SMALL.replace("great fun", f'"{words}"').encode(codec))
    guess = re.fullmatch(r"It looks like (.+); pass --encoding \1\.", objection(path).split("\n")[1])
    assert guess is not None
    assert load(path, encoding=guess[1]).texts[2] == words


def test_t41_an_odd_byte_far_down_after_a_mark_is_named_right(tmp_path):
    """Its first half megabyte says ASCII, and the mark's three bytes shift Python's own count."""
    rows = "pos,a good film\nneg,a bad film\n" * 20_000
    path = written(tmp_path, b"\xef\xbb\xbflabel,text\n" + rows.encode() + "pos,café\n".encode("cp1252"))
    for tried, options in (("UTF-8", {}), ("utf-8-sig", {"encoding": "utf-8-sig"})):
        assert objection(path, **options) == (
            f"{path} is not {tried}: line 40002, byte 0xe9.\nIt looks like cp1252; pass --encoding cp1252."
        )


def test_t41_an_encoding_that_does_not_fit_is_named_as_it_was_passed(tmp_path):
    path = written(tmp_path, SMALL.replace("awful", "schön"))
    assert objection(path, encoding="ascii") == (
        f"{path} is not ascii: line 5, byte 0xc3.\nIt looks like utf-8; pass --encoding utf-8."
    )


@pytest.mark.parametrize("name", ["latin1337", "hex", "undefined"])
def test_t41_an_encoding_that_does_not_exist_is_answered_with_common_ones(tmp_path, name):
    assert objection(written(tmp_path, b"\xe9" + SMALL.encode()), encoding=name) == (
        f"There is no encoding {name!r}.\nCommon ones are utf-8, utf-16, cp1252 and latin-1."
    )


@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff", "\r\n"])
def test_t40_an_empty_file_says_what_it_needs(tmp_path, content):
    path = written(tmp_path, content)
    assert objection(path) == f"{path} holds no rows.\nIt needs a header line and at least two classes."


def test_t40_a_file_of_only_a_header_says_so(tmp_path):
    path = written(tmp_path, "label,text\n\n")
    assert objection(path) == f"{path} holds no rows, only a header.\nIt needs a header line and at least two classes."


def test_t40_a_file_of_which_every_row_is_skipped_says_why(tmp_path):
    path = written(tmp_path, "label,text,also_in\n0,bad,test\n1,good,dev\n")
    assert objection(path).startswith(f"{path} holds no rows that its column 'also_in' does not leave out.\n")


def test_a_missing_file_is_named(tmp_path):
    path = tmp_path / "nothing.csv"
    assert objection(path) == f"There is no data file {path}.\nPass a file of texts, such as a .csv or .tsv file."


@pytest.mark.parametrize("name", ["reviews.csv.gz", "reviews.csv"])
def test_a_compressed_file_is_known_by_its_content_not_its_name(tmp_path, name):
    assert len(load(written(tmp_path, gzip.compress(SMALL.encode()), name))) == 4
    assert len(load(written(tmp_path, SMALL, name))) == 4  # some browsers unpack what they fetch


@pytest.mark.parametrize("spoil", [lambda data: data[:-9], lambda data: data[:12] + b"\xff" * 20 + data[32:]])
def test_a_damaged_gzip_file_is_told_to_be_fetched_again(tmp_path, spoil):
    path = written(tmp_path, spoil(gzip.compress(SMALL.encode())), "reviews.csv.gz")
    first, second = objection(path).split("\n")
    assert first.startswith(f"{path} cannot be read: ")
    assert second == "Fetch the file again."


def test_a_file_that_unpacks_to_too_much_is_refused_before_it_fills_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr("rnnviz.data.tables._MOST_BYTES", 1_000)
    path = written(tmp_path, gzip.compress(SMALL.encode() + b"x" * 100_000), "bomb.csv.gz")
    assert objection(path) == f"{path} unpacks to more than 1,000 bytes.\nSplit it."


def test_t42_a_ragged_row_is_named_by_line_width_and_beginning(tmp_path):
    path = written(tmp_path, SMALL + "pos,it was good, and long, and slow but in the end worth it\n")
    assert objection(path) == (
        f"{path}, line 6: 4 fields where the header has 2. "
        "It begins 'pos,it was good, and long, and slow but '.\n"
        "Quote fields that contain the delimiter ',', or pass another --delimiter."
    )


def test_t42_a_row_that_is_too_short_is_not_padded(tmp_path):
    assert ", line 3: 1 fields where the header has 2. It begins 'neg'." in objection(
        written(tmp_path, "label,text\npos,good\nneg\n")
    )


def test_t42_a_wrong_line_is_named_as_an_editor_counts_it(tmp_path):
    """Quoted fields may span lines and blank lines are passed over; the row begins on line 8."""
    path = written(tmp_path, '\nlabel,text\n\npos,"one\ntwo\r\nthree"\n\npos,a,"b\nc"\n')
    assert path.read_text().splitlines()[7].startswith("pos,a,")
    assert ", line 8: 3 fields" in objection(path)


def test_t42_an_unclosed_quote_is_named_where_it_opens_not_where_the_file_ends(tmp_path):
    path = written(tmp_path, SMALL + 'pos,"never closed\n' + "neg,fine\n" * 50)
    assert objection(path) == (
        f"{path}, line 6: unexpected end of data.\n"
        "Close the quotation mark, or double the quotes inside a field; "
        "if the file does not quote so, pass --no-quotes."
    )


def test_t42_text_after_a_closing_quote_is_named(tmp_path):
    path = written(tmp_path, SMALL + 'pos,"good" film\n')
    assert objection(path).startswith(f"{path}, line 6: ',' expected after '\"'.\n")


@pytest.mark.parametrize(("delimiter", "shown"), [(";", "';'"), ("\t", "'\\t'"), ("|", "'|'")])
def test_t42_a_wrong_delimiter_is_found_by_the_header_even_where_texts_hold_commas_and_told(tmp_path, delimiter, shown):
    path = written(tmp_path, SMALL.replace(",", delimiter).replace("a good film", "good, very good"))
    with pytest.warns(DataWarning) as told:
        assert load(path).texts[0] == "good, very good"
    assert str(told[0].message) == (
        f"{path} is read with --delimiter {shown}, the only way in which its rows fit.\n"
        "Pass other options if that is wrong."
    )
    assert load(path, delimiter=shown.strip("'")).texts[0] == "good, very good"


@pytest.mark.parametrize("delimiter", ["", ";;", '"', "\n"])
def test_t42_what_cannot_be_a_delimiter_is_refused(tmp_path, delimiter):
    assert objection(written(tmp_path, SMALL), delimiter=delimiter) == (
        f"A delimiter is one character, such as ',' or ';'; found {delimiter!r}.\n"
        "For tabs pass --delimiter '\\t', or name the file .tsv."
    )


@pytest.mark.parametrize("name", ["reviews.tsv", "reviews.TSV", "reviews.tsv.gz"])
def test_a_tsv_file_is_read_by_its_tabs(tmp_path, name):
    text = SMALL.replace(",", "\t").replace("great fun", "great, fun")
    data = gzip.compress(text.encode()) if name.endswith("gz") else text.encode()
    assert load(written(tmp_path, data, name)).texts[2] == "great, fun"


def test_a_csv_file_with_tsv_inside_its_name_is_read_by_its_commas(tmp_path):
    assert len(load(written(tmp_path, SMALL, "from.tsv.of.march.csv"))) == 4


@pytest.mark.parametrize("word", ["NA", "None", "nan", "null", "N/A", "-inf", "1e5", "TRUE", "007"])
def test_t42_words_that_pandas_takes_for_missing_or_for_numbers_stay_text(tmp_path, word):
    assert load(written(tmp_path, SMALL.replace("awful", word))).texts[3] == word


def test_a_label_called_na_is_a_class_like_any_other(tmp_path):
    assert load(written(tmp_path, SMALL.replace("neg", "NA"))).classes == ("NA", "pos")


def test_an_empty_text_is_kept_but_an_empty_label_is_named(tmp_path):
    assert load(written(tmp_path, SMALL.replace("awful", ""))).texts[3] == ""
    path = written(tmp_path, SMALL + " ,no label\n" * 2)
    assert objection(path) == f"{path}, line 6: the label is empty.\nFill it in, or delete the row."


def test_a_header_that_names_a_column_twice_is_refused(tmp_path):
    path = written(tmp_path, SMALL.replace("label,text", "text,text"))
    assert (
        objection(path)
        == f"{path} names the column 'text' twice in its header.\nRename one of them, or name another column."
    )


def test_a_missing_column_is_answered_with_the_header_and_the_option(tmp_path):
    path = written(tmp_path, SMALL.replace("label,text", "stars,review"))
    assert objection(path) == (
        f"{path} has no column 'text'; its header has stars, review.\nName the right one with --text-column."
    )
    assert objection(path, DataFormat(text_columns=("review",))).endswith("Name the right one with --label-column.")


def test_t43_one_class_is_nothing_to_tell_apart(tmp_path):
    path = written(tmp_path, SMALL.replace("neg", "pos"))
    assert (
        objection(path) == f"{path} has one class, 'pos': there is nothing to tell apart.\nAdd rows of another class."
    )


def test_t43_a_class_with_one_row_is_named(tmp_path):
    path = written(tmp_path, SMALL + "mixed,so so\n")
    assert objection(path) == f"{path}: class 'mixed' has one row.\nGive each class at least two rows, or leave it out."


def test_t43_a_column_of_nearly_as_many_values_as_rows_is_hardly_a_label(tmp_path):
    labels = [f"user{place}" for place in range(1_987)] + ["user0"] * 13
    path = written(tmp_path, "label,text\n" + "".join(f"{label},fine\n" for label in labels))
    assert objection(path) == (
        f"{path}: column 'label' has 1,987 different values in 2,000 rows, so it is hardly a label.\n"
        "Name the right column with --label-column."
    )


def test_an_unseen_label_names_its_line_and_shows_no_more_than_its_beginning(tmp_path):
    path = written(tmp_path, SMALL + '"mixed, ' + "really " * 20 + '",so so\n')
    assert objection(path, TWO) == (
        f"{path}, line 6: label 'mixed, really really really really reall' is not one of pos, neg.\n"
        "Correct the row, or name the right column with --label-column."
    )


def test_with_the_classes_given_a_test_file_may_lack_some(tmp_path):
    assert pairs(load(written(tmp_path, "label,text\nneg,awful\n"), TWO)) == [("bad", "awful")]


def test_the_label_and_text_columns_can_be_named_and_texts_are_joined_in_that_order(tmp_path):
    path = written(tmp_path, "id,body,stars,title\n1,so good,5,Wow\n2,so bad,1,Meh\n3,nice,5,Yes\n4,sad,1,No\n")
    dataset = load(path, DataFormat(text_columns=("title", "body"), label_column="stars"))
    assert pairs(dataset) == [("5", "Wow so good"), ("1", "Meh so bad"), ("5", "Yes nice"), ("1", "No sad")]


def test_classes_that_are_numbers_are_ordered_as_numbers_and_others_as_words(tmp_path):
    numbers = "label,text\n" + "".join(f"{value},x\n" for value in (10, 9, -1, 10, 9, -1))
    assert load(written(tmp_path, numbers)).classes == ("-1", "9", "10")
    assert load(written(tmp_path, numbers.replace("-1", "b"))).classes == ("10", "9", "b")


def test_a_file_read_with_the_format_it_was_read_with_gives_the_same_again(tmp_path):
    """A checkpoint carries the format, classes included, so evaluate reads a test file alike."""
    path = written(tmp_path, SMALL)
    first = load(path)
    again = load(path, DataFormat.model_validate_json(first.format.model_dump_json()))
    assert pairs(again) == pairs(first)
    assert again.sha256() == first.sha256()


@pytest.mark.parametrize(
    ("name", "content", "row"),
    [
        ("ag_news", "label,title,description\n3,Oil up,to  #36;50\n", ("Business", "Oil up to $50")),
        ("ag_news", "label,title,description,form\n4,,Mars #39;s moon,joined\n", ("Sci/Tech", "Mars's moon")),
        ("sst2_phrases", "label,text,also_in\n1,good,\n0,no .,dev\n", ("positive", "good")),
        ("trec6", "label,fine,text\nHUM,ind,Who 's there ?\n", ("human", "Who's there ?")),
        (
            "mr",
            "label,text,sst_split\n0,not -lrb- good -rrb-,train\n0,no,dev\n0,no,test\n",
            ("negative", "not ( good )"),
        ),
        ("imdb", "label,rating,id,text\n1,9,7,good<br /><br />film\n", ("positive", "good  film")),
    ],
)
def test_a_known_data_set_is_recognised_by_its_header(tmp_path, name, content, row):
    dataset = load(written(tmp_path, content, "anything.csv"))
    assert pairs(dataset)[0] == row
    assert dataset.format == FORMATS[name]
    assert len(dataset) == 1


@pytest.mark.parametrize(("file", "name"), [("sentences_dev.csv", "sst2"), ("fine_dev.csv", "sst5")])
def test_sst_s_bare_header_is_recognised_by_its_folder_alone(tmp_path, file, name):
    content = "label,text\n1,is n't it\n0,bad\n1,good\n0,sad\n"
    known = load(written(tmp_path, content, f"sst2/{file}"))
    assert (known.format, known.texts[0]) == (FORMATS[name], "isn't it")
    other = load(written(tmp_path, content, f"mine/{file}"))
    assert (other.classes, other.texts[0]) == (("0", "1"), "is n't it")


def test_a_format_can_be_named_and_a_misspelt_one_is_answered_with_the_nearest(tmp_path):
    path = written(tmp_path, "label,text\n1,is n't it\n")
    assert pairs(load(path, "sst2")) == [("positive", "isn't it")]
    with pytest.raises(SelectionError, match=r"There is no data format 'sst'; choose one of .*mr, imdb, .*\."):
        load(path, "sst")
    with pytest.raises(SelectionError, match=r"Did you mean 'trec6'\?"):
        named_format("trec")


def test_also_in_rows_are_left_out_unless_the_format_says_otherwise(tmp_path):
    path = written(tmp_path, "label,text,also_in\n1,good,\n0,no .,dev\n0,bad,test\n")
    assert load(path).texts == ("good",)
    assert load(path, FORMATS["sst2_phrases"].model_copy(update={"skip_column": None})).texts == ("good", "no .", "bad")


def test_taking_and_splitting_keep_texts_and_labels_together(tmp_path):
    dataset = load(written(tmp_path, SMALL))
    assert pairs(dataset.take([3, 0])) == [("neg", "awful"), ("pos", "a good film")]
    assert pairs(dataset.take(np.array([2]))) == [("pos", "great fun")]
    first, last = dataset.split(1)
    assert sorted(pairs(first) + pairs(last)) == sorted(pairs(dataset))
    assert pairs(first) == [pair for pair in pairs(dataset) if pair in pairs(first)]
    assert pairs(dataset.split(1, seed=0)[1]) == pairs(last)
    assert len({tuple(pairs(dataset.split(1, seed=seed)[1])) for seed in range(20)}) > 1
    assert len(last) == 1
    assert [len(part) for part in dataset.split(0)] == [4, 0]


@pytest.mark.parametrize("rows", [4, 100])
def test_a_split_that_leaves_nothing_to_train_on_is_refused(tmp_path, rows):
    with pytest.raises(DataError) as caught:
        load(written(tmp_path, SMALL)).split(rows)
    assert str(caught.value) == (
        f"Holding out {rows} of 4 texts leaves none to learn from.\nPass a smaller --dev-rows."
    )


def test_the_hash_names_texts_labels_and_their_order(tmp_path):
    dataset = load(written(tmp_path, SMALL), TWO)
    others = [SMALL.replace("awful", "awfull"), SMALL.replace("pos,great", "neg,great"), SMALL + "neg,more\n"]
    hashes = [load(written(tmp_path, text), TWO).sha256() for text in others] + [dataset.take([1, 0, 2, 3]).sha256()]
    assert len({dataset.sha256(), *hashes}) == 5
    assert dataset.sha256() == load(written(tmp_path, SMALL.replace("\n", "\r\n"), "copy.csv"), TWO).sha256()


@pytest.fixture
def no_network(monkeypatch, tmp_path):
    """Any connection is an error, and what ``datasets`` caches goes where the test can see it."""
    datasets = pytest.importorskip("datasets", reason="the extra [hub] is not installed")

    def refuse(*_: object) -> None:
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setattr(datasets.config, "HF_DATASETS_OFFLINE", True, raising=False)
    return {"cache_dir": str(tmp_path / "cache")}


def hub_copy(folder: Path, kind: str) -> str:
    """A data set as it lies on the Hub, in a folder of its own."""
    datasets = pytest.importorskip("datasets")
    folder.mkdir()
    if kind == "csv":
        (folder / "train.csv").write_text(SMALL)
        (folder / "test.csv").write_text("label,text\npos,NA\nneg,bad\npos,good\nneg,sad\n")
        return str(folder)
    features = datasets.Features(text=datasets.Value("string"), label=datasets.ClassLabel(names=["neg", "pos"]))
    rows = {"text": ["a good film", "a bad film", None, "awful"], "label": [1, 0, 1, 0]}
    datasets.Dataset.from_dict(rows, features=features).to_parquet(folder / "train-00000-of-00001.parquet")
    return str(folder)


def test_a_hub_data_set_is_read_from_a_local_copy_without_the_network(tmp_path, no_network):
    name = hub_copy(tmp_path / "mine", "csv")
    assert pairs(from_hub(name, "train", **no_network)) == pairs(load(written(tmp_path, SMALL)))
    found = from_hub(name, "test", keep_default_na=False, **no_network)
    assert pairs(found)[0] == ("pos", "NA")
    assert from_hub(name, "train[:50%]", TWO, **no_network).texts == ("a good film", "a bad film")
    assert any((tmp_path / "cache").iterdir())


def test_a_hub_data_set_s_own_class_names_are_kept(tmp_path, no_network):
    found = from_hub(hub_copy(tmp_path / "mine", "parquet"), "train", **no_network)
    assert pairs(found) == [("pos", "a good film"), ("neg", "a bad film"), ("pos", ""), ("neg", "awful")]
    assert found.format.classes == (ClassName(value="0", name="neg"), ClassName(value="1", name="pos"))


def test_a_hub_data_set_or_split_that_is_not_there_is_said_in_two_lines(tmp_path, no_network):
    copy = hub_copy(tmp_path / "mine", "csv")
    for name, split in (("nobody/nothing-of-this-name", "train"), (copy, "dev"), (str(tmp_path / "empty"), "train")):
        with pytest.raises(DataError) as caught:
            from_hub(name, split, **no_network)
        first, second = str(caught.value).split("\n")
        assert first.startswith(f"{name} could not be read from the Hugging Face Hub: ")
        assert second == "Check its name and split."


def test_a_hub_data_set_with_other_columns_is_answered_with_them(tmp_path, no_network):
    with pytest.raises(DataError, match="mine has no column 'sentence'; its header has label, text"):
        from_hub(hub_copy(tmp_path / "mine", "csv"), "train", DataFormat(text_columns=("sentence",)), **no_network)


def test_without_the_package_the_command_to_install_it_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(DataError) as caught:
        from_hub("stanfordnlp/sst2", "train")
    assert str(caught.value) == (
        "Reading from the Hugging Face Hub needs the package 'datasets'.\nRun: pip install 'rnnviz[hub]'"
    )


FILES = {
    "ag_news/test": "ag_news",
    "ag_news/train": "ag_news",
    "imdb/test": "imdb",
    "mr/rt_polarity": "mr",
    "sst2/fine_dev": "sst5",
    "sst2/fine_test": "sst5",
    "sst2/fine_train": "sst5",
    "sst2/phrases_train": "sst2_phrases",
    "sst2/sentences_dev": "sst2",
    "sst2/sentences_test": "sst2",
    "sst2/sentences_train": "sst2",
    "trec6/test": "trec6",
    "trec6/train": "trec6",
}
CLASS_COUNTS = {  # as the READMEs give them, where they do
    "ag_news/train": {"World": 20_297, "Sports": 20_414, "Business": 20_186, "Sci/Tech": 20_132},
    "mr/rt_polarity": {
        "negative": 4_082,
        "positive": 4_033,
    },  # counted in the file: rows of no SST dev or test sentence
    "sst2/sentences_dev": {"negative": 428, "positive": 444},
    "sst2/fine_dev": {"very negative": 139, "negative": 289, "neutral": 229, "positive": 279, "very positive": 165},
    "trec6/test": {"abbreviation": 9, "description": 138, "entity": 94, "human": 65, "location": 81, "number": 113},
}
RELICS = {
    "treebank": {"n't", "-lrb-", "-rrb-", "``", "`", "\\/", "gon"},
    "ag_news": {"#39", "#36", "&lt", "b&gt", "quot", "\\"},
    "html": {"<br", "/>"},
}


@pytest.mark.parametrize("file", FILES)
def test_every_shared_file_has_the_rows_its_readme_counts_and_none_of_its_own_spelling(data_folder, file):
    path = data_folder / f"{file}.csv.gz"
    row = re.search(
        rf"^\| {re.escape(path.name)} \| ([\d,]+) \|", (path.parent / "README.md").read_text(), re.MULTILINE
    )
    assert row is not None
    dataset = load(path)
    skipped = {"sst2/phrases_train": 15, "mr/rt_polarity": 845 + 1702}.get(file, 0)  # test items, counted in the README
    assert len(dataset) == int(row[1].replace(",", "")) - skipped
    assert dataset.format == FORMATS[FILES[file]]
    if file in CLASS_COUNTS:
        assert Counter(dataset.classes[label] for label in dataset.labels) == CLASS_COUNTS[file]
    tokens = {token for text in dataset.texts[:3_000] for token in tokenise(text)}
    assert not tokens & RELICS.get(dataset.format.spelling, set())


def test_the_contractions_of_the_treebank_meet_what_a_person_types(data_folder):
    texts = [" ".join(tokenise(text)) for text in load(data_folder / "sst2" / "sentences_train.csv.gz").texts]
    for typed in ("didn't", "isn't", "it's", "cannot", "(", "they're"):
        assert any(f" {' '.join(tokenise(typed))} " in text for text in texts), typed


def test_a_file_may_name_the_classes_as_people_do(tmp_path):
    named = written(tmp_path, "text,label\ngood film,positive\ndull film,negative\nfine film,1\n")
    assert load(named, "sst2").labels.tolist() == [1, 0, 1]


# --- several data sets ---


def test_joined_sets_keep_every_text_with_its_class_whatever_order_the_classes_are_named_in():
    first = dataset(["a", "b"], [0, 1], ("no", "yes"))
    joined = first.joined([dataset(["c", "d", "e"], [0, 1, 1], ("yes", "no"))])
    assert joined.texts == ("a", "b", "c", "d", "e")
    assert [joined.classes[label] for label in joined.labels] == ["no", "yes", "yes", "no", "no"]
    assert (joined.name, joined.format.classes) == (first.name, first.format.classes)


def test_joined_sets_name_each_source_and_licence_once():
    one, same, other = (
        replace(dataset(["a", "b"], [0, 1]), format=DataFormat(source=source, licence="free"))
        for source in ("a book", "a book", "a film")
    )
    found = one.joined([same, other]).format
    assert (found.source, found.licence) == ("a book; a film", "free")


def test_texts_without_labels_need_no_column_of_them(tmp_path):
    path = written(tmp_path, 'text\ngood\n"so, so"\n')
    assert load(path, labelled=False).texts == ("good", "so, so")
    with pytest.raises(DataError, match=r"its header has [^\0]+$"):
        load(path, DataFormat(text_columns=("title",)), labelled=False)
    assert load(path, labelled=False, otherwise=TWO).labels.tolist() == [0, 0]


def test_a_further_file_is_read_like_the_first_unless_it_is_of_a_known_kind(tmp_path):
    kind = DataFormat(text_columns=("review",), label_column="stars")
    own = written(tmp_path, "stars,review\n1,good\n2,bad\n1,fine\n2,poor\n", "own.csv")
    assert load(own, otherwise=kind).texts == ("good", "bad", "fine", "poor")
    known = written(tmp_path, "label,rating,id,text\n1,9,7,good<br />film\n", "known.csv")
    assert load(known, otherwise=kind).texts == ("good film",)


def test_sets_with_other_classes_cannot_be_joined():
    with pytest.raises(DataError) as caught:
        dataset(["a", "b"], [0, 1], ("no", "yes")).joined([dataset(["c"], [0], ("no", "maybe"))])
    assert str(caught.value) == (
        "A further data set has the classes no, maybe; the first one has no, yes.\n"
        "Add only data sets with the same classes."
    )


def test_overlap_counts_measured_texts_that_were_learned_by_letters_and_digits_alone():
    learnt = [dataset(["It's GOOD, 7/10!", "fine"], [0, 1]), dataset(["( ( )"], [0])]
    measured = {
        "dev": dataset(["its good 710", "It's good.", "fine", "FINE"], [0, 0, 0, 0]),
        "test": dataset(["( ( )", "( )", ""], [0, 0, 0]),  # without letters, a text counts as it stands
    }
    assert overlap(learnt, measured) == {"dev": 3, "test": 1}


def test_rows_are_skipped_for_some_values_of_a_column_or_for_any(tmp_path):
    path = written(tmp_path, "label,text,part\n0,a,\n1,b,dev\n1,c,train\n1,d,test\n1,e,\n")
    classes = tuple(ClassName(value=value, name=value) for value in "01")
    some = DataFormat(classes=classes, skip_column="part", skip_values=("dev", "test"))
    assert load(path, some).texts == ("a", "c", "e")
    assert load(path, some.model_copy(update={"skip_values": ()})).texts == ("a", "e")


def refused_codecs():
    """Python's encodings that are none of texts, by all their names: of host names, of code, of bytes."""
    names = [module.name for module in pkgutil.iter_modules(encodings.__path__)]
    kinds = [
        "idna",
        "punycode",
        "unicode_escape",
        "raw_unicode_escape",
        "charmap",
        "utf_7",
        "undefined",
        "mbcs",
        "oem",
        "palmos",
    ]
    kinds += [name for name in names if re.search(r"base64|bz2|hex|quopri|rot_13|uu_codec|zlib", name)]
    aliases = [alias for alias, kind in encodings.aliases.aliases.items() if kind in kinds]
    return sorted({*kinds, *aliases, "IDNA", "rot13", "xn--", "", "utf-8\0", "../utf_8", "x" * 10_000} - {""})


@pytest.mark.parametrize("name", refused_codecs(), ids=lambda name: name[:20])
def test_encodings_that_texts_are_not_written_in_are_refused_before_they_are_tried(tmp_path, name):
    path = written(tmp_path, SMALL * 20_000)
    first, second = objection(path, encoding=name).split("\n")
    assert first == f"There is no encoding {name[:40]!r}."
    assert second == "Common ones are utf-8, utf-16, cp1252 and latin-1."


def test_every_encoding_of_texts_that_python_s_documentation_lists_is_read():
    """The names are those of Python's own modules, but for the ones that are none of texts."""
    odd = {*refused_codecs(), "aliases"}
    names = [module.name for module in pkgutil.iter_modules(encodings.__path__) if module.name not in odd]
    assert len(names) > 90
    assert [name for name in names if not is_charset(name)] == []
    for alias in ("latin1", "L1", "UTF8", "U8", "cp65001", "windows-1252", "ISO-8859-15", "Shift-JIS", "koi8-r"):
        assert is_charset(alias)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (gzip.compress(SMALL.encode()) + b"garbage", "it is damaged: Not a gzipped file"),
        (gzip.compress(SMALL.encode())[:-5], "it is cut short: the gzip file ends too early"),
        (b"\x1f\x8b", "it is cut short"),
        (b"PK\3\4" + bytes(40), "its zip archive is damaged"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_files_that_are_packed_otherwise_or_badly_are_told_what_they_are(tmp_path, data, problem):
    path = written(tmp_path, data, "reviews.csv.gz")
    assert objection(path).startswith(f"{path} cannot be read: {problem}")


def test_a_gzip_file_of_several_members_is_their_texts_in_a_row(tmp_path):
    data = b"".join(gzip.compress(line.encode()) for line in SMALL.splitlines(keepends=True))
    assert len(load(written(tmp_path, data + bytes(512), "reviews.csv.gz"))) == 4  # some tapes add zeros


@pytest.mark.parametrize("row", [b"a,b\n", b"\n", b'"",""\n', b"\0", b","])
def test_a_small_gzip_file_that_unpacks_to_a_hundred_times_as_much_is_refused(tmp_path, row):
    path = written(tmp_path, gzip.compress(b"text,label\n" + row * (10_000_000 // len(row))), "bomb.csv.gz")
    tracemalloc.start()
    assert objection(path).startswith(f"{path} unpacks to more than 1,")
    assert tracemalloc.get_traced_memory()[1] < 30_000_000
    tracemalloc.stop()


@pytest.mark.parametrize(
    ("others", "named"),
    [
        (["c", "c", "d"], "3 rows were left out, .*: c, d\\."),
        ("aabcdefghi", "7 rows were left out, .*: c, d, e, f, g and 2 more\\."),
    ],
)
def test_rows_of_other_classes_that_are_left_out_are_counted_and_named(tmp_path, others, named):
    two = (ClassName(value="a", name="good"), ClassName(value="b", name="bad"))
    rows = [*"abab", *others]
    path = written(tmp_path, "text,label\n" + "".join(f"some words {at},{value}\n" for at, value in enumerate(rows)))
    with pytest.warns(DataWarning, match=named):
        found = load(path, DataFormat(classes=two, skip_other_classes=True))
    assert len(found) == sum(value in "ab" for value in rows)
    with pytest.raises(DataError, match="label 'c' is not one of a, b"):
        load(path, DataFormat(classes=two))
