"""Files of outside registers in: read by a child process, checked row by row, loaded as a batch."""
