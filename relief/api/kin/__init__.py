"""What staff file of their close relatives, over HTTP."""
