"""A09: a register relates the family to who handles its case, and nobody has filed it.

民发〔2021〕57号第二十条. The case is locked for that member of staff and the county visits the home
(`running`), whatever the verification comes to; the applicant is not to blame.
"""

from collections.abc import Iterator

from relief.registers.entries import CadrePost
from relief.review.checks import outside
from relief.review.checks.facts import CaseFacts, Hit
from relief.review.checks.outside import Related

_TOWNSHIP = 1000


def check(facts: CaseFacts) -> Iterator[Hit]:
    """Look among the close kin of the family for staff, and for cadres of the same township."""
    for one in unfiled(facts):
        member = facts.name_of(one.member_id)
        role = "经办人员" if one.account_id else "村（居）干部"
        yield Hit(
            key=f"{one.member_id}|{one.account_id or one.name}",
            message=f"{member}与{role}{one.name}是近亲属，没有备案，须回避并由县级入户调查",
            evidence={
                "member": member,
                "official": one.name,
                "register": outside.NAMES[one.register],
                "data_on": one.data_on.isoformat(),
                **({"since": one.since.isoformat()} if one.since else {}),
            },
        )


def unfiled(facts: CaseFacts) -> Iterator[Related]:
    """Yield the close kin who handle the case, or are cadres there, and whom nobody declared."""
    for one in facts.outside.related:
        if not one.close or one.filed or one.name in facts.outside.declared:
            continue
        if one.account_id or any(_here(facts, post) for post in one.posts):
            yield one


def _here(facts: CaseFacts, post: CadrePost) -> bool:
    same = (post.region_code or 0) // _TOWNSHIP == facts.region_code // _TOWNSHIP
    return same and outside.in_post(post, facts)
