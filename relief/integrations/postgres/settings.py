"""The text of postgresql.conf and pg_hba.conf, chosen for the machine."""

import os
import shutil
from dataclasses import dataclass

MEBIBYTE = 2**20
_SMALL_SHM = 1024 * MEBIBYTE

HBA = "host all all 127.0.0.1/32 scram-sha-256\n"

# Bulk loads of millions of rows beside ordinary requests. Base backups are for a server of its
# own: this one is backed up by pg_dump, so it writes the least journal.
_ALWAYS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # a socket's path may have 107 bytes; a checkout's path more
    "max_connections": "100",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "datestyle": "iso, ymd",
    "lc_messages": "C",
    "default_text_search_config": "pg_catalog.simple",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "jit": "off",
    "random_page_cost": "1.1",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    # A failed statement and its detail may hold personal data.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
_DURABLE = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "wal_buffers": "64MB",
    "min_wal_size": "1GB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "15min",
    "checkpoint_completion_target": "0.9",
}
_THROW_AWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_wal_size": "2GB",
    "autovacuum": "off",
}


@dataclass(frozen=True, slots=True)
class Machine:
    """What the settings depend on."""

    memory: int
    shared_memory: int
    cores: int


def look() -> Machine:
    """Return this machine's size."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        shared = shutil.disk_usage("/dev/shm").free  # noqa: S108  # measured, not written to
    except OSError:
        shared = 0
    return Machine(memory=memory, shared_memory=shared, cores=os.cpu_count() or 1)


def conf(machine: Machine, *, port: int, durable: bool) -> str:
    """Return postgresql.conf; `durable` False is for tests, whose data nobody misses."""
    chosen = {
        **_ALWAYS,
        **(_DURABLE if durable else _THROW_AWAY),
        "port": str(port),
        "shared_buffers": _megabytes(machine.memory // 16, low=128, high=1024),
        "effective_cache_size": _megabytes(machine.memory // 2, low=256, high=65536),
        "maintenance_work_mem": _megabytes(machine.memory // 48, low=64, high=512),
        "work_mem": _megabytes(machine.memory // 512, low=8, high=48),
        "max_parallel_workers_per_gather": str(min(machine.cores, 4)),
        "max_parallel_maintenance_workers": str(min(machine.cores, 4)),
        # Containers often give 64 MB of /dev/shm, in which a parallel query fails.
        "dynamic_shared_memory_type": "posix" if machine.shared_memory >= _SMALL_SHM else "mmap",
    }
    return "".join(f"{name} = '{value}'\n" for name, value in chosen.items())


def _megabytes(size: int, *, low: int, high: int) -> str:
    return f"{max(low, min(high, size // MEBIBYTE))}MB"
