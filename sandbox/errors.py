"""The one error that is meant for the person at the keyboard."""


class SandboxError(Exception):
    """Something the person can put right: the message says what is wrong and what to do."""
