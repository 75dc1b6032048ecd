"""Files of outside registers, as their steward sees them."""
