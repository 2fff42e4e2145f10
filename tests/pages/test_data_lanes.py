"""Data Studio's lanes without a browser: decide pairs, put back, use the decisions, move the threshold."""

from __future__ import annotations

import pytest

from engine.data.mapping import Mapping
from engine.data.near_redecide import redecide
from engine.data.near_store import load_pairs
from engine.data.near_votes import PairVote, vote_on, votes_of
from engine.data.recipe import SplitPlan
from engine.data.sources import add_upload, start_dataset
from engine.data.split import make_split
from engine.data.versions import chain, load_version, require_version
from tests.engine.data.near_project import ANSWER, ROWS, compare_again
from tests.pages.test_data_studio import button, primaries, words


@pytest.fixture
def rows(project):
    """A file whose rows were compared."""
    body = "".join(f"{question},{answer}\n" for question, answer in [*ROWS, *_more()])
    source, read = add_upload(project, f"q,a\n{body}".encode(), "mails.csv")
    version = start_dataset(project, source, Mapping(roles={"q": "user", "a": "assistant"}), read)
    return compare_again(project, version, load_version(project, version.id))


def _more():
    names = ("alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf")
    for name in names:
        yield f"{name} wants to know all about the big yellow house in {name} street", ANSWER
        yield f"{name} wants to hear all about the big yellow house in {name} street", ANSWER


def lane(open_page, project, name):
    app = open_page("data_studio", project)
    app.session_state["lane"] = name
    app.run()
    assert not app.exception
    return app


def keys(app, start):
    return [item.key for item in app.button if item.key and item.key.startswith(start)]


def test_a_pair_is_decided_and_used_and_undone(open_page, project, rows):
    app = lane(open_page, project, "ask")
    assert "0 of 9 decided." in words(app)
    assert "Kept: 'hear' vs 'know'" in words(app) or "Maybe the same" in words(app)
    assert len(keys(app, "different-None-")) == 5  # five pairs on a page
    assert any(item.label == "Same: leave out line 8" for item in app.button) or len(app.get("pagination")) == 1
    first = keys(app, "same-")[0]
    _, kept, row, partner = first.split("-")
    button(app, first).click().run()
    assert "1 of 9 decided." in words(app)
    assert "**1 row** would change by what you decided." in words(app)
    [vote] = votes_of(project)
    assert (vote.choice, vote.lane, vote.encoder) == ("same", "ask", "minilm")
    assert vote.score > 0.8
    button(app, "use-votes").click().run()
    gone = int(partner) if kept == row else int(row)
    assert chain(project)[-1].step.name == "pair_decisions"
    assert gone not in set(load_version(project, require_version(project).id)["row_id"])
    assert "would change by" not in words(app)
    assert "Your decisions on pairs" in words(app)
    button(app, f"undo-{chain(project)[-1].id}").click().run()
    assert "**1 row** would change by what you decided." in words(app)
    app.session_state["open-ask"] = "Decided"
    app.run()
    button(app, f"again-{row}-{partner}").click().run()
    assert "0 of 9 decided." in words(app)
    assert votes_of(project) == []


def test_contradictions_have_a_lane_with_a_choice(open_page, project, rows):
    app = lane(open_page, project, "conflict")
    assert "0 of 1 decided." in words(app)
    assert {item.label for item in app.button if item.key and "4-5" in item.key} == {
        "Line 6 is right",
        "Line 7 is right",
        "Keep both",
    }
    app.session_state["conflict-other"] = "change"
    app.run()
    button(app, "same-5-4-5").click().run()
    button(app, "use-votes").click().run()
    texts = load_version(project, require_version(project).id).set_index("row_id")["messages"]
    assert "Nobody knows this before noon" in texts[4]
    assert require_version(project).rows == rows.rows


def test_a_row_is_put_back(open_page, project, rows):
    app = lane(open_page, project, "drop")
    assert 1 not in set(load_version(project, rows.id)["row_id"])
    button(app, "put-back-1").click().run()
    assert 1 in set(load_version(project, require_version(project).id)["row_id"])
    app = lane(open_page, project, "change")
    assert list(app.dataframe[0].value["Why"]) == ["You put it back"]
    assert list(app.dataframe[0].value["Line"]) == [3]
    assert votes_of(project)[0].choice == "different"
    assert 1 in set(load_version(project, redecide(project, 0.85).id)["row_id"])


def test_the_threshold_moves_with_a_preview_and_comes_back(open_page, project, rows):
    app = open_page("data_studio", project)
    assert primaries(app) == ["split-start"]
    assert button(app, "near-use").disabled
    app.slider(key=f"near-slider-{rows.id}").set_value(0.99).run()
    assert "**0 rows** left out (now 1)" in words(app)
    assert require_version(project).id == rows.id  # nothing happens before the button
    button(app, "near-use").click().run()
    assert require_version(project).rows == rows.rows + 1
    assert not app.exception
    button(app, "near-back").click().run()
    assert require_version(project).id == rows.id
    assert "only understood in English. No row seems to be in another language." in words(app)


def test_decisions_propose_a_threshold_that_is_used_when_accepted(open_page, project, rows):
    app = open_page("data_studio", project)
    assert "After 20 more decisions, among them at least 5 same and 5 different" in words(app)
    for number in range(22):
        project.records.save(
            PairVote(
                first=f"{number}", second="x", keep="x", choice="same" if number > 9 else "different",
                encoder="minilm", score=0.8 + number / 200, passed=True,
            )
        )  # fmt: skip
    app.run()
    assert "Your decisions point to 0.85." in words(app)
    assert "you called 12 of 12 pairs the same, below it 10 of 10 different. With 22 decisions" in words(app)
    button(app, "near-accept").click().run()
    assert require_version(project).step.settings["threshold"] == pytest.approx(0.8475)
    assert "This project uses it, for the next file too." in words(app)


def test_sealed_rows_are_in_no_lane(open_page, project, rows):
    make_split(project, SplitPlan(ratios=(0.5, 0.0, 0.5)))
    app = lane(open_page, project, "ask")
    shown = {int(part) for key in keys(app, "different-") for part in key.split("-")[2:]}
    from engine.data.page_view import sealed_rows
    from engine.data.sources import current_source

    assert not shown & sealed_rows(project, current_source(project).id)


def test_pairs_that_were_not_kept_are_one_sentence(open_page, project, rows):
    assert len(load_pairs(project, rows))
    (project.path / "data" / rows.step.settings["pairs"]).unlink()
    app = open_page("data_studio", project)
    assert "The pairs of this step were not kept." in words(app)
    assert vote_on(project, load_version(project, rows.parent), (3, 2), "different").choice == "different"
