"""Permissions: the policies follow from what the program declares, and have only what AWS knows."""
