"""Groups of things that belong together, found pair by pair."""

from collections.abc import Iterable
from typing import Generic, TypeVar

T = TypeVar("T", str, int)


class Groups(Generic[T]):
    """A union-find whose groups are called by their smallest member, in any order of pairs."""

    def __init__(self) -> None:
        self._up: dict[T, T] = {}

    def find(self, member: T) -> T:
        """Return what the member's group is called; a stranger is a group of its own."""
        path = []
        while (up := self._up.get(member, member)) != member:
            path.append(member)
            member = up
        for below in path:
            self._up[below] = member
        return member

    def join(self, members: Iterable[T]) -> None:
        """Make one group of the groups of all these."""
        roots = sorted({self.find(member) for member in members})
        for root in roots[1:]:
            self._up[root] = roots[0]
