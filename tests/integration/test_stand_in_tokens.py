"""Access tokens of the stand-in for WeChat, over HTTP."""

import pytest

TOKEN, STABLE = "/cgi-bin/token", "/cgi-bin/stable_token"
CHECK = "/cgi-bin/openapi/quota/get"


def plain(wechat, **more):
    query = wechat.app(grant_type="client_credential") | more
    return wechat.ask("GET", TOKEN, query).json()


def stable(wechat, **more):
    body = wechat.app(grant_type="client_credential") | more
    return wechat.ask("POST", STABLE, body=body).json()


def verdict(wechat, token):
    """What an endpoint says of a token; 40029 comes after it was found good."""
    query = {"access_token": token} if token is not None else {}
    path = "/wxa/business/getuserphonenumber"
    return wechat.ask("POST", path, query, {"code": "none"}).json()["errcode"]


def test_a_token_has_no_errcode_and_two_hours(wechat):
    answer = plain(wechat)

    assert set(answer) == {"access_token", "expires_in"}
    assert answer["expires_in"] == 7200
    assert verdict(wechat, answer["access_token"]) == 40029


def test_a_new_token_leaves_the_old_one_five_minutes(wechat):
    old, new = plain(wechat)["access_token"], plain(wechat)["access_token"]

    assert old != new
    wechat.later(299)
    assert (verdict(wechat, old), verdict(wechat, new)) == (40029, 40029)
    wechat.later(1)
    assert (verdict(wechat, old), verdict(wechat, new)) == (40001, 40029)


def test_the_stable_token_stays_the_same_with_what_is_left_of_it(wechat):
    first = stable(wechat)
    wechat.later(1000)
    second = stable(wechat)

    assert second["access_token"] == first["access_token"]
    assert second["expires_in"] == 6200


def test_the_stable_token_rolls_five_minutes_before_its_end(wechat):
    old = stable(wechat)["access_token"]
    wechat.later(6899)
    assert stable(wechat)["access_token"] == old
    wechat.later(1)
    new = stable(wechat)

    assert new["access_token"] != old
    assert new["expires_in"] == 7200
    assert verdict(wechat, old) == 40029
    wechat.later(300)
    assert verdict(wechat, old) == 40001


def test_a_forced_refresh_ends_the_old_token_at_once(wechat):
    old = stable(wechat)["access_token"]
    new = stable(wechat, force_refresh=True)["access_token"]

    assert new != old
    assert (verdict(wechat, old), verdict(wechat, new)) == (40001, 40029)


def test_a_refresh_is_forced_thirty_seconds_apart_and_twenty_times_a_day(wechat):
    stable(wechat)
    seen = {stable(wechat, force_refresh=True)["access_token"]}
    wechat.later(29)
    seen.add(stable(wechat, force_refresh=True)["access_token"])
    assert len(seen) == 1
    for _ in range(25):
        wechat.later(30)
        seen.add(stable(wechat, force_refresh=True)["access_token"])

    assert len(seen) == 20
    wechat.later(24 * 3600)
    stable(wechat)
    before = len(seen)
    seen.add(stable(wechat, force_refresh=True)["access_token"])
    assert len(seen) == before + 1


def test_the_two_kinds_of_token_leave_each_other_alone(wechat):
    one = plain(wechat)["access_token"]
    other = stable(wechat, force_refresh=True)["access_token"]

    assert (verdict(wechat, one), verdict(wechat, other)) == (40029, 40029)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"grant_type": "password"}, 40002),
        ({"appid": ""}, 41002),
        ({"appid": "wx0000000000000000"}, 40013),
        ({"secret": ""}, 41004),
        ({"secret": "0" * 32}, 40125),
    ],
)
def test_an_app_that_is_not_registered_gets_no_token(wechat, given, code):
    for answer in (plain(wechat, **given), stable(wechat, **given)):
        assert answer["errcode"] == code
        assert "access_token" not in answer


def test_an_address_that_is_not_on_the_list_gets_no_token(wechat):
    wechat.ctl("PUT", "whitelist", {"items": ["203.0.113.9"]})
    assert stable(wechat)["errcode"] == 40164
    assert "127.0.0.1" in plain(wechat)["errmsg"]

    wechat.ctl("PUT", "whitelist", {"items": ["127.0.0.1"]})
    assert "access_token" in stable(wechat)


@pytest.mark.parametrize(
    ("token", "code"), [(None, 41001), ("", 41001), ("short", 40014), ("a b" * 40, 40014),
                        ("x" * 136, 40001)]
)  # fmt: skip
def test_a_bad_token_is_told_by_its_code(wechat, token, code):
    assert verdict(wechat, token) == code


def test_a_token_grows_old_or_is_expired_or_revoked(wechat):
    token = stable(wechat)["access_token"]
    wechat.later(7200)
    assert verdict(wechat, token) == 42001

    token = stable(wechat)["access_token"]
    assert verdict(wechat, token) == 40029
    wechat.ctl("POST", "tokens/expire")
    assert verdict(wechat, token) == 42001

    token = stable(wechat)["access_token"]
    wechat.ctl("POST", "tokens/revoke")
    assert verdict(wechat, token) == 40001


@pytest.mark.parametrize(
    ("raw", "code"), [(b"", 44002), (b" \n", 44002), (b"{", 47001), (b"[]", 47001)]
)
def test_a_body_is_looked_at_whatever_its_type_says(wechat, raw, code):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = wechat.ask("POST", STABLE, raw=raw, headers=headers).json()

    assert answer["errcode"] == code


def test_the_method_must_be_right_and_the_status_is_good_all_the_same(wechat):
    wrong_post = wechat.ask("GET", STABLE)
    wrong_get = wechat.ask("POST", TOKEN, raw=b"{}")

    assert (wrong_post.status, wrong_post.json()["errcode"]) == (200, 43002)
    assert (wrong_get.status, wrong_get.json()["errcode"]) == (200, 43001)


def test_an_error_ends_with_the_number_of_the_request(wechat):
    words = stable(wechat, secret="")["errmsg"]
    noted = wechat.ctl("GET", "calls")["items"][-1]

    assert words == f"appsecret missing rid: {noted['rid']}"
    assert [len(part) for part in noted["rid"].split("-")] == [8, 8, 8]
