"""How much of the machine one file may take."""

from dataclasses import dataclass

_MIB = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits of one file and of the child process that reads it."""

    # The longest file of three cities together: all payments of one scheme, year by year.
    file_bytes: int = 1536 * _MIB
    rows: int = 6_000_000
    columns: int = 200
    cell_characters: int = 32_767  # what a spreadsheet cell can hold
    text_characters: int = 500_000_000  # of all cells of a workbook that share their texts
    row_bytes: int = 4 * _MIB  # longest row of a CSV file
    heading_rows: int = 10  # the headings stand in one of them
    # A workbook of 300,000 rows unzips to about 300 MiB, at a ratio of 5 to 20.
    unzipped_bytes: int = 600 * _MIB
    unzipped_ratio: int = 100
    zip_entries: int = 200
    memory_bytes: int = 3072 * _MIB  # address space, several times what is really used
    engine_memory: str = "512MB"  # DuckDB spills to the private folder above this
    cpu_seconds: int = 240
    wall_seconds: int = 600


DEFAULT_LIMITS = Limits()
