"""Staff accounts, their roles and regions."""
