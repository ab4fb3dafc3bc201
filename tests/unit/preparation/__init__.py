"""Tests of sandbox.preparation."""
