"""Backups: the database and the original files of one moment, with what a restore must come to.

Keys are never part of one. Who has a backup without the keys has names, regions and amounts of
the database, but no identity number, phone, account or illness, and no original file.
"""
