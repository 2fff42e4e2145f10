import csv
import io
import json
import zipfile

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data.read_result import ReaderSettings
from engine.data.read_table import csv_to_parquet, read_table
from engine.errors import InputError
from tests.engine.data.nasty import HEADER, all_files, plain, write

FILES = list(all_files())


def put(folder, name, data):
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def cells(result):
    return result.frame.to_numpy().tolist()


@pytest.mark.parametrize("nasty", FILES, ids=[nasty.name for nasty in FILES])
def test_nasty_file_gives_right_cells_or_a_sentence(tmp_path, nasty):
    path = put(tmp_path, f"file{nasty.suffix}", nasty.data)
    if nasty.rows is None:
        with pytest.raises(InputError) as error:
            read_table(path)
        assert error.value.message.endswith(".")
        assert error.value.hint
        return
    result = read_table(path)
    assert result.columns == nasty.columns
    assert cells(result) == nasty.rows
    assert [reject.line for reject in result.rejects] == nasty.rejects


def test_there_are_eighteen_kinds():
    assert len({nasty.name[:2] for nasty in FILES}) == 18


def test_utf32_and_stray_bytes(tmp_path):
    rows = plain(50, "Où {i}?", "là {i} €")
    assert cells(read_table(put(tmp_path, "a.csv", b"\xff\xfe\x00\x00" + write(rows).encode("utf-32-le")))) == rows
    damaged = write(rows).encode().replace("là 7 €".encode(), b"l\xe0 7 \xe2\x82\xac")
    result = read_table(put(tmp_path, "b.csv", damaged))
    assert result.encoding == "utf-8"
    assert cells(result)[7][2] == "l\ufffd 7 €"
    assert "1 damaged" in result.warnings[0]


def test_mixed_line_ends(tmp_path):
    result = read_table(put(tmp_path, "a.csv", "id,a\r\n1,x\n2,y\r3,z\r\n"))
    assert cells(result) == [["1", "x"], ["2", "y"], ["3", "z"]]


def test_unclosed_quote_in_the_middle_costs_one_row(tmp_path):
    rows = plain(60)
    lines = write(rows).split("\r\n")
    lines[31] = '30,"never closed,x'
    result = read_table(put(tmp_path, "a.csv", "\r\n".join(lines)))
    assert [reject.line for reject in result.rejects] == [32]
    assert cells(result) == rows[:30] + rows[31:]


def test_line_numbers_count_quoted_newlines(tmp_path):
    result = read_table(put(tmp_path, "a.csv", 'id,a\n1,"x\ny"\n2,b,c\n3,z\n'))
    assert result.lines.tolist() == [2, 5]
    assert [(reject.line, reject.raw) for reject in result.rejects] == [(4, "2,b,c")]
    assert result.rejects[0].reason == "3 cells instead of 2."


def test_one_column_of_prose_is_not_split(tmp_path):
    text = "text\nHello, world\nfoo, bar\nno comma here\n"
    result = read_table(put(tmp_path, "a.csv", text))
    assert result.columns == ["text"]
    assert result.delimiter is None or result.rejects == []


def test_pandas_index_column_without_a_name(tmp_path):
    for delimiter in ",;":
        text = "".join(
            f"{delimiter.join(row)}\n" for row in [["", "text", "label"], ["0", "a b", "x"], ["1", "c", "y"]]
        )
        result = read_table(put(tmp_path, "a.csv", text))
        assert result.columns == ["column_1", "text", "label"]
        assert result.rows == 2


def test_header_spaces_are_stripped_and_reported(tmp_path):
    result = read_table(put(tmp_path, "a.csv", " prompt ,completion\na,b\n"))
    assert result.columns == ["prompt", "completion"]
    assert any("Spaces" in warning for warning in result.warnings)


def test_binary_named_csv(tmp_path):
    for data in (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, bytes(range(256)) * 20, b"%PDF-1.7 x"):
        with pytest.raises(InputError, match="not a t"):
            read_table(put(tmp_path, "a.csv", data))


def test_all_rows_rejected_names_a_line(tmp_path):
    with pytest.raises(InputError) as error:
        read_table(put(tmp_path, "a.csv", "a,b\n1,2,3\n4,5,6\n"), ReaderSettings(delimiter=","))
    assert error.value.where.line == 2


def test_overrides(tmp_path):
    path = put(tmp_path, "a.csv", "zażółć;b\nłąka;2\n".encode("cp1250"))
    result = read_table(path, ReaderSettings(encoding="cp1250", delimiter=";"))
    assert result.columns[0] == "zażółć"
    with pytest.raises(InputError, match="encoding"):
        read_table(path, ReaderSettings(encoding="nonsense"))
    with pytest.raises(InputError, match="one character"):
        read_table(path, ReaderSettings(delimiter=";;"))


def test_reading_again_with_its_own_settings_is_the_same(tmp_path):
    for nasty in FILES:
        if nasty.rows is not None:
            path = put(tmp_path, f"again{nasty.suffix}", nasty.data)
            first = read_table(path)
            assert cells(read_table(path, first.settings)) == cells(first)


def test_many_columns_and_a_large_cell(tmp_path):
    names = [f"c{i}" for i in range(10_000)]
    result = read_table(put(tmp_path, "wide.csv", ",".join(names) + "\n" + ",".join("1" for _ in names) + "\n"))
    assert len(result.columns) == 10_000
    big = "x" * 5_000_000
    result = read_table(put(tmp_path, "big.csv", f"prompt,completion\n{big},b\n"))
    assert result.frame.iloc[0, 0] == big


@given(
    st.lists(
        st.lists(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8),
            min_size=3,
            max_size=3,
        ),
        min_size=1,
        max_size=12,
    ),
    st.sampled_from(",;\t|"),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
@settings(max_examples=150, deadline=None)
def test_any_written_table_reads_back(tmp_path_factory, rows, delimiter, end, quoting, encoding):
    if quoting != csv.QUOTE_ALL and end != "\r\n":  # Python 3.11's writer leaves a lone CR or LF unquoted: ambiguous
        rows = [[cell.replace("\r", " ").replace("\n", " ") for cell in row] for row in rows]
    text = write(rows, delimiter=delimiter, end=end, quoting=quoting)
    path = put(tmp_path_factory.mktemp("csv"), "t.csv", text.encode(encoding))
    result = read_table(path, ReaderSettings(encoding=encoding, delimiter=delimiter))
    assert cells(result) == rows
    assert not result.rejects


@given(
    st.lists(
        st.tuples(st.from_regex(r"[a-z]{2,9}( [a-z]{2,9}){0,5}[.?!]?", fullmatch=True), st.integers()),
        min_size=3,
        max_size=40,
    ),
    st.sampled_from(",;\t|"),
)
@settings(max_examples=60, deadline=None)
def test_delimiter_is_found(tmp_path_factory, rows, delimiter):
    table = [[str(i), a, str(b)] for i, (a, b) in enumerate(rows)]
    path = put(tmp_path_factory.mktemp("csv"), "t.csv", write(table, delimiter=delimiter))
    assert cells(read_table(path)) == table


def test_streaming_to_parquet_equals_reading(tmp_path):
    path = put(tmp_path, "a.csv", write(plain(1200), quoting=csv.QUOTE_ALL))
    stream = csv_to_parquet(path, tmp_path / "a.parquet")
    table = pq.read_table(tmp_path / "a.parquet")
    assert table.num_rows == 1200
    assert stream.columns == HEADER
    assert table.column("prompt").to_pylist() == read_table(path).frame["prompt"].tolist()


def workbook(tmp_path, sheets, name="a.xlsx"):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    path = tmp_path / name
    book.save(path)
    return path


def test_workbook(tmp_path):
    rows = [["id", "prompt", "completion"], ["007", "NA", 5], ["x", 1.5, None], [None, None, None], ["y", True, "z"]]
    path = workbook(tmp_path, {"empty": [], "data": rows})
    result = read_table(path)
    assert result.sheet == "data"
    assert cells(result) == [["007", "NA", "5"], ["x", "1.5", ""], ["y", "TRUE", "z"]]
    assert result.lines.tolist() == [2, 3, 5]
    with pytest.raises(InputError, match="no sheet"):
        read_table(path, ReaderSettings(sheet="other"))
    with pytest.raises(InputError, match="no rows"):
        read_table(path, ReaderSettings(sheet="empty"))


def test_workbook_title_and_disguise(tmp_path):
    path = workbook(tmp_path, {"s": [["Export of June"], [], ["a", "b"], ["1", "2"], ["3", "4"]]}, "x.xlsx")
    result = read_table(path, name="really.csv")
    assert result.columns == ["a", "b"]
    assert cells(result) == [["1", "2"], ["3", "4"]]
    assert any("in spite of its name" in warning for warning in result.warnings)


def test_broken_and_protected_workbooks(tmp_path):
    good = workbook(tmp_path, {"s": [["a"], ["1"]]}).read_bytes()
    with pytest.raises(InputError, match="damaged"):
        read_table(put(tmp_path, "cut.xlsx", good[: len(good) // 2]))
    protected = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 600
    with pytest.raises(InputError, match="password"):
        read_table(put(tmp_path, "p.xlsx", protected))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(InputError, match="zip archive"):
        read_table(put(tmp_path, "z.csv", buffer.getvalue()))


def test_zip_bomb_is_refused(tmp_path, monkeypatch):
    from engine.data import file_kind
    from engine.data.rules import rules

    small = rules().model_copy(update={"reading": rules().reading.model_copy(update={"workbook_bytes": 1000})})
    monkeypatch.setattr(file_kind, "rules", lambda: small)
    with pytest.raises(InputError, match="unpacks to"):
        read_table(workbook(tmp_path, {"s": [["a"], ["1"]]}))


def test_jsonl_keeps_text_and_rejects_damage(tmp_path):
    lines = [
        '{"prompt": "NA", "n": 1.10, "x": null, "l": [1, "ü"]}',
        "not json",
        '{"prompt": NaN}',
        '{"prompt": "a", "prompt": "b"}',
        '{"prompt": "\\ud800"}',
        "[1]",
        "",
        '{"prompt": "007", "n": 1e999}',
        '{"prompt": "ok \\ud83d\\ude00"}',
    ]
    result = read_table(put(tmp_path, "a.jsonl", "\n".join(lines)))
    assert result.columns == ["prompt", "n", "x", "l"]
    assert result.frame["prompt"].tolist() == ["NA", "ok 😀"]
    assert result.frame["l"].tolist() == ['[1, "ü"]', ""]
    assert [reject.line for reject in result.rejects] == [2, 3, 4, 5, 6, 8]
    assert "twice" in result.rejects[2].reason


def test_json_shapes(tmp_path):
    rows = [{"prompt": "a", "completion": "b"}, {"prompt": "c", "completion": "d"}]
    assert read_table(put(tmp_path, "a.json", json.dumps(rows))).rows == 2
    assert read_table(put(tmp_path, "b.json", json.dumps({"data": rows, "version": 1}))).rows == 2
    assert read_table(put(tmp_path, "c.json", "\n".join(map(json.dumps, rows)))).rows == 2
    with pytest.raises(InputError, match="not valid JSON"):
        read_table(put(tmp_path, "d.json", '[{"a": 1}, {"b"'))
    with pytest.raises(InputError, match="no rows"):
        read_table(put(tmp_path, "e.json", "[]"))


def test_parquet(tmp_path):
    table = pa.table({"a": ["007", None], "n": [1, None], "f": [1.5, 2.0], "l": [[1, 2], None]})
    pq.write_table(table, tmp_path / "a.parquet")
    assert cells(read_table(tmp_path / "a.parquet")) == [["007", "1", "1.5", "[1, 2]"], ["", "", "2.0", ""]]
    with pytest.raises(InputError, match="damaged"):
        read_table(put(tmp_path, "b.parquet", (tmp_path / "a.parquet").read_bytes()[:100]))
