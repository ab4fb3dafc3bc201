"""Tests with the real Pulumi engine and a local AWS."""
