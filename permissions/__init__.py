"""The least IAM policies for one stack: a table of permissions, and the code that prints them.

Nothing here calls AWS or needs a login, and neither the program nor the sandbox needs anything from here.
"""
