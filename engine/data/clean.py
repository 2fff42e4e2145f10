"""The simple cleaning steps. Each is a pure function: frame -> (frame, decisions); row ids never change."""

from __future__ import annotations

import re
import unicodedata

import pandas as pd

from engine.data.answers import answers_are_labels
from engine.data.decisions import Decision
from engine.data.messages import Message, answer_of, dumps, loads, prompt_of, prompts_and_answers
from engine.data.rules import rules

StepResult = tuple[pd.DataFrame, list[Decision]]

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\ufeff\u2028\u2029]+")
_BLANKS = re.compile(r"[^\S\n]+")
_MANY_LINES = re.compile(r"\n{3,}")


def tidy(text: str) -> str:
    """NFC, one kind of line end, no control characters, single blanks inside a line, no blanks at the ends."""
    plain = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    plain = _CONTROL.sub(lambda match: "\n" if match.group() in "\u2028\u2029" else "", plain)
    lines = (line.rstrip() for line in plain.split("\n"))
    return _MANY_LINES.sub("\n\n", "\n".join(_inner(line) for line in lines)).strip()


def _inner(line: str) -> str:
    """Indentation stays (code, YAML); blanks inside the line become one."""
    body = line.lstrip(" \t")
    return line[: len(line) - len(body)] + _BLANKS.sub(" ", body)


def whitespace(frame: pd.DataFrame) -> StepResult:
    """Trim and squeeze every turn. No row is dropped; changed rows are listed."""
    texts: list[str] = []
    decisions: list[Decision] = []
    for row_id, text in zip(frame["row_id"], frame["messages"], strict=True):
        talk = loads(text)
        tidied = [{**turn, "content": tidy(turn["content"])} for turn in talk]
        texts.append(dumps(tidied))
        if tidied != talk:
            detail = "Spaces, line ends or invisible characters were tidied."
            decisions.append(Decision(int(row_id), "whitespace", "tidied", detail, "change", snippet=prompt_of(tidied)))
    labels = [tidy(label) for label in frame["label"]]
    return frame.assign(messages=pd.Series(texts, index=frame.index, dtype="str"), label=labels), decisions


def empty(frame: pd.DataFrame) -> StepResult:
    """Drop rows whose question or answer is empty, or whose last turn is not the assistant's."""
    decisions = []
    for row_id, text in zip(frame["row_id"], frame["messages"], strict=True):
        problem = _gap(loads(text))
        if problem:
            reason, detail = problem
            decisions.append(Decision(int(row_id), "empty", reason, detail, snippet=_snippet(loads(text))))
    return drop(frame, decisions), decisions


def _gap(talk: list[Message]) -> tuple[str, str] | None:
    if not talk or talk[-1]["role"] != "assistant":
        return "no answer", "The conversation does not end with an answer."
    if not answer_of(talk).strip():
        return "empty answer", "The answer is empty."
    if not any(turn["role"] == "user" and turn["content"].strip() for turn in talk):
        return "empty question", "The question is empty."
    return None


def short_answers(frame: pd.DataFrame) -> StepResult:
    """Drop answers under 10 characters when answers are free text; labels such as `yes` are left alone."""
    _, answers = prompts_and_answers(frame)
    if answers_are_labels(answers):
        return frame, []
    limit = rules().answers.shortest_answer
    decisions = [
        Decision(int(row_id), "short_answers", "short answer", _short(answer, limit), snippet=answer)
        for row_id, answer in zip(frame["row_id"], answers, strict=True)
        if len(answer.strip()) < limit
    ]
    return drop(frame, decisions), decisions


def _short(answer: str, limit: int) -> str:
    return f"The answer has {len(answer.strip())} characters; free text needs at least {limit}."


def short_answers_note(frame: pd.DataFrame) -> str:
    """Say in one sentence whether the rule applied and why."""
    _, answers = prompts_and_answers(frame)
    distinct = len(set(answers))
    if answers_are_labels(answers):
        return f"Answers are labels ({distinct} different ones), so short answers are kept."
    return f"Answers are free text, so answers under {rules().answers.shortest_answer} characters are left out."


def drop(frame: pd.DataFrame, decisions: list[Decision]) -> pd.DataFrame:
    """Return the frame without the rows whose decision says drop."""
    gone = {decision.row_id for decision in decisions if decision.action == "drop"}
    if not gone:
        return frame
    return frame[~frame["row_id"].isin(gone)].reset_index(drop=True)


def _snippet(talk: list[Message]) -> str:
    return f"{prompt_of(talk)} -> {answer_of(talk)}"
