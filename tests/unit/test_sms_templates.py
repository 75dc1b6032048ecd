"""Templates of text messages: what a wrong one is refused for; and the quiet hours."""

import copy
import uuid
from datetime import datetime, timedelta

import pytest

import seeds
from relief.core import documents
from relief.core.clock import CHINA
from relief.integrations.sms import Reply, Text, Verdict
from relief.integrations.sms.fake import FakeSender
from relief.notifications import templates
from relief.notifications.models import OutboxMessage
from relief.notifications.texting.rules import Rules
from relief.review.models import Case

GOOD = documents.read(seeds.path(templates.SEED))
CASE = "SL2103022026-000001"


def wrong(change):
    document = copy.deepcopy(GOOD)
    change(document)
    with pytest.raises(templates.UnsoundTemplates) as raised:
        templates.book(document)
    return str(raised.value)


def first(**values):
    return lambda document: document["templates"][0].update(values)


def limit(name, value):
    def change(document):
        [entry] = [one for one in document["limits"] if one["name"] == name]
        entry["value"] = value

    return change


def place(**values):
    return lambda document: document["templates"][0]["fields"][0].update(values)


WRONG = [
    (first(code="Payee"), "模板编码只能用小写字母"),
    (first(zh=""), "标题须有 1 至 80 个字"),
    (first(zh="长" * 81), "标题须有 1 至 80 个字"),
    (first(text="没有变量"), "与声明的变量不一致"),
    (first(text="{case}和{case}"), "一个变量出现多次"),
    (first(text="{case}给{name}"), "与声明的变量不一致"),
    (first(text="{case:>9}"), "变量只能写成 {名称}"),
    (first(text="{case!r}"), "变量只能写成 {名称}"),
    (first(text="{case"), "花括号不成对"),
    (first(code="payee-in-force"), "payee-in-force: 模板编码重复"),
    (first(source=""), "缺少来源或可信度"),
    (first(conf="X"), "缺少来源或可信度"),
    (lambda document: document["templates"][0].pop("text"), "缺少 text"),
    (lambda document: document["templates"][0]["fields"][0].pop("max"), "变量须有 name"),
    (lambda document: document["limits"].pop(), "必须且只能有"),
    (lambda document: document["signature"].update(zh=""), "缺少签名"),
    (lambda document: document["limits"][0].pop("source"), "text_max: 缺少来源"),
    (place(max=0), "字数须为 1 至 30"),
    (place(max=31), "字数须为 1 至 30"),
    (limit("field_max", 23), "字数须为 1 至 23"),
    (limit("fields_max", 0), "变量超过 0 个"),
]


@pytest.mark.parametrize(("change", "told"), WRONG, ids=[str(place) for place in range(len(WRONG))])
def test_a_template_that_no_provider_would_take_is_refused_when_it_is_loaded(change, told):
    assert told in wrong(change)


def test_the_longest_message_fits_with_its_signature_and_not_one_more():
    longest = max(one.longest for one in templates.load_all().templates.values())
    signed = longest + len(f"【{templates.load_all().signature}】")
    fitting = copy.deepcopy(GOOD)
    limit("text_max", signed)(fitting)

    assert templates.book(fitting).templates
    assert f"最长 {signed} 个字，超过 {signed - 1} 个字" in wrong(limit("text_max", signed - 1))


def test_what_the_seeds_allow_can_be_kept():
    longest = next(one["value"] for one in GOOD["limits"] if one["name"] == "text_max")
    numbers = Case.__table__.c.number.type.length
    assert longest <= OutboxMessage.__table__.c.body.type.length
    for template in templates.load_all().templates.values():
        assert [(one.name, one.most) for one in template.places] == [("case", numbers)]


def test_values_stand_in_their_places_or_are_refused():
    template = templates.load_all().templates["payee-in-force"]

    assert template.words({"case": CASE}).startswith(f"您家的救助申请（{CASE}）新的收款账户")
    assert template.in_order({"case": CASE}) == (CASE,)
    for values in (
        {},
        {"case": ""},
        {"case": "长" * 25},
        {"case": "1\n2"},
        {"case": "1", "x": "2"},
    ):
        with pytest.raises(templates.UnfitValues):
            template.words(values)


def at(hour, minute=0, day=23):
    return datetime(2026, 11, day, hour, minute, tzinfo=CHINA)


def rules(since, until):
    return Rules(
        quiet_from=since,
        quiet_until=until,
        phone_day_max=1,
        waiting_max=timedelta(hours=1),
        attempts_max=1,
    )


@pytest.mark.parametrize(
    ("since", "until", "now", "end"),
    [
        (21, 8, at(20, 59), None),
        (21, 8, at(21), at(8, day=24)),
        (21, 8, at(0), at(8)),
        (21, 8, at(7, 59), at(8)),
        (21, 8, at(8), None),
        (12, 14, at(11, 59), None),
        (12, 14, at(12), at(14)),
        (12, 14, at(14), None),
        (8, 8, at(8), None),
        (0, 24, at(5), at(0, day=24)),
    ],
)
def test_the_quiet_hours_begin_and_end_on_the_minute(since, until, now, end):
    assert rules(since, until).quiet_end(now) == end


def test_the_next_day_begins_after_its_quiet_hours():
    assert rules(21, 8).next_day(at(12)) == at(8, day=24)
    assert rules(21, 23).next_day(at(12)) == at(0, day=24)


def test_of_what_a_provider_says_only_a_code_is_kept():
    assert Reply(verdict=Verdict.REFUSED, code="LimitExceeded.Phone").code == "LimitExceeded.Phone"
    assert Reply(verdict=Verdict.REFUSED, code="number 13800000001 is barred").code is None
    assert Reply(verdict=Verdict.ACCEPTED, provider_id="1" * 99).provider_id == "1" * 80


def test_the_fake_takes_everything_and_a_message_does_not_show_its_number():
    text = Text(id=uuid.UUID(int=1), phone="13800000001", template="t", values=(), words="w")

    assert FakeSender().send(text).provider_id == f"fake-{uuid.UUID(int=1)}"
    assert "13800000001" not in repr(text)
