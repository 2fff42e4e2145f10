"""Settings of one evaluation job, frozen when it starts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from engine.evaluation.thresholds import evaluation_rules

Contestant = Literal["base", "prompted", "tuned"]
MOST_EXAMPLES = 64  # in one prompt; more fit into no context window of ours
CONTESTANTS: tuple[Contestant, ...] = ("base", "prompted", "tuned")
TITLES: dict[str, str] = {"base": "Base model", "prompted": "Base with examples", "tuned": "Tuned model"}


class EvaluationSettings(BaseModel):
    """What is measured, on which rows, and how the models are asked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    split_id: str = Field(description="Split whose rows are used")
    base: str = Field(description="Folder of the base model")
    adapter: str | None = Field(
        default=None, description="Folder of the tuned adapter; none measures the baseline only"
    )
    run_id: str | None = Field(default=None, description="Training run the adapter came from")
    system_prompt: str = Field(default="", description="Instruction put before every row that has none of its own")
    part: Literal["test", "validation"] = Field(default="test", description="Rows used; test is sealed and counted")
    contestants: tuple[Contestant, ...] = Field(default=CONTESTANTS, min_length=1, description="Who answers")
    metric: str | None = Field(default=None, description="Primary metric; none suggests one from the training answers")
    margin: float = Field(default=0.0, ge=0, lt=1, description="Gain from which a change is worth it (0.05 = 5 points)")
    few_shot: tuple[Annotated[int, Field(ge=0, le=MOST_EXAMPLES)], ...] = Field(
        default_factory=lambda: evaluation_rules().few_shot.candidates,
        min_length=1,
        description="Numbers of examples the prompted base may try; the best on validation rows is used",
    )
    rows_to_choose_on: int = Field(default_factory=lambda: evaluation_rules().few_shot.rows_to_choose_on, ge=1)
    max_new_tokens: int | None = Field(default=None, ge=1, le=4096, description="Longest answer; none = from training")
    batch_size: int = Field(default_factory=lambda: evaluation_rules().generation.batch_size, ge=1, le=1024)
    limit: int | None = Field(default=None, ge=1, description="Use so many rows, drawn at random; none uses all")
    seed: int = Field(default=0, ge=0, description="For drawing rows and examples; answers themselves are greedy")
    demo: bool = Field(default=False, description="The base is the demo model that ships with Tuneworth")

    def live_contestants(self) -> tuple[Contestant, ...]:
        """Return the contestants in order, without the tuned one when there is no adapter."""
        return tuple(name for name in CONTESTANTS if name in self.contestants and (name != "tuned" or self.adapter))
