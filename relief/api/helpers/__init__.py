"""Who helps which household."""
