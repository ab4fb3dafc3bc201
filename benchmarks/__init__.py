"""Compares this program with a flat one and a boto3 script that create the same resources."""
