"""Data as it is published: read as its writer meant it, or one true sentence; what is found in a file is told."""

import codecs
import csv
import gzip
import io
import json
import pickle
import random
import sqlite3
import sys
import tracemalloc
import warnings
import zipfile
from pathlib import Path

import pytest

from rnnviz.data import tables
from rnnviz.data.datasets import examined, load
from rnnviz.data.file_options import CHOICES, from_menus, to_menus
from rnnviz.data.formats import FORMATS, ClassName, DataFormat
from rnnviz.errors import DataError, DataWarning

NUMBERED = DataFormat(text_columns=("2",), label_column="1")
ROWS = [("pos", "good, very good"), ("neg", "bad"), ("pos", "fine"), ("neg", "so, so")]


def written(folder: Path, content: str | bytes, name: str = "texts.csv") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def told(path: Path, *arguments, **options):
    """The data set, and what is told of it."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        data = load(path, *arguments, **options)
    assert all(issubclass(one.category, DataWarning) for one in caught)
    return data, "\n".join(str(one.message) for one in caught)


def quietly(path: Path, *arguments, **options):
    """The data set, of which there is nothing to tell."""
    data, said = told(path, *arguments, **options)
    assert not said
    return data


def objection(path: Path, *arguments, **options) -> DataError:
    with pytest.raises(DataError) as caught:
        load(path, *arguments, **options)
    assert str(caught.value).count("\n") == 1  # one sentence what, one what to do
    return caught.value


def pairs(data) -> list[tuple[str, str]]:
    return [(data.classes[label], text) for label, text in zip(data.labels, data.texts, strict=True)]


def table(rows=ROWS, delimiter=",", header=("label", "text"), ending="\n", **how) -> str:
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter, lineterminator=ending, **how)
    writer.writerows([header, *rows] if header else rows)
    return file.getvalue()


# No header line


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("sms", table(delimiter="\t", header=None, quoting=csv.QUOTE_NONE)),
        ("sms.txt", table(delimiter=";", header=None)),
        ("quoted.csv", table(header=None, quoting=csv.QUOTE_ALL, ending="\r\n")),
        ("spare.csv", "".join(f'{label},"{text}",,\n' for label, text in ROWS)),
    ],
)
def test_two_columns_without_a_header_line_are_read_where_one_must_be_the_label(tmp_path, name, content):
    data, said = told(written(tmp_path, content, name))
    assert pairs(data) == ROWS
    assert "--no-header --label-column 1 --text-column 2" in said


def test_a_delimiter_that_stands_in_every_text_is_not_taken_for_the_one_between_fields(tmp_path):
    rows = "".join(f'{("ham", "spam")[n % 2]}\tthe text {n} is fine, "ok\n' for n in range(40))
    data, said = told(written(tmp_path, rows, "sms.txt"))
    assert (data.classes, data.texts[0]) == (("ham", "spam"), 'the text 0 is fine, "ok')
    assert "--delimiter '\\t'" in said


def test_a_file_that_two_delimiters_divide_well_is_not_guessed(tmp_path):
    rows = "".join(f"{'ab'[n % 2]}\t{n} x,{'cd'[n % 2]}\n" for n in range(40))
    error = objection(written(tmp_path, rows))
    assert error.values["options"] == "--delimiter ',' or --delimiter '\\t', with --no-header"
    columns = DataFormat(text_columns=("2",), label_column="1")
    assert quietly(written(tmp_path, rows), columns, header=False, delimiter="\t").texts[1] == "1 x,d"


def test_the_label_may_stand_behind_the_text(tmp_path):
    data, said = told(written(tmp_path, "".join(f'"{text}",{label}\n' for label, text in ROWS)))
    assert pairs(data) == ROWS
    assert "--label-column 2 --text-column 1" in said


@pytest.mark.parametrize(
    "content",
    [
        '"3","Stocks fall","Sellers are back"\n"4","Rover lands","On Mars"\n"3","Oil","Up"\n"4","Chips","Faster"\n',
        "1,0,so good a film\n2,1,so bad a film\n3,0,it was fine\n4,1,it was not\n",
        "a text that says something long,and another one\nwith more,and more\n",
        "5,4\n3,2\n",
    ],
)
def test_no_text_of_a_first_line_without_names_is_taken_for_a_header(tmp_path, content):
    error = objection(written(tmp_path, content))
    assert "no header line" in str(error)
    assert "--no-header" in str(error)
    assert not any(field.strip('"') in str(error) for field in content.split("\n")[0].split(",") if " " in field)


def test_what_is_advised_of_a_file_without_a_header_line_works(tmp_path):
    news = (
        '"3","Stocks fall","Sellers are back"\n"4","Rover lands","On Mars"\n"3","Oil is","Up"\n"4","Two chips","Are"\n'
    )
    path = written(tmp_path, news)
    error = objection(path)
    assert error.values["options"] == "--no-header --label-column 1 --text-column 2 --text-column 3"
    columns = DataFormat(text_columns=("2", "3"), label_column="1")
    assert quietly(path, columns, header=False).texts[0] == "Stocks fall Sellers are back"
    assert "ag_news or dbpedia" in str(error)
    assert quietly(path, "ag_news", header=False).classes == ("World", "Sports", "Business", "Sci/Tech")


def test_columns_are_numbered_from_1_and_a_header_line_may_be_said_to_be_none(tmp_path):
    path = written(tmp_path, "label,text\n" * 2 + table(header=None))
    assert pairs(quietly(path, NUMBERED, header=False))[0] == ("label", "text")
    assert "--label-column" in str(objection(written(tmp_path, "a,b,c\nd,e,f\n", "other.csv"), header=False))
    assert objection(path, DataFormat(text_columns=("3",), label_column="1"), header=False).key in (
        "data_column",
        "data_no_header",
    )


def test_numbers_count_the_columns_of_a_file_with_a_header_line_too(tmp_path):
    path = written(tmp_path, table(header=("stars", "review")))
    assert pairs(quietly(path, NUMBERED)) == ROWS
    assert pairs(quietly(path, NUMBERED, header=True)) == ROWS


def test_a_file_is_read_again_as_the_first_one_was(tmp_path):
    """A checkpoint keeps the format, and a test file may have a single row."""
    data, _ = told(written(tmp_path, table(header=None)))
    again = quietly(written(tmp_path, 'neg,"dull, and long"\n', "test.csv"), data.format)
    assert pairs(again) == [("neg", "dull, and long")]


NEWS = '"3","Oil up","to  #36;50\\more"\n"4","Mars","moon"\n'
YELP = '"2","so ""good""\\n\\nand \\""cheap\\"""\n"1","bad"\n'
TWEETS = '"0","1467","Mon Apr 06","NO_QUERY","me","@you no &amp; no"\n"4","1468","Mon Apr 06","NO_QUERY","me","yes!"\n'


@pytest.mark.parametrize(
    ("name", "content", "known", "first"),
    [
        ("ag_news_csv/train.csv", NEWS, "ag_news", ("Business", "Oil up to $50 more")),
        ("yelp_review_polarity_csv/test.csv", YELP, "yelp_polarity", ("positive", 'so "good"  and "cheap"')),
        ("yelp_review_full_csv/test.csv", YELP, "yelp_full", ("2 stars", 'so "good"  and "cheap"')),
        ("dbpedia_csv/test.csv", '7,"Hall"," A hall"\n14,"Book"," A book"\n', "dbpedia", ("Building", "Hall  A hall")),
        ("training.1600000.csv", TWEETS, "sentiment140", ("negative", "@you no &amp; no")),
    ],
)
def test_known_data_sets_are_read_as_they_are_published(tmp_path, name, content, known, first):
    path = written(tmp_path, content, name)
    data, said = told(path)
    assert pairs(data)[0] == first
    assert data.format == FORMATS[known]
    assert "--no-header" in said
    elsewhere = written(tmp_path, content, "data.csv")
    assert pairs(told(elsewhere, known)[0])[0] == first  # named, or as a checkpoint has it
    assert pairs(told(elsewhere, FORMATS[known].model_copy(update={"skip_column": None}))[0])[0] == first


def test_neutral_tweets_are_left_out(tmp_path):
    rows = [(label, 1, "Mon", "NO_QUERY", "me", "text") for label in (0, 2, 4, 2, 0, 4)]
    assert len(told(written(tmp_path, table(rows, header=None)))[0]) == 4


# Columns


@pytest.mark.parametrize(
    "content",
    [
        'label,text,,,\r\nham,"well, hello",,,\r\nspam,win,,,\r\nham,bye,,,\r\nspam,call,,,\r\n',
        'label,text\nham,"well, hello",,\nspam,win,,,,,,\nham,bye\nspam,call,\n',
        ',label,text\n0,ham,"well, hello"\n1,spam,win\n2,ham,bye\n3,spam,call\n',
        'id,id,label,text\n1,1,ham,"well, hello"\n2,2,spam,win\n3,3,ham,bye\n4,4,spam,call\n',
        'label,text\nham,"well, hello"\nspam,win\nham,bye\nspam,call\n,\n,,,\n',
    ],
    ids=["empty names", "empty fields", "an index", "names twice", "empty rows"],
)
def test_columns_that_nobody_uses_are_no_reason_to_refuse(tmp_path, content):
    assert pairs(quietly(written(tmp_path, content))) == [
        ("ham", "well, hello"),
        ("spam", "win"),
        ("ham", "bye"),
        ("spam", "call"),
    ]


def test_what_stands_behind_the_named_columns_is_counted(tmp_path):
    path = written(tmp_path, "label,text,,\nham,a,,\nspam,b,and more,\nham,c,,\nspam,d,,\n")
    assert "1 rows hold something behind the last named column" in told(path)[1]


@pytest.mark.parametrize("content", ["label,text\nham,a,b\nspam,c\n", "label,text,\nham\nspam,c,\n"])
def test_rows_that_do_not_fit_the_names_are_still_refused(tmp_path, content):
    assert objection(written(tmp_path, content)).key == "data_ragged"


# Quotation marks, escapes, spaces, delimiters


@pytest.mark.parametrize(
    ("content", "first"),
    [
        ('label\ttext\n0\t"fine" was all he said\n1\tgood\n0\tbad\n1\tnice\n', '"fine" was all he said'),
        ('label\ttext\n0\t"never closed\n1\tgood\n0\tbad\n1\tnice\n', '"never closed'),
        ('label\ttext\n0\t"opens here\n1\tgood\n0\tcloses here"\n1\tnice\n', '"opens here'),
        ('0\t"fine" he said\n1\tgood\n0\tbad\n1\tnice\n', '"fine" he said'),
    ],
)
def test_a_file_of_tabs_that_does_not_quote_is_read_as_it_stands(tmp_path, content, first):
    data, said = told(written(tmp_path, content, "texts.tsv"))
    assert (len(data), data.texts[0]) == (4, first)
    assert "--no-quotes" in said
    columns = None if "label" in content else NUMBERED
    assert quietly(written(tmp_path, content, "texts.tsv"), columns, quotes=False).texts == data.texts


def test_a_field_of_tabs_that_really_spans_lines_stays_one(tmp_path):
    content = table([("pos", "one\ntwo\twith a tab"), ("neg", "b"), ("pos", "c\nd"), ("neg", "e")], "\t")
    assert quietly(written(tmp_path, content, "texts.tsv")).texts[2] == "c\nd"


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_a_quotation_mark_that_swallows_rows_is_noticed_unless_it_is_said_to_be_right(tmp_path, delimiter):
    rows = ["label,text", '0,"opens', "1,good", '0,closes"', "1,nice", "0,bad", "1,fine"]
    path = written(tmp_path, "\n".join(rows).replace(",", delimiter) + "\n")
    error = objection(path, delimiter=delimiter)
    assert (error.key, error.values["line"], error.values["rows"]) == ("data_swallowed", 2, 2)
    assert quietly(path, delimiter=delimiter, quotes=False).texts[:2] == ('"opens', "good")
    assert len(quietly(path, delimiter=delimiter, quotes=True)) == 4


def test_a_poem_between_quotation_marks_swallows_nothing(tmp_path):
    rows = [("0", "roses, red\nviolets, blue"), *ROWS, ("0", "x")]
    assert pairs(quietly(written(tmp_path, table(rows)))) == rows


@pytest.mark.parametrize(
    ("content", "first", "option"),
    [
        ('label,text\n0,"a \\"good\\" film, she said"\n1,b\n0,c\n1,d\n', 'a "good" film, she said', "--escape '\\'"),
        ('label, text\n0, "good, very"\n1, b\n0, c\n1, d\n', "good, very", "--skip-spaces"),
        ("label|text\n0|good, very\n1|b\n0|c\n1|d\n", "good, very", "--delimiter '|'"),
    ],
)
def test_what_is_unusual_is_found_where_only_so_all_rows_fit_and_told(tmp_path, content, first, option):
    data, said = told(written(tmp_path, content))
    assert data.texts[0] == first
    assert f"is read with {option}, the only way" in said


def test_two_ways_that_fit_are_no_finding(tmp_path):
    """Divided by semicolons the header has both names, by bars too; the labels differ."""
    rows = "".join(f"|;{n % 2};a;|{n % 3}|b|\n" for n in range(12))
    path = written(tmp_path, f"|;label;text;|label|text|\n{rows}")
    assert objection(path).key == "data_column"
    assert [len(quietly(path, delimiter=mark).classes) for mark in ";|"] == [2, 3]


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "sep=;\r", "SEP=;"])
def test_excel_s_own_line_names_the_delimiter(tmp_path, first):
    assert pairs(quietly(written(tmp_path, f"{first}\n{table(delimiter=';')}"))) == ROWS


def test_excel_s_own_line_counts_as_a_line(tmp_path):
    assert ", line 4: 3 fields" in str(objection(written(tmp_path, "sep=;\nlabel;text\n0;a\n1;b;c\n")))


def test_a_delimiter_that_is_passed_is_meant_also_for_a_tsv_file(tmp_path):
    path = written(tmp_path, "id,label,text\n1,0,a\n2,1,b\n3,0,c\n4,1,d\n", "train.tsv")
    assert len(quietly(path, delimiter=",")) == 4
    assert "--delimiter ','" in told(path)[1]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r", "\r\r\n"])
def test_lines_end_as_they_do_anywhere(tmp_path, ending):
    assert pairs(quietly(written(tmp_path, table().replace("\n", ending)))) == ROWS


def test_a_carriage_return_that_ends_no_line_is_text(tmp_path):
    assert quietly(written(tmp_path, "label,text\n0,one\rtwo\n1,b\n0,c\n1,d\n")).texts[0] == "one\rtwo"


def test_a_field_may_be_longer_than_python_s_usual_limit(tmp_path):
    long = "so good " * 50_000
    assert quietly(written(tmp_path, table([("pos", long), *ROWS]))).texts[0] == long.strip()


# Bytes


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_stray_bytes_are_counted_and_named_and_what_is_advised_loses_nothing_else(tmp_path, encoding):
    lines = [f"{n % 2},café {n} was “nice”" for n in range(400)]
    content = "\n".join(["label,text", *lines, ""])
    data = content.encode(encoding)
    if encoding.startswith("utf-8"):
        data = data.replace("café 200 was".encode(), b"caf\xe9 200 was").replace(
            "café 300".encode(), b"caf\x81\xe9 300"
        )
        strays, line, good = 3, 202, "café 200 was “nice”"
    else:
        data += b"x"
        strays, line, good = 1, 402, "café 200 was “nice”"
    path = written(tmp_path, data)
    error = objection(path)
    assert (error.key, error.values["bytes"], error.values["line"]) == ("data_stray", strays, line)
    for choice, at_200 in (("cp1252", good), ("replace", good.replace("é", "\ufffd") if strays == 3 else good)):
        found = examined(path, stray_bytes=choice).dataset if strays == 3 else None
        if found:
            assert found.texts[200] == at_200
            assert [*found.texts[:200], *found.texts[201:300]] == [line[2:] for line in [*lines[:200], *lines[201:300]]]


@pytest.mark.parametrize("words", ["naïve", "it’s a", "plain"])
def test_a_file_of_another_encoding_is_not_taken_for_one_with_stray_bytes(tmp_path, words):
    content = "label,text\n" + "".join(f"{n % 2},{words} schöner Tag {n}\n" for n in range(50))
    error = objection(written(tmp_path, content.encode("cp1252")))
    assert (error.key, error.values["likely"]) == ("data_encoding", "cp1252")


def test_a_file_that_two_programs_wrote_keeps_both_parts(tmp_path):
    """Lines that are UTF-8 hardly ever are so by chance, so they are not read as anything else."""
    halves = [f"{n % 2},café {n}".encode("utf-8" if n % 2 else "cp1252") for n in range(100)]
    path = written(tmp_path, b"label,text\n" + b"\n".join(halves) + b"\n")
    assert objection(path).key == "data_stray"
    assert load(path, stray_bytes="cp1252").texts == tuple(f"café {n}" for n in range(100))


def test_utf_32_is_known_by_its_mark(tmp_path):
    assert pairs(quietly(written(tmp_path, codecs.BOM_UTF32_LE + table().encode("utf-32-le")))) == ROWS


@pytest.mark.parametrize("choice", ["latin-1", "drop", 7])
def test_another_choice_for_stray_bytes_is_refused(tmp_path, choice):
    assert objection(written(tmp_path, table()), stray_bytes=choice).key == "data_stray_choice"


# Other kinds of files


def zipped(**files: str | bytes) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "."), content)
    return data.getvalue()


def records(**more):
    return [{"label": label, "text": text} | more for label, text in ROWS]


JSON_LINES = "".join(json.dumps(one) + "\n" for one in records())


@pytest.mark.parametrize(
    "data",
    [
        JSON_LINES,
        "\ufeff" + JSON_LINES.replace("\n", "\r\n"),
        json.dumps(records()),
        json.dumps(records(), indent=2),
        gzip.compress(JSON_LINES.encode()),
        zipped(train__jsonl=JSON_LINES),
        zipped(train__csv=table()),
        zipped(**{"train__csv": table(), "MACOSX/._train": "x"}).replace(b"MACOSX/._train", b"__MACOSX/._tra"),
    ],
    ids=["lines", "windows", "list", "indented", "gzip", "zip of json", "zip of csv", "zip of macOS"],
)
@pytest.mark.parametrize("name", ["data.csv", "data"])
def test_json_and_zip_are_known_by_their_content(tmp_path, data, name):
    assert pairs(quietly(written(tmp_path, data, name))) == ROWS


def test_json_numbers_and_booleans_stay_as_they_are_written(tmp_path):
    lines = '{"text": "a", "label": 1}\n{"label": 0.50, "text": "b"}\n' * 2 + '{"text": null, "label": true}\n' * 2
    data = quietly(written(tmp_path, lines, "data.jsonl"))
    assert (data.classes, data.texts[4]) == (("0.50", "1", "true"), "")


@pytest.mark.parametrize(
    ("lines", "key", "line"),
    [
        ('{"text": "a", "label": 1}\n{"text": "b", \n', "data_json", 2),
        ('{"text": "a", "label": 1}\n\n[1, 2]\n', "data_json", 3),
        ('{"text": ["a", "b"], "label": 1}\n{"text": ["c"], "label": 0}\n', "data_nested", 1),
        ('{"data": [{"text": "a", "label": 1}]}', "data_json", 1),
        ("[{" + '"text": ' + "[" * 100_000, "data_json", 1),
    ],
)
def test_what_is_wrong_with_json_is_said_with_its_line(tmp_path, lines, key, line):
    error = objection(written(tmp_path, lines, "data.jsonl"))
    assert (error.key, error.values["line"]) == (key, line)


def database(folder: Path) -> bytes:
    path = folder / "made.db"
    with sqlite3.connect(path) as connection:
        connection.execute("create table texts (label, text)")
    connection.close()
    return path.read_bytes()


@pytest.mark.parametrize(
    ("kind", "make"),
    [
        ("a Python pickle", lambda folder: pickle.dumps({"a": 1}, protocol=4)),
        ("an SQLite database", database),
        ("an HDF5 file", lambda folder: b"\x89HDF\r\n\x1a\n" + bytes(100)),
        ("a PDF document", lambda folder: b"%PDF-1.7\n" + bytes(100)),
        ("a web page", lambda folder: b"\n<!DOCTYPE html>\n<html><title>Log in</title></html>"),
        ("a Git LFS pointer", lambda folder: b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"),
        ("in fastText's own format", lambda folder: b"__label__2 good: very, very\n__label__1 bad\n"),
        ("a tar archive", lambda folder: bytes(257) + b"ustar" + bytes(300)),
        ("a zip archive of 2 files", lambda folder: zipped(a__csv=table(), b__csv=table())),
        ("a zip archive of 0 files", lambda folder: zipped()),
        ("packed by bzip2", lambda folder: b"BZh9" + bytes(40)),
        ("packed by xz", lambda folder: b"\xfd7zXZ\0" + bytes(40)),
        ("a document of Microsoft Office", lambda folder: zipped(**{"word/document__xml": "<x/>"})),
    ],
)
def test_a_file_that_is_no_table_of_text_is_called_what_it_is(tmp_path, kind, make):
    error = objection(written(tmp_path, make(tmp_path)))
    assert str(error).split("\n")[0].startswith(f"{error.values['path']} is {kind}")
    assert "--encoding" not in str(error)


@pytest.mark.parametrize("word", ["ORC", "orchids", "PK", "version", "GIF", "X", "BZ", "<b>"])
def test_a_table_whose_first_word_begins_like_another_kind_is_a_table(tmp_path, word):
    assert (
        pairs(quietly(written(tmp_path, table([(*row, "") for row in ROWS], header=("label", "text", word))))) == ROWS
    )


def test_a_parquet_file_is_read_and_one_with_lists_named(tmp_path):
    pytest.importorskip("pyarrow")
    import pandas

    frame = pandas.DataFrame(records(stars=4, words=["a"], score=None))
    frame["label"] = frame["label"].map({"pos": 1, "neg": 0})
    frame.to_parquet(tmp_path / "data.parquet")
    data = quietly(tmp_path / "data.parquet")
    assert pairs(data) == [({"pos": "1", "neg": "0"}[label], text) for label, text in ROWS]
    assert objection(tmp_path / "data.parquet", DataFormat(text_columns=("words",))).key == "data_nested"
    whole = (tmp_path / "data.parquet").read_bytes()
    assert objection(written(tmp_path, whole[:400] + whole[500:], "cut.parquet")).key == "data_damaged"


def test_a_small_parquet_file_of_a_large_table_does_not_fill_the_memory(tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    path = tmp_path / "bomb.parquet"
    text = pyarrow.DictionaryArray.from_arrays(pyarrow.array([0] * 100_000), pyarrow.array(["x" * 100_000]))
    parquet.write_table(pyarrow.table({"label": text, "text": text}), path)
    data = path.read_bytes()
    assert len(data) < 200_000  # of ten thousand million letters
    tracemalloc.start()
    assert objection(path, data=data).key == "data_large"
    assert tracemalloc.get_traced_memory()[1] < 100_000_000
    tracemalloc.stop()


@pytest.mark.parametrize("kind", ["string", "large_string", "binary", "large_binary", "fixed_size_binary", "list"])
def test_a_parquet_file_of_one_value_repeated_does_not_fill_the_memory(tmp_path, kind):
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    types = {"fixed_size_binary": pyarrow.binary(50_000), "list": pyarrow.list_(pyarrow.int8())}
    value = [1] * 50_000 if kind == "list" else b"x" * 50_000 if "binary" in kind else "x" * 50_000
    column = pyarrow.array([value], types.get(kind) or getattr(pyarrow, kind)())
    table = pyarrow.table({"label": ["a", "b"] * 1_000, "text": column.take([0] * 2_000)})
    parquet.write_table(table, tmp_path / "bomb.parquet", compression="zstd")
    data = (tmp_path / "bomb.parquet").read_bytes()
    assert len(data) < 20_000  # of a hundred million letters
    most = pyarrow.total_allocated_bytes()
    del table, column
    found = objection(tmp_path / "bomb.parquet", data=data)
    assert found.key == ("data_large" if "string" in kind else "data_nested")
    assert pyarrow.total_allocated_bytes() < most


def test_a_parquet_file_of_many_columns_and_rows_is_refused_unread(tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    column = pyarrow.array(["a"] * 100_000)
    parquet.write_table(pyarrow.table({f"text {number}": column for number in range(60)}), tmp_path / "a.parquet")
    data = (tmp_path / "a.parquet").read_bytes()
    assert refused_within(tmp_path / "a.parquet", data, 10_000_000).key == "data_cells"


def test_the_limit_that_a_parquet_file_is_above_is_the_one_named(tmp_path, monkeypatch):
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    monkeypatch.setattr("rnnviz.untrusted.unpacking.FREE", 100)
    monkeypatch.setattr("rnnviz.untrusted.unpacking.RATIO", 1)
    parquet.write_table(pyarrow.table({"text": ["x" * 100_000]}), tmp_path / "a.parquet", compression="zstd")
    data = (tmp_path / "a.parquet").read_bytes()
    assert objection(tmp_path / "a.parquet", data=data).values["limit"] == len(data)


only_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps a process to an amount of memory")


@only_linux
@pytest.mark.parametrize("lies", [False, True])
def test_a_parquet_file_whose_page_says_it_is_larger_takes_no_more_memory_than_is_given(tmp_path, monkeypatch, lies):
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    texts = [f"{random.Random(seed).getrandbits(1_000):0300x}" for seed in range(4_000)]
    made, plain = io.BytesIO(), {"use_dictionary": False, "data_page_size": 10**9}
    parquet.write_table(pyarrow.table({"text": texts}), made, compression="snappy", **plain)
    data = made.getvalue()
    assert data[4:7] == b"\x15\x00\x15"  # a page, and in four bytes how large it is unpacked: a MB
    data = data[:7] + b"\xfe\xff\xff\x7f" + data[11:] if lies else data  # 134 MB
    monkeypatch.setattr(tables, "_ROOM", 80_000_000)
    monkeypatch.setattr(tables, "_CELL", 0)
    if not lies:
        assert len(tables.read_table(Path("a.parquet"), {}, lambda rows: "named", data).rows) == 1 + len(texts)
        return
    assert str(objection(tmp_path / "a.parquet", data=data)).startswith(
        f"{tmp_path / 'a.parquet'} is a table that takes more than {80_000_000 + 8 * len(data):,} bytes of memory"
    )


@only_linux
def test_a_workbook_that_grows_takes_no_more_memory_than_is_given(tmp_path, monkeypatch):
    pytest.importorskip("openpyxl")
    row = '<row><c t="str"><v>{}</v></c><c t="str"><v>a {}</v></c></row>'
    data = workbook(sheet_of(NAMES + "".join(row.format(number % 2, number) for number in range(100_000))))
    assert len(data) < 400_000
    monkeypatch.setattr(tables, "_CELL", 0)
    assert len(quietly(tmp_path / "book.xlsx", data=data)) == 100_000
    monkeypatch.setattr(tables, "_ROOM", 20_000_000)
    assert "bytes of memory to read" in str(objection(tmp_path / "book.xlsx", data=data))


def test_a_workbook_that_takes_too_long_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "_SECONDS", 0.01)
    error = objection(tmp_path / "book.xlsx", data=workbook(sheet_of(NAMES)))
    assert "is a table that takes more than 0.01 seconds to read.\nSave it as CSV" in str(error)


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("import os; os._exit(9)", "the process that read it broke off"),
        ("import sys; sys.stderr.write('{}'); sys.exit(3)", "said nothing that makes sense"),
        ("print('[1]')", "said nothing that makes sense"),
    ],
)
def test_what_the_process_hands_back_is_not_trusted(tmp_path, monkeypatch, program, said):
    monkeypatch.setattr(tables.packed_tables, "__file__", str(written(tmp_path, program, "program.py")))
    assert said in str(objection(tmp_path / "book.xlsx", data=workbook(sheet_of(NAMES))))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_json_and_other_kinds_are_known_in_every_encoding(tmp_path, encoding):
    path = written(tmp_path, JSON_LINES.encode(encoding), "data.jsonl")
    assert pairs(quietly(path)) == ROWS
    assert tables.preview(path, {}, path.read_bytes(), 2)[1] == ["pos", "good, very good"]
    page = "<!DOCTYPE html><html></html>".encode(encoding)
    assert "a web page" in str(objection(written(tmp_path, page)))
    assert tables.preview(path, {}, page, 2) == []
    assert "an XML file" in str(objection(written(tmp_path, "<?xml version='1.0'?><a/>".encode(encoding))))


def test_an_excel_workbook_is_read_or_its_reader_named(tmp_path):
    try:
        import openpyxl
    except ImportError:
        path = written(
            tmp_path, zipped(**{"xl/workbook__xml": "<x/>", "xl/worksheets/sheet1__xml": "<x/>"}), "book.xlsx"
        )
        error = objection(path)
        assert (error.key, error.values["package"]) == ("data_reader", "openpyxl")
        return
    book = openpyxl.Workbook()
    for row in [("label", "text", None), *((int(label == "pos"), text) for label, text in ROWS)]:
        book.active.append(row)
    book.save(tmp_path / "book.xlsx")
    assert quietly(tmp_path / "book.xlsx").texts == tuple(text for _, text in ROWS)
    assert quietly(tmp_path / "book.xlsx").classes == ("0", "1")


def workbook(sheet: str | bytes) -> bytes:
    """A workbook of one sheet, which lies where no program puts it."""
    types = "application/vnd.openxmlformats-officedocument.spreadsheetml."
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    packages = "http://schemas.openxmlformats.org/package/2006"
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{packages}/content-types"><Override PartName="/xl/workbook.xml"'
            f' ContentType="{types}sheet.main+xml"/></Types>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{SHEETS}" xmlns:r="{relations}">'
            '<sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets>'
            "</workbook>",
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{packages}/relationships"><Relationship Id="rId1" Type="{relations}/worksheet"'
            ' Target="/elsewhere/a.xml"/></Relationships>',
        )
        archive.writestr("elsewhere/a.xml", sheet)
    return made.getvalue()


def sheet_of(rows: str) -> str:
    return f'<worksheet xmlns="{SHEETS}"><sheetData>{rows}</sheetData></worksheet>'


SHEETS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
NAMES = '<row r="1"><c r="A1" t="str"><v>label</v></c><c r="B1" t="str"><v>text</v></c></row>'


def refused_within(path: Path, data: bytes, most_bytes: int) -> DataError:
    """What is said of a file that was sent, within so much memory."""
    tracemalloc.start()
    try:
        error = objection(path, data=data)
        assert tracemalloc.get_traced_memory()[1] < most_bytes
    finally:
        tracemalloc.stop()
    return error


@pytest.mark.parametrize("cell", ["XFD2", "&#88;FD2", "xfd2", "XFD200000"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_workbook_with_a_cell_far_to_the_right_is_refused(tmp_path, cell, encoding):
    pytest.importorskip("openpyxl")
    row = f'<row r="2"><c r="{cell}" t="str"><v>a</v></c></row>'
    data = workbook(sheet_of(NAMES + row).encode(encoding))
    assert refused_within(tmp_path / "book.xlsx", data, 30_000_000).key == "data_cells"


@pytest.mark.parametrize(
    ("rows", "key"),
    [
        ('<row r="200002"><c r="B200002" t="str"><v>a</v></c></row>', "data_rows"),
        ('<row r="99999999999"><c r="A1" t="str"><v>a</v></c></row>', "data_rows"),
        ('<row><c r="ALL2" t="str"><v>a</v></c></row>' * 6_000, "data_cells"),  # each a thousand cells wide
        ('<row><c r="ALL2" t="str"><v>a</v></c></row>' + "<row><c><v>1</v></c></row>" * 6_000, "data_cells"),
        ("<row>" + "<c/>" * 80_000 + "</row>", "data_damaged"),
    ],
)
def test_a_small_workbook_of_a_large_sheet_does_not_fill_the_memory(tmp_path, rows, key):
    pytest.importorskip("openpyxl")
    data = workbook(sheet_of(NAMES + rows))
    assert len(data) < 10_000
    assert refused_within(tmp_path / "book.xlsx", data, 100_000_000).key == key


def test_a_workbook_whose_xml_declares_entities_is_refused(tmp_path):
    sheet = '<!DOCTYPE a [<!ENTITY b "c">]>' + sheet_of(NAMES)
    error = objection(written(tmp_path, workbook(sheet.encode("utf-16")), "book.xlsx"))
    assert "document type" in error.values["problem"]


def test_a_sheet_may_have_blank_rows_and_a_wrong_size(tmp_path):
    pytest.importorskip("openpyxl")
    rows = '<row r="900"><c r="A900"><v>1.0</v></c><c r="B900" t="str"><v>a</v></c><c r="D900"/></row>'
    rows += '<row r="901"><c r="A901"><v>0.5</v></c></row><row r="300000"><c r="B300000" s="0"/></row>'
    sheet = sheet_of(NAMES + rows).replace("<sheetData>", '<dimension ref="A1:XFD1048576"/><sheetData>')
    found = tables.read_table(Path("book.xlsx"), {}, lambda rows: "named", workbook(sheet))
    assert found.rows == [(1, ["label", "text"]), (900, ["1", "a"]), (901, ["0.5", ""])]


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (".xls", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600)),
        (".xlsb", zipped(**{"xl/workbook__bin": "a"})),
        ("OpenDocument", zipped(content__xml="<a/>", mimetype="b")),
    ],
)
def test_workbooks_of_other_kinds_are_named_with_what_to_do(tmp_path, kind, data):
    error = objection(written(tmp_path, data, "book.xlsx"))
    assert error.key == "data_kind"
    assert kind in error.values["kind"]
    assert ".xlsx or as CSV" in str(error)


@pytest.mark.parametrize("name", ["train__csv", "xl/sharedStrings__xml"])
def test_a_small_zip_archive_that_unpacks_to_a_hundred_times_as_much_is_refused(tmp_path, name):
    data = zipped(**{name: b"label,text\n" + b"a,b\n" * 2_500_000})
    tracemalloc.start()
    assert objection(written(tmp_path, data, "bomb.zip")).key == "data_large"
    assert tracemalloc.get_traced_memory()[1] < 30_000_000
    tracemalloc.stop()


def test_a_locked_zip_archive_is_called_one(tmp_path):
    data = bytearray(zipped(train__csv=table()))
    for mark in (b"PK\3\4", b"PK\1\2"):
        data[data.index(mark) + (6 if mark == b"PK\3\4" else 8)] |= 1
    assert "locked by a password" in str(objection(written(tmp_path, bytes(data), "data.zip")))


@pytest.mark.parametrize("seed", range(40))
def test_damaged_files_of_every_kind_are_answered_in_a_sentence(tmp_path, seed):
    """Bytes are changed, cut and doubled: a data set, or a ``DataError``."""
    draw = random.Random(seed)
    for data in (table().encode(), JSON_LINES.encode(), zipped(a__csv=table()), table(delimiter="\t").encode("utf-16")):
        changed = bytearray(data)
        for _ in range(draw.randint(1, 6)):
            changed[draw.randrange(len(changed))] = draw.randrange(256)
        start = draw.randrange(len(changed))
        path = written(tmp_path, bytes(changed[:start] if seed % 3 else changed + changed[start:]))
        try:
            told(path)
        except DataError as error:
            sentences = str(error).count("\n")
            if sentences != 1:
                raise


# One list of options


def test_menus_say_the_same_as_options_passed():
    assert from_menus(dict.fromkeys(CHOICES, "")) == {}
    for name, choice in CHOICES.items():
        for value in choice.menu:
            assert to_menus(from_menus({name: value})) == {name: value}


def test_an_option_that_there_is_not_is_python_s_own_error(tmp_path):
    with pytest.raises(TypeError, match="no option 'seperator'; there are header, delimiter"):
        load(written(tmp_path, table()), seperator=";")


def test_the_preview_is_of_the_rows_as_they_are_read(tmp_path):
    data = table(delimiter=";").encode()
    assert tables.preview(Path("a.csv"), {"delimiter": ","}, data, 2) == [["label;text"], ["pos;good", " very good"]]
    for options in ({}, {"delimiter": ";"}):
        assert tables.preview(Path("a.csv"), options, data, 2) == [["label", "text"], ["pos", "good, very good"]]
    assert tables.preview(Path("a.jsonl"), {}, JSON_LINES.encode(), 2)[1] == ["pos", "good, very good"]
    assert tables.preview(Path("a.zip"), {}, zipped(a__csv=table()), 2)[1] == ["pos", "good, very good"]
    assert tables.preview(Path("a.pkl"), {}, pickle.dumps(1, protocol=4), 2) == []
    assert tables.preview(Path("a.csv"), {}, b"label,text\n1,caf\xe9\n", 2)[1] == ["1", "caf\ufffd"]


def test_labels_may_be_names_or_values_in_a_file_without_a_header(tmp_path):
    classes = (ClassName(value="1", name="good"), ClassName(value="0", name="bad"))
    known = DataFormat(text_columns=("2",), label_column="1", classes=classes)
    assert pairs(quietly(written(tmp_path, "good,a film\n0,another\n"), known)) == [
        ("good", "a film"),
        ("bad", "another"),
    ]


# Texts without spaces


def texts_of(words, n=40):
    return table([(str(place % 2), words.format(place)) for place in range(n)])


@pytest.mark.parametrize(
    "words",
    [
        "这部电影很好看第{}次看",
        "この映画はとても面白かった{}",
        "หนังเรื่องนี้สนุกมาก ฉันชอบ{}",
        "Müller{}",
        "ACGTACGTAC{}",
        "这部电影，很好看的电影 {}",
    ],
)
def test_texts_without_spaces_are_noticed(tmp_path, words):
    path = written(tmp_path, texts_of(words))
    assert "have no spaces between words" in told(path)[1]
    assert [remark.key for remark in examined(path).remarks] == ["data_unsplit"]


@pytest.mark.parametrize(
    "words", ["good film {}", "很 好 看 {}", "영화가 정말 좋았어요 {}", "मराठी चित्रपट {}", "看 {} good film"]
)
def test_texts_with_spaces_are_not(tmp_path, words):
    quietly(written(tmp_path, texts_of(words)))


def test_a_few_texts_of_one_word_say_nothing(tmp_path):
    quietly(written(tmp_path, texts_of("word{}", 10)))
