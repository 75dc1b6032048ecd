"""The foundation: identity numbers, settings, scopes, masks, ids, the clock."""

import base64
import hashlib
import uuid
from datetime import UTC, date, datetime

import pytest

from relief.core.citizen_id import check_character, parse, widen
from relief.core.clock import local_date, system_clock
from relief.core.config import SMS_SENDERS, Config, ConfigError, normalise_url
from relief.core.ids import new_id
from relief.core.privacy.masking import (
    mask_account,
    mask_citizen_id,
    mask_health,
    mask_numbers,
    mask_phone,
)
from relief.core.progress import silent
from relief.core.scope import RegionRange, Scope, county_of, subtree
from relief.integrations.sms.picking import SENDERS

TODAY = date(2026, 11, 22)


def number(first17: str) -> str:
    """Put together at run time: no whole number stands in a file."""
    return first17 + check_character(first17)


@pytest.mark.parametrize(
    "change",
    [
        str,
        str.lower,
        lambda text: f" {text[:6]} {text[6:]} ",
        lambda text: text.translate(str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")),
    ],
    ids=["plain", "lower", "spaced", "full-width"],
)
def test_a_number_is_read_however_it_was_typed(change):
    whole = number("21030219900101001")

    found = parse(change(whole), today=TODAY)

    assert found is not None
    assert (found.number, found.born_on, found.is_male) == (whole, date(1990, 1, 1), True)


def test_an_old_number_is_widened():
    found = parse("210302" + "490101002", today=TODAY)

    assert found is not None
    assert (found.number, found.is_male) == (widen("210302" + "490101002"), False)
    assert found.born_on == date(1949, 1, 1)


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "21030219900101001",
        number("21030219900101001")[:17] + "?",
        number("21030219901301001"),
        number("21030218490101001"),
        number("21030220270101001"),
        "2103021990010100A" + "1",
    ],
    ids=["empty", "short", "check", "month", "too-old", "unborn", "letter"],
)
def test_a_number_that_cannot_be_is_none(wrong):
    assert parse(wrong, today=TODAY) is None


FEW = base64.b64encode(b"few").decode()
TYPED = base64.b64encode(b"0123456789" * 3 + b"01").decode()


def key(seed: bytes) -> str:
    return base64.b64encode(hashlib.sha256(seed).digest()).decode()


SECRET = "a long secret, of many letters: 8x"
GOOD = {
    "RELIEF_WEB_DATABASE_URL": "postgres://u@h/d",
    "RELIEF_SECRET_KEY": SECRET,
    "RELIEF_DATA_KEYS": f"1:{key(b'a')},2:{key(b'b')}",
    "RELIEF_INDEX_KEYS": f"1:{key(b'i')}",
    "RELIEF_STORAGE_DIR": "/srv/files",
    "RELIEF_SEAL_KEY": key(b"s"),
    "RELIEF_ANCHOR_DIR": "/srv/anchors",
}


def test_good_settings_are_taken():
    config = Config.from_env(GOOD)

    assert config.database_url == "postgresql+psycopg://u@h/d"
    assert not config.sample
    assert Config.from_env({**GOOD, "RELIEF_SAMPLE_DATA": "1"}).sample
    assert SECRET not in repr(config)
    assert config.outbound_hosts == ()
    assert config.sms_sender == "fake"
    assert set(SENDERS) == set(SMS_SENDERS)
    hosts = {**GOOD, "RELIEF_OUTBOUND_HOSTS": "api.example.cn,127.0.0.1:9000"}
    assert Config.from_env(hosts).outbound_hosts == ("api.example.cn", "127.0.0.1:9000")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"RELIEF_SECRET_KEY": "short"}, "RELIEF_SECRET_KEY is too short"),
        ({"RELIEF_DATA_KEYS": "x:abc"}, "RELIEF_DATA_KEYS has a key without a number"),
        ({"RELIEF_DATA_KEYS": "70000:abc"}, "RELIEF_DATA_KEYS has a key without a number"),
        ({"RELIEF_DATA_KEYS": "1:not base64"}, "RELIEF_DATA_KEYS is not"),
        ({"RELIEF_SECRET_KEY": "change me" * 4}, "RELIEF_SECRET_KEY is not random"),
        ({"RELIEF_INDEX_KEYS": f"1:{FEW}"}, "RELIEF_INDEX_KEYS is not"),
        ({"RELIEF_INDEX_KEYS": f"1:{key(b'a')}"}, "RELIEF_INDEX_KEYS: must differ"),
        ({"RELIEF_INDEX_KEYS": f"1:{key(b'i')},2:{key(b'i')}"}, "RELIEF_INDEX_KEYS: the same key"),
        ({"RELIEF_INDEX_KEYS": f"1:{key(b'i')},1:{key(b'j')}"}, "RELIEF_INDEX_KEYS has two keys"),
        ({"RELIEF_INDEX_KEYS": f"1:{TYPED}"}, "RELIEF_INDEX_KEYS holds a key that is not random"),
        ({"RELIEF_INDEX_KEYS": ""}, "RELIEF_INDEX_KEYS is missing"),
        ({"RELIEF_INDEX_KEY": key(b"j")}, "RELIEF_INDEX_KEY: take it away"),
        ({"RELIEF_DATA_KEYS": f"1:{key(b'a')},2:{key(b'a')}"}, "RELIEF_DATA_KEYS: the same key"),
        ({"RELIEF_STORAGE_DIR": ""}, "RELIEF_STORAGE_DIR is missing"),
        ({"RELIEF_SEAL_KEY": ""}, "RELIEF_SEAL_KEY is missing"),
        ({"RELIEF_SEAL_KEY": key(b"i")}, "RELIEF_SEAL_KEY: must differ"),
        ({"RELIEF_ANCHOR_DIR": ""}, "RELIEF_ANCHOR_DIR is missing"),
        ({"RELIEF_SMS_SENDER": "pigeon"}, "RELIEF_SMS_SENDER is none of: fake"),
    ],
    ids=lambda given: None if isinstance(given, dict) else given,
)
def test_a_wrong_setting_is_one_line(changes, told):
    with pytest.raises(ConfigError) as raised:
        Config.from_env({**GOOD, **changes})

    assert len(str(raised.value).splitlines()) == 1
    assert str(raised.value).startswith(told)


def test_the_one_index_key_of_before_is_key_1():
    env = {name: value for name, value in GOOD.items() if name != "RELIEF_INDEX_KEYS"}

    cipher = Config.from_env({**env, "RELIEF_INDEX_KEY": key(b"i")}).cipher

    assert cipher.current_index_key == 1
    assert cipher.index_keys == Config.from_env(GOOD).cipher.index_keys


def test_of_several_keys_the_last_is_for_new_values():
    several = f"7:{key(b'n')},2:{key(b'i')}"

    cipher = Config.from_env({**GOOD, "RELIEF_INDEX_KEYS": several}).cipher

    assert (cipher.current_key, cipher.current_index_key) == (2, 2)
    assert cipher.index_keys.keys() == {7, 2}


def test_a_url_that_names_its_driver_stays():
    assert normalise_url("postgresql+psycopg://h/d") == "postgresql+psycopg://h/d"


@pytest.mark.parametrize(
    ("code", "high"),
    [
        (210300000000, 210400000000),
        (210302000000, 210303000000),
        (210302002000, 210302003000),
        (210302002001, 210302002002),
    ],
    ids=["city", "county", "township", "village"],
)
def test_a_region_covers_what_lies_below_it(code, high):
    part = subtree(code)

    assert part == RegionRange(code, high)
    assert code in part
    assert high not in part
    assert "text" not in part


def test_a_scope_covers_its_ranges():
    scope = Scope((subtree(210302000000), subtree(210303002000)), None)

    assert scope.covers(210302002001)
    assert scope.covers(210303002009)
    assert not scope.covers(210303003000)
    assert county_of(210302002001) == 210302


def test_masks_keep_what_tells_people_apart_and_no_more():
    assert mask_citizen_id("2103" + "0" * 12 + "15") == "2103" + "*" * 14
    assert mask_phone("13800005678") == "138****5678"
    assert mask_account("6222000011112222333") == "*" * 15 + "2333"
    assert mask_phone("12345") == "*****"
    assert "保密" in mask_health("三级")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("名单 21030219800304001X.csv", "名单 210***************.csv"),
        ("13900000001、6217000000001234", "139********、621*************"),
        ("+8613900000001", "+861**********"),
        ("20261123093000 第 12345678901 号", "20261123093000 第 12345678901 号"),
    ],
)
def test_numbers_of_people_are_hidden_in_any_text(text, shown):
    assert mask_numbers(text) == shown


def test_ids_sort_by_the_time_they_were_made():
    earlier = new_id(datetime(2026, 1, 1, tzinfo=UTC))
    later = new_id(datetime(2026, 1, 2, tzinfo=UTC))

    assert earlier < later
    assert isinstance(earlier, uuid.UUID)
    assert earlier.version == 7


def test_the_day_is_the_one_in_china():
    assert local_date(datetime(2026, 11, 21, 16, 0, tzinfo=UTC)) == date(2026, 11, 22)
    assert system_clock().tzinfo is UTC


def test_nobody_is_told():
    assert silent(1, 2, "x") is None
