"""Verification on the local AWS: setups made by hand, a deployed stack, and the command."""
