"""`tuneworth evaluate --project ID`: base, prompted base and tuned model on the same sealed rows, with a verdict."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from engine.commands.outcome import Outcome

if TYPE_CHECKING:
    from engine.evaluation.records import EvaluationRun
    from engine.jobs.job import Job

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]


def register(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = subparsers.add_parser("evaluate", help="is the tuned model really better? on the sealed test rows")
    parser.add_argument("--project", required=True)
    parser.add_argument("--run", dest="run_id", metavar="ID", help="training run (default: the newest of the project)")
    parser.add_argument("--baseline", metavar="BASE", help="measure a base alone: demo, folder:PATH or hub:ORG/NAME")
    parser.add_argument("--part", choices=("test", "validation"), help="rows to use (default: test for a run)")
    parser.add_argument("--metric", help="primary metric (default: suggested from the training answers)")
    parser.add_argument("--margin", type=float, help="gain from which it is worth it, 0..1")
    parser.add_argument("--few-shot", type=int, nargs="+", metavar="N", help="numbers of examples to try")
    parser.add_argument("--limit", type=int, help="use so many rows, drawn at random")
    parser.add_argument("--batch-size", type=int)
    parser.add_argument("--max-new-tokens", type=int)
    parser.add_argument("--seed", type=int)
    parser.set_defaults(run=run_evaluate)


def run_evaluate(args: argparse.Namespace) -> Outcome:
    """Start the job and follow it. Exit 1 when it was stopped; a failed job is raised as its own error."""
    from engine.errors import Conflict
    from engine.evaluation.start import start_evaluation
    from engine.project.workspace import Workspace

    project = Workspace(args.workspace).open(args.project)
    names = ("part", "metric", "margin", "few_shot", "limit", "batch_size", "max_new_tokens", "seed")
    options = {name: getattr(args, name) for name in names if getattr(args, name) is not None}
    run_id = None if args.baseline else args.run_id or project.records.pointer("run")
    if run_id is None and args.baseline is None:
        raise Conflict(
            "This project has no training run yet.",
            "Train first, or measure the base alone with --baseline demo.",
        )
    job = start_evaluation(project, run_id, base=args.baseline, **options)
    return _follow(project, job)


def _follow(project: Any, job: Job) -> Outcome:
    from engine.errors import error_from_json
    from engine.evaluation.records import EvaluationRun
    from engine.jobs.manager import JobManager

    told: list[str] = []

    def watch(view: Job) -> None:
        if told[-1:] != [view.progress.text]:
            told.append(view.progress.text)
            sys.stderr.write(f"{view.progress.text}\n")

    done = JobManager(project).wait(job.id, watch=watch)
    if done.error is not None:
        raise error_from_json(done.error)
    if done.state != "succeeded" or done.result is None:
        text = f"Stopped. Go on with: tuneworth jobs resume {done.id}"
        return Outcome({"job": done.id, "state": done.state}, text, 1)
    record = EvaluationRun.model_validate(done.result)
    document = {"job": done.id, "state": done.state, "seconds": round(done.seconds, 1), **evaluation_document(record)}
    return Outcome(document, evaluation_text(record))


def evaluation_document(record: EvaluationRun) -> dict[str, Any]:
    """Return the JSON of an evaluation: scores per contestant, difference, verdict, sentence, and how it was made."""
    found = record.verdict
    return {
        "evaluation": record.id,
        "metric": record.metric,
        "rows": record.rows,
        "part": record.part,
        "scores": {
            result.name: [score.model_dump(mode="json") for score in result.scores] for result in record.contestants
        },
        "contestants": [result.model_dump(mode="json", exclude={"scores"}) for result in record.contestants],
        "difference": found and {"value": found.difference, "low": found.low, "high": found.high, "p": found.p},
        "baseline": found and found.baseline,
        "verdict": found and found.verdict,
        "sentence": record.sentence,
        "rows_needed": found and found.rows_needed,
        "few_shot": record.few_shot and record.few_shot.model_dump(mode="json"),
        "answer_format": record.answer_format.model_dump(mode="json"),
        "warnings": list(record.warnings),
        "uses": record.uses,
        "rows_sha256": record.rows_sha256,
        "answers_sha256": record.answers_sha256,
        "demo": record.demo,
    }


def evaluation_text(record: EvaluationRun) -> str:
    """Return an evaluation in words."""
    lines = [record.sentence]
    if record.demo:
        lines.append("Measured on the demo model: it shows how this works, not what your model would do.")
    for result in record.contestants:
        first = result.scores[0]
        shown = f" ({result.examples} examples)" if result.examples else ""
        kept = result.score("format")
        form = f", format kept {kept.value:.0%}" if kept else ""
        lines.append(
            f"{result.title}{shown}: {first.metric} {first.value:.0%} ({first.low:.0%} to {first.high:.0%}){form}"
        )
    return "\n".join([*lines, *(f"Note: {warning}" for warning in record.warnings)])
