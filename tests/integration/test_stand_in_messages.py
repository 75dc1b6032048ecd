"""Subscription messages at the stand-in for WeChat: fields, quota, refusals."""

import threading

import pytest

from tests.support.stand_in import DATA, TEMPLATE
from tests.support.waiting import wait_until

SEND = "/cgi-bin/message/subscribe/send"


def test_a_message_is_sent_once_for_each_time_it_was_allowed(wechat):
    openid = wechat.person()
    wechat.allow(openid, add=2)

    answers = [wechat.send(openid) for _ in range(3)]

    assert [answer["errcode"] for answer in answers] == [0, 0, 43101]
    assert answers[0]["errmsg"] == "ok"
    assert answers[0]["msgid"] > 2**53
    assert answers[2]["errmsg"].startswith("user refuse to accept the msg rid: ")
    sent = wechat.ctl("GET", "sent")["items"]
    assert [one["msgid"] for one in sent] == [answer["msgid"] for answer in answers[:2]]
    assert sent[0] | {"msgid": 0} == {
        "msgid": 0,
        "touser": openid,
        "template_id": TEMPLATE,
        "page": "",
        "data": {name: holder["value"] for name, holder in DATA.items()},
        "miniprogram_state": "formal",
        "lang": "zh_CN",
        "at": "2026-11-23T01:00:00+00:00",
    }


def test_what_is_allowed_is_of_one_person_and_one_template(wechat):
    one, other = wechat.person(), wechat.person()
    wechat.allow(one)
    wechat.ctl("PUT", "templates/another", {"fields": ["thing1"]})

    assert wechat.send(other)["errcode"] == 43101
    assert wechat.send(one, template_id="another")["errcode"] == 43101
    assert wechat.send(one)["errcode"] == 0


def test_a_long_term_template_is_allowed_once_for_all(wechat):
    openid = wechat.person()
    wechat.allow(openid, long_term=True)

    assert [wechat.send(openid)["errcode"] for _ in range(3)] == [0, 0, 0]
    wechat.ctl("POST", "subscriptions", {"openid": openid, "template_id": TEMPLATE, "left": 0})
    assert wechat.send(openid)["errcode"] == 43101


def test_a_ban_stops_a_person_and_template(wechat):
    openid = wechat.person()
    wechat.allow(openid)
    ban = {"openid": openid, "template_id": TEMPLATE, "banned": True}

    assert wechat.ctl("POST", "subscriptions", ban) == {"left": 1, "banned": True}
    assert wechat.send(openid)["errcode"] == 43107


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"touser": "oNobody"}, 40003),
        ({"touser": None}, 40003),
        ({"template_id": "none"}, 40037),
        ({"template_id": ["x"]}, 40037),
        ({"page": "/pages/index"}, 41030),
        ({"page": 7}, 41030),
        ({"miniprogram_state": "release"}, 47003),
        ({"lang": "zh"}, 47003),
        ({"data": None}, 47003),
    ],
)
def test_a_bad_message_costs_nothing(wechat, given, code):
    openid = wechat.person()
    wechat.allow(openid)

    assert wechat.send(openid, **given)["errcode"] == code
    assert wechat.send(openid, page="pages/index?id=1")["errcode"] == 0


def test_a_message_leads_to_a_page_that_there_is(wechat):
    openid = wechat.person()
    wechat.allow(openid, add=2)
    wechat.ctl("PUT", "pages", {"items": ["pages/index"]})

    assert wechat.send(openid, page="pages/other")["errcode"] == 41030
    assert wechat.send(openid, page="pages/index?id=1")["errcode"] == 0
    wechat.ctl("PUT", "pages", {"items": None})
    assert wechat.send(openid, page="pages/other")["errcode"] == 0


def test_an_openid_of_another_app_gets_nothing(wechat):
    openid = wechat.person(home="wx0000000000000000")

    assert wechat.send(openid)["errcode"] == 40003


def test_a_field_that_does_not_fit_is_named(wechat):
    openid = wechat.person()
    wechat.allow(openid)
    long = DATA | {"thing1": {"value": "一" * 21}}

    def words(data):
        answer = wechat.send(openid, data=data)
        assert answer["errcode"] == 47003
        return answer["errmsg"].partition(" rid: ")[0]

    assert words(long) == "argument invalid! data.thing1.value invalid"
    assert words(DATA | {"phrase2": {"value": 5}}) == "argument invalid! data.phrase2.value invalid"
    assert words(DATA | {"date3": "今天"}) == "argument invalid! data.date3.value is empty"
    assert words(DATA | {"date3": {"value": ""}}) == "argument invalid! data.date3.value is empty"
    assert words('{"thing1":{"value":"x"}}') == "argument invalid! data.thing1.value is empty"


def test_a_word_that_may_not_be_said_stops_a_message(wechat):
    openid = wechat.person()
    wechat.allow(openid)
    wechat.ctl("POST", "words", {"word": "临时", "suggest": "risky"})

    assert wechat.send(openid)["errcode"] == 45168
    wechat.ctl("DELETE", "words")
    assert wechat.send(openid)["errcode"] == 0


def test_two_messages_at_once_to_one_person_do_not_both_arrive(wechat):
    one, other = wechat.person(), wechat.person()
    wechat.allow(one, add=2)
    wechat.allow(other)
    token = wechat.token()
    wechat.arm(path=SEND, delay_seconds=4)
    codes = {}

    def send(name, openid):
        body = {"touser": openid, "template_id": TEMPLATE, "data": DATA}
        codes[name] = wechat.ask("POST", SEND, {"access_token": token}, body).json()["errcode"]

    slow = threading.Thread(target=send, args=("slow", one))
    slow.start()
    wait_until(lambda: wechat.ctl("GET", f"calls?path={SEND}")["items"])
    send("quick", one)
    send("other", other)
    slow.join()

    assert codes == {"slow": 0, "quick": 43108, "other": 0}
    assert wechat.send(one)["errcode"] == 0


def test_the_days_messages_come_to_an_end(wechat):
    openid = wechat.person()
    wechat.allow(openid, add=5)
    wechat.ctl("POST", "limits", {"path": SEND, "day": 1})

    assert [wechat.send(openid)["errcode"] for _ in range(2)] == [0, 45009]
    wechat.later(24 * 3600)
    assert wechat.send(openid)["errcode"] == 0
