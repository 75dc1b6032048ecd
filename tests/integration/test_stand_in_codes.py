"""Mini program codes, links and the rest, at the stand-in for WeChat."""

import io

import pytest
from PIL import Image

CODE, LINK, RISK = "/wxa/getwxacodeunlimit", "/wxa/generate_urllink", "/wxa/getuserriskrank"
NOW = 1795395600
DAY = 24 * 3600


def code(wechat, scene="h=0123456789abcdef", **more):
    query = {"access_token": wechat.token()}
    return wechat.ask("POST", CODE, query, {"scene": scene, **more})


def opened(reply):
    with Image.open(io.BytesIO(reply.content)) as picture:
        picture.load()
        return picture.copy()


def test_a_code_is_a_jpeg_of_the_usual_width(wechat):
    reply = code(wechat)

    assert reply.headers["Content-Type"] == "image/jpeg"
    assert reply.content.startswith(b"\xff\xd8\xff")
    picture = opened(reply)
    assert picture.size == (430, 430)
    assert len(set(picture.convert("1").get_flattened_data())) == 2
    assert code(wechat).content == reply.content
    assert code(wechat, "h=other").content != reply.content


def test_a_code_has_the_width_and_colour_that_were_asked_for(wechat):
    reply = code(wechat, width=280, line_color={"r": "200", "g": 0, "b": "0"}, is_hyaline=True)

    assert reply.headers["Content-Type"] == "image/png"
    picture = opened(reply)
    assert (picture.size, picture.mode) == ((280, 280), "RGBA")
    assert set(picture.get_flattened_data()) == {(200, 0, 0, 255), (255, 255, 255, 0)}
    assert code(wechat, width=1280).status == 200


@pytest.mark.parametrize(
    ("given", "errcode"),
    [
        ({"scene": ""}, 40129),
        ({"scene": 5}, 40129),
        ({"scene": "家"}, 40129),
        ({"scene": "a%20"}, 40129),
        ({"scene": "a b"}, 40129),
        ({"scene": "a" * 33}, 40169),
        ({"page": "/pages/index"}, 41030),
        ({"page": "pages/index?a=1"}, 41030),
        ({"page": 5}, 41030),
        ({"env_version": "beta"}, 40097),
        ({"width": 279}, 40097),
        ({"width": 1281}, 40097),
        ({"width": "430"}, 40097),
        ({"width": True}, 40097),
        ({"is_hyaline": "yes"}, 40097),
        ({"line_color": {"r": 1}}, 40097),
        ({"line_color": {"r": 1, "g": 1, "b": 256}}, 40097),
        ({"line_color": "black"}, 40097),
    ],
)
def test_a_code_that_does_not_fit_is_refused_in_json(wechat, given, errcode):
    reply = code(wechat, **given)

    assert reply.json()["errcode"] == errcode
    assert reply.headers["Content-Type"].startswith("application/json")


def test_every_allowed_sign_fits_and_the_page_is_looked_up_if_wished(wechat):
    assert code(wechat, "0aZ!#$&'()*+,/:;=?@-._~").status == 200
    wechat.ctl("PUT", "pages", {"items": ["pages/index"]})

    assert code(wechat, page="pages/other").json()["errcode"] == 41030
    drawn = code(wechat, page="pages/other", check_path=False, env_version="trial")
    assert drawn.headers["Content-Type"] == "image/jpeg"
    code(wechat, page="pages/index")
    first, second, third = wechat.ctl("GET", "drawn")["items"]
    assert first["scene"] == "0aZ!#$&'()*+,/:;=?@-._~"
    assert (second["page"], second["env_version"]) == ("pages/other", "trial")
    assert third["text"] == "wechat-stand-in:pages/index?scene=h%3D0123456789abcdef"


def test_half_a_picture_and_a_call_read_back(wechat):
    wechat.arm(path=CODE, cut="half")
    with pytest.raises(Exception, match="IncompleteRead"):
        code(wechat)

    noted = wechat.ctl("GET", f"calls?path={CODE}")["items"][0]
    assert noted["answer"].startswith("image/jpeg, ")


@pytest.mark.parametrize(
    ("given", "errcode"),
    [
        ({}, 0),
        ({"path": "/pages/index", "query": "a=1", "env_version": "trial"}, 0),
        ({"expire_type": 0, "expire_time": NOW + 30 * DAY}, 0),
        ({"expire_type": 0, "expire_time": NOW + 30 * DAY + 1}, 40097),
        ({"expire_type": 0, "expire_time": NOW}, 40097),
        ({"expire_type": 1, "expire_interval": 30}, 0),
        ({"expire_type": 1, "expire_interval": 31}, 40097),
        ({"expire_type": 1}, 40097),
        ({"expire_type": 2, "expire_interval": 1}, 40097),
        ({"env_version": "beta"}, 40097),
        ({"path": "pages/other"}, 41030),
        ({"path": "pages/index?a=1"}, 41030),
    ],
)
def test_a_link_lasts_thirty_days_at_most(wechat, given, errcode):
    wechat.ctl("PUT", "pages", {"items": ["pages/index"]})
    answer = wechat.post(LINK, given)

    assert answer["errcode"] == errcode
    assert ("url_link" in answer) == (errcode == 0)


@pytest.mark.parametrize(
    ("given", "errcode"),
    [
        ({}, 0),
        ({"appid": ""}, 41002),
        ({"appid": "wx0000000000000000"}, 40013),
        ({"openid": "oNobody"}, 40003),
        ({"client_ip": "here"}, 40097),
        ({"scene": 3}, 40097),
    ],
)
def test_the_risk_of_a_person_is_what_was_invented(wechat, given, errcode):
    openid = wechat.person(risk_rank=3)
    body = {"appid": wechat.appid, "openid": openid, "scene": 0, "client_ip": "203.0.113.9"}

    answer = wechat.post(RISK, body | given)

    assert (answer["errcode"], answer.get("risk_rank")) == (errcode, None if errcode else 3)


def test_calls_are_counted_and_the_count_cleared(wechat):
    wechat.ctl("POST", "limits", {"path": LINK, "day": 3, "minute": 100})
    for _ in range(4):
        answer = wechat.post(LINK, {})
    assert answer["errcode"] == 45009

    asked = wechat.post("/cgi-bin/openapi/quota/get", {"cgi_path": LINK})
    assert asked["quota"] == {"daily_limit": 3, "used": 3, "remain": 0}
    assert asked["rate_limit"] == {"call_count": 100, "refresh_second": 60}
    assert wechat.post("/cgi-bin/openapi/quota/get", {"cgi_path": "x"})["errcode"] == 40097
    assert wechat.post("/cgi-bin/clear_quota", {"appid": "wx0"})["errcode"] == 40013
    assert wechat.post("/cgi-bin/clear_quota", {"appid": wechat.appid})["errcode"] == 0
    assert wechat.post(LINK, {})["errcode"] == 0


def test_an_error_is_found_again_by_its_number(wechat):
    words = wechat.post(LINK, {"expire_type": 2})["errmsg"]
    rid = words.rpartition(" ")[2]

    found = wechat.post("/cgi-bin/openapi/rid/get", {"rid": rid})["request"]

    assert found["request_url"] == LINK
    assert found["request_body"] == '{"expire_type": 2}'
    assert found["invoke_time"] == NOW
    assert wechat.post("/cgi-bin/openapi/rid/get", {"rid": "no"})["errcode"] == 76001
