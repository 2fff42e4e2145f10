"""A real job asks a real server on loopback; killed or stopped in the middle, nothing paid is lost or asked twice."""

from __future__ import annotations

import json
import os
import signal
import threading
import time

import psutil
import pytest

from engine.data.edits import add_rows
from engine.data.grow.batch import GrowBatch, batch_rows, refused_rows
from engine.data.grow.seeds import seed_rows
from engine.data.messages import prompt_of
from engine.data.records import CleaningStep
from engine.data.split import make_split, split_table
from engine.data.versions import save_version
from engine.errors import Conflict, ConsentRequired, EndpointError, InputError
from engine.jobs.context import JobContext
from engine.jobs.manager import JobManager
from engine.project.files import write_json
from engine.providers.endpoint import make_endpoint
from engine.providers.grow_start import Wish, bill_of, settings_for, start_growing
from engine.providers.worker_grow import main
from tests.engine.data.conftest import frame_of
from tests.fixtures.chat_server import Reply, chat_server

COUNT = 20


@pytest.fixture
def rows(project):
    rows = [(f"Ticket {n}: where is parcel {n}?", "delivery" if n % 2 else "billing") for n in range(COUNT)]
    save_version(project, frame_of(rows), CleaningStep(name="map", rows_in=COUNT, rows_out=COUNT, changed=0), None, "s")
    return project


def reworded(number, body):
    question = body["messages"][-1]["content"]
    return Reply(json.dumps([f"Please tell me. {question}", f"{question} Thanks!"]))


def wish(method="paraphrase", rows=COUNT, **more):
    """Wording only is compared: the model of meanings takes long to load."""
    return Wish(method=method, rows=rows, encoder="none", **more)


def start(project, server, parallel):
    return start_growing(project, make_endpoint("Local", server.url, "tiny", parallel=parallel), wish())


def work(project, server, parallel=4, **wishes):
    """The worker in this process, in a job folder as the manager writes it."""
    endpoint = make_endpoint("Local", server.url, "tiny", parallel=parallel)
    project.records.save(endpoint)
    folder = project.dir("jobs") / f"job{len(list(project.dir('jobs').iterdir()))}"
    folder.mkdir()
    spec = {"kind": "grow", "title": "t", "module": main.__module__, "heavy": True, "token": "x"}
    settings = settings_for(project, endpoint, wish(**wishes))
    write_json(folder / "job.json", {**spec, "created": 0, "queued_at": 0, "settings": settings})
    return JobContext(folder)


def ended(project, job, state="succeeded"):
    job = JobManager(project).wait(job.id, timeout=120)
    assert job.state == state, (job.state, job.error, job.log_tail())
    return job


def batch_of(project, result):
    return project.records.get(GrowBatch, result["batch"])


def test_answers_become_a_batch_and_bad_ones_are_counted(rows):
    def script(number, body):
        if "Ticket 3:" in body["messages"][-1]["content"]:
            return Reply("I would rather not.")
        if "Ticket 4:" in body["messages"][-1]["content"]:
            return Reply('["Ticket 5: where is parcel 5?"]')  # there already, with another answer
        return reworded(number, body)

    with chat_server(script) as server:
        batch = batch_of(rows, main(work(rows, server)))
    assert batch.rows == 2 * (COUNT - 2)
    assert batch.refused == {"contradiction": 1}
    assert refused_rows(rows, batch)[0]["partner"] == 5
    assert batch.note.startswith("1 could not be used: The answer holds no list of texts.")
    frame = batch_rows(rows, batch)
    assert frame["synthetic"].all()
    assert prompt_of(frame["messages"][0]) == "Please tell me. Ticket 0: where is parcel 0?"
    assert json.loads(frame["meta"][0]) == {"method": "paraphrase", "seed_row": 0}


def test_only_training_rows_are_ever_sent(rows):
    table = split_table(rows, make_split(rows))
    held_out = set(table.loc[table["split"] != "train", "row_id"])
    assert held_out
    assert not held_out & set(seed_rows(rows)["row_id"])
    assert len(seed_rows(rows, 5, seed=1)) == 5


def test_killed_in_the_middle_then_resumed_asks_nothing_twice(rows):
    gate = threading.Event()

    def script(number, body):
        if number >= 8:
            gate.wait(30)
        return reworded(number, body)

    with chat_server(script) as server:
        job = start(rows, server, parallel=2)
        kept = job.folder / "answers.jsonl"
        wait_for(lambda: kept.exists() and len(kept.read_text().splitlines()) == 8)
        for process in psutil.process_iter(["cmdline"]):
            if "engine.providers.worker_grow" in (words := process.info["cmdline"] or []) and str(job.folder) in words:
                os.kill(process.pid, signal.SIGKILL)
        failed = JobManager(rows).wait(job.id, timeout=60)
        assert failed.state in ("failed", "lost")
        with kept.open("a") as file:
            file.write('{"key": "19", "te')  # a line that was being written
        paid = {json.loads(line)["key"] for line in kept.read_text().splitlines()[:-1]}
        before = len(server.requests)
        gate.set()
        JobManager(rows).resume(job.id)
        job = ended(rows, job)
        asked_again = {question.split(":")[0].removeprefix("Ticket ") for question in server.questions()[before:]}
    assert len(paid) == 8
    assert asked_again == {str(n) for n in range(COUNT)} - paid
    assert batch_of(rows, job.result).rows == 2 * COUNT


def test_stopped_keeps_what_came_and_goes_on_from_there(rows):
    def script(number, body):
        if number == 5:
            (job.folder / "stop").write_bytes(b"")
        return Reply(reworded(number, body).text, wait=0.3 if number < 8 else 0)

    with chat_server(script) as server:
        job = work(rows, server, parallel=2)
        result = main(job)
        assert result["stopped"] is True
        first, asked = batch_of(rows, result), len(server.requests)
        assert first.rows == 2 * asked < 2 * COUNT
        (job.folder / "stop").unlink()
        second = batch_of(rows, main(JobContext(job.folder)))
        assert len(server.requests) == COUNT
    assert first.rows + second.rows == 2 * COUNT
    texts = [prompt_of(text) for batch in (first, second) for text in batch_rows(rows, batch)["messages"]]
    assert len(set(texts)) == 2 * COUNT


def test_one_bad_answer_is_passed_over_five_in_a_row_end_the_work(rows):
    def script(number, body):
        return Reply(status=413) if number == 2 or number >= 6 else reworded(number, body)

    with chat_server(script) as server:
        job = work(rows, server, parallel=1)
        with pytest.raises(EndpointError, match="finds the request too large"):
            main(job)
        assert len(server.requests) == 11
    assert len((job.folder / "answers.jsonl").read_text().splitlines()) == 5
    assert [batch.rows for batch in rows.records.list(GrowBatch)] == [10]  # what was paid for waits for review


def test_rows_changed_on_the_way_nothing_more_is_sent_and_what_came_is_compared_with_the_new_rows(rows):
    def script(number, body):
        if number == 5:
            (job.folder / "stop").write_bytes(b"")
        return Reply(status=413) if number >= 4 else reworded(number, body)

    with chat_server(script) as server:
        job = work(rows, server, parallel=1)
        first = batch_of(rows, main(job))
        (job.folder / "stop").unlink()
        (job.folder / "handed_over.jsonl").unlink()
        add_rows(rows, frame_of([(prompt_of(batch_rows(rows, first)["messages"][0]), "billing")]), "grow")
        asked = len(server.requests)
        again = batch_of(rows, main(JobContext(job.folder)))
        assert len(server.requests) == asked
    assert (first.rows, again.rows, again.refused) == (8, 7, {"copy": 1})


def test_a_key_that_is_refused_ends_at_once_with_one_sentence(rows):
    with chat_server(lambda number, body: Reply(status=401)) as server:
        with pytest.raises(EndpointError, match=r"Local does not accept the key \(status 401\)"):
            main(work(rows, server, parallel=1))
        assert len(server.requests) == 1


def test_back_translation_asks_twice_and_seeds_show_examples(rows):
    def script(number, body):
        head, text = body["messages"][0]["content"], body["messages"][-1]["content"]
        if "into German" in head:
            return Reply(f"Wo? {text}")
        if "into English" in head:
            return Reply(f"{text} indeed")
        return Reply(json.dumps([{"question": f"New {number}", "answer": "billing"}]))

    with chat_server(script) as server:
        batch = batch_of(rows, main(work(rows, server, method="back_translation", rows=3)))
        assert len(server.requests) == 6
        texts = [prompt_of(text) for text in batch_rows(rows, batch)["messages"]]
        assert all(text.startswith("Wo? Ticket") and text.endswith("indeed") for text in texts)
        batch = batch_of(rows, main(work(rows, server, method="seed", rows=2, per_row=1)))
        frame = batch_rows(rows, batch)
        assert sorted(frame["label"]) == ["billing", "billing"]
        assert server.questions()[-1].count('"question"') == 2


def test_the_bill_is_a_range_and_what_came_lies_in_it(rows):
    bill = bill_of(seed_rows(rows), "paraphrase", 2)
    assert bill.requests == COUNT
    assert 0 < bill.sent[0] < bill.sent[1]
    assert 0 < bill.answered[0] < bill.answered[1]
    assert bill_of(seed_rows(rows), "back_translation", 2).requests == 2 * COUNT


def test_refused_before_any_job(rows):
    cloud = make_endpoint("Cloud", "https://api.example.invalid/v1", "big")
    with pytest.raises(ConsentRequired):
        start_growing(rows, cloud, wish())
    with pytest.raises(InputError, match="11 new rows from each"):
        start_growing(rows, cloud, wish(per_row=11))
    assert JobManager(rows).list() == []


def test_rows_that_changed_while_it_waited_are_not_sent(rows):
    with chat_server(reworded) as server:
        job = work(rows, server)
        add_rows(rows, frame_of([("More?", "billing")]), "grow")
        with pytest.raises(Conflict, match="changed while this job waited"):
            main(job)
        assert server.requests == []


def wait_for(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)
