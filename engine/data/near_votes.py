"""What people said about pairs of rows. A vote knows the two texts by hash, so it holds for later versions, for a new
run and for next month's file in the same project, whatever the row numbers are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, Literal, TypeAlias

import pandas as pd
from pydantic import Field

from engine.data.exact_duplicates import text_key
from engine.data.messages import prompts_and_answers
from engine.data.near_lanes import Forced
from engine.errors import NotFound
from engine.project.project import Project
from engine.project.records import Record

Choice: TypeAlias = Literal["same", "different", "open"]


class PairVote(Record):
    """One decision of a person about two rows; its id is the hash of the pair, so the last word counts."""

    kind: ClassVar[str] = "pair_vote"

    first: str = Field(description="Hash of one row's question and answer")
    second: str = Field(description="Hash of the other row's")
    choice: Choice = Field(description="The same: one goes; different: both stay; open: not decided any more")
    keep: str = Field(default="", description="Hash of the row that stays when one goes")
    change: bool = Field(default=False, description="The other row stays and gets the chosen row's answer")
    lane: str = Field(default="", description="Where the pair was when it was decided")
    encoder: str = Field(default="", description="Model that compared the two")
    score: float = Field(default=0.0, description="How alike the two are (0..1)")
    letters: float = Field(default=0.0, description="How alike their letters are (0..1)")
    passed: bool = Field(default=False, description="Whether every guard had passed")


def row_key(question: str, answer: str) -> str:
    """Hash of a row: case, spacing and plain punctuation do not count."""
    text = f"{text_key(question)}\x1f{text_key(answer)}"
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def row_keys(frame: pd.DataFrame, rows: Iterable[int] | None = None) -> dict[int, str]:
    """Row id -> hash, of all rows or of those named."""
    some = frame if rows is None else frame[frame["row_id"].isin(list(rows))]
    if not len(some):
        return {}
    talks = zip(*prompts_and_answers(some), strict=True)
    return {int(row): row_key(*talk) for row, talk in zip(some["row_id"], talks, strict=True)}


def pair_key(one: str, other: str) -> str:
    """Hash of a pair of row hashes, whatever their order."""
    return hashlib.blake2b("".join(sorted((one, other))).encode(), digest_size=12).hexdigest()


def save_vote(project: Project, one: str, other: str, choice: Choice, **about: object) -> PairVote:
    """Save a vote; an earlier one about the same two texts is replaced."""
    first, second = sorted((one, other))
    body = {"id": pair_key(one, other), "first": first, "second": second, "choice": choice, **about}
    vote = PairVote.model_validate(body)
    project.records.save(vote, replace=True)
    return vote


def votes_of(project: Project) -> list[PairVote]:
    """Every vote that stands, oldest first."""
    return [vote for vote in project.records.list(PairVote) if vote.choice != "open"]


def forced_pairs(keys: Mapping[int, str], pairs: pd.DataFrame, votes: Sequence[PairVote]) -> Forced:
    """What votes mean for stored pairs (row, partner); `keys`: see `row_keys`. Changed answers force nothing."""
    said = {(vote.first, vote.second): vote for vote in votes if vote.choice != "open" and not vote.change}
    wanted = {key for pair in said for key in pair}
    known = {row: key for row, key in keys.items() if key in wanted}
    some = pairs[pairs["row"].isin(set(known)) & pairs["partner"].isin(set(known))] if known else pairs.head(0)
    found: dict[tuple[int, int], Literal["same", "swap", "different"]] = {}
    for row, partner in zip(some["row"].tolist(), some["partner"].tolist(), strict=True):
        one, other = known[row], known[partner]
        vote = said.get((one, other) if one < other else (other, one))
        if vote is None:
            continue
        if vote.choice == "different":
            found[row, partner] = "different"
        else:
            found[row, partner] = "swap" if vote.keep == one != other else "same"
    return found


def vote_on(
    project: Project,
    frame: pd.DataFrame,
    pair: tuple[int, int],
    choice: Choice,
    *,
    keep: int | None = None,
    change: bool = False,
    lane: str = "",
    pairs: pd.DataFrame | None = None,
) -> PairVote:
    """Save what a person says about two rows of `frame` (row ids); `keep` is the row that stays when one goes.

    `pairs` are the stored pairs: their scores go with the vote and teach the threshold. Raises NotFound for a row
    that is not there.
    """
    keys = row_keys(frame, pair)
    if len(keys) != 2:
        raise NotFound("A row of this pair is not there any more.", "Look at the pairs again.")
    about: dict[str, object] = {"keep": keys[keep] if keep is not None else "", "change": change, "lane": lane}
    if pairs is not None:
        found = pairs[(pairs["row"] == pair[0]) & (pairs["partner"] == pair[1])]
        if len(found):
            one = found.iloc[0]
            about |= {"encoder": str(one["encoder"]), "passed": bool(one["same"])}
            about |= {"score": min(float(one["score"]), 1.0), "letters": float(one["letters"])}
    return save_vote(project, keys[pair[0]], keys[pair[1]], choice, **about)
