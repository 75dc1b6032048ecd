"""Department files and the tasks they start."""
