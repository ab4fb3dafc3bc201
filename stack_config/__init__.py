"""The stack config: reading and checking `Pulumi.<stack>.yaml`, and its error messages."""

from .errors import StackConfigError, report_errors
from .reading import load_stack_config

__all__ = ["StackConfigError", "load_stack_config", "report_errors"]
