"""The base class of errors that users can fix."""


class SandboxError(Exception):
    """The message says what is wrong and what to do about it."""
