"""Single records from departments' systems."""
