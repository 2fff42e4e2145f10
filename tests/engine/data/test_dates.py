"""Dates: a strict list of forms, and no guess between day and month."""

import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data.dates import date_column


def read(text, **options):
    return str(date_column([text]).moments(**options)[0])


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-04", "2026-03-04T00:00:00"),
        ("2026/3/4 17:05", "2026-03-04T17:05:00"),
        ("20260304", "2026-03-04T00:00:00"),
        ("2026-03", "2026-03-01T00:00:00"),
        ("2026-03-04T17:05:09.123Z", "2026-03-04T17:05:09"),
        ("2026-03-04 01:00:00+02:00", "2026-03-03T23:00:00"),
        ("4.3.2026", "2026-03-04T00:00:00"),
        ("04.03.26 17:05", "2026-03-04T17:05:00"),
        ("4 March 2026", "2026-03-04T00:00:00"),
        ("04-Mar-2026", "2026-03-04T00:00:00"),
        ("Sept 4, 2026 5:30 PM", "2026-09-04T17:30:00"),
        ("12/12/2026 12:00 am", "2026-12-12T00:00:00"),
        ("1772640000", "2026-03-04T16:00:00"),
        ("1772640000000", "2026-03-04T16:00:00"),
    ],
)
def test_known_forms(text, moment):
    assert read(text) == moment
    assert date_column([text]).order == "clear"


@pytest.mark.parametrize(
    "text",
    ["", "soon", "2026-13-01", "31.02.2026", "2026-3-4-5", "4.13.2026", "13/13/2026", "2026-02-30", "12", "1042",
     "4 Foo 2026", "2026-03-04 25:00", "2026-03-04 13:00 PM", "0000000001", "2026/03-04"],
)  # fmt: skip
def test_anything_else_is_no_date(text):
    assert read(text) == "NaT"


def test_day_and_month_are_asked_for():
    column = date_column(["3/4/2026", "x", "05/06/2026"])
    assert column.order == "open"
    assert column.example == ("3/4/2026", 0)
    assert str(column.moments(day_first=True)[0]) == "2026-04-03T00:00:00"
    assert str(column.moments(day_first=False)[0]) == "2026-03-04T00:00:00"


def test_one_clear_row_settles_the_column():
    assert date_column(["3/4/2026", "13/4/2026"]).order == "day"
    month = date_column(["3/4/2026", "4/13/2026"])
    assert month.order == "month"
    assert str(month.moments()[0]) == "2026-03-04T00:00:00"


def test_rows_that_contradict_each_other_are_named():
    column = date_column(["1/1/2026", "13/4/2026", "4/13/2026"])
    assert column.order == "mixed"
    assert column.contradiction() == (1, 2)
    assert np.isnat(column.moments(day_first=True)).tolist() == [False, False, True]


@given(st.lists(st.dates(datetime.date(2000, 1, 1), datetime.date(2099, 12, 31)), min_size=1), st.booleans())
def test_every_written_date_is_read_back_or_asked_for(dates, day_first):
    form = "%d/%m/%Y" if day_first else "%m/%d/%Y"
    column = date_column([date.strftime(form) for date in dates])
    order = column.order
    assert order in ("clear", "open", "day" if day_first else "month")
    read_back = column.moments(day_first=day_first if order == "open" else None)
    assert read_back.astype("datetime64[D]").tolist() == dates
