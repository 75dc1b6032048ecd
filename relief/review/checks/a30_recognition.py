"""A30: an identity that the case was recognised by has ended, or a newer check contradicts it.

社会救助法第四十二条: what is recognised is what stands. The case is not refused by it: a person
looks at what was spared.
"""

from collections.abc import Iterator

from relief.review.checks.facts import CaseFacts, Hit
from relief.review.recognition.words import NAMES


def check(facts: CaseFacts) -> Iterator[Hit]:
    """Compare what the case rests on with what stands on the day."""
    for one in facts.recognised:
        if one.stands:
            continue
        name = NAMES[one.category]
        yield Hit(
            key=one.category.value,
            message=f"互认的{name}身份已不能认可：{one.why}",
            evidence={"identity": name, "why": one.why},
        )
