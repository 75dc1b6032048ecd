"""Words of objections."""

import enum


class Channel(enum.StrEnum):
    """How an objection came."""

    IN_PERSON = "in_person"
    PHONE = "phone"
    LETTER = "letter"
    ONLINE = "online"


class Told(enum.StrEnum):
    """How who objected was told what became of it."""

    IN_PERSON = "in_person"
    PHONE = "phone"
    LETTER = "letter"
    ONLINE = "online"
    UNREACHABLE = "unreachable"  # anonymous, or not found


class InquiryKind(enum.StrEnum):
    """What is done to find out whether an objection is right."""

    RESURVEY = "resurvey"  # 重新入户调查
    APPRAISAL = "appraisal"  # 民主评议: the exception
