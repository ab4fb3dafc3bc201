"""Verification: each requirement by itself, and what is said about what could not be read."""
