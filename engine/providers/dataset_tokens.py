"""How many tokens the current dataset holds: a range from its characters until a tokenizer has counted it."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from engine.costs.tokens import TokenRange, tokens_from_characters
from engine.data.messages import loads
from engine.data.versions import current_version, load_version
from engine.project.project import Project


@dataclass(frozen=True)
class DatasetTokens:
    """Tokens of one dataset version: mean of a prompt and of an answer, and all tokens of one pass."""

    version: str
    rows: int
    prompt: TokenRange
    answer: TokenRange
    total: TokenRange


def tokens_of(frame: pd.DataFrame, version: str = "") -> DatasetTokens:
    """Return the token ranges of canonical rows. The system text counts as part of the prompt."""
    prompt_characters = answer_characters = 0
    for text in frame["messages"]:
        for turn in loads(text):
            if turn["role"] == "assistant":
                answer_characters += len(turn["content"])
            else:
                prompt_characters += len(turn["content"])
    rows = max(len(frame), 1)
    return DatasetTokens(
        version=version,
        rows=len(frame),
        prompt=tokens_from_characters(prompt_characters / rows),
        answer=tokens_from_characters(answer_characters / rows),
        total=tokens_from_characters(prompt_characters + answer_characters),
    )


def dataset_tokens(project: Project) -> DatasetTokens | None:
    """Return the token ranges of the current dataset, or None before there is one."""
    version = current_version(project)
    return None if version is None else tokens_of(load_version(project, version.id), version.id)
