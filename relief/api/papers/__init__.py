"""Papers of cases, over HTTP."""
