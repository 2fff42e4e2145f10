"""`tuneworth data grow|collect|grown|use-grown`: more rows, left as a batch that a person looks at before use."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.commands.outcome import Outcome
from engine.commands.progress import progress

if TYPE_CHECKING:
    from engine.data.grow.batch import GrowBatch
    from engine.data.grow.start import Local
    from engine.privacy.consent import Consent
    from engine.project.project import Project
    from engine.providers.endpoint import Endpoint
    from engine.providers.grow_start import Wish

BY_MODEL = ("paraphrase", "back_translation", "seed")
NEXT = "Look at them in Data Studio, tab Grow, or with: tuneworth data grown --project {project} --batch {batch}"


def register(commands: Any) -> None:
    """Add the commands to the group `data`."""
    grow = commands.add_parser("grow", help="make more rows, or choose general ones, for review")
    _grow_options(grow)
    grow.set_defaults(run=run_grow)
    collect = commands.add_parser("collect", help="choose good rows from a log of daily use, for review")
    collect.add_argument("file", type=Path)
    collect.add_argument("--rating", default="", metavar="COLUMN", help="column that says how good the answer was")
    collect.add_argument("--good-from", type=float, default=None, help="a numeric rating counts as good from here on")
    collect.add_argument("--verified", default="", metavar="COLUMN", help="column that says that a person checked it")
    collect.add_argument("--rows", type=int, default=None, help="at most so many, as different as can be")
    collect.set_defaults(run=run_collect)
    grown = commands.add_parser("grown", help="list new rows that wait for review")
    grown.add_argument("--batch", default=None, help="show the rows of this batch")
    grown.set_defaults(run=run_grown)
    use = commands.add_parser("use-grown", help="say which new rows to use; with --add put them behind the others")
    use.add_argument("--batch", required=True)
    use.add_argument("--use", type=int, nargs="*", default=[], metavar="PLACE", help="places of rows you looked at")
    use.add_argument("--leave", type=int, nargs="*", default=[], metavar="PLACE")
    use.add_argument("--add", action="store_true", help="add all accepted rows now, as one step that can be undone")
    use.set_defaults(run=run_use)
    for parser in (grow, collect, grown, use):
        parser.add_argument("--project", required=True)
    for parser in (grow, collect):
        parser.add_argument("--encoder", choices=("minilm", "static", "none"), default="minilm")
        parser.add_argument("--seed", type=int, default=0)


def _grow_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--method", choices=("vary", "general", *BY_MODEL), required=True)
    parser.add_argument(
        "--rows", type=int, default=None, help="vary: new rows at most; model: start from at most so many"
    )
    parser.add_argument("--per-row", type=int, default=2, help="new rows from each row, at most")
    parser.add_argument("--words", action="append", default=[], metavar="A,B,C", help="vary: words for one another")
    parser.add_argument("--numbers", action="store_true", help="vary: exchange long numbers too")
    parser.add_argument("--share", type=float, default=None, help="general: share of the mix, 0..1 (default 0.2)")
    parser.add_argument("--file", type=Path, default=None, help="general: a file of your own instead of ours")
    parser.add_argument("--endpoint-url", default="", help="address up to /v1, for example http://127.0.0.1:11434/v1")
    parser.add_argument("--model", default="", help="name of the model at that address")
    parser.add_argument("--key-variable", default="", help="environment variable that holds the key")
    parser.add_argument("--through", default="German", help="back_translation: the language passed through")
    parser.add_argument("--language", default="English", help="back_translation: the language of the rows")
    parser.add_argument("--agree", action="store_true", help="send the rows to a host that is not this computer")
    parser.add_argument("--agree-findings", action="store_true", help="also when personal data was found in them")


def run_grow(args: argparse.Namespace) -> Outcome:
    """Make a batch. Exit 1 when the rows would leave this computer and nobody agreed."""
    project = _project(args)
    if args.method in BY_MODEL:
        return _by_model(project, args)
    from engine.data.grow.start import Local, store_file
    from engine.errors import InputError

    if not 1 <= args.per_row <= 10:
        raise InputError(f"{args.per_row} new rows from each row are not possible.", "Choose 1 to 10.")
    stored = store_file(project, args.file.read_bytes(), args.file.name)[0] if args.file else None
    slots = {f"words {n}": _words(text) for n, text in enumerate(args.words)}
    if args.method == "vary" and not slots:
        from engine.data.grow.seeds import seed_rows
        from engine.data.grow.vary import suggest_slots

        slots = suggest_slots(seed_rows(project))
    wish = Local(
        method=args.method, slots=slots, numbers=args.numbers, per_row=args.per_row, rows=_positive(args.rows),
        share=args.share, file=stored, seed=args.seed, encoder=args.encoder,
    )  # fmt: skip
    return _made(project, wish)


def run_collect(args: argparse.Namespace) -> Outcome:
    """Choose rows of a log; every row that is not taken has a reason."""
    from engine.data.file_kind import file_kind
    from engine.data.grow.logs import LogPlan
    from engine.data.grow.start import Local, store_file

    project = _project(args)
    file_kind(args.file)
    stored, _ = store_file(project, args.file.read_bytes(), args.file.name)
    plan = LogPlan(rating=args.rating, good_from=args.good_from, verified=args.verified)
    rows = _positive(args.rows)
    return _made(project, Local(method="logs", file=stored, plan=plan, rows=rows, seed=args.seed, encoder=args.encoder))


def run_grown(args: argparse.Namespace) -> Outcome:
    """Batches that wait, or the rows of one."""
    from engine.data.grow.accept import verdicts, waiting
    from engine.data.grow.batch import batch_rows, refused_rows
    from engine.data.messages import loads, prompt_of

    project = _project(args)
    if args.batch is None:
        found = [_document(batch) for batch in waiting(project)]
        lines = [f"{item['batch']}  {item['method']}: {item['rows']:,} rows" for item in found]
        return Outcome({"batches": found}, "\n".join(lines) or "No new rows wait.")
    batch = _batch(project, args.batch)
    said = verdicts(project, batch)
    talks = [loads(text) for text in batch_rows(project, batch)["messages"]]
    verdict = [said[place].verdict if place in said else None for place in range(len(talks))]
    rows = [{"place": place, "messages": talk, "verdict": verdict[place]} for place, talk in enumerate(talks)]
    document = {**_document(batch), "new": rows, "not_used": refused_rows(project, batch)}
    lines = [f"{n:>4} {verdict[n] or '-':5} {prompt_of(talk)[:100]!r}" for n, talk in enumerate(talks)]
    return Outcome(document, "\n".join(lines) or "The batch holds no row.")


def run_use(args: argparse.Namespace) -> Outcome:
    """Save a verdict per row; with --add put the accepted rows behind those in use."""
    from engine.data.grow.accept import judge, use_accepted, verdicts
    from engine.errors import InputError

    project = _project(args)
    batch = _batch(project, args.batch)
    both = sorted(set(args.use) & set(args.leave))
    if both:
        raise InputError(f"Row {both[0]} stands under --use and --leave.", "Choose one of them.")
    judge(project, batch, args.use, "use")
    judge(project, batch, args.leave, "leave")
    said = [item.verdict for item in verdicts(project, batch).values()]
    document: dict[str, Any] = {"batch": batch.id, "looked_at": len(said), "accepted": said.count("use"), "added": 0}
    text = f"{len(said):,} of {batch.rows:,} rows looked at, {said.count('use'):,} to use."
    if args.add:
        version = use_accepted(project, batch)
        added = version.step.rows_out - version.step.rows_in
        document |= {"added": added, "dataset": version.id, "rows": version.rows}
        text = f"{added:,} rows added: {version.rows:,} now. Split again before you train."
    return Outcome(document, text)


def _by_model(project: Project, args: argparse.Namespace) -> Outcome:
    from engine.data.grow.batch import GrowBatch
    from engine.errors import error_from_json
    from engine.jobs.manager import JobManager
    from engine.providers.endpoint import make_endpoint
    from engine.providers.grow_start import Wish, start_growing

    endpoint = make_endpoint("", args.endpoint_url, args.model, args.key_variable)
    wish = Wish(
        method=args.method, rows=args.rows if args.rows is not None else 50, per_row=args.per_row, seed=args.seed,
        through=args.through, language=args.language, encoder=args.encoder,
    )  # fmt: skip
    consent = None
    if not endpoint.is_local:
        consent, refused = _gate(project, endpoint, wish, args)
        if refused is not None:
            return refused
    job = start_growing(project, endpoint, wish, consent)
    told = progress()
    ended = JobManager(project).wait(job.id, watch=lambda now: told(now.progress.fraction, 1, now.progress.text))
    if ended.error is not None:
        raise error_from_json(ended.error)
    result = ended.result or {}
    if "batch" not in result:
        return Outcome({"job": job.id, "batch": None, "rows": 0}, "Stopped before any answer came.", 1)
    batch = project.records.get(GrowBatch, str(result["batch"]))
    return _outcome(project, batch, {"job": job.id, "failed": result.get("failed", 0)}, int(ended.state != "succeeded"))


def _gate(
    project: Project, endpoint: Endpoint, wish: Wish, args: argparse.Namespace
) -> tuple[Consent | None, Outcome | None]:
    """A consent, or what would leave this computer and why it did not."""
    from engine.compliance.gate import grant, look
    from engine.data.grow.seeds import seed_rows
    from engine.providers.grow_start import outgoing

    leaving = look(endpoint.host, outgoing(seed_rows(project, wish.rows, wish.seed), wish.method))
    if args.agree and (args.agree_findings or not leaving.findings):
        purpose = f"new rows ({wish.method})"
        return grant(project, leaving, purpose, accept_findings=args.agree_findings), None
    missing = [item.model_dump() for item in leaving.not_scanned]
    document = {
        "sent": False, "host": leaving.host, "rows": leaving.rows, "bytes": leaving.bytes,
        "findings": leaving.findings, "not_scanned": missing,
    }  # fmt: skip
    option = "--agree-findings as well" if args.agree else "--agree"
    text = f"{leaving.rows:,} rows ({leaving.bytes:,} bytes) would leave for {leaving.host}. {leaving.sentence}"
    return None, Outcome(document, f"{text}\nNothing was sent. To send them, add {option}.", 1)


def _made(project: Project, wish: Local) -> Outcome:
    from engine.data.grow.local import make_batch

    return _outcome(project, make_batch(project, wish, progress()), {}, 0)


def _outcome(project: Project, batch: GrowBatch, more: dict[str, Any], code: int) -> Outcome:
    refused = ", ".join(f"{count:,} {reason}" for reason, count in batch.refused.items())
    lines = [f"{batch.rows:,} new rows wait for review." + (f" Not usable: {refused}." if refused else ""), batch.note]
    if batch.rows:
        lines.append(NEXT.format(project=project.id, batch=batch.id))
    return Outcome({**_document(batch), **more}, "\n".join(filter(None, lines)), code)


def _document(batch: GrowBatch) -> dict[str, Any]:
    return {
        "batch": batch.id, "method": batch.method, "rows": batch.rows, "refused": batch.refused, "note": batch.note,
    }  # fmt: skip


def _project(args: argparse.Namespace) -> Project:
    from engine.project.workspace import Workspace

    return Workspace(args.workspace).open(args.project)


def _batch(project: Project, batch_id: str) -> GrowBatch:
    from engine.data.grow.batch import GrowBatch

    return project.records.get(GrowBatch, batch_id)


def _words(text: str) -> list[str]:
    return list(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))


def _positive(rows: int | None) -> int | None:
    from engine.errors import InputError

    if rows is not None and rows < 1:
        raise InputError(f"{rows} rows are not possible.", "Choose at least one.")
    return rows
