"""The split on screen: shares, dates, groups, balance, the larger test, leaks to look at, sealed rows."""

from __future__ import annotations

import pytest

from engine.data.mapping import Mapping
from engine.data.recipe import SplitPlan
from engine.data.run_steps import run_steps
from engine.data.sources import add_upload, start_dataset
from engine.data.split import current_split, make_split, split_table
from engine.data.versions import load_version, save_version
from engine.jobs.manager import JobManager
from tests.pages.test_data_studio import button, primaries, words

TEMPLATE = "Dear support team and all others I write because of the following"


def tickets(rows: int, *, dates: str = "2026-{month:02d}-{day:02d}", customers: int = 40) -> bytes:
    body = [
        f"{TEMPLATE if n % 8 == 0 else 'Ticket'} {n} {chr(97 + n % 26)},{'billing' if n % 3 else 'delivery'},"
        f"c{n % customers},{dates.format(month=1 + n % 9, day=1 + n % 9)}"
        for n in range(rows)
    ]
    return ("text,category,customer,day\n" + "\n".join(body) + "\n").encode()


def ready(project, data: bytes):
    """Mapped and one cheap step, so that the page asks for the split."""
    source, read = add_upload(project, data, "tickets.csv")
    roles = {"text": "user", "category": "assistant", "customer": "ignore", "day": "ignore"}
    version = start_dataset(project, source, Mapping(roles=roles), read)
    for done in run_steps(("empty",), load_version(project, version.id)):
        version = save_version(project, done.frame, done.step, version.id, version.source_id, done.decisions)
    return version


@pytest.fixture
def page(open_page, project):
    def opened(data: bytes | None = None, tab: str = ""):
        if data is not None:
            ready(project, data)
        app = open_page("data_studio", project)
        if app.checkbox:
            for box in app.checkbox:
                if box.key == "split-careful":
                    box.set_value(False)
        if tab:
            app.session_state["studio"] = tab
        app.run()
        assert not app.exception
        return app

    return opened


def start(app):
    button(app, "split-start").click().run()
    assert not app.exception
    assert "did not work" not in words(app)
    return app


def control(app, key):
    return next(item for item in app.get("button_group") if item.key == key)


def pick(app, key, value):
    app.session_state[key] = value
    app.run()
    assert not app.exception


def test_free_shares_are_checked(page, project):
    app = page(tickets(200))
    pick(app, "split-ratios", "Other")
    app.number_input(key="split-validation").set_value(25.0)
    app.number_input(key="split-test").set_value(80.0).run()
    assert "Nothing would be left for training." in words(app)
    assert button(app, "split-start").disabled
    app.number_input(key="split-test").set_value(15.0).run()
    assert "Training gets 60 percent." in words(app)
    start(app)
    assert current_split(project).counts == {"train": 120, "validation": 50, "test": 30}


def test_a_column_that_was_never_mapped_keeps_rows_together(page, project):
    app = page(tickets(200))
    app.selectbox(key=f"split-group-{source_id(project)}").set_value("customer").run()
    assert "40 groups, the largest with 5 rows." in words(app)
    start(app)
    split = current_split(project)
    table = split_table(project, split)
    customers = [f"c{row % 40}" for row in table["row_id"]]
    assert table.assign(customer=customers).groupby("customer")["split"].nunique().max() == 1
    assert split.plan.group == "customer"
    shown = page(tab="Split")
    assert "rows of one customer stay together" in words(shown)


def test_one_group_is_said_before_the_button(page, project):
    app = page(tickets(60, customers=1))
    app.selectbox(key=f"split-group-{source_id(project)}").set_value("customer").run()
    assert "All rows have the same value here, so nothing could be divided." in words(app)
    assert button(app, "split-start").disabled


def test_the_newest_rows_are_the_test(page, project):
    app = page(tickets(180))
    pick(app, "split-way", "The newest rows")
    assert app.selectbox(key=f"split-time-{source_id(project)}").value == "day"
    assert "From 2026-01-01 to 2026-09-09." in words(app)
    start(app)
    assert current_split(project).counts == {"train": 144, "validation": 18, "test": 18}
    shown = page(tab="Split")
    assert "Divided by date: train 2026-01-01 to 2026-08-08" in words(shown)
    assert "The newest rows by day are the test" in words(shown)


def test_rows_without_a_date_are_listed_with_their_line(page, project):
    data = tickets(120).replace(b"c5,2026-06-06", b"c5,soon")
    ready(project, data)
    make_split(project, SplitPlan(time="day"))
    app = page(tab="Split")
    app.session_state["undated"] = True
    app.run()
    assert not app.exception
    table = next(frame.value for frame in app.dataframe if "day" in frame.value.columns)
    assert table.values.tolist() == [["Line 7", "soon"]]
    assert "1 row without a readable date stays in training" in words(app)


def test_the_form_remembers_what_was_asked_last(page, project):
    ready(project, tickets(120))
    make_split(project, SplitPlan(ratios=(0.6, 0.25, 0.15), seed=7, group="customer", time="day"))
    app = page(tab="Split")
    assert app.number_input(key="split-seed").value == 7
    assert app.number_input(key="split-validation").value == 25.0
    assert app.selectbox(key=f"split-group-{source_id(project)}").value == "customer"
    assert app.selectbox(key=f"split-time-{source_id(project)}").value == "day"
    app.checkbox(key="split-careful").set_value(False)
    start(app)
    plan = current_split(project).plan
    assert (plan.ratios, plan.seed, plan.group, plan.time) == ((0.6, 0.25, 0.15), 7, "customer", "day")


def test_day_and_month_are_asked_for(page, project):
    app = page(tickets(90, dates="{day}/{month}/2026").replace(b"1/1/2026", b"3/4/2026"))
    pick(app, "split-way", "The newest rows")
    key = f"split-time-{source_id(project)}-order"
    assert [option.content for option in control(app, key).proto.options] == ["3 April 2026", "4 March 2026"]
    assert button(app, "split-start").disabled
    pick(app, key, 1)
    assert not button(app, "split-start").disabled
    start(app)
    assert current_split(project).plan.day_first is False


def test_a_column_without_dates_says_so(page, project):
    app = page(tickets(60, dates="later"))
    pick(app, "split-way", "The newest rows")
    assert "No column looks like dates" in words(app)
    assert button(app, "split-start").disabled
    app.selectbox(key=f"split-time-{source_id(project)}").set_value("day").run()
    assert "Only 0 rows have a date." in words(app)
    assert button(app, "split-start").disabled


def test_another_column_is_balanced_or_none(page, project):
    app = page(tickets(200))
    box = app.selectbox(key=f"split-balance-{source_id(project)}")
    box.set_value(0).run()
    start(app)
    assert (current_split(project).plan.label, current_split(project).stratified) == ("customer", True)
    app = page(tab="Split")
    app.selectbox(key=f"split-balance-{source_id(project)}").set_value(-1).run()
    app.checkbox(key="split-careful").set_value(False)
    start(app)
    assert current_split(project).stratified is False


def test_a_larger_test_is_offered_exactly_when_it_matters(page, project):
    ready(project, tickets(1000))
    make_split(project, SplitPlan(seed=3))
    app = page(tab="Split")
    assert "With 100 test rows we can see differences of about 12 points or more." in words(app)
    assert "you need about 626 test rows, 63% of your rows." in words(app)
    offer = button(app, "split-larger-test")
    assert offer.label.replace("\\", "") == "Take 20% for the test: from 12 to 8.8 points"
    offer.click().run()
    split = current_split(project)
    assert (split.ratios, split.seed, split.counts["test"]) == ((0.7, 0.1, 0.2), 3, 200)
    app = page(tab="Split")
    assert "split-larger-test" not in [item.key for item in app.button]
    assert primaries(app) == ["next"]


def test_validation_leaks_are_shown_side_by_side_and_test_rows_never(page, project):
    ready(project, tickets(240))
    make_split(project)
    app = page(tab="Split")
    split = current_split(project)
    counts = split.leaks_between
    assert counts["train-validation"]["prefix"] > 0
    assert counts["train-test"]["prefix"] > 0
    table = next(frame.value for frame in app.dataframe if "Compared" in frame.value.columns)
    assert table["Same beginning"].tolist() == [str(side["prefix"]) for side in counts.values()]
    assert set(table["Says the same"]) == {"not compared"}
    assert "choose that column under 'Keep together'" in words(app)
    app.session_state["leaks"] = True
    app.run()
    assert not app.exception
    said = words(app)
    assert "Same beginning" in said
    assert "Validation, line" in said
    sealed = split_table(project, split).query("split == 'test'")["row_id"]
    shown = [str(item.value) for item in app.markdown]
    for row in sealed:
        assert not any(f"following {row} " in text.replace("\\", "").replace("*", "") for text in shown)


def test_labels_per_part_are_drawn_with_words(page, project):
    ready(project, tickets(300))
    make_split(project)
    app = page(tab="Split")
    assert "Training and test differ by at most" in words(app)
    chart = app.get("vega_lite_chart") or app.get("arrow_vega_lite_chart")
    assert len(chart) == 1


def test_comparing_meanings_runs_as_a_job_with_every_choice(page, project):
    app = page(tickets(60))
    app.selectbox(key=f"split-group-{source_id(project)}").set_value("customer").run()
    app.session_state["split-careful"] = True
    box = app.checkbox(key="split-careful")
    if box.disabled:
        pytest.skip("the parts that compare meanings are not installed")
    box.set_value(True)
    start(app)
    [job] = JobManager(project).list("split")
    assert job.settings["plan"]["group"] == "customer"
    assert job.settings["plan"]["compare"] is True
    JobManager(project).stop(job.id)
    assert JobManager(project).wait(job.id, timeout=120).ended_state


def source_id(project) -> str:
    return str(project.records.pointer("source"))
