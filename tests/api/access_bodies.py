"""What the requests of `access_table` send."""

import io
from typing import Any
from uuid import UUID

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


def kin_visit(_case_id: Any) -> dict[str, Any]:
    return {"companion_id": str(UUID(int=1)), "visited_on": "2026-11-23", "finding": "情况属实"}


def decision_list(_nothing: Any) -> dict[str, Any]:
    return {"scheme": "S09", "amount_fen": 9000, "reason": "符合条件"}


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
