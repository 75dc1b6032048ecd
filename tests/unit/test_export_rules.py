"""How much may be taken away, by settings; and what two scopes have in common."""

from datetime import timedelta

import pytest

from relief.accounts.permissions import PERMISSIONS, Permission
from relief.core.config import Config, ConfigError
from relief.core.scope import Scope, meet, multirange, subtree
from tests.unit.test_core import GOOD

CITY, EAST, WEST, STREET = (
    subtree(code) for code in (210300000000, 210302000000, 210303000000, 210302002000)
)


def rules(**settings):
    return Config.from_env(GOOD | {f"RELIEF_{name}": value for name, value in settings.items()})


def test_who_may_take_lists_away_has_a_number_by_default():
    may = {role for role, can in PERMISSIONS.items() if Permission.EXPORT_HOUSEHOLDS in can}

    exports = rules().exports

    assert may == set(exports.rows)
    assert (exports.days, exports.keep) == (7, timedelta(days=7))


def test_the_largest_number_of_ones_roles_counts():
    exports = rules(EXPORT_ROWS="clerk:0, reviewer:50", EXPORT_DAYS="3").exports

    assert exports.most(["clerk"]) == 0
    assert exports.most(["clerk", "reviewer"]) == 50
    assert exports.most(["clerk", "steward"]) == 200_000
    assert exports.most(["system_admin"]) == exports.most([]) == 0
    assert exports.keep == timedelta(days=3)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EXPORT_ROWS", "emperor:9"),
        ("EXPORT_ROWS", "clerk"),
        ("EXPORT_ROWS", "clerk:-1"),
        ("EXPORT_ROWS", "clerk:many"),
        ("EXPORT_DAYS", "0"),
        ("EXPORT_DAYS", "91"),
    ],
)
def test_a_wrong_setting_is_told(name, value):
    with pytest.raises(ConfigError, match=f"RELIEF_{name}"):
        rules(**{name: value})


@pytest.mark.parametrize(
    ("one", "other", "common"),
    [
        (Scope((CITY,), None), Scope((EAST,), None), Scope((EAST,), None)),
        (Scope((EAST, WEST), None), Scope((CITY,), None), Scope((EAST, WEST), None)),
        (Scope((EAST,), None), Scope((WEST, STREET), None), Scope((STREET,), None)),
        (Scope((EAST,), None), Scope((WEST,), None), Scope((), None)),
        (Scope((EAST,), "D04"), Scope((EAST,), None), Scope((EAST,), "D04")),
        (Scope((EAST,), "D04"), Scope((EAST,), "D04"), Scope((EAST,), "D04")),
        (Scope((EAST,), "D04"), Scope((EAST,), "D05"), Scope((), "D04")),
        (Scope((), None), Scope((CITY,), None), Scope((), None)),
    ],
)
def test_two_scopes_meet_where_both_reach(one, other, common):
    assert meet(one, other) == common
    assert meet(other, one).ranges == common.ranges


def test_ranges_are_written_as_the_database_reads_them():
    assert multirange(()) == "{}"
    assert multirange((EAST, WEST)) == ("{[210302000000,210303000000),[210303000000,210304000000)}")
