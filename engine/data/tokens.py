"""Token counts without a tokenizer: an estimate with its range. The exact count comes with the base model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from engine.data.messages import Message, loads
from engine.data.rules import rules

PER_TURN = 4  # role and separators of a chat template (OpenAI cookbook)
CAVEAT = "Estimated from characters for English; other languages and code can need up to three times as many."


@dataclass(frozen=True)
class TokenEstimate:
    """Tokens with a range of +-20 %."""

    tokens: int
    low: int
    high: int
    caveat: str = CAVEAT


def estimate_tokens(characters: int, turns: int = 0) -> TokenEstimate:
    """Estimate from a number of characters: characters / 4, plus 4 per turn."""
    limits = rules().tokens
    tokens = characters / limits.characters_per_token + PER_TURN * turns
    return TokenEstimate(round(tokens), int(tokens * (1 - limits.spread)), int(-(-tokens * (1 + limits.spread) // 1)))


def tokens_of_text(text: str) -> int:
    """Estimated tokens of a plain text."""
    return estimate_tokens(len(text)).tokens


def tokens_of_talk(talk: Iterable[Message]) -> int:
    """Estimated tokens of one conversation."""
    turns = list(talk)
    return estimate_tokens(sum(len(turn["content"]) for turn in turns), len(turns)).tokens


def tokens_per_row(frame: pd.DataFrame) -> list[int]:
    """Estimated tokens of each row, in order."""
    return [tokens_of_talk(loads(text)) for text in frame["messages"]]


def estimate_frame(frame: pd.DataFrame) -> TokenEstimate:
    """Estimated tokens of all rows."""
    talks = [loads(text) for text in frame["messages"]]
    characters = sum(len(turn["content"]) for talk in talks for turn in talk)
    return estimate_tokens(characters, sum(len(talk) for talk in talks))


@dataclass(frozen=True)
class PromptAnswerTokens:
    """Mean estimated tokens of question (with system text) and answer: input of the cost pages."""

    prompt: float
    answer: float
    rows: int


def mean_tokens(frame: pd.DataFrame) -> PromptAnswerTokens:
    """Mean estimated tokens per row, question and answer apart."""
    talks = [loads(text) for text in frame["messages"]]
    prompts = [tokens_of_talk(talk[:-1]) for talk in talks]
    answers = [tokens_of_talk(talk[-1:]) for talk in talks]
    rows = max(len(talks), 1)
    return PromptAnswerTokens(sum(prompts) / rows, sum(answers) / rows, len(talks))
