"""Words of mandates that other rooms use too."""

import enum


class AgentKind(enum.StrEnum):
    """Who acts in the applicant's place."""

    RELATIVE = "relative"
    COMMITTEE = "committee"  # of the village or community (民发〔2021〕57号第六条)
    HELPER = "helper"
    OTHER = "other"


class MandateAct(enum.StrEnum):
    """What a mandate is for. None of it ever reaches the account that money goes to."""

    APPLY = "apply"
    PAPERS = "papers"  # hand over what is missing, and apply again with it
    WITHDRAW = "withdraw"
    AUTHORISE = "authorise"  # sign for the applicant, and nobody else, that they are checked


class MandateForm(enum.StrEnum):
    """How the mandate is in writing."""

    WRITTEN = "written"  # signed by the applicant
    DICTATED = "dictated"  # written down before two of the staff, for who cannot write


class Handed(enum.StrEnum):
    """What an agent may do in a case that is under way."""

    PAPERS = "papers"
    RESUBMIT = "resubmit"
    WITHDRAW = "withdraw"


NEEDS = {
    Handed.PAPERS: MandateAct.PAPERS,
    Handed.RESUBMIT: MandateAct.PAPERS,
    Handed.WITHDRAW: MandateAct.WITHDRAW,
}
