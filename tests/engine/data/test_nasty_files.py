"""Every nasty kind of file: right rows, or one sentence. Never silent damage."""

import csv
import datetime
import decimal
import io
import json
import struct
import zipfile

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data.columns import guess_columns
from engine.data.export import export_bytes
from engine.data.mapping import apply_mapping
from engine.data.read_result import ReaderSettings
from engine.data.read_table import read_table
from engine.errors import InputError
from tests.engine.data.nasty import plain, write
from tests.engine.data.test_read_table import cells, put


# ---------------------------------------------------------------- text
@pytest.mark.parametrize("encoding", ["utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be"])
def test_wide_text_without_a_mark(tmp_path, encoding):
    rows = plain(40, "Où {i}?", "là {i} €")
    result = read_table(put(tmp_path, "a.csv", write(rows).encode(encoding)))
    assert cells(result) == rows
    assert result.encoding == encoding


def test_utf32_with_a_mark_in_another_script(tmp_path):
    rows = plain(40, "注文{i}はどこですか", "こちらです{i}")
    assert cells(read_table(put(tmp_path, "a.csv", write(rows).encode("utf-32")))) == rows


def test_stray_bytes_are_counted_and_the_rest_is_right(tmp_path):
    rows = plain(60, "Où {i}?", "là {i} €")
    data = write(rows).encode().replace("là 3 €".encode(), b"l\xff 3 \xe2\x82\xac").replace(b"Do", b"D\xf0o")
    result = read_table(put(tmp_path, "a.csv", data))
    assert cells(result)[3][2] == "l\ufffd 3 €"
    assert cells(result)[4:] == rows[4:]
    assert "damaged" in result.warnings[0]


def test_mixed_line_ends_inside_and_between_rows(tmp_path):
    result = read_table(put(tmp_path, "a.csv", 'id,a\r\n1,"x\ny"\n2,y\r3,"z\r\nz"\r\n'))
    assert cells(result) == [["1", "x\ny"], ["2", "y"], ["3", "z\r\nz"]]


def test_ten_thousand_columns_stay_small(tmp_path):
    names = [f"c{number}" for number in range(10_000)]
    body = "\n".join(",".join(f"{row}" for _ in names) for row in range(30))
    result = read_table(put(tmp_path, "wide.csv", f"{','.join(names)}\n{body}\n"))
    assert (result.rows, len(result.columns)) == (30, 10_000)
    assert result.frame.iloc[29, 9_999] == "29"
    assert len(guess_columns(result.frame).columns) == 10_000


def test_one_cell_of_fifty_megabytes(tmp_path):
    big = ("x" * 999 + "\n") * 50_000
    result = read_table(put(tmp_path, "big.csv", f'prompt,completion\n"{big}",b\nq,a\n'))
    assert [len(cell) for cell in result.frame["prompt"]] == [50_000_000, 1]
    assert result.reject_count == 0


def test_a_cell_above_the_limit_is_a_reject_not_a_crash(tmp_path):
    most = csv.field_size_limit(10_000)
    try:
        result = read_table(put(tmp_path, "big.csv", f"prompt,completion\n{'x' * 20_000},b\nq,a\n"))
    finally:
        csv.field_size_limit(most)
    assert most == 10**8
    assert cells(result) == [["q", "a"]]
    assert [reject.line for reject in result.rejects] == [2]


def test_codes_and_na_stay_in_every_format(tmp_path):
    rows = [{"id": "007", "prompt": "NA", "completion": "null"}, {"id": "1e5", "prompt": "", "completion": "TRUE"}]
    wanted = [list(row.values()) for row in rows]
    book = openpyxl.Workbook()
    for row in [list(rows[0]), *wanted]:
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "a.parquet")
    put(tmp_path, "a.csv", write(wanted, list(rows[0])))
    put(tmp_path, "a.json", json.dumps(rows))
    put(tmp_path, "a.jsonl", "\n".join(map(json.dumps, rows)))
    for suffix in ("xlsx", "parquet", "csv", "json", "jsonl"):
        assert cells(read_table(tmp_path / f"a.{suffix}")) == wanted, suffix


def test_a_column_with_our_own_name_for_lines_is_kept(tmp_path):
    result = read_table(put(tmp_path, "a.csv", "__line,prompt\nx,y\n"))
    assert result.columns == ["__line_2", "prompt"]
    assert cells(result) == [["x", "y"]]
    assert result.lines.tolist() == [2]


# ---------------------------------------------------------------- workbooks
def book_of(folder, rows, name="a.xlsx", merge=()):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for area in merge:
        book.active.merge_cells(area)
    book.save(folder / name)
    return folder / name


def with_values(path, value="<v>42</v>"):
    """Give the formulas the values Excel would store beside them."""
    out = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            text = old.read(name)
            if name.endswith("sheet1.xml"):
                text = text.replace(b"</f><v></v>", b"</f>" + value.encode()).replace(
                    b"</f><v />", b"</f>" + value.encode()
                )
                text = text.replace(b"</f><v/>", b"</f>" + value.encode())
            new.writestr(name, text)
    path.write_bytes(out.getvalue())
    return path


def test_formulas_give_their_values_and_say_so(tmp_path):
    rows = [["question", "answer"], ["How many?", "=6*7"], ["And now?", "none"]]
    result = read_table(with_values(book_of(tmp_path, rows)))
    assert cells(result) == [["How many?", "42"], ["And now?", "none"]]
    assert any("1 cells hold formulas; the values" in warning for warning in result.warnings)
    unsaved = read_table(book_of(tmp_path, rows, "b.xlsx"))
    assert cells(unsaved)[0] == ["How many?", ""]
    assert any("without a value" in warning and "save it" in warning for warning in unsaved.warnings)


def test_merged_cells_and_errors_are_named(tmp_path):
    rows = [["customer", "q", "a"], ["Ann", "one?", "1"], [None, "two?", "2"], ["Bob", "three?", "#N/A"]]
    result = read_table(book_of(tmp_path, rows, merge=["A2:A3"]))
    assert cells(result) == [["Ann", "one?", "1"], ["Ann", "two?", "2"], ["Bob", "three?", ""]]
    assert any("below a merged cell" in warning for warning in result.warnings)
    assert any("error of Excel" in warning for warning in result.warnings)


def test_macros_are_not_run_and_named(tmp_path):
    path = book_of(tmp_path, [["q", "a"], ["x", "y"]], "a.xlsm")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0 not run")
    result = read_table(path)
    assert cells(result) == [["x", "y"]]
    assert any("macros" in warning for warning in result.warnings)


def test_far_off_cell_does_not_fill_the_memory(tmp_path):
    path = book_of(tmp_path, [["q", "a"], ["x", "y"]])
    book = openpyxl.load_workbook(path)
    book.active["XFD1048576"] = "here"
    book.save(path)
    with pytest.raises(InputError, match="spans 1,048,576 rows and 16,384 columns"):
        read_table(path)


def lying_bomb(path, real=50_000_000):
    """A workbook whose sheet claims to be small and unpacks to much more."""
    good = book_of(path.parent, [["q", "a"], ["x", "y"]], "good.xlsx")
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, b" " * real if name.endswith("sheet1.xml") else old.read(name))
    data = bytearray(path.read_bytes())
    true, false = struct.pack("<I", real), struct.pack("<I", 1000)
    while (at := data.find(true)) >= 0:
        data[at : at + 4] = false
    path.write_bytes(data)
    return path


def test_a_zip_bomb_that_lies_about_its_size_is_refused(tmp_path):
    with pytest.raises(InputError, match="does not unpack to the size it claims"):
        read_table(lying_bomb(tmp_path / "bomb.xlsx"))


def test_password_protected_workbook_says_what_to_do(tmp_path):
    directory = "EncryptionInfo".encode("utf-16-le") + b"\0" * 64 + "EncryptedPackage".encode("utf-16-le")
    with pytest.raises(InputError, match="protected by a password") as error:
        read_table(put(tmp_path, "p.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + directory + b"\0" * 900))
    assert "remove the password" in error.value.hint


# ---------------------------------------------------------------- JSON
def test_a_line_of_two_megabytes_and_deep_nesting(tmp_path):
    deep = '{"prompt": ' + "[" * 100_000 + "]" * 100_000 + "}"
    long = json.dumps({"prompt": "x" * 2_000_000, "completion": "y"})
    result = read_table(put(tmp_path, "a.jsonl", f"{long}\n{deep}\n" + '{"prompt": "q", "completion": "a"}\n'))
    assert [len(cell) for cell in result.frame["prompt"]] == [2_000_000, 1]
    assert [(reject.line, reject.reason) for reject in result.rejects] == [(2, "It is nested too deeply.")]


def test_damaged_elements_of_an_array_cost_only_themselves(tmp_path):
    text = '[{"p": "a"}, {"p": NaN}, {"p": "b", "p": "c"}, {"p": "\\ud800"}, 7, {"p": "d"}]'
    result = read_table(put(tmp_path, "a.json", text))
    assert result.frame["p"].tolist() == ["a", "d"]
    assert [reject.line for reject in result.rejects] == [2, 3, 4, 5]
    for broken in ('[{"p": 1},]', '[{"p": 1} {"p": 2}]', '[{"p": 1}', '[{"p": 1}] tail'):
        with pytest.raises(InputError, match="not valid JSON"):
            read_table(put(tmp_path, "b.json", broken))


def test_rows_inside_wrapper_objects(tmp_path):
    rows = [{"prompt": "a", "completion": "b"}, {"prompt": "c", "completion": "d"}]
    nested = {"result": {"page": 1, "items": rows}, "links": [{"href": "x"}]}
    result = read_table(put(tmp_path, "a.json", json.dumps(nested)))
    assert cells(result) == [["a", "b"], ["c", "d"]]
    assert any("'result.items'" in warning for warning in result.warnings)
    by_name = {"t1": {"prompt": "a", "completion": "b"}, "t2": {"prompt": "c", "completion": "d"}}
    assert read_table(put(tmp_path, "b.json", json.dumps(by_name))).columns == ["key", "prompt", "completion"]
    for table in ({"p": ["a", "c"], "r": ["b", "d"]}, {"p": {"0": "a", "1": "c"}, "r": {"0": "b", "1": "d"}}):
        assert cells(read_table(put(tmp_path, "c.json", json.dumps(table)))) == [["a", "b"], ["c", "d"]]


def test_objects_inside_rows_become_columns(tmp_path):
    rows = [
        {"input": {"question": f"q{n}", "lang": "en"}, "output": {"text": f"a{n}"}, "tags": ["x"]} for n in range(3)
    ]
    result = read_table(put(tmp_path, "a.jsonl", "\n".join(map(json.dumps, rows))))
    assert result.columns == ["input.question", "input.lang", "output.text", "tags"]
    assert cells(result)[2] == ["q2", "en", "a2", '["x"]']
    many = [{"p": "a", "meta": {f"k{n}": n}} for n in range(50)]
    assert read_table(put(tmp_path, "b.jsonl", "\n".join(map(json.dumps, many)))).columns == ["p", "meta"]


# ---------------------------------------------------------------- Parquet
def test_parquet_with_nested_types_dates_and_bytes(tmp_path):
    when = datetime.datetime(2026, 11, 24, 7, 5)
    table = pa.table(
        {
            "list": [[1, None], []],
            "struct": [{"a": "ü", "d": when.date()}, None],
            "map": pa.array([[("k", 1)], None], pa.map_(pa.string(), pa.int64())),
            "when": [when, None],
            "price": [decimal.Decimal("1.10"), None],
            "text": [b"007", "é".encode()],
            "raw": [b"\xff\x00", None],
            "word": pa.array(["NA", None]).dictionary_encode(),
            "big": pa.array([2**63, None], pa.uint64()),
            "nothing": pa.nulls(2),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    first, second = cells(read_table(tmp_path / "a.parquet"))
    assert first[:2] == ["[1, null]", '{"a": "ü", "d": "2026-11-24"}']
    assert first[3:] == ["2026-11-24T07:05:00", "1.10", "007", "/wA=", "NA", "9223372036854775808", ""]
    assert json.loads(first[2]) == [["k", 1]]
    assert second == ["[]", "", "", "", "", "é", "", "", "", ""]


# ---------------------------------------------------------------- properties
ALPHABETS = {
    "utf-8": None, "utf-8-sig": None, "utf-16": None, "utf-32": None, "utf-32-be": None,
    "cp1252": "abcé€“;,|\t\"'\n 0", "latin-1": "abcßø;,|\t\"'\n 0", "cp1251": "абв;,|\t\"'\n 0",
    "cp932": "注文ア;,|\t\"'\n 0", "gb18030": "中文é;,|\t\"'\n 0", "koi8-r": "абв;,|\t\"'\n 0",
}  # fmt: skip


@st.composite
def tables(draw):
    encoding = draw(st.sampled_from(sorted(ALPHABETS)))
    letters = ALPHABETS[encoding]
    alphabet = (
        st.sampled_from(letters) if letters else st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
    )
    width = draw(st.integers(1, 6))
    row = st.lists(st.text(alphabet, max_size=12), min_size=width, max_size=width).filter(any)
    return encoding, draw(st.lists(row, min_size=1, max_size=15)), width


def test_a_title_is_never_looked_for_inside_a_quoted_cell(tmp_path):
    result = read_table(put(tmp_path, "t.csv", '"c0"\n"\n0|"\n'), ReaderSettings(delimiter="|"))
    assert (result.columns, cells(result)) == (["c0"], [["\n0|"]])


@given(
    tables(),
    st.sampled_from(",;\t|:~"),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
)
@settings(max_examples=200, deadline=None)
def test_any_table_in_any_dialect_and_encoding_reads_back(tmp_path_factory, table, delimiter, end, quoting):
    encoding, rows, width = table
    if quoting != csv.QUOTE_ALL and end != "\r\n":  # Python 3.11's writer leaves a lone CR or LF unquoted: ambiguous
        rows = [[cell.replace("\r", " ").replace("\n", " ") for cell in row] for row in rows]
    header = [f"c{number}" for number in range(width)]
    text = write(rows, header, delimiter=delimiter, end=end, quoting=quoting)
    path = put(tmp_path_factory.mktemp("csv"), "t.csv", text.encode(encoding))
    result = read_table(path, ReaderSettings(encoding=encoding, delimiter=delimiter))
    assert cells(result) == rows
    assert result.columns == header
    assert not result.rejects


turn = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30).filter(str.strip)


@given(
    st.lists(st.tuples(st.booleans(), st.lists(st.tuples(turn, turn), min_size=1, max_size=3)), min_size=1, max_size=8)
)
@settings(max_examples=60, deadline=None)
def test_export_then_import_is_identity(tmp_path_factory, talks):
    lines = []
    for system, pairs in talks:
        messages = [{"role": "system", "content": "Be brief."}] if system else []
        for asked, answered in pairs:
            messages += [{"role": "user", "content": asked}, {"role": "assistant", "content": answered}]
        lines.append({"messages": messages})
    folder = tmp_path_factory.mktemp("chat")
    first = put(folder, "a.jsonl", "\n".join(json.dumps(line, ensure_ascii=False) for line in lines))
    read = read_table(first)
    frame, left = apply_mapping(read.frame, guess_columns(read.frame).mapping(), "a")
    assert not left
    again = read_table(put(folder, "b.jsonl", export_bytes(frame, "openai")))
    second, _ = apply_mapping(again.frame, guess_columns(again.frame).mapping(), "a")
    assert second["messages"].tolist() == frame["messages"].tolist()
    assert [json.loads(text) for text in frame["messages"]] == [line["messages"] for line in lines]
