"""Pictures, sounds and documents that people send: told by their content, and made anew."""
