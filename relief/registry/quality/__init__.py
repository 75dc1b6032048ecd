"""How good the departments' files are: what is counted as a fault, and the file to send back."""
