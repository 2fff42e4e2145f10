"""What an evaluation leaves behind: scores, the verdict in words, and everything needed to check it."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from engine.evaluation.formats import AnswerFormat
from engine.evaluation.words import Verdict
from engine.project.records import Record


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Score(_Part):
    """One metric of one contestant, with its 95 % interval."""

    metric: str = Field(description="Standard name of the metric")
    value: float = Field(description="0..1, 1 is best")
    low: float = Field(description="Lower limit")
    high: float = Field(description="Upper limit")
    n: int = Field(description="Rows counted")
    unreadable: int = Field(default=0, description="Answers that could not be read (they count as 0)")


class ContestantResult(_Part):
    """How one contestant did."""

    name: str = Field(description="base, prompted or tuned")
    title: str = Field(description="Name for the screen")
    examples: int = Field(default=0, description="Training examples shown in the prompt")
    scores: tuple[Score, ...] = Field(description="Primary metric first, then the others")
    hit_limit: int = Field(default=0, description="Answers cut because they reached the longest length")
    too_long: int = Field(default=0, description="Rows not asked because the prompt does not fit the model")
    seconds: float = Field(default=0.0, description="Time spent on its answers")

    def score(self, metric: str) -> Score | None:
        """Return the score of that metric, or None."""
        return next((score for score in self.scores if score.metric == metric), None)


class FewShotChoice(_Part):
    """How many examples the prompted base shows, chosen on validation rows only."""

    count: int = Field(description="Examples shown")
    tried: dict[int, float] = Field(description="Value of the primary metric on validation rows, by number of examples")
    rows: int = Field(description="Validation rows it was chosen on")
    row_ids: tuple[int, ...] = Field(default=(), description="Training rows shown")


class VerdictRecord(_Part):
    """The paired comparison of the tuned model with the better of base and prompted base."""

    baseline: str = Field(description="Contestant the tuned model is compared with")
    verdict: Verdict
    sentence: str = Field(description="The verdict in words")
    difference: float = Field(description="Tuned - baseline, 0..1")
    low: float
    high: float
    p: float = Field(description="Two-sided p of the paired test (not for the headline)")
    n: int
    margin: float
    better_rows: int
    worse_rows: int
    anecdote: bool = Field(description="Too few rows to be more than an anecdote")
    visible_gap: float | None = Field(description="Smallest gap these rows can show")
    rows_needed: int | None = Field(description="Rows that would settle it")


class EvaluationRun(Record):
    """One finished evaluation. Its id is the id of its job; the answers lie in the job's folder."""

    kind: ClassVar[str] = "evaluation"

    run_id: str | None = Field(default=None, description="Training run that was measured")
    split_id: str = Field(description="Split whose rows were used")
    part: str = Field(description="test or validation")
    rows: int = Field(description="Rows answered")
    rows_sha256: str = Field(description="Hash of the rows and expected answers")
    metric: str = Field(description="Primary metric, fixed before the run")
    answer_format: AnswerFormat = Field(description="Format found in the training answers")
    contestants: tuple[ContestantResult, ...]
    few_shot: FewShotChoice | None = None
    verdict: VerdictRecord | None = Field(default=None, description="None when there was nothing to compare")
    warnings: tuple[str, ...] = Field(default=(), description="What weakens the result, in words")
    uses: int = Field(description="How often the sealed rows of this split were used, this time included")
    settings: dict[str, Any] = Field(description="Settings of the job, as started")
    answers_sha256: str = Field(description="Hash of answers.jsonl")
    demo: bool = Field(default=False, description="Measured on the demo model")

    def contestant(self, name: str) -> ContestantResult | None:
        """Return one contestant's result, or None when it did not take part."""
        return next((result for result in self.contestants if result.name == name), None)

    @property
    def sentence(self) -> str:
        """Return the headline: the verdict, or how the baseline did."""
        if self.verdict is not None:
            return self.verdict.sentence
        best = max(self.contestants, key=lambda result: result.scores[0].value)
        score = best.scores[0]
        return (
            f"{best.title}: {score.value:.0%} ({score.low:.0%} to {score.high:.0%}, {score.n:,} rows). "
            "A tuned model has to beat this."
        )
