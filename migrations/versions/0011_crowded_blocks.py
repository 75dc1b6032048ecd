"""Remember which blocks are too crowded to compare, for merges that read some of their people.

A merge of everything counts them; a merge of parts sees some of the people in a block only, and
compared them. The next merge works out everything and fills the table.
"""

from alembic import op
import sqlalchemy as sa

revision = "0011_crowded_blocks"
down_revision = "0010_parts"


def upgrade() -> None:
    op.create_table(
        "crowded_block",
        sa.Column(
            "key",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="a digest, as in link_part.keys",
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_crowded_block")),
    )


def downgrade() -> None:
    op.drop_table("crowded_block")
