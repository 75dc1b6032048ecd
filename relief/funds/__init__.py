"""Entitlements (待遇), and the money that follows from them."""
