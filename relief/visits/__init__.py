"""Who helps which household (帮扶), and which household nobody helps."""
