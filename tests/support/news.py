"""Writers and publishers of policy articles, and what they write. Everything is invented."""

import io
import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from relief.accounts import identity
from relief.accounts.identity import Actor
from relief.accounts.permissions import permissions_of
from relief.accounts.types import Role
from relief.attachments.media import service as media
from relief.core.clock import local_date
from relief.news import files, queries, service
from relief.news.content import Content
from tests import factories
from tests.support.media import pdf
from tests.support.people import CIVIL_AFFAIRS, TIEDONG
from tests.support.settings import CIPHER, START

TODAY = local_date(START)
CONTENT = Content(
    category="policy",
    title="低保标准调整",
    summary="自今年七月起城乡低保标准统一调整，已在册家庭不用申请。",
    body="# 调整后的标准\n**城市**每人每月 870 元。\n- 七月起执行\n拨打 [12345](tel:12345) 咨询。",
    source="示例市民政局",
    document_number="示例民发〔2026〕1号",
    shown_from=TODAY,
    shown_until=None,
    region_codes=(),
    aid_categories=(),
)
PDF = pdf()


def sent(**changes: Any) -> dict[str, Any]:
    """What a program sends of an article."""
    content = {name: getattr(CONTENT, name) for name in Content.__slots__}
    content |= {"shown_from": TODAY.isoformat(), "region_codes": [], "aid_categories": []}
    return content | changes


def staff(
    session: Session, role: Role, *, department: str | None = CIVIL_AFFAIRS, region: str = TIEDONG
) -> Actor:
    """A member of staff, as a request would know them."""
    account = factories.make_account(session, role, department=department, region=region)
    actor = factories.actor_of(account, role)
    scope = identity.scope_of(session, account)
    return replace(actor, scope=scope, permissions=permissions_of([role]))


class Newsroom:
    """A writer and a publisher of one office."""

    def __init__(self, session: Session, *, region: str = TIEDONG, storage: Any = None) -> None:
        self.session, self.storage = session, storage
        self.writer = staff(session, Role.CLERK, region=region)
        self.publisher = staff(session, Role.APPROVER, region=region)

    def write(self, **changes: Any) -> uuid.UUID:
        """A new article, as a draft."""
        made = service.begin(
            self.session, content=replace(CONTENT, **changes), actor=self.writer, now=START
        )
        self.session.flush()
        return made

    def version(self, article_id: uuid.UUID) -> int:
        """The version of the row that is worked on, as its page shows it."""
        self.session.flush()
        return self.show(article_id).newest.row.version

    def show(self, article_id: uuid.UUID, now: Any = START) -> queries.NewsDetail:
        return queries.article(self.session, article_id=article_id, reader=self.writer, now=now)

    def edit(self, article_id: uuid.UUID, **changes: Any) -> None:
        service.edit(
            self.session, article_id=article_id, version=self.version(article_id),
            content=replace(self.show(article_id).newest.content, **changes), actor=self.writer,
            now=START + timedelta(minutes=1),
        )  # fmt: skip
        self.session.flush()

    def propose(self, article_id: uuid.UUID) -> None:
        self.act(service.propose, article_id, self.writer)

    def publish(self, article_id: uuid.UUID) -> None:
        self.propose(article_id)
        self.act(service.publish, article_id, self.publisher)

    def act(self, act: Any, article_id: uuid.UUID, actor: Actor, **given: Any) -> None:
        version = given.pop("version", None) or self.version(article_id)
        act(self.session, article_id=article_id, version=version, actor=actor, now=START, **given)
        self.session.flush()

    def published(self, **changes: Any) -> uuid.UUID:
        """A published article."""
        made = self.write(**changes)
        self.publish(made)
        return made

    def again(self, article_id: uuid.UUID, **changes: Any) -> int:
        """Publish a new version."""
        number = service.begin_version(
            self.session, article_id=article_id, actor=self.writer, now=START
        )
        self.edit(article_id, **changes)
        self.publish(article_id)
        return number

    def withdraw(self, article_id: uuid.UUID, reason: str = "标准有误") -> None:
        service.withdraw(
            self.session, article_id=article_id, reason=reason, actor=self.publisher, now=START
        )
        self.session.flush()

    def attach(self, article_id: uuid.UUID, data: bytes, name: str, title: str = "") -> uuid.UUID:
        taken = media.make_anew(media.receive(io.BytesIO(data)), accepts=files.KINDS, longest=60)
        made = files.attach(
            self.session, taken, article_id=article_id,
            version=self.version(article_id), name=name, title=title, actor=self.writer,
            cipher=CIPHER, storage=self.storage, now=START,
        )  # fmt: skip
        self.session.flush()
        return made
