"""The evaluation job: base, prompted base and tuned model answer the same rows; then the scores and the verdict.

Every answer is on disk before the next batch, so stop, kill and resume lose nothing and ask nothing twice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from engine.evaluation.answer_log import ANSWERS, CHOOSING, AnswerLog, Reply
from engine.evaluation.formats import AnswerFormat, detect_format, suggest_metric
from engine.evaluation.local_model import LocalModel
from engine.evaluation.prompting import pick_examples
from engine.evaluation.records import EvaluationRun, FewShotChoice
from engine.evaluation.rounds import Round, ask
from engine.evaluation.rows_used import RowsUsed, load_rows, questions
from engine.evaluation.scorers.base import Pair
from engine.evaluation.scoring import score_answers
from engine.evaluation.settings import TITLES, EvaluationSettings
from engine.evaluation.summary import Summary, pairs_of, rows_hash, summarise, warnings_for
from engine.evaluation.thresholds import evaluation_rules
from engine.jobs.context import JobContext, Stopped, run_worker
from engine.jobs.crash import crash_point
from engine.project.files import sha256_file

_SAMPLE = 2000  # training answers looked at for the longest length


@dataclass(frozen=True)
class _Work:
    job: JobContext
    settings: EvaluationSettings
    rows: RowsUsed
    model: LocalModel
    shape: AnswerFormat
    metric: str
    max_new_tokens: int

    def ask(self, task: Round, log: AnswerLog, done_before: int, total: int) -> None:
        def before(done: int) -> None:
            crash_point("evaluation.batch")
            if self.job.stop_requested():
                raise Stopped({"answered": done_before + done})
            words = TITLES.get(task.contestant, "Trying examples")
            self.job.progress(done_before + done, total, f"{words}: {done} of {len(task.questions)} rows")

        ask(
            self.model,
            task,
            log,
            batch_size=self.settings.batch_size,
            max_new_tokens=self.max_new_tokens,
            before=before,
        )


def main(job: JobContext) -> dict[str, Any]:
    """Answer, score, save the record, move the pointer, write the audit line; the result is the record as JSON."""
    settings = EvaluationSettings.model_validate(job.settings)
    job.progress(0, 1, "Loading the rows and the model")
    work = _prepare(job, settings)
    choice = _choose_examples(work) if "prompted" in settings.live_contestants() else None
    log = _answer(work, choice)
    replies = log.replies()
    summary = summarise(settings, work.metric, work.shape, replies, choice)
    record = _record(work, choice, summary, replies)
    _save(job, record)
    job.progress(1, 1, "Done")
    return record.model_dump(mode="json")


def _prepare(job: JobContext, settings: EvaluationSettings) -> _Work:
    rows = load_rows(job, settings)
    model = LocalModel(Path(settings.base), Path(settings.adapter) if settings.adapter else None)
    shape = detect_format(rows.training_answers)
    metric = settings.metric or suggest_metric(shape, rows.training_answers)
    longest = settings.max_new_tokens or _longest_answer(model, rows.training_answers)
    return _Work(job, settings, rows, model, shape, metric, longest)


def _longest_answer(model: LocalModel, answers: list[str]) -> int:
    """Return room for a quarter more than the longest training answer, within the default of the rules."""
    step = max(1, len(answers) // _SAMPLE)
    longest = max(model.tokens_in(answer) for answer in answers[::step])
    return max(8, min(evaluation_rules().generation.max_new_tokens, longest + longest // 4 + 4))


def _choose_examples(work: _Work) -> FewShotChoice:
    """Try each number of examples on validation rows and return the best by the primary metric.

    A tie goes to the better format, then to the closer texts, then to the smaller number.
    """
    counts = sorted({min(count, len(work.rows.examples)) for count in work.settings.few_shot})
    picked = pick_examples(work.rows.examples, max(counts), work.settings.seed)
    if len(counts) == 1 or work.rows.choosing.empty:
        count = counts[-1]
        return FewShotChoice(count=count, tried={}, rows=0, row_ids=tuple(e.row_id for e in picked[:count]))
    log = AnswerLog(work.job.folder / CHOOSING)
    total = len(counts) * len(work.rows.choosing)
    for place, count in enumerate(counts):
        asked = questions(work.rows.choosing, work.settings.system_prompt, picked[:count])
        work.ask(Round(f"examples-{count}", asked), log, place * len(asked), total)
    sides = {
        count: pairs_of([reply for reply in log.replies() if reply.contestant == f"examples-{count}"])
        for count in counts
    }
    tried = {count: score_answers(work.metric, pairs).interval.value for count, pairs in sides.items()}
    best = max(counts, key=lambda count: (tried[count], *_tie_break(work.shape, sides[count]), -count))
    shown = tuple(example.row_id for example in picked[:best])
    return FewShotChoice(count=best, tried=tried, rows=len(work.rows.choosing), row_ids=shown)


def _tie_break(shape: AnswerFormat, pairs: list[Pair]) -> tuple[int, float]:
    return sum(shape.fits(pair.answer) for pair in pairs), float(score_answers("edit", pairs).rows.sum())


def _answer(work: _Work, choice: FewShotChoice | None) -> AnswerLog:
    log = AnswerLog(work.job.folder / ANSWERS)
    names = work.settings.live_contestants()
    total = len(names) * len(work.rows.asked)
    chosen = {example.row_id: example for example in work.rows.examples}
    shown = [chosen[row_id] for row_id in choice.row_ids] if choice else []
    for place, name in enumerate(names):
        if name == "prompted" and not shown and "base" in names:
            log.add(
                [replace(reply, contestant=name, seconds=0.0) for reply in log.replies() if reply.contestant == "base"]
            )
        asked = questions(work.rows.asked, work.settings.system_prompt, shown if name == "prompted" else ())
        work.ask(Round(name, asked, tuned=name == "tuned"), log, place * len(asked), total)
    return log


def _record(work: _Work, choice: FewShotChoice | None, summary: Summary, replies: list[Reply]) -> EvaluationRun:
    settings, job = work.settings, work.job
    return EvaluationRun(
        id=job.id,
        run_id=settings.run_id,
        split_id=settings.split_id,
        part=settings.part,
        rows=len(work.rows.asked),
        rows_sha256=rows_hash(replies),
        metric=work.metric,
        answer_format=work.shape,
        contestants=summary.contestants,
        few_shot=choice,
        verdict=summary.verdict,
        warnings=tuple(warnings_for(summary.contestants, work.rows.uses, work.rows.leaks)),
        uses=work.rows.uses,
        settings={
            **settings.model_dump(mode="json"),
            "max_new_tokens": work.max_new_tokens,
            "device": work.model.device,
        },
        answers_sha256=sha256_file(job.folder / ANSWERS),
        demo=settings.demo,
    )


def _save(job: JobContext, record: EvaluationRun) -> None:
    project = job.project()
    project.records.save(record, replace=True)
    crash_point("evaluation.saved")
    project.records.set_pointer("evaluation", record.id)
    details = {
        "part": record.part,
        "rows": record.rows,
        "uses": record.uses,
        "metric": record.metric,
        "verdict": record.verdict.verdict if record.verdict else None,
        "rows_sha256": record.rows_sha256,
        "answers_sha256": record.answers_sha256,
    }
    objects = {"evaluation": record.id, "split": record.split_id}
    project.audit.append("evaluation.end", {**objects, **({"run": record.run_id} if record.run_id else {})}, details)


if __name__ == "__main__":
    run_worker(main)
