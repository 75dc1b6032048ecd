"""Personal data: encrypted at rest, found by a blind index, shown masked."""
