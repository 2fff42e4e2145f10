"""The shipped rows: complete, sourced, consistent; and files that are refused."""

from pathlib import Path

import pytest

from engine.errors import InputError, NotFound
from engine.facts.prices import Catalogue, load_prices, load_routes
from engine.facts.yaml_file import asset_path, load_yaml

HEAD = "as_of: 2026-11-21\nrows:\n"
ROW = (
    "  - {id: a, provider: p, model: m, kind: training, unit: u, numbers: {training: 1}, source: s, source_kind: user,"
    " retrieved: 2026-11, confidence: low, availability: open, new_jobs_until: null, shutdown_date: null}\n"
)


def test_every_row_has_a_source_and_every_unverified_row_no_date() -> None:
    for row in load_prices().rows:
        assert row.source
        if row.confidence == "unverified":
            assert row.retrieved is None


def test_routes_name_rows_that_exist() -> None:
    prices = load_prices()
    for route in load_routes().routes:
        for row in (route.base_row, route.tuned_row, route.training_row, route.hosting_row, route.storage_row):
            if row is not None:
                assert prices.row(row)


def test_a_route_ends_when_its_price_row_ends() -> None:
    prices = load_prices()
    for route in load_routes().routes:
        if route.tuned_row is not None:
            row = prices.row(route.tuned_row)
            assert (route.new_jobs_until, route.shutdown_date) == (row.new_jobs_until, row.shutdown_date)


def test_only_the_local_route_keeps_the_data_here() -> None:
    assert [route.id for route in load_routes().routes if not route.data_leaves] == ["local/open-weights"]


def test_unknown_row() -> None:
    with pytest.raises(NotFound):
        load_prices().row("nothing")


@pytest.mark.parametrize(
    ("rows", "line", "words"),
    [
        (ROW + ROW, None, "stands twice"),
        (ROW.replace("source: s,", "source: s, colour: red,"), 3, "not a known key"),
        (ROW.replace("{training: 1}", "{training: -1}"), 3, "at least 0"),
        (ROW.replace("{training: 1}", "{per_word: 1}"), 3, "not a known key"),
        (ROW.replace("retrieved: 2026-11,", "retrieved: last week,"), 3, "write the date"),
        (ROW.replace("retrieved: 2026-11,", "retrieved: 2026-02-31,"), 3, "day is out of range"),
        (ROW.replace("kind: training", "kind: lunch"), 3, "lunch"),
    ],
)
def test_bad_catalogues_are_refused(tmp_path: Path, rows: str, line: int | None, words: str) -> None:
    path = tmp_path / "prices.yml"
    path.write_text(HEAD + rows)
    with pytest.raises(InputError) as caught:
        load_yaml(path, Catalogue)
    assert words in caught.value.message
    assert caught.value.where is not None
    assert caught.value.where.line == line


def test_shipped_files_are_where_they_are_looked_for() -> None:
    assert asset_path("prices.yml").is_file()
    assert asset_path("routes.yml").is_file()
