"""Single records that a department's system sends: loaded and linked while it waits."""
