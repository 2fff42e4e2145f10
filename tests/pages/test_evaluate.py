"""The Evaluate page: its states, its verdict, its rows, and text of a row that tries to be markup."""

from __future__ import annotations

import re

import pytest

from engine.evaluation.start import KIND
from engine.jobs.manager import JobManager
from pages.parts.evaluate_rows import marked
from tests.fixtures.evaluated_project import QUEUES, add_evaluation, add_rows, add_run


def texts(app):
    kinds = ("title", "header", "markdown", "caption", "text", "error", "warning", "info")
    return "\n".join(str(element.value) for kind in kinds for element in app.get(kind))


def primary(app):
    return [button.label for button in app.main.button if button.proto.type == "primary"]


def test_without_data_it_leads_to_the_data(open_page, project):
    app = open_page("evaluate", project)
    assert primary(app) == ["Go to the Data Studio"]
    assert "Nothing to measure yet" in texts(app)


def test_without_a_run_it_leads_to_training_or_measures_the_base(open_page, project):
    add_rows(project, 60)
    app = open_page("evaluate", project)
    assert primary(app) == ["Go to Train"]
    assert "the test rows stay sealed" in texts(app)
    assert any(button.label == "Measure the base model" for button in app.button)


def test_ready_says_what_will_happen_and_starts_one_job(open_page, project, monkeypatch):
    started = []
    run = add_run(project, add_rows(project, 200))
    app = open_page("evaluate", project)
    assert primary(app) == ["Run the final evaluation"]
    assert "20 sealed test rows" in texts(app)
    assert "Queue: ..." in texts(app).replace("\\", "")
    monkeypatch.setattr(
        "pages.parts.evaluate_setup.start_evaluation", lambda *args, **options: started.append((args[1:], options))
    )
    app.slider[0].set_value(5)
    next(button for button in app.button if button.label == "Run the final evaluation").click()
    app.run()
    assert started == [
        ((run.id,), {"base": None, "metric": "exact", "margin": 0.05, "few_shot": (0, 3, 6)}),
    ]


def test_a_refused_start_is_one_sentence(open_page, project):
    add_run(project, add_rows(project, 60))
    app = open_page("evaluate", project)
    next(button for button in app.button if button.label == "Run the final evaluation").click()
    app.run()
    assert not app.exception
    assert "no adapter on disk" in texts(app).replace("\\", "")


def test_a_running_job_is_shown(open_page, project, monkeypatch):
    add_run(project, add_rows(project, 60))
    monkeypatch.setattr(JobManager, "_spawn", lambda *_: None)
    JobManager(project).start(KIND, "engine.evaluation.worker", {}, title="Final evaluation")
    app = open_page("evaluate", project)
    assert "Final evaluation" in texts(app)
    assert primary(app) == []


@pytest.fixture
def evaluated(project):
    split = add_rows(project, 600)
    return add_evaluation(project, split, add_run(project, split))


def test_result_has_the_verdict_first_and_regressions_first(open_page, project, evaluated):
    app = open_page("evaluate", project)
    shown = texts(app).replace("\\", "")
    assert evaluated.verdict.verdict == "better"
    assert "The tuned model is better than your best prompt" in app.main.header[0].value.replace("\\", "")
    assert "Measured on the demo model" in shown
    assert primary(app) == ["Next: compliance"]
    pills = app.get("pills") or app.get("button_group")
    assert pills[0].value == "worse"
    assert f"{evaluated.verdict.worse_rows} rows got worse" in shown
    labels = [metric.label for metric in app.metric]
    assert labels == ["Rows that got better", "Keeps the format", "Could not be read", "Time per answer"]


def test_search_and_filters(open_page, project, evaluated):
    app = open_page("evaluate", project)
    app.text_input(key=f"evaluate-search-{evaluated.id}").set_value("no such text anywhere").run()
    assert "No row fits." in texts(app)


def test_baseline_without_a_run_shows_no_verdict(open_page, project):
    split = add_rows(project, 200)
    add_evaluation(project, split, None, {"base": 0.1, "prompted": 0.4}, part="validation", uses=0)
    app = open_page("evaluate", project)
    assert "A tuned model has to beat this" in texts(app)


def test_a_newer_run_is_offered_for_measuring(open_page, project, evaluated):
    split = project.records.pointer("split")
    from engine.data.records import Split

    add_run(project, project.records.get(Split, split), title="Second run")
    app = open_page("evaluate", project)
    assert primary(app) == ["Run the final evaluation"]
    assert "Second run" in texts(app)


def test_the_answers_may_be_gone(open_page, project, evaluated):
    (project.dir("jobs") / evaluated.id / "answers.jsonl").unlink()
    app = open_page("evaluate", project)
    assert "no longer on disk" in texts(app)


@pytest.mark.parametrize(
    "nasty", ["![x](https://evil.example/p.png)", "<img src=x onerror=alert(1)>", ":material/home: **b** [a](http://x)"]
)
def test_row_text_is_never_markup(nasty):
    for shown in (marked("plain words", nasty), marked(nasty, "other"), marked(nasty, nasty)):
        ours = shown.replace(":orange-background[**", "").replace(":gray-background[~~", "")
        ours = ours.replace("**]", "").replace("~~]", "")
        assert not re.search(r"(?<!\\)[<>\[\]()*!`]", ours)


def test_marks():
    assert marked("Queue: Cards", "Queue: Cards") == "Queue\\:\u2060 Cards" or "background" not in marked("a", "a")
    shown = marked(f"Queue: {QUEUES[0]} | Priority: High", f"Queue: {QUEUES[1]} | Priority: High")
    assert ":gray-background[~~Cards~~]:orange-background[**Billing**]" in shown
