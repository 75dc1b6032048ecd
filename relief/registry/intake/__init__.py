"""Department files in: read in a child process, checked row by row, loaded in one transaction."""
