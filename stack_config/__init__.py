"""The stack config: everything about `Pulumi.<stack>.yaml`, from reading it to the messages about what is wrong in it."""

from .errors import StackConfigError, report_errors
from .reading import load_stack_config

__all__ = ["StackConfigError", "load_stack_config", "report_errors"]
