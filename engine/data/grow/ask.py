"""What a model is asked for when it writes rows, and how its answer is read. Pure: asking is done elsewhere."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Literal, TypeAlias

from engine.data.grow.candidate import Candidate
from engine.data.grow.words import with_question
from engine.data.messages import Message, answer_of, prompt_of, system_of
from engine.errors import InputError

AskMethod: TypeAlias = Literal["paraphrase", "back_translation", "seed"]
METHODS: tuple[AskMethod, ...] = ("paraphrase", "back_translation", "seed")
_THINKING = re.compile(r"<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL)
_ANSWER_TOKENS = 400  # room beside the text itself: JSON, other wording, and a little more (ours)


def paraphrase_prompt(talk: Sequence[Message], count: int) -> list[Message]:
    """Ask for `count` other wordings of a question that mean exactly the same."""
    rules = (
        f"Write {count} other ways to ask the message below. Keep its meaning exactly: every number, name, date, "
        "unit and negation stays. Vary wording, length and tone as different real people would. "
        f"Answer with a JSON list of {count} strings and nothing else."
    )
    return [{"role": "system", "content": rules}, {"role": "user", "content": last_question(talk)}]


def translate_prompt(text: str, language: str) -> list[Message]:
    """Ask for a translation."""
    rules = (
        f"Translate the message into {language}. Keep every number, name and negation. "
        "Answer with the translation only."
    )
    return [{"role": "system", "content": rules}, {"role": "user", "content": text}]


def seed_prompt(talks: Sequence[Sequence[Message]], count: int) -> list[Message]:
    """Ask for `count` new question-answer pairs of the same kind as the examples."""
    examples = "\n".join(
        json.dumps({"question": prompt_of(talk), "answer": answer_of(talk)}, ensure_ascii=False) for talk in talks
    )
    system = system_of(talks[0]) if talks else ""
    task = f"The assistant's instructions are: {system}\n" if system else ""
    rules = (
        f"{task}Below are real examples, one JSON object per line. Write {count} new ones of the same kind: other "
        "situations, same style and same form of answer, nothing copied. Use only answers that are certainly right. "
        'Answer with a JSON list of objects {"question", "answer"} and nothing else.'
    )
    return [{"role": "system", "content": rules}, {"role": "user", "content": examples}]


def read_paraphrases(text: str, talk: list[Message], row_id: int, label: str) -> list[Candidate]:
    """Candidates from an answer to `paraphrase_prompt`. Raises InputError when it holds no list of texts."""
    items = _list_in(text)
    texts = [item.strip() for item in items if isinstance(item, str) and item.strip()]
    if not texts:
        raise InputError("The answer holds no list of texts.", "Try a larger model, or fewer rows at once.")
    return [Candidate(with_question(talk, new), "paraphrase", label=label, seed_row=row_id) for new in texts]


def read_translated_back(text: str, talk: list[Message], row_id: int, label: str) -> list[Candidate]:
    """One candidate: the question as it came back from the other language."""
    if not said(text):
        raise InputError("The translation is empty.", "Try again, or use another model.")
    return [Candidate(with_question(talk, said(text)), "back_translation", label=label, seed_row=row_id)]


def read_seeds(text: str, talk: list[Message], row_id: int, labels: bool) -> list[Candidate]:
    """Candidates from an answer to `seed_prompt`; the first seed's instructions are kept."""
    found = []
    for item in _list_in(text):
        if not isinstance(item, dict):
            continue
        question, answer = item.get("question"), item.get("answer")
        if isinstance(question, str) and isinstance(answer, str):
            head = [turn for turn in talk if turn["role"] == "system"]
            body = [{"role": "user", "content": question.strip()}, {"role": "assistant", "content": answer.strip()}]
            label = answer.strip() if labels else ""
            found.append(Candidate([*head, *body], "seed", label=label, seed_row=row_id))
    if not found:
        raise InputError("The answer holds no list of questions and answers.", "Try a larger model.")
    return found


def last_question(talk: Sequence[Message]) -> str:
    """The last thing the user said: what is worded anew."""
    return next((turn["content"] for turn in reversed(talk) if turn["role"] == "user"), "")


def sent_text(talk: Sequence[Message], method: AskMethod) -> str:
    """What leaves this computer of one row: the question, and for new rows also instructions and answer."""
    if method != "seed":
        return last_question(talk)
    return "\n".join(part for part in (system_of(talk), prompt_of(talk), answer_of(talk)) if part)


def room_for(talk: Sequence[Message], count: int) -> int:
    """Most tokens an answer may have: `count` texts twice as long as the row (estimate: one token per 3 characters)."""
    return _ANSWER_TOKENS + count * 2 * (sum(len(turn["content"]) for turn in talk) // 3)


def said(text: str) -> str:
    """The answer without what a reasoning model thought aloud."""
    return _THINKING.sub("", text).strip()


def _list_in(text: str) -> list[object]:
    """The first JSON list that holds something, also inside a code fence, an object or words."""
    decoder, body = json.JSONDecoder(), said(text)
    for place, char in enumerate(body):
        if char not in "[{":
            continue
        try:
            value, _ = decoder.raw_decode(body, place)
        except ValueError:
            continue
        if isinstance(value, dict):
            value = next((item for item in value.values() if isinstance(item, list)), None)
        if isinstance(value, list) and any(isinstance(item, str | dict) for item in value):
            return value
    return []
