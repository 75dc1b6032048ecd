"""What all processes share of WeChat: the access token, and which pushes have come."""

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from relief.core.db import Base
from relief.core.privacy.holders import SealedColumn


class WeChatToken(Base):
    """The access token of a mini program (接口调用凭据): whoever has it may act as the program."""

    __tablename__ = "wechat_token"

    appid: Mapped[str] = mapped_column(String(32), primary_key=True)
    sealed: Mapped[bytes | None]
    expires_at: Mapped[datetime | None] = mapped_column(comment="before WeChat lets it run out")
    forced_at: Mapped[datetime | None] = mapped_column(
        comment="when a new one was last forced: WeChat allows few a day"
    )


class WeChatDelivery(Base):
    """A push of WeChat's that has come (消息推送): it comes again when our answer was late."""

    __tablename__ = "wechat_delivery"
    __table_args__ = (Index(None, "received_at"),)

    key: Mapped[str] = mapped_column(String(64), primary_key=True, comment="digest of the push")
    received_at: Mapped[datetime]


def bound(appid: str) -> bytes:
    """Return what a sealed token is bound to."""
    return f"wechat_token|{appid}".encode()


TOKENS = SealedColumn(WeChatToken.sealed, bound)
