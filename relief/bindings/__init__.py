"""Whose a WeChat account is: its sign-in, its consent, its roles in the mini program."""
