"""Least-privilege IAM policies for a stack: a table of permissions, and the code that prints the policies.

The package does not call AWS or need a login. Neither the program nor the sandbox depends on it.
"""
