"""Providers & ROI on the screen: sentence first, asks for unknown prices, saves, closed routes stay visible."""

import pytest
import yaml
from streamlit.testing.v1 import AppTest

from engine.costs.decide import decide
from engine.costs.scenario import Scenario
from engine.facts.prices import load_prices
from engine.fit.records import save_answers
from engine.fit.rulebook import load_rulebook
from engine.providers.records import CostScenario, saved_case
from tests.pages.dataset import add_dataset


@pytest.fixture(autouse=True)
def _fixed_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNEWORTH_TODAY", "2026-11-21")


def headers(app: AppTest) -> str:
    return "\n".join(element.value for element in app.header)


def captions(app: AppTest) -> str:
    return "\n".join(element.value for element in app.caption)


def key(project, name: str) -> str:
    return f"cost-{project.id}-{name}"


def test_without_data_it_works_with_typed_numbers_and_says_so(open_page, workspace) -> None:
    app = open_page("providers_roi", workspace.create("Tickets"))
    assert "Never: gpt" in headers(app).replace("\\", "").replace("\u2060", "")
    assert "There is no dataset in this project yet" in captions(app)
    assert len(app.metric) == 4
    assert "6 closed on 2026\\-11\\-21" in captions(app)


def test_a_slider_moves_the_sentence_and_is_saved(open_page, workspace) -> None:
    project = workspace.create("Tickets")
    app = open_page("providers_roi", project)
    assert saved_case(project) is None
    app.selectbox(key(project, "other_row")).set_value(None).run()
    app.slider(key(project, "instructions_now")).set_value(12_000).run()
    app.select_slider(key(project, "requests")).set_value(1e7).run()
    assert "Pays back in month 1" in headers(app)
    saved = saved_case(project)
    assert (saved.inputs.instructions_now, saved.inputs.requests, saved.inputs.other_row) == (12_000, 1e7, None)
    assert saved.payback_month == 1
    again = open_page("providers_roi", project)
    assert again.slider(key(project, "instructions_now")).value == 12_000
    assert again.selectbox(key(project, "other_row")).value is None
    assert "Pays back in month 1" in headers(again)


def test_an_unknown_price_is_asked_for(open_page, workspace) -> None:
    project = workspace.create("Tickets")
    app = open_page("providers_roi", project)
    app.selectbox(key(project, "route")).set_value("bedrock/nova-micro").run()
    assert "numbers are missing" in headers(app)
    assert len(app.metric) == 0
    for name, price in (("training_price", 2.0), ("tuned_input", 0.035), ("tuned_output", 0.14)):
        app.number_input(key(project, f"{name}@bedrock/nova-micro")).set_value(price).run()
    assert "missing" not in headers(app)
    assert len(app.metric) == 4
    assert saved_case(project).inputs.training_price == 2.0
    app.selectbox(key(project, "route")).set_value("bedrock/nova-lite").run()
    assert "numbers are missing" in headers(app)
    assert not app.exception


def test_the_horizon_ends_with_the_base_model(open_page, workspace) -> None:
    project = workspace.create("Tickets")
    app = open_page("providers_roi", project)
    app.selectbox(key(project, "route")).set_value("openai/gpt-4.1-mini").run()
    assert "The tuned line ends where its base model is shut down." in captions(app)
    assert "Existing customers only" in captions(app)


def test_closed_routes_cannot_be_chosen_but_are_shown(open_page, workspace) -> None:
    project = workspace.create("Tickets")
    app = open_page("providers_roi", project)
    assert "Anthropic Claude 3 Haiku on Bedrock" not in app.selectbox(key(project, "route")).options
    table = next(frame.value for frame in app.dataframe if "Today" in frame.value.columns)
    row = table[table["Route"] == "Anthropic Claude 3 Haiku on Bedrock"].iloc[0]
    assert row["Today"] == "Closed since 2026-09-10"
    assert row["Source"]


def test_tokens_of_the_dataset_and_volume_of_the_fit_check_are_used(open_page, workspace) -> None:
    project = workspace.create("Tickets")
    add_dataset(project, 50)
    save_answers(project, {"requests_per_month": 34_567.0}, load_rulebook())
    app = open_page("providers_roi", project)
    assert "Your dataset: 50 rows" in captions(app)
    assert app.select_slider(key(project, "requests")).value == 34_567
    assert app.slider(key(project, "text")).value == 10


def test_the_saved_scenario_gives_the_same_answer_on_the_command_line(open_page, workspace) -> None:
    project = workspace.create("Tickets")
    app = open_page("providers_roi", project)
    app.slider(key(project, "answer")).set_value(300).run()
    saved = project.records.latest(CostScenario)
    text = yaml.safe_dump(saved.scenario)
    decision = decide(Scenario.model_validate(yaml.safe_load(text)), load_prices())
    assert decision.sentence == saved.sentence


@pytest.mark.parametrize("day", ["2027-01-06", "2027-06-01", "2030-01-01"])
def test_on_later_days_it_still_opens(open_page, workspace, monkeypatch, day) -> None:
    monkeypatch.setenv("TUNEWORTH_TODAY", day)
    project = workspace.create("Tickets")
    app = open_page("providers_roi", project)
    assert "openai/gpt-4.1-mini" not in app.selectbox(key(project, "route")).options
    assert not app.exception
    assert len(app.error) == 0


def test_going_on_keeps_the_result_as_it_was_shown(open_page, workspace) -> None:
    project = workspace.create("Tickets")
    app = open_page("providers_roi", project)
    next(item for item in app.button if item.key == "next").click().run()
    assert not app.exception
    assert saved_case(project).sentence
