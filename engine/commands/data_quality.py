"""`tuneworth data quality FILE`: measures, odd rows, advice. `tuneworth data tokens FILE`: what a base model sees."""

from __future__ import annotations

import argparse
import statistics
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.commands.outcome import Outcome
from engine.commands.progress import progress

if TYPE_CHECKING:
    import pandas as pd


def register(add: Any) -> None:
    """Add the subcommands; `add(name, run, help)` gives a parser that takes FILE."""
    quality = add("quality", run_quality, "measure the rows and say what would make them better")
    quality.add_argument("--meaning", action="store_true", help="compare the meaning of questions too (about a minute)")
    tokens = add("tokens", run_tokens, "what a base model sees: tokens, the limit, what is learned")
    tokens.add_argument("--base", default="demo", help="demo, folder:PATH or hub:ORG/NAME; it must be on this computer")
    tokens.add_argument("--limit", type=int, default=1024, help="longest row in tokens (max_length)")
    tokens.add_argument("--system", default="", help="instruction put before rows that have none")
    tokens.add_argument("--row", type=int, help="show this row as the model reads it")


def run_quality(args: argparse.Namespace) -> Outcome:
    """Measure a file; nothing is written."""
    from engine.data.encoders import load_encoder
    from engine.data.quality.meaning import measure_meaning
    from engine.data.quality.measure import measured
    from engine.data.quality.odd_rows import odd_rows
    from engine.data.quality.recommend import recommend
    from engine.data.quality.six_questions import six_questions

    frame = _rows(args.file)
    kept = measured(frame)
    meaning = measure_meaning(frame, load_encoder("minilm"), "file", progress()) if args.meaning else None
    odd = odd_rows(kept.found, meaning)
    answers = six_questions(kept.found, meaning, None, {}, "file")
    tips = recommend(kept.found, meaning, odd, answers)
    fields = ("name", "title", "value", "level", "verdict", "advice", "affected")
    document: dict[str, Any] = {
        "rows": len(frame),
        "note": kept.note,
        "measures": [{name: getattr(item, name) for name in fields} for item in kept.found],
        "odd": [{"row": row.row_id, "reasons": [part.reason for part in row.reasons], "why": row.words} for row in odd],
        "questions": [{"name": item.name, "state": item.state, "verdict": item.verdict} for item in answers],
        "recommendations": [{"name": tip.name, "title": tip.title, "why": tip.why} for tip in tips],
        "meaning": meaning.model_dump(exclude={"id", "created", "points"}) if meaning else None,
    }
    lines = [f"{item.title}: {item.verdict}" for item in kept.found]
    lines += [f"{place}. {tip.title}. {tip.why}" for place, tip in enumerate(tips, start=1)]
    lines += [kept.note] if kept.note else []
    return Outcome(document, "\n".join(lines))


def run_tokens(args: argparse.Namespace) -> Outcome:
    """Read rows as a base does in training; exit 1 when some have nothing to learn, for training would stop."""
    from engine.data.messages import loads
    from engine.errors import NotFound
    from engine.training.model_view import fit_sentence, long_sentence, silent_sentence, view_of
    from engine.training.models import find_base
    from engine.training.reader import Reader
    from engine.training.tokens import BATCH, row_tokens

    frame = _rows(args.file)
    base = find_base(args.base)
    reader = Reader(base, args.system)
    ids = frame["row_id"].tolist()
    if args.row is not None and args.row not in set(ids):
        raise NotFound(f"{args.file.name} has no row {args.row}.", "Rows count from 0.")
    rows, text = [], None
    for start in range(0, len(ids), BATCH):
        talks = [loads(row) for row in frame["messages"].iloc[start : start + BATCH]]
        for row_id, talk, seen in zip(ids[start : start + BATCH], talks, reader.read_all(talks), strict=True):
            rows.append(row_tokens(int(row_id), seen, talk, reader))
            text = seen.text if row_id == args.row else text
    view = view_of(rows, None, args.limit, base.context)
    lengths = sorted(row.tokens for row in rows)
    document = {
        "base": args.base,
        "rows": len(rows),
        "limit": args.limit,
        "tokens": {"median": statistics.median(lengths), "longest": lengths[-1], "all": sum(lengths)},
        "learned": {"share": view.learned_share, "all": sum(view.learned)},
        "too_long": view.too_long,
        "nothing_to_learn": view.silent,
        "answers_a_cut_would_hurt": view.cut,
        "end_not_learned": view.endless,
        "special_tokens_in_text": view.control,
        "text": text,
    }
    words = [long_sentence(view.too_long, args.limit) if view.too_long else fit_sentence(args.limit)]
    words += [silent_sentence(view.silent)] if view.silent else []
    words += [text] if text is not None else []
    return Outcome(document, "\n".join(words), 1 if view.silent else 0)


def _rows(file: Path) -> pd.DataFrame:
    """Canonical rows of a file, its columns mapped by themselves. Raises InputError when no row can be used."""
    from engine.data.columns import guess_columns
    from engine.data.mapping import apply_mapping
    from engine.data.read_table import read_table
    from engine.errors import InputError

    read = read_table(file)
    frame, _ = apply_mapping(read.frame, guess_columns(read.frame).mapping(), read.file)
    if frame.empty:
        raise InputError(f"{read.file} has no row with a question and an answer.", "Check its columns.")
    return frame
