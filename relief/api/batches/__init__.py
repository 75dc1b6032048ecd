"""Department files, the tasks they start and the questions they leave."""
