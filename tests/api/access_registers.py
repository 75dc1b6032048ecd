"""Who may do what with the files of outside registers, and the file that is asked about."""

import io
import uuid
from typing import Any

from sqlalchemy.orm import Session

from relief.core.ids import new_id
from relief.registers.models import RegisterBatch
from relief.registers.types import Content, Register, RegisterBatchStatus
from tests.api.access_who import WHOLE_CITY, Line
from tests.support.settings import START

SEE = WHOLE_CITY | {"city_auditor"}
OF_ONE = "/registers/batches/<uuid:batch_id>"


def batch(session: Session) -> uuid.UUID:
    """A file that is loaded; nothing of it was rejected."""
    row = RegisterBatch(
        id=new_id(START), register=Register.VEHICLES, department_code="D01", layout="R03@1",
        content=Content.WHOLE, file_name="车辆.csv", sha256=bytes(32),
        status=RegisterBatchStatus.LOADED, received=1, loaded=1, rejected=0, data_on=START.date(),
        created_at=START,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.id


def _file(_nothing: Any) -> dict[str, Any]:
    return {"file": (io.BytesIO("姓名\n张三\n".encode()), "名单.csv"), "register": "vehicles"}


def _files(_nothing: Any) -> dict[str, Any]:
    return {"files": (io.BytesIO("姓名\n张三\n".encode()), "名单.csv"), "register": "vehicles"}


REGISTERS_API: dict[tuple[str, str], Line] = {
    ("GET", "/v1/registers"): Line(SEE),
    ("GET", "/v1/registers/batches"): Line(SEE, query="register=vehicles"),
    ("POST", "/v1/registers/batches"): Line(WHOLE_CITY, ok=(202,), form=_file),
    ("GET", f"/v1{OF_ONE}"): Line(SEE, about="register_batch"),
    ("GET", f"/v1{OF_ONE}/rejected-rows"): Line(SEE, about="register_batch"),
    # Nothing of it was rejected, which only who may take the rows is told.
    ("POST", f"/v1{OF_ONE}/rejected-file"): Line(WHOLE_CITY, about="register_batch", ok=(409,)),
    ("POST", f"/v1{OF_ONE}/undo"): Line(WHOLE_CITY, about="register_batch"),
}
REGISTERS_PAGES: dict[tuple[str, str], Line] = {
    ("GET", "/registers"): Line(SEE),
    ("GET", "/registers/<register>"): Line(SEE),
    ("GET", "/registers/new"): Line(WHOLE_CITY),
    ("POST", "/registers"): Line(WHOLE_CITY, ok=(303,), form=_files),
    ("GET", OF_ONE): Line(SEE, about="register_batch"),
    ("POST", f"{OF_ONE}/rejected-rows"): Line(WHOLE_CITY, about="register_batch", ok=(409,)),
    ("GET", f"{OF_ONE}/undo"): Line(WHOLE_CITY, about="register_batch"),
    ("POST", f"{OF_ONE}/undo"): Line(WHOLE_CITY, about="register_batch", ok=(303,)),
}
