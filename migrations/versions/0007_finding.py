"""Find names by their sound, page a scheme's list by an index, and keep exports.

Under row security the planner uses no index whose operator is not leakproof, and expects few rows
to pass a policy. So the keys of sounds, and the pages of a scheme, are looked up by functions of
the owner that keep to the viewer's regions and department themselves.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache

import sqlalchemy as sa
from alembic import op
from pypinyin import Style, pinyin
from pypinyin.constants import PHRASES_DICT
from pypinyin.contrib.tone_convert import to_normal
from sqlalchemy.dialects import postgresql

revision = "0007_finding"
down_revision = "0006_history_and_statistics"
branch_labels = None
depends_on = None

# Done while the processes stand still. Of the trail, no row stands in the new index yet.
EXCUSED = ("require-concurrent-index-creation", "require-concurrent-index-deletion")

BYPASSES = "(SELECT r.rolbypassrls OR r.rolsuper FROM pg_roles r WHERE r.rolname = session_user)"
SOUNDING = f"""
CREATE FUNCTION households_with_sound(sound text) RETURNS SETOF uuid ROWS 100
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT m.household_id FROM person p JOIN membership m ON m.person_id = p.id
  WHERE p.name_sounds @> ARRAY[sound]
  AND (p.home_region_code <@ viewer_regions() OR {BYPASSES})
$$
"""
# One page of ids along the index, from `after` on: what is asked for, and of it what the viewer
# may see.
OF_SCHEME = f"""
CREATE FUNCTION households_of_scheme(
  scheme text, hardship text, department text, regions int8multirange, after_region bigint,
  after_id uuid, most int
) RETURNS SETOF uuid ROWS 50
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT DISTINCT ON (e.home_region_code, e.household_id) e.household_id FROM enrolment e
  WHERE e.scheme_code = scheme
  AND e.home_region_code >= lower(regions) AND e.home_region_code < upper(regions)
  AND (e.home_region_code, e.household_id) > (after_region, after_id)
  AND e.home_region_code <@ regions
  AND (department IS NULL OR e.department_code = department)
  AND (hardship IS NULL
    OR EXISTS (SELECT FROM household h WHERE h.id = e.household_id AND h.category = hardship))
  AND ({BYPASSES} OR e.home_region_code <@ viewer_regions()
    AND (viewer_department() IS NULL OR e.department_code = viewer_department()))
  ORDER BY e.home_region_code, e.household_id LIMIT most
$$
"""
# The same for names, by their characters or their sound. Planned anew for each search: a common
# name is met at once along the households' order, a rare one is found by its own index. The
# planner takes <@ of a multirange for rare, so it reads that only where there are several ranges,
# and then as a condition that says nothing to it.
NAMED = f"""
CREATE FUNCTION households_named(
  part text, sound text, department text, regions int8multirange, after_region bigint,
  after_id uuid, most int
) RETURNS SETOF uuid ROWS 50
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
  named text := CASE WHEN sound IS NULL
    THEN 'string_to_array(p.name_key, NULL) @> string_to_array($1, NULL) AND position($1 IN p.name_key) > 0'
    ELSE 'p.name_sounds @> ARRAY[$1]' END;
  served text := 'EXISTS (SELECT FROM enrolment e WHERE e.household_id = m.household_id AND e.department_code = %s)';
  several text := 'CASE WHEN m.home_region_code <@ $2 THEN true ELSE false END';
  own text := viewer_department();
BEGIN
  IF NOT {BYPASSES} THEN
    regions := regions * viewer_regions();
    IF own IS NOT NULL THEN
      named := named || ' AND ' || format(served, '$7');
    END IF;
  END IF;
  IF department IS NOT NULL THEN
    named := named || ' AND ' || format(served, '$6');
  END IF;
  IF (SELECT count(*) FROM unnest(regions)) > 1 THEN
    named := named || ' AND ' || several;
  END IF;
  RETURN QUERY EXECUTE
    'SELECT DISTINCT ON (m.home_region_code, m.household_id) m.household_id'
    ' FROM membership m JOIN person p ON p.id = m.person_id'
    ' WHERE m.home_region_code >= lower($2) AND m.home_region_code < upper($2)'
    ' AND (m.home_region_code, m.household_id) > ($3, $4)'
    ' AND ' || named || ' ORDER BY m.home_region_code, m.household_id LIMIT $5'
    USING coalesce(sound, part), regions, after_region, after_id, most, department, own;
END $$
"""
UNTOLD = ("merged_at", "origins", "source_id", "home_region_code")
POLICIES = {
    "export": "account_id = (SELECT viewer_id())",
    "export_household": "export_id IN"
    " (SELECT x.id FROM export x WHERE x.account_id = (SELECT viewer_id()))",
}
AT_ONCE = 5000


def upgrade() -> None:
    op.add_column(
        "person",
        sa.Column(
            "name_sounds",
            postgresql.ARRAY(sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="keys by which the name is found when typed in letters (core.pinyin)",
        ),
    )
    _fill()
    op.create_index("ix_person_name_sounds", "person", ["name_sounds"], postgresql_using="gin")
    # Not a change of what is known: no row history.
    _update_trigger(*UNTOLD, "name_sounds")
    op.execute(SOUNDING)
    op.create_index(
        op.f("ix_enrolment_scheme_code_home_region_code_household_id"),
        "enrolment",
        ["scheme_code", "home_region_code", "household_id"],
    )
    op.drop_index(op.f("ix_enrolment_scheme_code_household_id"), table_name="enrolment")
    op.execute(OF_SCHEME)
    op.create_index(
        op.f("ix_membership_home_region_code_household_id"),
        "membership",
        ["home_region_code", "household_id"],
    )
    op.execute(NAMED)
    _exports()
    op.create_index(
        "ix_audit_event_exported",
        "audit_event",
        [sa.text("(details -> 'shown')")],
        postgresql_using="gin",
        postgresql_where=sa.text("action = 'household:exported'"),
    )


def downgrade() -> None:
    op.drop_index("ix_audit_event_exported", table_name="audit_event")
    op.drop_table("export_household")
    op.drop_index(op.f("ix_export_account_id_id"), table_name="export")
    op.drop_table("export")
    op.execute(
        "DROP FUNCTION households_named(text, text, text, int8multirange, bigint, uuid, int)"
    )
    op.drop_index(op.f("ix_membership_home_region_code_household_id"), table_name="membership")
    op.execute(
        "DROP FUNCTION households_of_scheme(text, text, text, int8multirange, bigint, uuid, int)"
    )
    op.create_index(
        op.f("ix_enrolment_scheme_code_household_id"), "enrolment", ["scheme_code", "household_id"]
    )
    op.drop_index(
        op.f("ix_enrolment_scheme_code_home_region_code_household_id"), table_name="enrolment"
    )
    op.execute("DROP FUNCTION households_with_sound(text)")
    _update_trigger(*UNTOLD)
    op.drop_index("ix_person_name_sounds", table_name="person")
    op.drop_column("person", "name_sounds")


def _exports() -> None:
    op.create_table(
        "export",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column(
            "form",
            sa.Enum("csv", "xlsx", name="exportform", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("remark", sa.String(length=150), nullable=True),
        sa.Column(
            "criteria",
            sa.LargeBinary(),
            nullable=True,
            comment="sealed: what the list was narrowed to; names and numbers stand in it",
        ),
        sa.Column(
            "told",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="region, scheme and category, and by which fields was searched",
        ),
        sa.Column(
            "ranges",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="the regions of the asker when asking",
        ),
        sa.Column(
            "department_code",
            sa.String(length=8),
            nullable=True,
            comment="the asker's, if that is all they see",
        ),
        sa.Column("most", sa.BigInteger(), nullable=False, comment="rows that the role may take"),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=True, comment="none: not made yet, or expired"),
        sa.Column("row_count", sa.BigInteger(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True, comment="last"),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("fk_export_file_id_stored_file")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_export_task_id_task")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export")),
    )
    op.create_index(op.f("ix_export_account_id_id"), "export", ["account_id", "id"])
    op.create_table(
        "export_household",
        sa.Column("export_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True, comment="the householder, who is named"),
        sa.Column("region_code", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["export_id"],
            ["export.id"],
            name=op.f("fk_export_household_export_id_export"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("export_id", "household_id", name=op.f("pk_export_household")),
    )
    for table, seen in POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY viewer ON {table} USING ({seen})")


def _update_trigger(*untold: str) -> None:
    """Make the trigger that notes updates of persons anew."""
    arguments = ", ".join(f"'{name}'" for name in ("id", *untold))
    op.execute("DROP TRIGGER history_update ON person")
    op.execute(
        "CREATE TRIGGER history_update AFTER UPDATE ON person"
        " REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT"
        f" EXECUTE FUNCTION record_row_versions({arguments})"
    )


def _fill() -> None:
    """Give the persons that are there their keys, once for each distinct name."""
    if op.get_context().as_sql:
        return
    bind = op.get_bind()
    bind.execute(sa.text("SET LOCAL statement_timeout = 0"))
    bind.execute(sa.text("ALTER TABLE person DISABLE TRIGGER USER"))
    names = bind.execute(sa.text("SELECT DISTINCT name_key FROM person")).scalars().all()
    for start in range(0, len(names), AT_ONCE):
        some = names[start : start + AT_ONCE]
        bind.execute(
            sa.text(
                "UPDATE person p SET name_sounds = n.sounds\\:\\:text[]"
                " FROM unnest(CAST(:names AS text[]), CAST(:sounds AS text[])) AS n (name, sounds)"
                " WHERE p.name_key = n.name"
            ),
            {"names": some, "sounds": [f"{{{','.join(sound_keys(name))}}}" for name in some]},
        )
    bind.execute(sa.text("ALTER TABLE person ENABLE TRIGGER USER"))


# What relief/core/pinyin.py said on the day of this migration.
# How a character is read as a family name; it keeps its other readings, which some families and
# most typists use.
SURNAMES: Mapping[str, str] = {
    "单": "shan", "單": "shan", "曾": "zeng", "解": "xie", "查": "zha", "仇": "qiu", "区": "ou",
    "區": "ou", "朴": "piao", "盖": "ge", "蓋": "ge", "翟": "zhai", "缪": "miao", "繆": "miao",
    "尉": "yu", "乐": "yue", "樂": "yue", "重": "chong", "秘": "bi", "员": "yun", "員": "yun",
    "折": "she", "黑": "he", "繁": "po", "召": "shao", "宓": "fu", "覃": "qin", "都": "du",
    "郇": "xun", "乜": "nie", "种": "chong", "佴": "nai", "祭": "zhai", "牟": "mu", "薄": "bo",
    "卜": "bu", "阚": "kan", "郗": "chi", "能": "nai", "车": "che", "車": "che", "句": "gou",
    "适": "kuo",
}  # fmt: skip
COMPOUND_SURNAMES: Mapping[str, tuple[str, str]] = {
    "尉迟": ("yu", "chi"), "尉遲": ("yu", "chi"), "万俟": ("mo", "qi"), "单于": ("chan", "yu"),
    "澹台": ("tan", "tai"), "乐正": ("yue", "zheng"), "長孫": ("zhang", "sun"),
    "长孙": ("zhang", "sun"),
}  # fmt: skip

_RARE = 20  # a reading in fewer than a twentieth of a character's words is not tried
_FEW_WORDS = 10  # with fewer words the dictionary's own order decides
_MOST_READINGS = 3
_SHORT = 4  # characters of a name that is found from any of its syllables on
_MOST_COMBINATIONS = 16
_LONGEST = 24  # syllables of a name that are heard
_SHORTEST_INITIALS = 2
_LETTERS = re.compile(r"[A-Za-z]+")

Syllables = tuple[str, ...]  # the readings of one character


def sound_keys(name: str) -> list[str]:
    keys: set[str] = set()
    parts = _parts(name)
    whole = [syllable for part in parts for syllable in part][:_LONGEST]
    for start in _starts(parts):
        spoken, letters = [""], [""]
        for count, syllable in enumerate(whole[start:], 1):
            spoken = _extended(spoken, syllable)
            keys.update(spoken)
            letters = _extended(letters, {reading[0]: None for reading in syllable})
            if count >= _SHORTEST_INITIALS:
                keys.update(letters)
    return sorted(keys)


def _extended(runs: Sequence[str], readings: Iterable[str]) -> list[str]:
    return [run + reading for run in runs for reading in readings][:_MOST_COMBINATIONS]


def _starts(parts: Sequence[Sequence[Syllables]]) -> Iterator[int]:
    place = 0
    for part in parts:
        yield place
        if len(part) <= _SHORT:
            yield from range(place + 1, place + len(part))
        place += len(part)


def _parts(name: str) -> list[list[Syllables]]:
    parts: list[list[Syllables]] = [[]]
    place = 0
    while place < len(name):
        if latin := _LETTERS.match(name, place):
            parts[-1].append((latin[0].lower(),))
            place = latin.end()
            continue
        if spoken := _readings(name[place]):
            parts[-1].append(spoken)
        elif parts[-1]:
            parts.append([])
        place += 1
    if parts[0]:
        parts[0] = _as_surname(name, parts[0])
    return [part for part in parts if part]


def _as_surname(name: str, syllables: list[Syllables]) -> list[Syllables]:
    compound = COMPOUND_SURNAMES.get(name[:2])
    special = compound or ((SURNAMES[name[0]],) if name[0] in SURNAMES else ())
    first = [(own, *_without(own, syllables[place])) for place, own in enumerate(special)]
    return [*first, *syllables[len(first) :]]


def _without(reading: str, readings: Syllables) -> Syllables:
    return tuple(other for other in readings if other != reading)


@cache
def _readings(character: str) -> Syllables:
    found = pinyin(character, style=Style.NORMAL, heteronym=True, errors="ignore")
    if not found:
        return ()
    known = [reading for reading in found[0] if reading.isascii() and reading.isalpha()]
    uses = Counter[str]()
    for reading, times in _words().get(character, {}).items():
        uses[to_normal(reading)] += times
    total = uses.total()
    if total >= _FEW_WORDS:
        known = known[:1] + [other for other in known[1:] if uses[other] * _RARE >= total]
    return tuple(known[:_MOST_READINGS])


@cache
def _words() -> Mapping[str, Mapping[str, int]]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for word, syllables in PHRASES_DICT.items():
        for character, spoken in zip(word, syllables, strict=False):
            counts[character][spoken[0]] += 1
    return counts
