"""Verification on the local AWS: setups created by hand, a deployed stack, and the command."""
