"""Worker-only: let a model write rows. Every answer is kept as it comes, so a stop or a crash loses none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from engine.data.answers import answers_are_labels
from engine.data.grow.ask import (
    last_question,
    paraphrase_prompt,
    read_paraphrases,
    read_seeds,
    read_translated_back,
    room_for,
    said,
    seed_prompt,
    translate_prompt,
)
from engine.data.grow.batch import save_batch
from engine.data.grow.candidate import Candidate
from engine.data.grow.compared import compared
from engine.data.messages import Message, loads, prompts_and_answers
from engine.data.page_view import sealed_rows
from engine.data.versions import get_version, load_version, require_version
from engine.errors import Conflict, EndpointError, InputError
from engine.jobs.context import JobContext, Stopped, run_worker
from engine.privacy.consent import Consent, check_consent
from engine.providers.asking import Asker
from engine.providers.endpoint import Endpoint
from engine.providers.grow_start import EXAMPLES, outgoing
from engine.providers.kept import Kept
from engine.providers.many import Crew

WARM = 0.9  # temperature: other wordings are wanted
CUT = "An answer was cut at its limit: ask for fewer rows at once."


def main(job: JobContext) -> dict[str, Any]:
    """Ask for every seed row, then keep what is new as a batch for review. Raises Conflict when the rows changed."""
    return _Growing(job).run()


class _Growing:
    """The job's way through the seed rows."""

    def __init__(self, job: JobContext) -> None:
        self.job, self.project, self.settings = job, job.project(), job.settings
        self.start = get_version(self.project, str(self.settings["dataset_id"]))
        frame = load_version(self.project, self.start.id)
        wanted = frame["row_id"].isin(self.settings["row_ids"])
        self.seeds = frame[wanted].sort_values("row_id").reset_index(drop=True)
        self.labels = answers_are_labels(prompts_and_answers(frame)[1])
        self.talks: list[list[Message]] = [loads(text) for text in self.seeds["messages"]]
        self.kept = Kept(job.folder / "answers.jsonl")
        self.handed = Kept(job.folder / "handed_over.jsonl")
        self.failed: list[str] = []
        if self._changed() and not len(self.kept):
            raise Conflict("The rows were changed while this job waited.", "Start a new one.")
        self.asker = self._asker()

    def _changed(self) -> bool:
        """Whether the rows in use are others than when the job was started."""
        return require_version(self.project).id != self.start.id

    def _asker(self) -> Asker:
        endpoint = self.project.records.get(Endpoint, str(self.settings["endpoint"]))
        consent = None
        if not endpoint.is_local:
            consent = self.project.records.get(Consent, str(self.settings["consent"]))
            check_consent(consent, endpoint.host, outgoing(self.seeds, self.settings["method"]))
        return Asker(endpoint, consent)

    def run(self) -> dict[str, Any]:
        stopped, problem = False, None
        try:
            stopped = self._ask_all()
        except EndpointError as error:
            problem = error  # told after what came until now is handed over: it was paid for
        finally:
            self.asker.close()
        result = self._hand_over(hurry=stopped or problem is not None)
        if problem is not None:
            raise problem
        if result is None:
            if stopped:
                raise Stopped({"rows": 0})
            if self._changed():
                raise Conflict("The rows were changed since, so no more of them are sent.", "Start a new one.")
            raise InputError("No answer of the model could be used.", self.failed[0] if self.failed else "Try again.")
        return {**result, "stopped": True} if stopped else result

    def _hand_over(self, *, hurry: bool) -> dict[str, Any] | None:
        """Keep what is new among the answers as a batch, or None when there is nothing. Rows may have changed since."""
        every = map(str, range(len(self.talks)))
        places = [place for place in every if place in self.kept and place not in self.handed]
        candidates = [candidate for place in places for candidate in self._read(int(place))]
        if not candidates:
            return None
        version = require_version(self.project)
        if version.source_id != self.start.source_id:
            raise Conflict("The project uses another file now.", "Return to the file before, then go on from here.")

        def report(done: float, total: float, text: str) -> None:
            if not hurry:
                self.job.check_stop()  # the answers are kept: going on from here asks for none again
            self.job.progress(0.9 + 0.1 * done / max(total, 1), 1, text)

        report(0, 1, "Comparing the new rows with all others")
        frame, sealed = load_version(self.project, version.id), sealed_rows(self.project, version.source_id)
        fresh, refused, wording = compared(candidates, frame, sealed, str(self.settings["encoder"]), report)
        settings = {key: self.settings[key] for key in ("method", "per_row", "rows", "seed")}
        settings["model"] = self.asker.endpoint.model
        bad = f"{len(self.failed):,} could not be used: {self.failed[0]}" if self.failed else ""
        note = " ".join(part for part in (bad, wording) if part)
        batch = save_batch(self.project, fresh, refused, str(self.settings["method"]), settings, note)
        for place in places:
            self.handed.add(place, batch.id)
        return {"batch": batch.id, "rows": batch.rows, "refused": batch.refused, "failed": len(self.failed)}

    def _ask_all(self) -> bool:
        """Ask what was not asked before. True when it was stopped on the way."""
        total = len(self.talks)
        todo = [place for place in range(total) if str(place) not in self.kept]
        if self._changed():
            todo = []  # a row may have been taken out since, for good reason: nothing more is sent

        def done(count: int) -> None:
            answered = total - len(todo) + count
            self.job.progress(0.9 * answered, total, f"Asking the model: {answered:,} of {total:,}")

        return Crew(self._one, self.asker.endpoint.parallel).run(
            todo, stop=self.job.stop_requested, done=done, failed=self._note
        )

    def _note(self, error: EndpointError) -> None:
        self.failed.append(f"{error.message} {error.hint}")

    def _one(self, place: int) -> None:
        """Ask for one seed row and keep the answer; runs in a thread."""
        talk, method, count = self.talks[place], self.settings["method"], int(self.settings["per_row"])
        if method == "back_translation":
            there = self._asked(
                f"{place} there", translate_prompt(last_question(talk), str(self.settings["through"])), talk, 1
            )
            self._asked(str(place), translate_prompt(said(there), str(self.settings["language"])), talk, 1)
        elif method == "seed":
            rows = [(place + step) % len(self.talks) for step in range(min(EXAMPLES, len(self.talks)))]
            self._asked(str(place), seed_prompt([self.talks[row] for row in rows], count), talk, count, place)
        else:
            self._asked(str(place), paraphrase_prompt(talk, count), talk, count, place)

    def _asked(self, key: str, prompt: list[Message], talk: list[Message], count: int, place: int | None = None) -> str:
        """The answer to one request, from disk when it was paid for before. With `place`: warm and seeded."""
        if key not in self.kept:
            warm = {} if place is None else {"temperature": WARM, "seed": int(self.settings["seed"]) + place}
            answer = self.asker.ask(prompt, max_tokens=room_for(talk, count), **warm)  # type: ignore[arg-type]
            self.kept.add(key, answer.text)
            if answer.cut:
                self.failed.append(CUT)
        return self.kept[key]

    def _read(self, place: int) -> Iterator[Candidate]:
        row: pd.Series = self.seeds.iloc[place]
        text, talk, count = self.kept[str(place)], self.talks[place], int(self.settings["per_row"])
        row_id, label, method = int(row["row_id"]), str(row["label"]), self.settings["method"]
        try:
            if method == "paraphrase":
                yield from read_paraphrases(text, talk, row_id, label)[:count]
            elif method == "seed":
                yield from read_seeds(text, talk, row_id, self.labels)[:count]
            else:
                yield from read_translated_back(text, talk, row_id, label)
        except InputError as error:
            self.failed.append(error.message)


if __name__ == "__main__":
    run_worker(main)
