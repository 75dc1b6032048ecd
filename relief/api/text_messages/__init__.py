"""What became of the text messages."""
