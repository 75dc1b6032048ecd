"""Papers of cases, and the public check of one."""
