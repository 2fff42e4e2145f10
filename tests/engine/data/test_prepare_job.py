"""The next file: one job makes the history a person would have made; a stop or a failure changes nothing."""

import io

import pytest

from engine.data import worker_prepare
from engine.data.next_file import receive, start_prepare, waiting_file
from engine.data.page_view import recipe_of, set_aside
from engine.data.recipe import Recipe, SplitPlan
from engine.data.recipe_columns import missing_columns, renamed, require_columns
from engine.data.sources import current_source
from engine.data.split import current_split, make_split, rows_of, split_table
from engine.data.versions import chain, load_version, undo, version_bytes
from engine.errors import Conflict, InputError, MappingError
from engine.jobs.context import JobContext
from engine.jobs.manager import JobManager
from tests.engine.data.test_history import begin, clean, tickets
from tests.engine.data.test_split import in_process_job

STEPS = ("whitespace", "empty", "exact_duplicates", "conflicts")


@pytest.fixture
def prepared(project):
    """A project with October's rows, cleaned and split by hand."""
    source, _ = begin(project, tickets(40), "october.csv")
    clean(project, *STEPS)
    split = make_split(project, SplitPlan(seed=5, ratios=(0.6, 0.2, 0.2)))
    return project, recipe_of(source, chain(project), split)


def received(project, data, name, recipe):
    return receive(project, io.BytesIO(data), name, recipe)


def pointers(project):
    return [project.records.pointer(name) for name in ("source", "dataset", "split")]


def wait(project, job):
    return JobManager(project).wait(job.id, timeout=90)


def test_the_job_makes_the_same_history_as_by_hand(prepared):
    project, recipe = prepared
    before = chain(project)
    waiting = received(project, tickets(60), "november.csv", recipe)
    assert (waiting.columns, waiting.missing, waiting.sentence) == (["text", "category"], [], "")
    assert waiting_file(project) == waiting
    assert chain(project) == before
    job = wait(project, start_prepare(project, waiting))
    assert job.state == "succeeded", job.error
    assert waiting_file(project) is None
    line = chain(project)
    assert [version.step.name for version in line] == ["map", *STEPS]
    assert current_source(project).file == "november.csv"
    assert job.result["versions"] == [version.id for version in line]
    split = current_split(project)
    assert (split.dataset_id, split.seed, split.ratios) == (line[-1].id, 5, (0.6, 0.2, 0.2))
    assert sum(split.counts.values()) == line[-1].rows == 60
    assert [version.id for version, _ in set_aside(project)] == [before[-1].id]
    made = [version_bytes(project, version.id) for version in line]
    begin(project, tickets(60), "november.csv")
    clean(project, *STEPS)
    assert [version_bytes(project, version.id) for version in chain(project)] == made
    by_hand = make_split(project, recipe.split)
    assert split_table(project, by_hand).equals(split_table(project, split))
    assert rows_of(project, by_hand, "train").equals(rows_of(project, split, "train"))
    undo(project)


def test_renamed_columns_are_one_sentence_and_can_be_mapped(prepared):
    project, recipe = prepared
    data = tickets(60).replace(b"text,category", b"Ticket text,Queue")
    waiting = received(project, data, "november.csv", recipe)
    assert waiting.sentence == "november.csv has no columns 'text' and 'category', which these steps read."
    assert [item.suggestion for item in waiting.missing] == ["Ticket text", None]
    with pytest.raises(MappingError, match="has no columns 'text' and 'category'"):
        start_prepare(project, waiting)
    fitting = renamed(recipe, {"text": "Ticket text", "category": "Queue"})
    assert wait(project, start_prepare(project, waiting, fitting)).state == "succeeded"
    assert chain(project)[0].step.settings["roles"] == {"Ticket text": "user", "Queue": "assistant"}


def test_a_column_one_can_go_without():
    recipe = Recipe.model_validate(
        {
            "mapping": {
                "roles": {"q": "user", "a": "assistant", "who": "group", "x": "ignore"},
                "user_template": "{q} {p}",
            },
            "split": {"time": "day", "group": "who"},
        }
    )
    missing = missing_columns(recipe, ["q", "a"])
    assert [(item.name, item.use, item.needed) for item in missing] == [
        ("who", "group", False),
        ("p", "template", True),
        ("day", "time", False),
    ]
    fitting = renamed(recipe, {"who": None, "day": None, "p": None})
    assert fitting.mapping.user_template == "{q} "
    assert (fitting.split.time, fitting.split.group) == (None, None)
    require_columns(fitting, ["q", "a"], "n.csv")


def test_another_character_set_and_delimiter_are_noticed(prepared):
    project, recipe = prepared
    text = tickets(60).decode().replace(",", ";").replace("parcel 3", "Päckchen 3")
    waiting = received(project, text.encode("cp1252"), "november.csv", recipe)
    assert waiting.missing == []
    assert wait(project, start_prepare(project, waiting)).result["rows_in"] == 62
    assert "Päckchen 3" in load_version(project, chain(project)[0].id)["messages"][3]
    assert waiting.notes[0] == "The character set is cp1252 and not utf-8 as in the last file."


def test_a_file_that_fails_changes_nothing(prepared):
    project, recipe = prepared
    before = pointers(project)
    with pytest.raises(InputError):
        received(project, b"", "empty.csv", recipe)
    assert waiting_file(project) is None
    bad = b"text,category\n" + b"what is this,\n" * 12
    job = wait(project, start_prepare(project, received(project, bad, "bad.csv", recipe)))
    assert job.state == "failed"
    assert "No row is left after the step" in job.error["message"]
    few = b"text,category\n" + b"".join(b"ask %d,label\n" % n for n in range(6))
    job = wait(project, start_prepare(project, received(project, few, "few.csv", recipe)))
    assert job.error["message"] == "6 rows are too few to divide: at least 10 are needed."
    assert pointers(project) == before


def test_a_killed_job_goes_on_where_it_was(prepared, monkeypatch):
    project, recipe = prepared
    before = pointers(project)
    waiting = received(project, tickets(60), "november.csv", recipe)
    monkeypatch.setenv("TUNEWORTH_CRASH_AT", "prepare.empty")
    job = wait(project, start_prepare(project, waiting))
    assert job.state in ("failed", "lost")
    assert pointers(project) == before
    monkeypatch.delenv("TUNEWORTH_CRASH_AT")
    JobManager(project).resume(job.id)
    job = wait(project, job)
    assert job.state == "succeeded", job.error
    line = chain(project)
    assert [version.step.name for version in line] == ["map", *STEPS]
    assert len(set_aside(project)) == 1
    assert len(project.records.list(type(line[0]))) == 10


def test_rows_changed_meanwhile_are_kept(prepared):
    project, recipe = prepared
    waiting = received(project, tickets(60), "november.csv", recipe)
    job = start_prepare(project, waiting)
    with pytest.raises(Conflict, match="prepared already"):
        start_prepare(project, waiting)
    assert wait(project, job).state == "succeeded"
    undo(project)
    mine = pointers(project)
    with pytest.raises(Conflict, match="changed while this job ran"):
        worker_prepare.main(JobContext(in_process_job(project, "prepare", job.settings)))
    assert pointers(project) == mine
    assert len(set_aside(project)) == 2  # the rows of October, and those just made
