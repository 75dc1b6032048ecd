"""Loads department files in a test's transaction."""

import pytest
from sqlalchemy import func, select

from relief.registry.intake import service
from relief.registry.models import RejectedRow
from tests.support.settings import START


@pytest.fixture
def storage(tmp_path):
    return tmp_path / "storage"


@pytest.fixture
def load(session, cipher, storage):
    def load(path, scheme=None, **more):
        return service.import_file(
            session,
            path,
            scheme_code=scheme,
            actor_id=None,
            cipher=cipher,
            storage=storage,
            now=START,
            **more,
        )

    return load


def count(session, model):
    return session.scalar(select(func.count()).select_from(model))


def rejected(session, report):
    rows = session.scalars(
        select(RejectedRow)
        .where(RejectedRow.batch_id == report.batch_id)
        .order_by(RejectedRow.row_number)
    )
    return [(row.row_number, row.code) for row in rows]
