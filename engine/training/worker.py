"""The training job: one readable TRL script. LoRA on the split's training rows, checked on its validation rows.

Reads: settings `{"run": TrainingRun fields without id}` of the job. Writes: `checkpoints/` in the job folder (best and
last), then `models/<run>/` with adapter, tokenizer, chat template and settings, the TrainingResult record, the pointer
`run` and the audit line. torch and friends are imported inside functions, after the cheap checks.
"""

from __future__ import annotations

import sys
from typing import Any

from engine.jobs.context import JobContext, run_worker
from engine.jobs.crash import crash_point
from engine.jobs.events import read_events
from engine.training.checkpoints import drop_incomplete, newest_complete, step_of
from engine.training.config import TrainConfig
from engine.training.failures import explain_failure
from engine.training.finish import earlier_attempts, finish
from engine.training.plan import Plan, make_plan
from engine.training.words import listed, rows_are

CHECKPOINTS = "checkpoints"
LOG_LINES = 500  # at most about so many points on the curve


def main(job: JobContext) -> dict[str, Any]:
    """Check, load, train, save; the result is the TrainingResult record as JSON."""
    job.progress(0, 1, "Getting ready: checking the data and loading the software (about 15 seconds)")
    plan = make_plan(job)
    job.check_stop()
    sys.modules.setdefault("bitsandbytes", None)  # type: ignore[arg-type]  # only 4-bit needs it; its import costs 3 s
    try:
        return _train(job, plan)
    except Exception as error:
        drop_incomplete(job.folder / CHECKPOINTS)  # a half checkpoint is of no use, and the disk may be full
        known = explain_failure(error, _last_step(job))
        if known is None or known is error:
            raise
        raise known from error


def _train(job: JobContext, plan: Plan) -> dict[str, Any]:
    import torch
    from transformers.utils import logging

    from engine.training.callbacks import JobCallback
    from engine.training.trainer import SafeTrainer
    from engine.training.worker_data import prepare
    from engine.training.worker_model import download, load_model, load_tokenizer

    job.check_stop()
    logging.disable_progress_bar()
    config = plan.run.config
    gpu = torch.cuda.is_available()
    folder = plan.folder or download(config.base.removeprefix("hub:"))
    tokenizer, template = load_tokenizer(folder)
    job.progress(0, 1, "Turning the examples into tokens")
    train = prepare(tokenizer, plan.train, max_length=config.max_length, system_prompt=config.system_prompt)
    checks = prepare(tokenizer, plan.validation, max_length=config.max_length, system_prompt=config.system_prompt)
    _notices(job, plan, template, {"training": train.too_long, "validation": checks.too_long})

    job.progress(0, 1, "Loading the base model")
    resume = newest_complete(job.folder / CHECKPOINTS) if job.attempt else None
    drop_incomplete(job.folder / CHECKPOINTS)
    before = earlier_attempts(job, step_of(resume) if resume else 0)
    callback = JobCallback(job, patience=config.early_stopping_patience, before=before)
    trainer = SafeTrainer(
        model=load_model(folder, gpu=gpu),
        args=_arguments(job, config, rows=len(train.row_ids), checks=bool(checks.row_ids), gpu=gpu),
        train_dataset=train.dataset(),
        eval_dataset=checks.dataset() if checks.row_ids else None,
        processing_class=tokenizer,
        peft_config=_lora(config),
        callbacks=[callback],
    )
    job.check_stop()
    trainer.train(resume_from_checkpoint=str(resume) if resume else None)
    crash_point("train.before_export")
    return finish(job, plan.run, trainer, callback, template, [*train.too_long, *checks.too_long])


def _arguments(job: JobContext, config: TrainConfig, *, rows: int, checks: bool, gpu: bool) -> Any:
    """TRL's settings. Everything not named here has TRL 1.16's default."""
    import torch
    from trl import SFTConfig

    steps = config.eval_steps(rows)
    return SFTConfig(
        output_dir=str(job.folder / CHECKPOINTS),
        num_train_epochs=config.num_train_epochs,
        learning_rate=config.learning_rate,
        per_device_train_batch_size=config.per_device_train_batch_size,
        per_device_eval_batch_size=2 * config.per_device_train_batch_size,  # no gradients: half the memory
        gradient_accumulation_steps=config.gradient_accumulation_steps,
        warmup_steps=config.warmup_ratio,  # a value below 1 is a share of the run
        lr_scheduler_type=config.lr_scheduler_type,
        weight_decay=config.weight_decay,
        max_grad_norm=config.max_grad_norm,
        gradient_checkpointing=config.gradient_checkpointing,
        seed=config.seed,
        max_length=None,  # longer rows were left out before, so nothing is ever cut
        dataset_kwargs={"skip_prepare_dataset": True},  # labels are made in worker_data: only answers count
        eval_strategy="steps" if checks else "no",
        eval_steps=steps,
        save_strategy="steps",
        save_steps=steps,
        load_best_model_at_end=checks,
        metric_for_best_model="eval_loss" if checks else None,
        logging_steps=max(1, config.steps(rows) // LOG_LINES),
        logging_nan_inf_filter=False,  # the default shows a broken loss as 0
        bf16=gpu and torch.cuda.is_bf16_supported(),
        use_cpu=not gpu,
        dataloader_pin_memory=gpu,
        report_to="none",
        disable_tqdm=True,
    )


def _lora(config: TrainConfig) -> Any:
    """PEFT's settings."""
    from peft import LoraConfig

    layers = config.target_modules if isinstance(config.target_modules, str) else [*config.target_modules]
    return LoraConfig(
        r=config.r,
        lora_alpha=config.lora_alpha,
        lora_dropout=config.lora_dropout,
        target_modules=layers,
        task_type="CAUSAL_LM",
    )


def _notices(job: JobContext, plan: Plan, template: str, too_long: dict[str, list[int]]) -> None:
    """Say what differs from what the user may expect. Only once, not on every attempt."""
    if job.attempt:
        return
    for side, rows in too_long.items():
        if rows:
            limit = plan.run.config.max_length
            job.notice(f"In {side}, {rows_are(len(rows))} longer than {limit} tokens and left out: {listed(rows)}.")
    if template == "plain":
        job.notice("This base has no chat template, so Tuneworth's plain one is used and saved beside the adapter.")
    if not plan.validation:
        job.notice("There are no validation rows: no early stop, and the last step is kept without a check.")


def _last_step(job: JobContext) -> int:
    steps = [int(event.data["step"]) for event in read_events(job.folder / "events.jsonl") if event.type == "metric"]
    return steps[-1] + 1 if steps else 0


if __name__ == "__main__":
    run_worker(main)
