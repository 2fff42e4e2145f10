"""Data Studio in plain words: roles, encodings, delimiters, and the sentences built from what the engine found."""

from __future__ import annotations

from engine.data.mapping import Role
from engine.data.read_result import ReadResult
from engine.data.recipe import TITLES
from engine.data.records import DatasetVersion, SourcePart
from engine.data.source_table import SourceTable
from pages.parts.words import number, plural

ROLE_WORDS: dict[Role, tuple[str, str]] = {
    "user": ("Question", "what the model is asked"),
    "assistant": ("Answer", "what the model should say"),
    "system": ("Instructions", "what the model is told before each question"),
    "messages": ("Whole conversation", "every turn in one cell"),
    "label": ("Label", "category, used to balance and to split fairly"),
    "source": ("Source", "where the row comes from"),
    "group": ("Keep together", "rows with the same value stay on one side of the split"),
    "weight": ("Weight", "how much the row counts"),
    "rejected": ("Worse answer", "the answer people liked less"),
    "tools": ("Tools", "what the model may call"),
    "ignore": ("Ignore", "not used"),
}
ENCODING_WORDS = {
    "utf-8": "Unicode",
    "utf-16": "Unicode (UTF-16)",
    "utf-16-le": "Unicode (UTF-16)",
    "utf-16-be": "Unicode (UTF-16)",
    "utf-32": "Unicode (UTF-32)",
    "cp1252": "Windows",
    "cp1250": "Windows Central European",
    "cp1251": "Windows Cyrillic",
    "iso8859-1": "Western (Latin-1)",
    "cp932": "Japanese (Shift-JIS)",
    "shift_jis": "Japanese (Shift-JIS)",
    "euc_jp": "Japanese (EUC)",
    "gb18030": "Chinese (GB18030)",
    "big5": "Chinese (Big5)",
    "cp949": "Korean",
    "koi8-r": "Cyrillic (KOI8-R)",
}
ENCODINGS = (
    "utf-8",
    "cp1252",
    "cp1250",
    "cp1251",
    "iso8859-1",
    "utf-16",
    "utf-32",
    "cp932",
    "gb18030",
    "big5",
    "cp949",
    "koi8-r",
)
DELIMITER_WORDS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
FORMAT_WORDS = {"xlsx": "Excel workbook", "json": "JSON", "jsonl": "JSON lines", "parquet": "Parquet"}


def role_option(role: Role) -> str:
    """A role as an option of a selectbox: the plain word, then the standard name."""
    word = ROLE_WORDS[role][0]
    return word if role == "ignore" else f"{word} ({role})"


def encoding_word(name: str) -> str:
    """`Windows (cp1252)` for an encoding name."""
    word = ENCODING_WORDS.get(name.lower())
    return f"{word} ({name})" if word and "(" not in word else word or name


SHAPE_WORDS = {
    "chat": "Conversations were recognised (OpenAI's form: a list of messages).",
    "sharegpt": "Conversations were recognised (ShareGPT's form: a list of turns).",
    "preference": "Pairs of a better and a worse answer were recognised (preference data).",
    "prompt_completion": "A question and an answer per row were recognised (prompt and completion).",
    "instruction": "Tasks were recognised (Alpaca's form: instruction, input, output; the input may be empty).",
    "label_studio": "An export of Label Studio was recognised: what people marked is the answer.",
    "turns": "Conversations over several rows were recognised: one row per turn.",
}


def part_sentence(part: SourcePart) -> str:
    """`b.csv: 300 rows, Windows encoding, semicolons. 2 lines could not be read.`"""
    return f"{part.file}: {plural(part.rows, 'row')}, {_how(part)}. {reject_sentence(part.rejects)}".strip()


def read_sentence(read: ReadResult) -> str:
    """`4,000 rows, 6 columns. Windows encoding, semicolons.`"""
    first = f"{plural(read.rows, 'row')}, {plural(len(read.columns), 'column')}."
    if isinstance(read, SourceTable) and len(read.parts) > 1:
        return f"{first} {plural(len(read.parts), 'file')}."
    return f"{first} {_how(read)}."


def reject_sentence(count: int) -> str:
    """`3 lines could not be read.` or nothing."""
    return f"{plural(count, 'line')} could not be read." if count else ""


def _how(read: ReadResult | SourcePart) -> str:
    if read.format in ("csv", "tsv"):
        encoding = f"{ENCODING_WORDS.get(read.encoding.lower(), read.encoding)} encoding"
        if read.delimiter is None:
            return encoding
        return f"{encoding}, {DELIMITER_WORDS.get(read.delimiter, f'divided by {read.delimiter!r}')}"
    name = FORMAT_WORDS.get(read.format, read.format)
    return f"{name}, sheet {read.sheet}" if read.sheet else name


STEP_CHOICES: dict[str, tuple[str, str]] = {
    "whitespace": (
        "Tidy spaces and invisible characters",
        "Doubled spaces, odd line ends and invisible characters are made even. No row is left out.",
    ),
    "empty": ("Leave out rows without a question or an answer", "They teach the model nothing."),
    "short_answers": (
        "Leave out answers that are too short",
        "Answers under 10 characters, but only when your answers are free text. Categories such as 'yes' stay.",
    ),
    "exact_duplicates": (
        "Leave out exact copies",
        "The same question with the same answer; capitals, spaces and plain punctuation do not count. The first stays.",
    ),
    "conflicts": (
        "List rows that contradict each other",
        "The same question with different answers confuses a model. They are only listed: you decide.",
    ),
    "near_duplicates": (
        "Leave out rows that say the same in other words",
        "Compares the meaning of questions on this computer. Rows that differ in a number, a name or a 'not' always "
        "stay; doubtful pairs are listed for you.",
    ),
}
STEP_DONE = {
    "map": "Columns chosen",
    "whitespace": "Spaces tidied",
    "empty": "Without question or answer",
    "short_answers": "Answers too short",
    "exact_duplicates": "Exact copies",
    "conflicts": "Contradictions",
    "near_duplicates": "Say the same in other words",
    "pair_decisions": "Your decisions on pairs",
    "fix": "Fixed rows",
    "one_spelling": "Labels written one way",
    "fewer_of_label": "Fewer rows of a label",
    "fewer_of_answer": "Fewer rows with one answer",
    "odd_rows": "Rows that stood out",
    "too_long_rows": "Over the length limit",
    "rows_without_answer": "Nothing to learn",
    "review": "Read by people",
    "grow": "Rows added",
}


def step_word(name: str) -> str:
    """A step that was done, in words."""
    return STEP_DONE.get(name) or TITLES.get(name) or name.replace("_", " ").capitalize()


def result_sentence(versions: list[DatasetVersion]) -> str:
    """`3,812 of 4,000 rows are ready. 96 were exact copies, 61 say the same thing, 31 need your eye.`"""
    first, last = versions[0], versions[-1]
    dropped = {name: sum(v.step.dropped for v in versions if v.step.name == name) for name in STEP_DONE}
    parts = [
        (dropped["map"], "could not be read as a conversation"),
        (dropped["empty"], "had no question or no answer"),
        (dropped["short_answers"], "had too short an answer"),
        (dropped["exact_duplicates"], "was an exact copy" if dropped["exact_duplicates"] == 1 else "were exact copies"),
        (
            dropped["near_duplicates"],
            "says the same thing" if dropped["near_duplicates"] == 1 else "say the same thing",
        ),
        (dropped["review"], "was left out by a reader" if dropped["review"] == 1 else "were left out by readers"),
        (open_questions(versions), "needs your eye" if open_questions(versions) == 1 else "need your eye"),
    ]
    told = ", ".join(f"{number(count)} {words}" for count, words in parts if count)
    added = sum(v.step.rows_out - v.step.rows_in for v in versions if v.step.name == "grow")
    ready = f"{number(last.rows - added)} of {plural(first.step.rows_in, 'row')} are ready."
    if added:
        ready = f"{ready[:-1]}, and {number(added)} {'was' if added == 1 else 'were'} added."
    return f"{ready} {told}." if told else f"{ready} Nothing had to be left out."


def open_questions(versions: list[DatasetVersion]) -> int:
    """Rows a person should look at: maybe the same, or contradicting, less what was decided and put to use."""
    asked = sum(v.step.counts.get("look at it", 0) + v.step.counts.get("conflict", 0) for v in versions)
    decided = next((v.step.settings["decided"] for v in reversed(versions) if "decided" in v.step.settings), 0)
    return max(0, asked - int(decided))
