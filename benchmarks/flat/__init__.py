"""The peer: the same AWS resources in a program without components, checks or batches."""
