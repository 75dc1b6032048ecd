"""Tells whoever wrote a specification where the database stumbled over it."""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from relief.registry.matching.parts import BadSpecification
from relief.registry.matching.specification import Specification


@contextmanager
def blamed(spec: Specification, place: str) -> Iterator[None]:
    """Turn an error of the database into BadSpecification, which names the place in the file."""
    try:
        yield
    except duckdb.Error as error:
        raise BadSpecification(f"{spec.path.name}：{place}：{first_line(error)}") from None


def first_line(error: BaseException) -> str:
    """Return what an error says, without the statement that the database adds below."""
    return str(error).partition("\n")[0]
