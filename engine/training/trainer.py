"""Worker-only: TRL's SFTTrainer with checkpoints that are whole or do not count (engine/training/checkpoints.py)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from trl import SFTTrainer

from engine.jobs.crash import crash_point
from engine.training.checkpoints import keep_best_and_last, mark_complete


class SafeTrainer(SFTTrainer):  # type: ignore[misc]
    """Marks a checkpoint complete when all of it is on disk, and only then deletes older ones (best and last stay)."""

    def _save_optimizer_and_scheduler(self, output_dir: str) -> None:
        crash_point("train.mid_checkpoint")
        super()._save_optimizer_and_scheduler(output_dir)

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        super()._save_checkpoint(model, trial)
        root = Path(self.args.output_dir)
        mark_complete(root / f"checkpoint-{self.state.global_step}")
        crash_point("train.after_checkpoint")
        keep_best_and_last(root, self.state.best_global_step)

    def _load_best_model(self) -> None:
        best = Path(self.args.output_dir) / f"checkpoint-{self.state.best_global_step}"
        self.state.best_model_checkpoint = str(best)  # the project may have moved since an earlier attempt
        super()._load_best_model()

    def create_model_card(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: our model card is made from records, not from the Trainer."""
