"""Permissions: the policies match the program's resources, and contain only actions that AWS documents."""
