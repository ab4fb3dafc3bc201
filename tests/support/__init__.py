"""Shared by unit/ and sandbox/: a recording engine, drivers for stacks and the provider, an AWS proxy."""
