"""The pages of procedures and their drafts (办理流程)."""
