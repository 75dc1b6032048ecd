"""Periodic re-check (定期核查) of what cases granted: how often is data of the scheme.

An overdue one is told to the office; it never stops anything (民发〔2021〕57号第三十一条).
"""
