"""A18: what the family has in banks, securities and payment accounts is more than it may have.

民发〔2021〕57号第十四条. The limit is for each member.
"""

from collections.abc import Iterator

from relief.registers.entries import Balance
from relief.registers.types import State
from relief.review.checks import outside
from relief.review.checks.facts import CaseFacts, Hit


def check(facts: CaseFacts) -> Iterator[Hit]:
    """Compare the sum of all accounts that are open with the limit, where means are checked."""
    if not outside.asks_means(facts):
        return
    accounts = [
        (one, balance)
        for one, balance in outside.of(facts, Balance)
        if balance.state is not State.ENDED and balance.balance_fen
    ]
    total = sum(balance.balance_fen or 0 for _, balance in accounts)
    if total <= facts.reference.fen("asset_cap_percap") * len(facts.counted):
        return
    one, largest = max(accounts, key=lambda pair: pair[1].balance_fen or 0)
    yield Hit(
        key="assets",
        message="家庭存款、证券等金融资产合计超过规定",
        evidence=outside.told(
            one, largest, largest.balance_on,
            amount=f"{outside.yuan(total)}，{len(accounts)} 个账户，{len(facts.counted)} 人",
            limit=facts.reference.told("asset_cap_percap", "元/人"),
        ),
    )  # fmt: skip
