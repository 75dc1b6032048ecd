"""Nothing but signing in and out works before the privacy policy was agreed to."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from relief.audit.models import AuditEvent
from relief.bindings import policy
from relief.bindings.models import MiniAccount
from relief.bindings.policy import Policy, UnsoundPolicy
from relief.bindings.sign_in import KEEP_ENDED
from relief.cli.setup import prepare_database
from tests.support.settings import START

TWO = [
    Policy(version=1, valid_from=date(2026, 1, 1), title="一", text="一"),
    Policy(version=2, valid_from=date(2026, 12, 1), title="二", text="二"),
]


def told(answer):
    return answer.status_code, answer.json["code"]


@pytest.fixture
def signed_in(new_phone):
    phone = new_phone()
    phone.sign_in()
    return phone


def test_the_policy_is_read_without_a_token(mini):
    answer = mini.test_client().get("/mini/v1/policy")

    assert (answer.status_code, answer.json["version"]) == (200, 1)
    assert answer.json["text"] == policy.load_all()[0].text


def test_the_policy_tells_how_long_a_sign_in_is_kept():
    assert f"{KEEP_ENDED.days} 日后删除" in policy.load_all()[-1].text


def test_before_agreeing_only_agreeing_and_signing_out_work(signed_in):
    assert told(signed_in.get("/me")) == (403, "consent-missing")

    assert signed_in.agree().get("/me").status_code == 200


def test_who_did_not_agree_signs_out(signed_in):
    assert signed_in.call("DELETE", "/sessions/current").status_code == 204


def test_agreeing_twice_is_agreeing_once(phone, session):
    phone.agree()

    agreed = select(AuditEvent).where(AuditEvent.action == "mini_account:agreed")
    assert len(session.scalars(agreed).all()) == 1


@pytest.mark.parametrize(("version", "status"), [(0, 409), (2, 409), ("1", 422), (None, 422)])
def test_what_was_read_is_what_is_agreed_to(signed_in, version, status):
    assert signed_in.call("PUT", "/consent", json={"version": version}).status_code == status
    assert signed_in.get("/me").status_code == 403


def test_what_was_taken_back_holds_no_more(phone, session):
    for _ in range(2):
        assert phone.call("DELETE", "/consent").status_code == 204

    assert told(phone.get("/me")) == (403, "consent-missing")
    events = session.scalars(
        select(AuditEvent).where(AuditEvent.action == "mini_account:consent_withdrawn")
    ).all()
    assert [event.details for event in events] == [{"versions": [1]}]
    session.expire_all()
    assert session.scalars(select(MiniAccount.session_key)).all() == [None]
    assert phone.agree().get("/me").status_code == 200


def test_a_new_version_is_agreed_to_anew(phone, clock, monkeypatch):
    monkeypatch.setattr(policy, "load_all", lambda: TWO)
    clock.advance(days=4)
    assert phone.get("/me").status_code == 200

    clock.advance(days=3, hours=15)  # midnight of 1 December in China

    assert told(phone.get("/me")) == (403, "consent-missing")
    assert told(phone.call("PUT", "/consent", json={"version": 1})) == (409, "policy-outdated")
    assert phone.call("PUT", "/consent", json={"version": 2}).json == {"version": 2}
    assert phone.get("/me").json["agreed_version"] == 2


def test_a_consent_is_of_its_account_alone(phone, new_phone):
    other = new_phone()
    other.sign_in()

    assert told(other.get("/me")) == (403, "consent-missing")


def entry(**more):
    given = {"version": 1, "valid_from": date(2026, 1, 1), "zh": "政策", "text": "文"}
    return given | {"conf": "D", "source": "默认"} | more


@pytest.mark.parametrize(
    ("entries", "fault"),
    [
        ([], "至少须有一个版本"),
        ([entry(text="")], "缺少 text"),
        ([entry(version=2)], "依次编号"),
        ([entry(conf="X")], "可信度"),
        ([entry(), entry(version=2)], "依次在后"),
        ([entry(valid_from="2026-01-01")], "须是不带引号和时刻的日期"),
        ([entry(valid_from=datetime(2026, 1, 1, tzinfo=UTC))], "须是不带引号和时刻的日期"),
    ],
)
def test_a_policy_that_is_not_sound_is_refused(entries, fault):
    with pytest.raises(UnsoundPolicy, match=fault):
        policy.policies({"versions": entries})


def test_a_policy_that_is_not_sound_is_refused_before_the_database_is_touched(
    monkeypatch, tmp_path
):
    file = tmp_path / "policy.yml"
    file.write_text("versions: []", "utf-8")
    monkeypatch.setattr(policy, "SEED", str(file))
    policy.load_all.cache_clear()
    try:
        with pytest.raises(UnsoundPolicy, match="至少须有一个版本"):
            prepare_database({}, now=START)
    finally:
        policy.load_all.cache_clear()


def test_before_the_first_version_that_one_is_read():
    assert policy.current(date(2020, 1, 1)).version == 1
