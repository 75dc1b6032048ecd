"""Taking a list away as a file (导出): asked for, made by a worker, fetched, and deleted again."""
