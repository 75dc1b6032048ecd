"""A12: the family is a village or community cadre's. It is lawful, and to be known."""

from collections.abc import Iterator

from relief.registers.entries import CadrePost
from relief.review.checks import outside
from relief.review.checks.facts import CaseFacts, Hit


def check(facts: CaseFacts) -> Iterator[Hit]:
    """Look for cadres in the family, and among who shares a booklet or a marriage with it."""
    for one, post in outside.of(facts, CadrePost):
        if outside.in_post(post, facts):
            yield Hit(
                key=f"{one.id}|self",
                message=f"{one.name}是村（居）干部，供审核时了解",
                evidence=outside.told(one, post, post.from_on, **_committee(post)),
            )
    for related in facts.outside.related:
        for post in related.posts:
            if outside.in_post(post, facts):
                member = facts.member(related.member_id)
                yield Hit(
                    key=f"{related.member_id}|{related.name}",
                    message=f"{member.name}是村（居）干部{related.name}的家属，供审核时了解",
                    evidence=outside.told(
                        member, post, post.from_on, official=related.name, **_committee(post)
                    ),
                )


def _committee(post: CadrePost) -> dict[str, str]:
    return {"committee": post.committee} if post.committee else {}
