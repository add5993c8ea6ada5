"""Times as people write them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tachi.api import times
from tachi.api.times import parse_time

NOW = datetime(2026, 3, 1, 1, 30, 15, 250, tzinfo=UTC)


@pytest.fixture(autouse=True)
def now(monkeypatch):
    monkeypatch.setattr(times.timezone, "now", lambda: NOW)


def utc(*numbers):
    return datetime(*numbers, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("now", NOW),
        (" Now ", NOW),
        ("today", utc(2026, 3, 1)),
        ("yesterday", utc(2026, 2, 28)),
        ("YESTERDAY", utc(2026, 2, 28)),
        ("2 hours ago", NOW - timedelta(hours=2)),
        ("1 hour ago", NOW - timedelta(hours=1)),
        ("1 hours  ago", NOW - timedelta(hours=1)),
        ("30 minutes ago", NOW - timedelta(minutes=30)),
        ("90 seconds ago", NOW - timedelta(seconds=90)),
        ("3 days ago", NOW - timedelta(days=3)),
        ("2 weeks ago", NOW - timedelta(days=14)),
        ("0 days ago", NOW),
        ("2026-11-20", utc(2026, 11, 20)),
        ("2026-11-20 14:05", utc(2026, 11, 20, 14, 5)),
        ("2026-11-20T14:05:06Z", utc(2026, 11, 20, 14, 5, 6)),
        ("2026-11-20 14:05+09:00", utc(2026, 11, 20, 5, 5)),
        ("2026-11-20 14:05 +09:00", utc(2026, 11, 20, 5, 5)),
        ("2026-11-20 00:05-03:30", utc(2026, 11, 20, 3, 35)),
    ],
)
def test_a_time_is_understood(text, moment):
    assert parse_time(text) == moment
    assert parse_time(text).tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "tomorrow",
        "ago",
        "hours ago",
        "-2 hours ago",
        "2.5 hours ago",
        "+2 hours ago",
        "٢ hours ago",
        "two hours ago",
        "2 months ago",
        "1 year ago",
        "2 hours",
        "2 hours ago yesterday",
        "in 2 hours",
        "9999999 weeks ago",
        "999999 weeks ago",
        "14:05",
        "2026-02-30",
        "20.11.2026",
        "1767225600000",
        "2026-11-20 25:00",
        "now\0",
    ],
)
def test_what_is_none_is_refused_with_a_sentence(text):
    with pytest.raises(ValueError, match="is no time: write it like") as refused:
        parse_time(text)
    assert str(refused.value).startswith(f"“{text}” is no time")
    assert "yesterday, 2 hours ago" in str(refused.value)


UNITS = st.sampled_from(["second", "minute", "hour", "day", "week"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 9999), UNITS)
def test_ago_is_exact(number, unit):
    text = f"{number} {unit}{'' if number == 1 else 's'} ago"
    assert parse_time(text) == NOW - timedelta(**{f"{unit}s": number})
