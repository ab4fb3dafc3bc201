"""The peer: the same AWS resources in a program without components or checks."""
