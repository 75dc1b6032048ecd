"""Works out how the winning names sound, once for each distinct name.

Reads `new_person` and `identity`; makes `sound(name_key, keys)`, `keys` as PostgreSQL writes an
array of texts.
"""

from relief.core.pinyin import sound_keys
from relief.registry.merging.workbench import Workbench


def note(bench: Workbench) -> None:
    """Fill `sound`."""
    bench.run("CREATE TABLE sound (name_key VARCHAR, keys VARCHAR)")
    names = [
        name
        for (name,) in bench.run("""
            SELECT DISTINCT w.name_key FROM new_person p
            JOIN identity w ON w.id = (p.origins->>'name')::UUID ORDER BY w.name_key
        """).fetchall()
    ]
    if names:
        keys = [f"{{{','.join(sound_keys(name))}}}" for name in names]
        bench.run("INSERT INTO sound SELECT unnest(?), unnest(?)", [names, keys])
