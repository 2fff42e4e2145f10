"""The 18 nasty files of the facts, built in code, each with its right cells."""

import csv
import io
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Nasty:
    """`rows` are the right cells; None means: refused with a sentence."""

    name: str
    data: bytes
    columns: list[str]
    rows: list[list[str]] | None
    rejects: list[int] = field(default_factory=list)
    suffix: str = ".csv"


HEADER = ["id", "prompt", "completion"]


def plain(count=200, prompt="How do I do {i}?", completion="Do {i} like this."):
    return [[str(i), prompt.format(i=i), completion.format(i=i)] for i in range(count)]


def write(rows, header=HEADER, delimiter=",", end="\r\n", quoting=csv.QUOTE_MINIMAL):
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerows([header, *rows])
    return buffer.getvalue()


def all_files():
    accents = plain(prompt="Où est “mon café” {i} €?", completion="Là-bas, señor {i}.")
    french = plain(prompt="Où est le café numéro {i}?", completion="À côté de l'hôtel, à {i} mètres.")
    windows = plain(prompt="He said “{i}” – fine", completion="It costs {i} €")
    newline = [[str(i), f'line one\r\nline "two"; {i}', f"a;b\n{i}"] for i in range(3000)]
    japanese = plain(prompt="注文番号{i}はどこですか。", completion="こちらです。{i}番の荷物は明日届きます。")
    codes = [[f"{i:05d}", "NA", f"answer {i}"] for i in range(1, 200)]
    yield Nasty("01 utf-8", write(accents).encode(), HEADER, accents)
    yield Nasty("02 latin-1", write(french).encode("latin-1"), HEADER, french)
    yield Nasty("03 cp1252", write(windows, delimiter=";").encode("cp1252"), HEADER, windows)
    utf16 = b"\xff\xfe" + write(accents, delimiter="\t").encode("utf-16-le")
    yield Nasty("04 utf-16 bom tab", utf16, HEADER, accents)
    yield Nasty("05 utf-8 bom", b"\xef\xbb\xbf" + write(accents).encode(), HEADER, accents)
    yield Nasty("06 tab", write(plain(), delimiter="\t").encode(), HEADER, plain(), suffix=".tsv")
    yield Nasty("07 newlines", write(newline, quoting=csv.QUOTE_ALL).encode(), HEADER, newline)
    yield ragged()
    yield bad_quotes()
    nul = plain()
    yield Nasty("10 nul", write(nul).encode().replace(b"like this", b"like\x00 this", 1), HEADER, nul)
    yield Nasty("11 empty", b"", [], None)
    yield Nasty("12 header only", b"id,prompt,completion\r\n", HEADER, None)
    yield Nasty(
        "13 duplicate names", write(plain(), ["id", "text", "text"]).encode(), ["id", "text", "text_2"], plain()
    )
    yield Nasty("14 codes and NA", write(codes).encode(), HEADER, codes)
    commas = plain(prompt="Well, {i}, is it?", completion="Yes, {i}, it is")
    titled = "Support export, June\r\n\r\n" + write(commas, delimiter=";")
    yield Nasty("15 preamble", titled.encode(), HEADER, commas)
    yield Nasty("16 pipe, CR", write(plain(), delimiter="|", end="\r").encode(), HEADER, plain())
    yield Nasty("17 unclosed quote", (write(plain()) + '200,ask,"never closed\r\n').encode(), HEADER, plain(), [202])
    yield Nasty("18 shift-jis", write(japanese).encode("shift_jis"), HEADER, japanese)


def ragged():
    rows = plain()
    lines = write(rows).split("\r\n")
    lines[11] = "10,only two"
    lines[21] = "20,a,b,too many"
    lines[31] = "30,a,b,"
    kept = [row for row in rows if row[0] not in ("10", "20", "30")]
    return Nasty("08 ragged", "\r\n".join(lines).encode(), HEADER, kept, [12, 22, 32])


def bad_quotes():
    rows = plain()
    lines = write(rows).split("\r\n")
    lines[5] = '4,a 5" pipe,fits'
    lines[6] = '5,he said "hi" there,ok'
    lines[7] = "6,'single, quoted',x"
    rows[4] = ["4", 'a 5" pipe', "fits"]
    rows[5] = ["5", 'he said "hi" there', "ok"]
    kept = rows[:6] + rows[7:]
    return Nasty("09 bad quotes", "\r\n".join(lines).encode(), HEADER, kept, [8])
