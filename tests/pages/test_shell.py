"""The shell without a browser: start page, project bar, stepper, escaping, errors as sentences, the job part."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from engine.data.records import CleaningStep, DatasetVersion
from engine.jobs.manager import JobManager
from pages.parts.charts import Score, loss_frame
from pages.parts.door import cookie_name, host_allowed, inline_scripts, origin_allowed
from pages.parts.error_log import log_exception, log_file
from pages.parts.jobs import time_left
from pages.parts.safe_text import escape, plain
from pages.parts.server import SETTINGS
from pages.parts.steps import JOURNEY, Step, next_step, steps
from pages.parts.words import duration, money, number, percent, plural, size, when


def texts(app: AppTest) -> str:
    kinds = ("title", "header", "markdown", "caption", "text", "error", "warning", "success")
    return "\n".join(str(element.value) for kind in kinds for element in app.get(kind))


def button(app: AppTest, key: str):
    return next(item for item in app.button if item.key == key)


# ---------------------------------------------------------------- start
def test_start_page_of_an_empty_workspace(open_page):
    app = open_page()
    assert [b.key for b in app.button if b.proto.type == "primary"] == ["start-sample"]
    assert "Recent projects" not in texts(app)
    assert app.text_input(key="start-title").value == ""


def test_create_project_leads_to_its_data(open_page, workspace):
    app = open_page()
    app.text_input(key="start-title").set_value("Support tickets")
    next(b for b in app.button if b.label == "Create project").click()
    app.run()
    [info] = workspace.list()
    assert info.title == "Support tickets"
    assert app.query_params["project"] == info.id
    assert app.sidebar.selectbox[0].value == info.id


def test_an_empty_name_is_one_sentence(open_page, workspace):
    app = open_page()
    next(b for b in app.button if b.label == "Create project").click()
    app.run()
    assert "The project has no name" in app.warning[0].value
    assert workspace.list() == []


def test_recent_projects_open_at_their_next_step(open_page, workspace):
    project = workspace.create("Mine")
    app = open_page()
    assert "Mine" in texts(app)
    button(app, f"open-{project.id}").click()
    app.run()
    assert app.query_params["project"] == project.id
    assert next_step(project).page.key == "fit_check"


# ---------------------------------------------------------------- project bar and stepper
@pytest.mark.parametrize("key", [info.key for info in JOURNEY])
def test_every_page_opens_without_a_project(open_page, key):
    app = open_page(key)
    assert "No project is open" in texts(app)


@pytest.mark.parametrize("key", [info.key for info in JOURNEY])
def test_every_page_opens_in_an_empty_project(open_page, workspace, key):
    app = open_page(key, workspace.create("Empty"))
    assert "did not work" not in texts(app)
    assert sum(b.proto.type == "primary" and not b.disabled for b in app.main.button) <= 1


def test_selector_switches_the_project(open_page, workspace):
    first, second = workspace.create("First"), workspace.create("Second")
    app = open_page("train", first)
    app.sidebar.selectbox[0].set_value(second.id).run()
    assert app.query_params["project"] == second.id


def test_a_deleted_project_leaves_quietly(open_page, workspace):
    project = workspace.create("Gone")
    app = open_page("train", project)
    workspace.delete(project.id)
    app.run()
    assert not app.exception
    assert "No project is open" in texts(app)


def test_steps_follow_the_records(workspace):
    project = workspace.create("Steps")
    assert [step.done for step in steps(project)] == [False] * 6
    assert {step.words for step in steps(project)} == {"not yet"}
    version = DatasetVersion(
        source_id="s",
        step=CleaningStep(name="import", rows_in=9, rows_out=9),
        path="p",
        decisions_path="d",
        sha256="0",
        rows=3812,
    )
    project.records.save(version)
    project.records.set_pointer("dataset", version.id)
    assert steps(project)[1] == Step(JOURNEY[1], False, "3,812 rows, not split")
    project.records.set_pointer("split", "any")
    assert steps(project)[1] == Step(JOURNEY[1], True, "3,812 rows, split")
    assert next_step(project).page.key == "fit_check"


# ---------------------------------------------------------------- text
HOSTILE = (
    "![x](http://e.test/a.png)",
    "[x](javascript:alert(1))",
    "<img src=//e.test/a>",
    "https://e.test",
    "www.e.test",
    ":red[x] :material/home: :smile:",
    "$x^2$ `code` **b** ~~s~~",
    "a\n\n# heading",
    "me@e.test",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_escape_leaves_no_working_markup(text):
    safe = escape(text)
    assert "\n" not in safe
    for mark in "![]()<>*_`#$~|":
        for at, char in enumerate(safe):
            assert char != mark or safe[at - 1] == "\\"
    assert safe.replace("\\", "").replace("\u2060", "") == " ".join(text.split()).replace("\\", "")


def test_plain_drops_what_cannot_be_seen():
    assert plain("a\u202eb\x00c\td\u200b") == "abc d"
    assert plain("x" * 50, 10) == "x" * 9 + "…"


def test_figures_in_words():
    assert [money(value) for value in (1250, 0.42, 0.0031, -112, 0)] == ["$1,250", "$0.42", "$0.0031", "-$112", "$0"]
    assert [duration(value) for value in (0, 8, 59.7, 150, 3900, 40_000)] == [
        "1 second", "8 seconds", "1 minute", "2 minutes", "1 hour 5 minutes", "11 hours",
    ]  # fmt: skip
    assert (number(3812), percent(0.834), plural(1, "row"), plural(2, "copy", "copies")) == (
        "3,812", "83%", "1 row", "2 copies",
    )  # fmt: skip
    assert (size(812), size(3_400_000), size(250_000_000)) == ("812 bytes", "3.4 MB", "250 MB")
    assert (when(100, 120), when(0, 600), when(0, 100_000)) == ("just now", "10 minutes ago", "yesterday")


def test_loss_frame_keeps_finite_numbers_only():
    frame = loss_frame([{"step": 1, "loss": 2.0}, {"step": 2, "loss": "nan", "eval_loss": 1.5}])
    assert frame.values.tolist() == [[1, "Training", 2.0], [2, "Validation", 1.5]]
    assert Score("base", 0.5, 0.4, 0.6).n is None


# ---------------------------------------------------------------- errors
def test_a_fault_shows_an_id_and_hides_the_text(open_page, workspace, monkeypatch):
    project = workspace.create("Faulty")

    def broken(*_):
        raise RuntimeError("secret ![x](http://e.test/a.png)")

    monkeypatch.setattr("pages.parts.stepper.steps", broken)
    app = open_page("train", project)
    assert "did not work" in app.error[0].value
    assert "secret" not in texts(app)
    assert "secret" in log_file(workspace.root).read_text()


def test_log_survives_a_folder_that_cannot_be_written(tmp_path, caplog):
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert len(log_exception(blocked, ValueError("x"))) == 8
    assert "no log file could be written" in caplog.text


# ---------------------------------------------------------------- door and settings
def test_hosts_and_origins():
    assert host_allowed("127.0.0.1:8501")
    assert host_allowed("localhost:8501")
    assert not host_allowed("127.0.0.1.evil.test:8501")
    assert not host_allowed("")
    assert origin_allowed("http://127.0.0.1:8501", "127.0.0.1:8501")
    assert not origin_allowed("http://127.0.0.1:9999", "127.0.0.1:8501")
    assert not origin_allowed("null", "127.0.0.1:8501")
    assert cookie_name("127.0.0.1:8501") == "tuneworth-8501"
    assert inline_scripts("<script>a</script><script src=b></script>")[0].startswith("sha256-")


def test_config_file_holds_the_same_security_settings():
    import tomllib

    config = tomllib.loads((Path(__file__).resolve().parents[2] / ".streamlit" / "config.toml").read_text())
    for name, wanted in SETTINGS.items():
        group, key = name.split(".")
        if group != "global":
            assert config[group][key] == wanted, name


# ---------------------------------------------------------------- jobs
def job_script(job_id: str, project_id: str) -> None:
    import streamlit as st

    from pages.parts.jobs import show_job
    from pages.parts.page import guard

    st.session_state["_project_id"] = project_id
    with guard():
        show_job(job_id, done=lambda job: st.text(f"result {job.result}"))


def show(project, job_id: str) -> AppTest:
    return AppTest.from_function(job_script, args=(job_id, project.id), default_timeout=30).run()


def start(project, **settings):
    return JobManager(project).start("train", "tests.fixtures.worker_script", settings, title="Run *one*", heavy=False)


def test_a_running_job_says_so_and_can_be_stopped(workspace):
    project = workspace.create("Jobs")
    job = start(project, steps=400, step_seconds=0.05)
    app = show(project, job.id)
    assert r"Run \*one\*" in texts(app)
    assert "You can close this window" in texts(app)
    button(app, f"stop-{job.id}").click()
    app.run()
    ended = JobManager(project).wait(job.id, timeout=30)
    assert ended.state == "stopped"
    app = show(project, job.id)
    assert "stopped" in app.warning[0].value
    assert [b.key for b in app.button] == [f"resume-{job.id}"]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"bad_input": True}, "Row 3 has no answer"),
        ({"kill_self": True}, "killed from outside"),
        ({"crash_text": "secret inside"}, "fault inside Tuneworth"),
    ],
)
def test_a_failed_job_is_one_sentence_and_a_way_on(workspace, settings, words):
    project = workspace.create("Jobs")
    job = start(project, **settings)
    JobManager(project).wait(job.id, timeout=30)
    app = show(project, job.id)
    assert words in app.error[0].value
    assert "secret inside" not in app.error[0].value
    assert any(b.key == f"resume-{job.id}" for b in app.button)


def test_a_finished_job_shows_its_result(workspace):
    project = workspace.create("Jobs")
    job = start(project, steps=2)
    JobManager(project).wait(job.id, timeout=30)
    assert "result {'steps': 2}" in texts(show(project, job.id))


def test_time_left_needs_a_pace(workspace):
    project = workspace.create("Jobs")
    job = start(project, steps=200, step_seconds=0.05)
    assert time_left(JobManager(project).get(job.id)) is None
    time.sleep(5)
    left = time_left(JobManager(project).get(job.id))
    assert left is not None
    assert 1 < left < 60
    JobManager(project).stop(job.id)
    JobManager(project).wait(job.id, timeout=30)


def test_running_jobs_stand_in_the_sidebar(open_page, workspace):
    project = workspace.create("Jobs")
    job = start(project, steps=400, step_seconds=0.05)
    time.sleep(0.5)
    app = open_page("fit_check", project)
    assert len(app.sidebar.get("page_link")) == 1
    JobManager(project).stop(job.id)
    JobManager(project).wait(job.id, timeout=30)


def test_projects_with_the_same_title_stay_apart(workspace):
    from pages.parts.sidebar import distinct_titles

    made = [workspace.create("Support tickets").id for _ in range(3)]
    other = workspace.create("Other")
    labels = distinct_titles(workspace.list())
    assert set(labels) == {*made, other.id}
    assert len(set(labels.values())) == 4
    assert labels[other.id] == "Other"
