"""Tests of the program and the pure modules, in seconds, without network or Pulumi CLI."""
