"""What unit/ and sandbox/ share: a recording engine, drivers of stacks and of the provider, an AWS proxy."""
