"""Changes of many rows at once that a recommendation offers: each a new version with a reason per row, undoable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

import numpy as np
import pandas as pd

from engine.data.answers import answers_are_labels
from engine.data.edits import RowEdit, apply_edits
from engine.data.messages import answer_of, loads
from engine.data.quality.consistency import spellings
from engine.data.quality.rules import measures
from engine.data.records import DatasetVersion
from engine.data.rules import rules
from engine.data.text_keys import canonical_key
from engine.data.versions import load_version, require_version
from engine.errors import Conflict, InputError
from engine.project.project import Project

SPELLING, FEWER, FEWER_ANSWERS, LEFT_OUT = "one_spelling", "fewer_of_label", "fewer_of_answer", "odd_rows"


def write_one_way(project: Project) -> DatasetVersion:
    """Write every label the way most rows write it, in answers and in the label column.

    Raises Conflict when all labels are written one way already.
    """
    frame = load_version(project, require_version(project).id)
    talks = [loads(text) for text in frame["messages"]]
    said = [answer_of(talk).strip() for talk in talks]
    answers = spellings(said) if answers_are_labels(said) else {}
    labels = spellings(frame["label"].tolist())
    edits = []
    for row_id, talk, label in zip(frame["row_id"], talks, frame["label"], strict=True):
        answer = answer_of(talk).strip()
        better, name = answers.get(answer), labels.get(label)
        if better is None and name is None:
            continue
        words = f"{answer!r} is now {better!r}." if better else f"Label {label!r} is now {name!r}."
        changed = _with_answer(talk, better) if better else None
        edits.append(RowEdit(int(row_id), "other spelling", words, changed, name))
    if not edits:
        raise Conflict("Every label is written one way already.")
    return apply_edits(project, edits, SPELLING)


def take_fewer(project: Project, label: str, keep: int, seed: int | None = None) -> DatasetVersion:
    """Keep `keep` rows of a label, drawn at random. Raises InputError when it has no more rows than that."""
    frame = load_version(project, require_version(project).id)
    given = (frame["label"] != "").any()
    names = frame["label"].tolist() if given else [answer_of(text).strip() for text in frame["messages"]]
    places = [place for place, name in enumerate(names) if name == label]
    edits = _drawn(frame, places, keep, repr(label[:60]), "fewer of a label", seed)
    return apply_edits(project, edits, FEWER, {"label": label, "keep": keep})


def take_fewer_answers(project: Project, keep: int, seed: int | None = None) -> DatasetVersion:
    """Keep `keep` rows with the most common answer (case and punctuation aside), drawn at random.

    Raises InputError when it has no more rows than that.
    """
    frame = load_version(project, require_version(project).id)
    keys = [canonical_key(answer_of(text)) for text in frame["messages"]]
    common = Counter(keys).most_common(1)[0][0]
    places = [place for place, key in enumerate(keys) if key == common]
    edits = _drawn(frame, places, keep, "the most common answer", "fewer of an answer", seed)
    return apply_edits(project, edits, FEWER_ANSWERS, {"keep": keep})


def _drawn(
    frame: pd.DataFrame, places: list[int], keep: int, name: str, reason: str, seed: int | None
) -> list[RowEdit]:
    if not 0 < keep < len(places):
        have = f"{len(places):,} rows" if places else "no rows"
        raise InputError(
            f"{name[:1].upper()}{name[1:]} has {have}; {keep:,} cannot be kept of them.", "Choose a smaller number."
        )
    draw = np.random.default_rng(measures().sample.seed if seed is None else seed)
    gone = sorted(draw.choice(places, len(places) - keep, replace=False))
    detail = f"{len(gone):,} of {len(places):,} rows with {name} were left out at random."
    return [RowEdit(int(frame["row_id"].iloc[place]), reason, detail) for place in gone]


def sensible_share(count: int, rows: int) -> int:
    """How many rows with the most common answer are enough: so many that it makes up the allowed share at most."""
    share = rules().quality.repeated_answer
    return max(1, min(count, int(share / (1 - share) * (rows - count))))


def leave_out(project: Project, reasons: dict[int, str], step: str = LEFT_OUT) -> DatasetVersion:
    """Leave out rows, `reasons` gives a sentence for each. Raises InputError without rows."""
    if not reasons:
        raise InputError("No row is chosen.", "Choose the rows to leave out.")
    edits = [RowEdit(row_id, "stands out", words) for row_id, words in reasons.items()]
    return apply_edits(project, edits, step)


def sensible_number(counts: Collection[int]) -> int:
    """How many rows of the most common label are enough: the largest of the others, or the allowed ratio if less."""
    order = sorted(counts, reverse=True)
    if len(order) < 2:
        return order[0] if order else 0
    limits = measures().balance
    return int(max(min(order[1], limits.label_ratio * order[-1]), min(limits.label_minimum, order[0])))


def _with_answer(talk: list[dict[str, str]], answer: str) -> list[dict[str, str]]:
    last = max(place for place, turn in enumerate(talk) if turn["role"] == "assistant")
    return [{**turn, "content": answer} if place == last else turn for place, turn in enumerate(talk)]
