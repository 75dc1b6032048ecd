"""Which window a moment lies in."""

from datetime import UTC, datetime, timedelta

import pytest

from relief.core.clock import CHINA
from relief.jobs.process import FRESH_SECONDS, Pulse
from relief.jobs.scheduler import ClockWatch
from relief.jobs.schedules import Daily, Every
from tests.support.settings import FakeClock


def china(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=CHINA)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (china(2026, 11, 22, 6, 59, 59), china(2026, 11, 21, 7)),
        (china(2026, 11, 22, 7), china(2026, 11, 22, 7)),
        (china(2026, 11, 22, 23, 59), china(2026, 11, 22, 7)),
        (china(2027, 1, 1, 0), china(2026, 12, 31, 7)),
    ],
)
def test_a_daily_window_begins_when_the_hour_struck_last(moment, expected):
    assert Daily(hour=7).window(moment) == expected


@pytest.mark.parametrize(("second", "expected"), [(0, 0), (59, 0), (60, 60), (119, 60)], ids=str)
def test_a_window_begins_at_a_multiple_of_the_period(second, expected):
    start = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)

    window = Every(timedelta(minutes=1)).window(start + timedelta(seconds=second))

    assert window == start + timedelta(seconds=expected)


def test_a_window_does_not_depend_on_the_zone_the_moment_is_told_in():
    moment = datetime(2026, 11, 22, 4, 30, tzinfo=UTC)

    assert Every(timedelta(hours=1)).window(moment) == Every(timedelta(hours=1)).window(
        moment.astimezone(CHINA)
    )
    assert Daily(7).window(moment) == Daily(7).window(moment.astimezone(CHINA))


@pytest.mark.parametrize("hours", [-3, 3])
def test_a_jump_of_the_clock_is_noticed_once(hours):
    clock, ticks = FakeClock(), iter([0.0, 1.0, 2.0])
    watch = ClockWatch(clock, monotonic=lambda: next(ticks))
    watch.jumped()
    clock.advance(hours=hours)

    assert watch.jumped()
    clock.advance(seconds=1)
    assert not watch.jumped()


def test_a_pulse_is_fresh_until_the_loop_stands_still():
    moments = iter([0.0, 10.0, 10.0 + FRESH_SECONDS - 0.1, 10.0 + FRESH_SECONDS])
    pulse = Pulse(monotonic=lambda: next(moments))
    pulse.beat(role="leader")

    assert pulse.alive()
    assert not pulse.alive()


def test_a_pulse_tells_its_newest_facts():
    pulse = Pulse(monotonic=lambda: 5.0)
    pulse.beat(role="standby")
    pulse.beat(role="leader")

    assert pulse.facts() == {"alive": True, "last_tick_seconds": 0.0, "role": "leader"}
