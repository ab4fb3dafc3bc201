"""The flat program: the AWS resources of a default stack, without a component or checks."""
