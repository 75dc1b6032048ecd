"""Photos and PDFs handed in with a case: kept once, shown to who works in it, taken out again."""

import io
import uuid
from urllib.parse import quote

import pytest
from PIL import Image
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from relief.attachments.models import StoredFile
from relief.attachments.service import path_of
from relief.audit.models import AuditEvent
from relief.review.enclosures.models import CaseEnclosure
from tests.api.test_changes import done, refused
from tests.support.applicants import BORN
from tests.support.media import pdf, photo
from tests.support.people import TIEXI
from tests.support.sounds import heard, sound

FIRST, SECOND = uuid.UUID(int=901), uuid.UUID(int=902)


@pytest.fixture
def home(office):
    return office.household(born_on=BORN["S07"])


@pytest.fixture
def case(office, home):
    return office.apply("S07", home)["case"]["id"]


def put(office, case, content, one=FIRST, title="残疾人证首页", client=None, name="张三 IMG_1.exe"):
    client = client or office.client("D01", "clerk")
    # By hand, since the test's own browser would leave a large body open.
    file = FileStorage(io.BytesIO(content), filename=name)
    boundary, body = encode_multipart({"file": file, "title": title})
    return client.put(
        f"/v1/cases/{case}/enclosures/{one}", data=body,
        content_type=f"multipart/form-data; boundary={boundary}",
    )  # fmt: skip


def content_of(office, case, one=FIRST, department="D01", role="clerk", **where):
    client = office.client(department, role, **where)
    return client.get(f"/v1/cases/{case}/enclosures/{one}/content")


def remove(office, case, one=FIRST, reason="放错了申请事项"):
    path = f"/v1/cases/{case}/enclosures/{one}/removal"
    return office.client("D01", "clerk").post(path, json={"reason": reason})


def kept(session):
    return session.scalars(select(StoredFile).where(StoredFile.purpose == "case-enclosure")).all()


def test_a_photo_of_an_old_telephone_appears_upright_small_and_without_its_place(
    app, office, session, case
):
    taken = photo(4000, 3000, turned=6)

    detail = done(put(office, case, taken))

    [row] = detail["enclosures"]
    assert (row["kind"], row["media_type"], row["title"]) == (
        "picture", "image/jpeg", "残疾人证首页",
    )  # fmt: skip
    assert (row["width"], row["height"]) == (1920, 2560)
    assert row["sha256"] != row["received_sha256"]
    step = detail["timeline"][-1]
    assert (step["step"], step["note"]) == ("enclosed", "残疾人证首页")
    answer = content_of(office, case)
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    assert answer.headers["Content-Disposition"].startswith("inline; ")
    assert "IMG" not in str(answer.headers)
    image = Image.open(io.BytesIO(answer.data))
    assert (image.size, dict(image.getexif())) == ((1920, 2560), {})
    [stored] = kept(session)
    assert stored.sha256.hex() == row["sha256"]
    on_disk = path_of(app.extensions["relief.config"].storage_dir, stored.id).read_bytes()
    assert b"JFIF" not in on_disk  # encrypted


def test_a_pdf_stays_as_it_came_and_is_saved_not_shown(office, case):
    [row] = done(put(office, case, pdf()))["enclosures"]

    assert (row["kind"], row["sha256"]) == ("document", row["received_sha256"])
    answer = content_of(office, case)
    assert answer.data == pdf()
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_recording_is_kept_as_every_telephone_plays_it(office, case):
    [row] = done(put(office, case, sound("m4a", 2, title="private note")))["enclosures"]

    assert (row["kind"], row["media_type"], row["width"]) == ("sound", "audio/mpeg", None)
    assert 1950 <= row["milliseconds"] <= 2100
    answer = content_of(office, case)
    assert (heard(answer.data)["rate"], heard(answer.data)["tags"]) == (16_000, {})
    assert answer.headers["Content-Disposition"].startswith("inline; ")


def test_the_same_request_again_changes_nothing(office, session, case):
    for _ in range(3):
        detail = done(put(office, case, photo()))

    assert len(detail["enclosures"]) == len(kept(session)) == 1
    assert [one["step"] for one in detail["timeline"]].count("enclosed") == 1


def test_an_id_stands_for_one_file_of_one_case_and_a_file_for_one_id(office, session, case):
    done(put(office, case, pdf()))
    other = office.apply("S07")["case"]["id"]

    refused(put(office, case, pdf(b"2")), 409, "enclosure-id-taken")
    refused(put(office, case, pdf(), title="别的名称"), 409, "enclosure-id-taken")
    refused(put(office, other, pdf()), 409, "enclosure-id-taken")
    refused(put(office, case, pdf(), one=SECOND), 409, "enclosure-repeated")

    assert len(kept(session)) == 1
    done(put(office, other, pdf(), one=SECOND))  # the same file belongs to two cases


def test_an_id_of_another_county_says_nothing_but_that_it_is_taken(app, office, session, case):
    storage = app.extensions["relief.config"].storage_dir
    done(put(office, case, pdf()))
    theirs = office.household(born_on=BORN["S07"], region=210303001001)
    client = office.client("D01", "clerk", region=TIEXI)
    sent = {"person_id": str(theirs.person_id), "scheme": "S07", "need": "家庭困难"}
    sent |= {"authorisations": [office.signed(theirs)]}
    answer = client.post("/v1/cases", json=sent)
    assert answer.status_code == 201, answer.json
    before = set((storage / "files").glob("*/*"))

    refused(
        put(office, answer.json["case"]["id"], pdf(b"2"), client=client), 409, "enclosure-id-taken"
    )

    assert set((storage / "files").glob("*/*")) == before
    refused(content_of(office, case, region=TIEXI), 404, "case-not-found")


def test_each_look_is_written_down(office, session, case):
    done(put(office, case, pdf()))
    assert content_of(office, case, role="reviewer").status_code == 200

    looks = session.scalars(
        select(AuditEvent).where(
            AuditEvent.action == "case:viewed", AuditEvent.details.has_key("enclosure")
        )
    ).all()
    assert [(one.details["enclosure"], str(one.subject_id)) for one in looks] == [
        (str(FIRST), case)
    ]
    assert looks[0].actor_id == office.accounts["D01", "reviewer", "210302000000"]


def test_who_stood_back_or_does_not_work_in_cases_is_shown_no_file(office, case):
    done(put(office, case, pdf()))
    done(
        office.client("D01", "reviewer").post(f"/v1/cases/{case}/recusal", json={"reason": "邻居"})
    )

    refused(content_of(office, case, role="reviewer"), 403, "stood-back")
    assert content_of(office, case, role="supervisor").status_code == 403


def test_what_is_taken_out_is_gone_and_that_it_was_there_stays(app, office, session, case):
    done(put(office, case, pdf()))
    [stored] = kept(session)
    path = path_of(app.extensions["relief.config"].storage_dir, stored.id)

    detail = done(remove(office, case))

    [row] = detail["enclosures"]
    assert (row["removed_why"], row["sha256"], row["size"]) == ("放错了申请事项", None, None)
    assert detail["timeline"][-1]["step"] == "enclosure_removed"
    assert kept(session) == []
    assert not path.exists()
    refused(content_of(office, case), 404, "enclosure-not-found")
    refused(remove(office, case), 404, "enclosure-not-found")
    refused(put(office, case, pdf()), 409, "enclosure-id-taken")
    done(put(office, case, pdf(), one=SECOND))  # the file itself may come again


def test_nothing_is_added_to_or_taken_out_of_a_case_that_ended(office, case):
    done(put(office, case, pdf()))
    done(
        office.client("D01", "clerk").post(f"/v1/cases/{case}/withdraw", json={"reason": "不办了"})
    )

    refused(put(office, case, pdf(b"2"), one=SECOND), 409, "case-closed")
    refused(remove(office, case), 409, "case-closed")
    done(put(office, case, pdf()))  # but the repeat of what was answered is answered
    # Then the case is no ground any more by itself.
    refused(content_of(office, case), 403, "no-open-ground")


@pytest.mark.parametrize("title", ["", "证", "  证  ", "长" * 81])
def test_a_file_has_a_title(office, session, case, title):
    assert put(office, case, pdf(), title=title).status_code == 422
    assert session.scalar(select(func.count()).select_from(CaseEnclosure)) == 0


def test_a_number_in_a_title_is_hidden(office, case):
    [row] = done(put(office, case, pdf(), title="身份证 210302198001011234"))["enclosures"]

    assert row["title"].startswith("身份证 210*")


def test_what_it_is_called_stands_with_the_case_and_not_with_the_file(office, case, session):
    [row] = done(put(office, case, pdf(), title="张三残疾人证"))["enclosures"]

    given = office.client("D01", "clerk").get(f"/v1/cases/{case}/enclosures/{row['id']}/content")

    assert given.headers["Content-Disposition"].endswith(quote("张三残疾人证.pdf"))
    names = session.scalars(select(StoredFile.name).where(StoredFile.purpose == "case-enclosure"))
    assert names.all() == ["材料.pdf"]


def test_a_body_that_is_too_large_is_not_read(office, case):
    assert put(office, case, b"\xff\xd8\xff" + bytes(12 << 20)).status_code == 413
