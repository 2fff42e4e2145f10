"""Whether answers have one form: the majority form named, keys compared, odd rows listed. Source: domain.md 2."""

from __future__ import annotations

from collections import Counter
from typing import Any

from engine.data.quality.finding import OddRow, Quality
from engine.data.quality.forms import answer_form, keys_of
from engine.data.quality.rules import measures
from engine.data.quality.texts import Texts
from engine.data.rules import rules
from engine.data.text_keys import canonical_key


def consistency(texts: Texts) -> Quality:
    """Share of answers in the majority form (with its majority keys, for JSON objects and fields)."""
    name, numbers, rows = _labels(texts) if texts.are_labels else _forms(texts)
    share = 1 - len(rows) / len(texts)
    numbers = {**numbers, "majority": name}
    if name == "label":
        verdict = f"All answers are labels, {share:.0%} of them written the usual way."
        if rows and not numbers["spellings"]:
            verdict = f"{texts.scaled(len(rows)):,} labels have another form than the rest ({numbers['label_form']})."
    elif name == "mixed":
        common, count = next(iter(numbers["kinds"].items()))
        share = count / len(texts)
        verdict = f"The answers have no usual form: the most common one ({common}) makes up {share:.0%}."
    else:
        keys = " and the usual keys" if numbers.get("keys") else ""
        verdict = f"{share:.0%} of the answers have the usual form ({name}){keys}."
    listed = tuple(rows[: measures().sample.listed_rows])
    affected = texts.scaled(len(rows))
    broken = numbers.get("kinds", {}).get("broken JSON", 0)
    if share < rules().quality.format_consistency or broken or (name == "label" and rows):
        advice = "Bring all answers into one form: the model copies the mix."
        if broken and name == "JSON":
            advice = f"{broken:,} answers begin like JSON and cannot be read as it: repair them or leave them out."
        if name == "label":
            advice = "Write each label one way: the model treats every spelling as a label of its own."
            if not numbers["spellings"]:
                advice = "Read these rows: a note or a stray word is no answer, and the model would learn to say it."
        return Quality("format", "Consistency", share, "look", verdict, advice, numbers, listed, affected)
    return Quality("format", "Consistency", share, "good", verdict, "", numbers, listed, affected)


def no_labels(item: Quality) -> frozenset[int]:
    """Rows among labels that hold no usual label (as far as they are listed)."""
    if item.numbers.get("majority") != "label":
        return frozenset()
    return frozenset(row.row_id for row in item.rows if row.reason == "other form")


def spellings(values: list[str]) -> dict[str, str]:
    """Other spellings of a label (case, spaces, punctuation) -> the most common one; ties go to the first in order."""
    counts = Counter(value for value in values if value)
    best: dict[str, str] = {}
    for value, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        best.setdefault(canonical_key(value) or value, value)
    return {value: usual for value in counts if (usual := best[canonical_key(value) or value]) != value}


def _labels(texts: Texts) -> tuple[str, dict[str, Any], list[OddRow]]:
    values = [answer.strip() for answer in texts.answers]
    other = spellings(values)
    form, kinds = _usual_form(values)
    rows = []
    for row_id, value in zip(texts.row_ids, values, strict=True):
        if value in other:
            rows.append(OddRow(row_id, "other spelling", f"{value!r} instead of {other[value]!r}"))
        elif form and kinds[value] != form:
            rows.append(OddRow(row_id, "other form", f"{kinds[value]} instead of {form}"))
    return "label", {"odd": list(other), "spellings": other, "label_form": form}, rows


def _usual_form(values: list[str]) -> tuple[str, dict[str, str]]:
    """The form nearly all labels have, if it is one with a structure (`refund` beside `card lost` is no other form)."""
    kinds = {value: answer_form(value) for value in set(values)}
    name, count = Counter(kinds[value] for value in values).most_common(1)[0]
    structured = name not in ("one word", "text", "empty")
    return (name if structured and count / len(values) >= rules().quality.format_consistency else ""), kinds


def _forms(texts: Texts) -> tuple[str, dict[str, Any], list[OddRow]]:
    kinds = [answer_form(answer) for answer in texts.answers]
    counts = Counter(kinds)
    name, count = counts.most_common(1)[0]
    numbers: dict[str, Any] = {"kinds": dict(counts.most_common())}
    if count / len(kinds) < measures().forms.majority:
        return "mixed", numbers, []
    keys = [keys_of(answer, kind) if kind == name else None for answer, kind in zip(texts.answers, kinds, strict=True)]
    sets = Counter(key for key in keys if key is not None)
    usual, share = (sets.most_common(1)[0][0], sets.most_common(1)[0][1] / count) if sets else (None, 0.0)
    if usual is not None and share >= measures().forms.majority:
        numbers |= {"keys": list(usual), "keys_share": share}
    else:
        usual = None
    rows = []
    for row_id, kind, found in zip(texts.row_ids, kinds, keys, strict=True):
        if kind != name:
            rows.append(OddRow(row_id, "other form", f"{kind} instead of {name}"))
        elif usual is not None and found != usual:
            rows.append(OddRow(row_id, "other keys", _difference(found, usual)))
    return name, numbers, rows


def _difference(found: tuple[str, ...] | None, usual: tuple[str, ...]) -> str:
    """`lacks 'priority'; has 'prio'`."""
    if found is None:
        return "a list instead of keys"
    lacks, more = [key for key in usual if key not in found], [key for key in found if key not in usual]
    parts = [f"lacks {', '.join(map(repr, lacks[:5]))}"] if lacks else []
    parts += [f"has {', '.join(map(repr, more[:5]))}"] if more else []
    return "; ".join(parts) or "the keys stand in another order or twice"
