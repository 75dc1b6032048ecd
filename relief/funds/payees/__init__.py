"""To whom money is paid (收款账户): the account in force of a case, and those before it."""
