"""What the requests of `access_table` send."""

import io
from collections.abc import Callable
from typing import Any
from uuid import UUID

from tests.support.media import pdf
from tests.support.paying import guardian
from tests.support.source import number

PURPOSE = "application"


def ask(person_id: Any) -> dict[str, Any]:
    return {"person_id": str(person_id), "purpose": PURPOSE}


def decide(_request_id: Any) -> dict[str, Any]:
    return {"approve": True, "reason": "情况属实"}


def unmask(_person_id: Any) -> dict[str, Any]:
    return {"fields": ["citizen_id"], "purpose": PURPOSE}


def verdict(_review_id: Any) -> dict[str, Any]:
    return {"verdict": "same", "seen": "x", "reason": "与户口簿核对过"}


def home(_review_id: Any) -> dict[str, Any]:
    return {"claim": "D01|1", "seen": "x", "reason": "与户口簿核对过"}


def application(person_id: Any) -> dict[str, Any]:
    """For a scheme in which housing takes part too."""
    return {"person_id": str(person_id), "scheme": "S22", "need": "房屋漏雨"}


def new_account(_nothing: Any) -> dict[str, Any]:
    return {
        "username": "newcomer",
        "display_name": "新同事",
        "post": "operations",
        "department_code": "D01",
        "password": "A long enough secret 1",
    }


def new_password(_nothing: Any) -> dict[str, Any]:
    return {"present": "not the present one", "password": "A long enough secret 2"}


def file(_nothing: Any) -> dict[str, Any]:
    return {"file": (io.BytesIO("姓名\n张三\n".encode()), "名单.csv"), "scheme": "S01"}


def files(_nothing: Any) -> dict[str, Any]:
    return {"files": (io.BytesIO("姓名\n张三\n".encode()), "名单.csv"), "scheme": "S01"}


def records(_nothing: Any) -> dict[str, Any]:
    return {"scheme": "S01", "rows": [{"姓名": "张三"}]}


def account_form(_nothing: Any) -> dict[str, Any]:
    return {
        "username": "newcomer",
        "display_name": "新同事",
        "post": "operations",
        "department": "D01",
        "password": "A long enough secret 1",
    }


def facts(_case_id: Any) -> dict[str, Any]:
    return {"facts": [{"kind": "household_members", "value": 3, "proof": "户口簿"}]}


def facts_form(_case_id: Any) -> dict[str, Any]:
    return {"fact-household_members": "3", "proof": "户口簿"}


def authorisation(_case_id: Any) -> dict[str, Any]:
    """Of someone who is not of the family."""
    return {"authorisations": [{"person_id": str(UUID(int=1)), "signed_on": "2026-11-23"}]}


def authorisation_form(_case_id: Any) -> dict[str, Any]:
    return {"signed": str(UUID(int=1)), "signed_on": "2026-11-23"}


def verified(_case_id: Any) -> dict[str, Any]:
    return {"verdict": "unfounded", "reason": "与户口簿核对过"}


def verified_form(_case_id: Any) -> dict[str, Any]:
    return {"verdict": "unfounded", "known_by": "与户口簿核对过"}


def event(_case_id: Any) -> dict[str, Any]:
    return {"event": "change_report", "happened_on": "2026-11-23", "told": "住院半个月"}


def event_form(_case_id: Any) -> dict[str, Any]:
    return {"event": "change_report", "happened_on": "2026-11-23", "event_told": "住院半个月"}


def survey(_case_id: Any) -> dict[str, Any]:
    """Of somebody, with a sheet that nobody handed in."""
    return {
        "companion_id": str(UUID(int=1)), "held_on": "2026-11-23", "finding": "情况属实",
        "sheet_id": str(UUID(int=2)),
    }  # fmt: skip


def survey_form(_case_id: Any) -> dict[str, Any]:
    """The same in a browser."""
    return {
        "surveyor_id": str(UUID(int=1)), "surveyed_on": "2026-11-23", "home_finding": "情况属实",
        "sheet_id": str(UUID(int=2)),
    }  # fmt: skip


def kin_visit(_case_id: Any) -> dict[str, Any]:
    return {"companion_id": str(UUID(int=1)), "visited_on": "2026-11-23", "finding": "情况属实"}


def decision_list(_nothing: Any) -> dict[str, Any]:
    return {"scheme": "S09", "amount_fen": 9000, "reason": "符合条件"}


def standard_rise(_nothing: Any) -> dict[str, Any]:
    return {
        "scheme": "S09", "region": 210302000000, "effective_on": "2026-11-01",
        "paid_from": "2026-12-01", "reason": "按新标准调整",
    }  # fmt: skip


def standard_rise_form(nothing: Any) -> dict[str, Any]:
    return standard_rise(nothing) | {"region": "210302000000"}


def parameter_draft(_nothing: Any) -> dict[str, Any]:
    return {
        "name": "disability_living_min", "region": 210300000000, "valid_from": "2026-12-01",
        "value": "110", "source": "市民发〔2026〕99号",
    }  # fmt: skip


def kin_filing(_nothing: Any) -> dict[str, Any]:
    return {"own_number": number(), "relatives": []}


def own_number(_nothing: Any) -> dict[str, Any]:
    return {"own_number": number()}


def delegation(_nothing: Any) -> dict[str, Any]:
    """To an account that there is not."""
    day = "2026-11-23"
    return {
        "delegate_id": "00000000-0000-0000-0000-000000000001",
        "from_on": day,
        "until_on": day,
        "reason": "年休假",
    }


def change(_case_id: Any) -> dict[str, Any]:
    return {"kind": "stop", "reason": "收入超过标准", "legal": "社会救助法第四十七条"}


def change_form(case_id: Any) -> dict[str, Any]:
    sent = change(case_id)
    return sent | {"change_reason": sent["reason"]}


def service(_case_id: Any) -> dict[str, Any]:
    return {"served_on": "2026-11-23", "served_by": "direct", "proof": "送达回证第 1 号"}


def mandate(_case_id: Any) -> dict[str, Any]:
    return {
        "agent": "李四", "kind": "relative", "number": number(sequence=951), "acts": ["papers"],
        "from_on": "2026-11-23", "until_on": "2026-12-31", "form": "written",
        "proof": "委托书第 3 号",
    }  # fmt: skip


def mandate_form(_case_id: Any) -> dict[str, Any]:
    return {
        "agent": "李四", "agent_kind": "relative", "agent_number": number(sequence=951),
        "mandate_acts": ["papers"], "mandate_from": "2026-11-23", "mandate_until": "2026-12-31",
        "mandate_form": "written", "mandate_proof": "委托书第 3 号",
    }  # fmt: skip


def enclosure(_case_id: Any) -> dict[str, Any]:
    return {"file": (io.BytesIO(pdf(b"2")), "x.pdf"), "title": "户口簿首页"}


def enclosure_form(_case_id: Any) -> dict[str, Any]:
    return {
        "file": (io.BytesIO(pdf(b"2")), "x.pdf"), "enclosure_title": "户口簿首页",
        "enclosure_id": str(UUID(int=77777)),
    }  # fmt: skip


def payee(_case_id: Any) -> dict[str, Any]:
    """Of a guardian: whose name it is in does not depend on the case."""
    return guardian() | {"reason": "首次登记"}


def payee_form(_case_id: Any) -> dict[str, Any]:
    one = guardian()
    return {
        "payee_kind": one["kind"], "account_form": one["form"], "bank_code": one["bank_code"],
        "account_number": one["number"], "holder": one["holder"],
        "holder_relation": one["relation"], "payee_proof": one["proof"],
        "payee_reason": "首次登记",
    }  # fmt: skip


def payee_answer(_case_id: Any) -> dict[str, Any]:
    """About a payee that there is not."""
    return {"payee_id": str(UUID(int=1)), "confirmed": True, "reason": "与原件一致"}


def payee_withdrawal(_case_id: Any) -> dict[str, Any]:
    return {"payee_id": str(UUID(int=1)), "reason": "卡号写错"}


def objection(_case_id: Any) -> dict[str, Any]:
    return {"received_on": "2026-11-23", "channel": "phone", "words": "家中有小汽车"}


def objection_form(case_id: Any) -> dict[str, Any]:
    sent = objection(case_id)
    return sent | {"objection": sent["words"]}


_DAY, _OTHER = "2026-11-23", str(UUID(int=1))
OF_OBJECTIONS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "inquiries": lambda _: {"kind": "resurvey", "reason": "有人提出异议"},
    "resurvey": lambda _: {
        "companion_id": _OTHER, "held_on": _DAY, "finding": "属实", "signature": "均已签字",
    },
    "appraisal": lambda _: {"held_on": _DAY, "participants": 9, "finding": "认为属实"},
    "<uuid:objection_id>/answer": lambda _: {"upheld": False, "reason": "车辆已转让"},
    "<uuid:objection_id>/told": lambda _: {"how": "phone"},
    "<uuid:objection_id>/objector": lambda _: {"reason": "核实情况"},
}  # fmt: skip
OF_OBJECTION_FORMS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "inquiries": lambda _: {"inquiry": "resurvey", "inquiry_reason": "有人提出异议"},
    "resurvey": lambda _: {
        "investigator_id": _OTHER, "held_on": _DAY, "survey_finding": "属实",
        "signature": "均已签字",
    },
    "appraisal": lambda _: {
        "appraised_on": _DAY, "participants": "9", "appraisal_finding": "认为属实",
    },
    "<uuid:objection_id>/answer": lambda _: {"upheld": "no", "objection_answer": "车辆已转让"},
    "<uuid:objection_id>/told": lambda _: {"told_how": "phone"},
    "<uuid:objection_id>/objector": lambda _: {"look_reason": "核实情况"},
}  # fmt: skip
