"""Extension of a limit (延长办理期限): where the procedure has one, once, by someone higher."""
