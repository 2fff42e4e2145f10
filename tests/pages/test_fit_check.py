"""Fit Check on the screen: verdict, saving, coming back."""

import pytest
from streamlit.testing.v1 import AppTest

from engine.fit.answers import load_answers
from engine.fit.records import FitAnswers, save_answers
from engine.fit.rulebook import load_rulebook
from tests.pages.dataset import add_dataset


def headers(app: AppTest) -> str:
    return "\n".join(element.value for element in app.header)


def key(project, question: str) -> str:
    return f"fit-{project.id}-{question}"


def test_an_empty_project_works_and_offers_a_way_on(open_page, workspace) -> None:
    app = open_page("fit_check", workspace.create("Tickets"))
    assert "The verdict moves with each answer" in headers(app)
    assert [button.label for button in app.button if button.key == "next"] == ["Skip this and look at my data"]


def test_the_verdict_moves_with_each_answer_and_is_saved(open_page, workspace) -> None:
    project = workspace.create("Tickets")
    app = open_page("fit_check", project)
    app.number_input(key(project, "examples")).set_value(30.0).run()
    assert "Try a better prompt first" in headers(app)
    app.selectbox(key(project, "prompting")).set_value("Measured, no longer improves").run()
    app.button_group(key(project, "failure_mode")).set_value(["Wrong format or structure"]).run()
    assert "Put your examples into the prompt first" in headers(app)
    app.number_input(key(project, "examples")).set_value(800.0).run()
    assert "Fine\\-tuning is worth trying" in headers(app)
    saved = project.records.latest(FitAnswers)
    assert saved.answers == {"examples": 800.0, "prompting": "plateau", "failure_mode": ["format"]}
    assert saved.verdict == "fine_tune"
    assert not app.exception


def test_answers_come_back_in_a_new_session(open_page, workspace) -> None:
    project = workspace.create("Tickets")
    save_answers(project, {"examples": 20.0, "stability": "weekly", "failure_mode": ["style"]}, load_rulebook())
    app = open_page("fit_check", project)
    assert app.number_input(key(project, "examples")).value == 20
    assert app.selectbox(key(project, "stability")).value == "Every week"
    assert app.button_group(key(project, "failure_mode")).value == ["Wrong style or tone"]


def test_an_answer_can_be_taken_back(open_page, workspace) -> None:
    project = workspace.create("Tickets")
    save_answers(project, {"examples": 20.0, "stability": "weekly"}, load_rulebook())
    app = open_page("fit_check", project)
    app.selectbox(key(project, "stability")).set_value(None).run()
    assert project.records.latest(FitAnswers).answers == {"examples": 20.0}


def test_the_audit_log_holds_counts_and_no_text(open_page, workspace) -> None:
    project = workspace.create("Tickets")
    save_answers(project, {"base_model": "secret name", "examples": 20.0}, load_rulebook())
    save_answers(project, {"base_model": "secret name", "examples": 20.0}, load_rulebook())
    lines = [line for line in project.audit.lines() if "fit.answer" in str(line)]
    assert len(lines) == 1
    assert "secret" not in str(lines)


def test_rows_counted_by_data_studio_can_be_used(open_page, workspace) -> None:
    project = workspace.create("Tickets")
    add_dataset(project, 7)
    app = open_page("fit_check", project)
    app.button("fit-use-rows").click().run()
    assert app.number_input(key(project, "examples")).value == 7
    assert project.records.latest(FitAnswers).answers == {"examples": 7.0}


@pytest.mark.parametrize("name", ["Ihre ![x](http://evil.example/a.png)"])
def test_a_hostile_text_answer_is_not_drawn_as_markup(open_page, workspace, name) -> None:
    project = workspace.create("Tickets")
    save_answers(project, {"base_model": name}, load_rulebook())
    app = open_page("fit_check", project)
    assert all("](http" not in str(element.value) for element in [*app.markdown, *app.header, *app.caption])


def test_sample_answers_load(tmp_path) -> None:
    from engine.facts.yaml_file import asset_path

    assert len(load_answers(asset_path("sample/fit_answers.yml"), load_rulebook())) == 12
