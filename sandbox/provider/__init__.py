"""The rehearsal's stand-in for the pulumi-aws provider.

It turns the few resources that this project uses into AWS API calls on the local AWS, and refuses
everything else by name. It behaves as pulumi-aws does where a program or a person can tell.
"""
