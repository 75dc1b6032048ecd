"""The checks of texts, pictures and sounds at the stand-in for WeChat."""

import io

import pytest
from PIL import Image

from tests.support.stand_in import ear

TEXT, MEDIA = "/wxa/msg_sec_check", "/wxa/media_check_async"


@pytest.fixture
def openid(wechat):
    """Someone who opened the mini program just now."""
    found = wechat.person()
    wechat.login_code(found)
    return found


def text(wechat, openid, content="您好", /, **more):
    body = {"openid": openid, "scene": 2, "version": 2, "content": content} | more
    return wechat.post(TEXT, body)


def picture():
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "PNG")
    return out.getvalue()


def test_a_text_without_bad_words_passes(wechat, openid):
    answer = text(wechat, openid)

    assert answer.pop("trace_id").count("-") == 2
    assert answer == {
        "errcode": 0,
        "errmsg": "ok",
        "result": {"suggest": "pass", "label": 100},
        "detail": [
            {"strategy": "content_model", "errcode": 0, "suggest": "pass", "label": 100, "prob": 90}
        ],
    }


def test_the_worst_word_decides_wherever_it_stands(wechat, openid):
    wechat.ctl("POST", "words", {"word": "可疑", "suggest": "review", "label": 20008})
    wechat.ctl("POST", "words", {"word": "很坏", "suggest": "risky", "label": 20003})

    assert text(wechat, openid, "有点可疑")["result"] == {"suggest": "review", "label": 20008}
    answer = text(wechat, openid, "有点可疑", nickname="很坏的人")
    assert answer["result"] == {"suggest": "risky", "label": 20003}
    assert answer["detail"][1]["keyword"] == "很坏"
    assert text(wechat, openid, "很好")["result"]["suggest"] == "pass"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"openid": "oNobody"}, 40003),
        ({"openid": ["x"]}, 40003),
        ({"scene": 5}, 40129),
        ({"scene": None}, 40129),
        ({"version": None}, 47001),
        ({"version": 1}, 47001),
        ({"content": ""}, 47001),
        ({"content": 5}, 47001),
        ({"title": 5}, 47001),
        ({"content": "一" * 2501}, 47001),
    ],
)
def test_a_check_that_does_not_fit_is_refused(wechat, openid, given, code):
    assert text(wechat, openid, **given)["errcode"] == code


def test_the_longest_text_fits(wechat, openid):
    assert text(wechat, openid, "一" * 2500)["errcode"] == 0


def test_only_someone_who_came_within_two_hours_is_checked(wechat, openid):
    wechat.later(7200)
    assert text(wechat, openid)["errcode"] == 0
    wechat.later(1)
    assert text(wechat, openid)["errcode"] == 61010
    assert text(wechat, wechat.person())["errcode"] == 61010
    wechat.ctl("POST", f"people/{openid}/seen")
    assert text(wechat, openid)["errcode"] == 0
    wechat.ctl("POST", f"people/{openid}/seen", {"seconds_ago": 7201})
    body = {"media_url": "http://127.0.0.1/x", "media_type": 2, "version": 2, "scene": 2}
    assert wechat.post(MEDIA, body | {"openid": openid})["errcode"] == 61010


def test_someone_of_another_app_is_not_checked(wechat):
    assert text(wechat, wechat.person(home="wx0000000000000000"))["errcode"] == 43104


def test_too_many_checks_a_minute_have_a_code_of_their_own(wechat, openid):
    wechat.ctl("POST", "limits", {"path": TEXT, "minute": 1})

    assert [text(wechat, openid)["errcode"] for _ in range(2)] == [0, 44991]
    wechat.later(60)
    assert text(wechat, openid)["errcode"] == 0


def media(wechat, openid, url, /, **more):
    body = {"media_url": url, "media_type": 2, "version": 2, "scene": 2, "openid": openid}
    return wechat.post(MEDIA, body | more)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"media_type": 3}, 40004),
        ({"media_type": [1]}, 40004),
        ({"scene": 0}, 40129),
        ({"version": 1}, 47001),
        ({"media_url": "ftp://127.0.0.1/x"}, 87020),
        ({"media_url": None}, 87020),
        ({"openid": "oNobody"}, 40003),
    ],
)
def test_a_check_of_media_that_does_not_fit_is_refused(wechat, openid, given, code):
    assert media(wechat, openid, "http://127.0.0.1/x", **given)["errcode"] == code
    assert wechat.ctl("GET", "events")["items"] == []


def test_what_media_are_like_is_told_later(wechat, openid):
    with ear() as server:
        server.files["/photo"] = picture()
        wechat.ctl("PUT", "callback", {"url": server.base, "mode": "plain", "token": "AAAAA"})
        wechat.ctl("POST", "verdicts", {"suggest": "risky", "label": 20002})
        bad = media(wechat, openid, f"{server.base}/photo")
        good = media(wechat, openid, f"{server.base}/photo?second")
        assert not any("photo" in path for path in server.asked)

        wechat.ctl("POST", "events/deliver-all")

    first, second = [message for _query, message in server.heard]
    assert [path for path in server.asked if "photo" in path] == ["/photo", "/photo?second"]
    assert first == {
        "ToUserName": wechat.ctl("GET", "app")["original_id"],
        "FromUserName": openid,
        "CreateTime": 1795395600,
        "MsgType": "event",
        "Event": "wxa_media_check",
        "appid": wechat.appid,
        "trace_id": bad["trace_id"],
        "version": 2,
        "errcode": 0,
        "errmsg": "ok",
        "result": {"suggest": "risky", "label": 20002},
        "detail": [
            {"strategy": "content_model", "errcode": 0, "suggest": "risky", "label": 20002,
             "prob": 90}
        ],
    }  # fmt: skip
    assert second["trace_id"] == good["trace_id"]
    assert second["result"] == {"suggest": "pass", "label": 100}


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/none", 2), ("/photo", 1), ("/sound", 2), ("/large", 2)],
)
def test_what_cannot_be_fetched_or_is_no_picture_or_sound_has_failed(wechat, openid, path, kind):
    with ear() as server:
        server.files |= {
            "/photo": picture(),
            "/sound": b"ID3" + bytes(20),
            "/large": picture() + bytes(10 << 20),
        }
        wechat.ctl("PUT", "callback", {"url": server.base, "mode": "plain", "token": "AAAAA"})
        media(wechat, openid, server.base + path, media_type=kind)
        wechat.ctl("POST", "events/deliver")

    (_query, message), *_more = server.heard
    assert message["errcode"] == -1008
    assert "result" not in message


def test_a_public_address_may_lead_to_this_machine(wechat, openid):
    with ear() as server:
        server.files["/files/photo"] = picture()
        wechat.ctl("PUT", "callback", {"url": server.base, "mode": "plain", "token": "AAAAA"})
        origin = {"public": "https://mini.example.cn/", "here": f"{server.base}/files/"}
        wechat.ctl("POST", "origins", origin)
        media(wechat, openid, "https://mini.example.cn/photo")
        media(wechat, openid, "https://mini.example.cn.evil.cn/photo")
        wechat.ctl("POST", "events/deliver-all")

    assert [message["errcode"] for _query, message in server.heard] == [0, -1008]


def test_a_sound_is_looked_at_too(wechat, openid):
    with ear() as server:
        server.files["/sound"] = b"ID3" + bytes(20)
        wechat.ctl("PUT", "callback", {"url": server.base, "mode": "plain", "token": "AAAAA"})
        media(wechat, openid, f"{server.base}/sound", media_type=1)
        wechat.ctl("POST", "events/deliver")

    assert server.heard[0][1]["result"] == {"suggest": "pass", "label": 100}


@pytest.mark.parametrize("url", ["https://127.0.0.1/x", "http://203.0.113.9/x", "http://a.cn/x",
                                 "http://127.0.0.1:99999/x", "http://[::1/x"])  # fmt: skip
def test_nothing_is_fetched_from_elsewhere(wechat, openid, url):
    with ear() as server:
        wechat.ctl("PUT", "callback", {"url": server.base, "mode": "plain", "token": "AAAAA"})
        assert media(wechat, openid, url)["errcode"] == 0
        wechat.ctl("POST", "events/deliver")

    assert server.heard[0][1]["errmsg"] == "download failed: no address of this machine"
