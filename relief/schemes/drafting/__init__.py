"""Drafts of procedures (流程草稿): a city changes a procedure itself, with four eyes."""
