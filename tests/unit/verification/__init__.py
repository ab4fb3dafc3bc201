"""Verification: each requirement on its own, and how unreadable facts are reported."""
