"""Prepares a stack for a rehearsal from the user's stack file."""
