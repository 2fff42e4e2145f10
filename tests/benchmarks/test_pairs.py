"""The labelled pairs: well-formed, balanced, and what the hand-written sources say."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from typing import Any

import pytest

from benchmarks.data import make_pairs
from tests.conftest import REPOSITORY

PAIRS = REPOSITORY / "benchmarks" / "data" / "pairs.jsonl"
FIELDS = {"id", "a", "b", "duplicate", "kind", "origin", "part"}


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    return [json.loads(line) for line in PAIRS.read_text(encoding="utf-8").splitlines()]


def test_lines_have_the_fields(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        assert set(row) == FIELDS, row
        assert isinstance(row["duplicate"], bool)
        assert row["a"].strip()
        assert row["b"].strip()
        assert row["a"] != row["b"], row["id"]


def test_enough_pairs_of_each_kind_and_label(rows: list[dict[str, Any]]) -> None:
    kinds = Counter(row["kind"] for row in rows)
    assert len(rows) >= 1500
    assert set(kinds) == {*make_pairs.DUPLICATE.values(), *make_pairs.DIFFERENT.values()}
    assert min(kinds.values()) >= 100, kinds
    assert kinds["paraphrase"] >= 300
    assert 0.4 <= sum(row["duplicate"] for row in rows) / len(rows) <= 0.6


def test_a_kind_has_one_label(rows: list[dict[str, Any]]) -> None:
    duplicates = set(make_pairs.DUPLICATE.values())
    assert all(row["duplicate"] == (row["kind"] in duplicates) for row in rows)


def test_no_pair_and_no_id_twice(rows: list[dict[str, Any]]) -> None:
    assert len({row["id"] for row in rows}) == len(rows)
    seen = Counter(frozenset((row["a"], row["b"])) for row in rows)
    assert [pair for pair, count in seen.items() if count > 1] == []


def test_groups_stay_small_and_on_one_side(rows: list[dict[str, Any]]) -> None:
    groups = defaultdict(list)
    for row in rows:
        groups[row["id"].rsplit("-", 1)[0]].append(row)
    assert len(groups) >= 350
    assert max(len(group) for group in groups.values()) <= 6
    assert all(len({row["part"] for row in group}) == 1 for group in groups.values())


def test_dev_is_about_a_third_of_every_kind(rows: list[dict[str, Any]]) -> None:
    total = Counter(row["kind"] for row in rows)
    dev = Counter(row["kind"] for row in rows if row["part"] == "dev")
    assert {row["part"] for row in rows} == {"dev", "test"}
    assert all(0.25 <= dev[kind] / total[kind] <= 0.42 for kind in total), dev


def test_file_is_what_the_sources_say(rows: list[dict[str, Any]]) -> None:
    assert make_pairs.build() == rows
