"""Worker-only: let a model write rows. Every answer is kept as it comes, so a stop or a crash loses none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import pandas as pd

from engine.data.answers import answers_are_labels
from engine.data.encoders import load_encoder
from engine.data.grow.ask import (
    paraphrase_prompt,
    read_paraphrases,
    read_seeds,
    read_translated_back,
    seed_prompt,
    translate_prompt,
)
from engine.data.grow.batch import save_batch
from engine.data.grow.candidate import Candidate
from engine.data.grow.novel import novel
from engine.data.messages import loads, prompt_of, prompts_and_answers
from engine.data.page_view import sealed_rows
from engine.data.versions import load_version, require_version
from engine.errors import Conflict, EndpointError, InputError
from engine.jobs.context import JobContext, Stopped, run_worker
from engine.privacy.consent import Consent, check_consent
from engine.providers.asking import Asker
from engine.providers.endpoint import Endpoint
from engine.providers.grow_start import outgoing

EXAMPLES = 4  # real rows shown to the model per request for new ones
WARM = 0.9  # temperature: other wordings are wanted
MOST_FAILURES = 5  # in a row; then the server is taken to be down


def main(job: JobContext) -> dict[str, Any]:
    """Ask for every seed row, then keep what is new as a batch for review. Raises Conflict when the rows changed."""
    return _Growing(job).run()


class _Growing:
    """The job's way through the seed rows."""

    def __init__(self, job: JobContext) -> None:
        self.job, self.project, self.settings = job, job.project(), job.settings
        if require_version(self.project).id != self.settings["dataset_id"]:
            raise Conflict("The rows were changed while this job waited.", "Start it again.")
        self.frame = load_version(self.project, str(self.settings["dataset_id"]))
        wanted = self.frame["row_id"].isin(self.settings["row_ids"])
        self.seeds = self.frame[wanted].sort_values("row_id").reset_index(drop=True)
        self.asker = self._asker()
        self.kept = _Kept(job.folder / "answers.jsonl")
        self.failed: list[str] = []

    def _asker(self) -> Asker:
        endpoint = self.project.records.get(Endpoint, str(self.settings["endpoint"]))
        consent = None
        if not endpoint.is_local:
            consent = self.project.records.get(Consent, str(self.settings["consent"]))
            check_consent(consent, endpoint.host, outgoing(self.seeds))
        return Asker(endpoint, consent)

    def run(self) -> dict[str, Any]:
        try:
            stopped = self._ask_all()
        finally:
            self.asker.close()
        if stopped and not self.kept.texts:
            raise Stopped({"rows": 0})
        candidates = list(self._read())
        note = f"{len(self.failed):,} answers could not be used: {self.failed[0]}" if self.failed else ""
        if not candidates:
            raise InputError("No answer of the model could be used.", self.failed[0] if self.failed else "Try again.")
        self.job.progress(0.9, 1, "Comparing the new rows with all others")
        sealed = sealed_rows(self.project, require_version(self.project).source_id)
        fresh, refused = novel(candidates, self.frame, sealed, load=load_encoder)
        settings = {key: self.settings[key] for key in ("method", "per_row", "rows", "seed")}
        settings["model"] = self.asker.endpoint.model
        batch = save_batch(self.project, fresh, refused, str(self.settings["method"]), settings, note)
        result = {"batch": batch.id, "rows": batch.rows, "refused": batch.refused, "failed": len(self.failed)}
        return {**result, "stopped": True} if stopped else result

    def _ask_all(self) -> bool:
        """Ask what was not asked before. True when it was stopped on the way."""
        todo = [place for place in range(len(self.seeds)) if place not in self.kept.texts]
        bad_in_row, done, waiting_for = 0, len(self.seeds) - len(todo), iter(todo)
        with ThreadPoolExecutor(self.asker.endpoint.parallel) as pool:
            running: dict[Future[str], int] = {}
            while True:
                for place in waiting_for:
                    running[pool.submit(self._one, place)] = place
                    if len(running) >= self.asker.endpoint.parallel:
                        break
                if not running:
                    return False
                finished, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in finished:
                    place, done = running.pop(future), done + 1
                    try:
                        self.kept.add(place, future.result())
                        bad_in_row = 0
                    except EndpointError as error:
                        bad_in_row += 1
                        self.failed.append(f"{error.message} {error.hint}")
                        if bad_in_row >= MOST_FAILURES:
                            pool.shutdown(cancel_futures=True)
                            raise
                self.job.progress(0.9 * done, len(self.seeds), f"Asking the model: {done:,} of {len(self.seeds):,}")
                if self.job.stop_requested():
                    waiting_for = iter(())
                    for future in running:
                        future.cancel()
                    return True

    def _one(self, place: int) -> str:
        """Answer to one seed row; runs in a thread."""
        talk = loads(self.seeds["messages"][place])
        method, count, seed = self.settings["method"], int(self.settings["per_row"]), int(self.settings["seed"])
        if method == "paraphrase":
            return self.asker.ask(paraphrase_prompt(talk, count), temperature=WARM, seed=seed + place).text
        if method == "seed":
            rows = [(place + step) % len(self.seeds) for step in range(min(EXAMPLES, len(self.seeds)))]
            talks = [loads(self.seeds["messages"][row]) for row in rows]
            return self.asker.ask(seed_prompt(talks, count), temperature=WARM, seed=seed + place).text
        there = self.asker.ask(translate_prompt(prompt_of(talk), str(self.settings["language"]))).text
        return self.asker.ask(translate_prompt(there, "English")).text

    def _read(self) -> Iterator[Candidate]:
        labels = answers_are_labels(prompts_and_answers(self.frame)[1])
        for place, text in sorted(self.kept.texts.items()):
            row: pd.Series = self.seeds.iloc[place]
            talk, row_id, label = loads(row["messages"]), int(row["row_id"]), str(row["label"])
            try:
                if self.settings["method"] == "paraphrase":
                    yield from read_paraphrases(text, talk, row_id, label)[: int(self.settings["per_row"])]
                elif self.settings["method"] == "seed":
                    yield from read_seeds(text, talk, row_id, labels)[: int(self.settings["per_row"])]
                else:
                    yield from read_translated_back(text, talk, row_id, label)
            except InputError as error:
                self.failed.append(error.message)


class _Kept:
    """Answers on disk by place; a half-written last line is dropped."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.texts: dict[int, str] = {}
        if path.exists():
            whole = path.read_text(encoding="utf-8").split("\n")[:-1]
            self.texts = {item["place"]: item["text"] for item in map(json.loads, whole)}
            path.write_text("".join(f"{line}\n" for line in whole), encoding="utf-8")

    def add(self, place: int, text: str) -> None:
        """Keep one answer."""
        self.texts[place] = text
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"place": place, "text": text}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    run_worker(main)
