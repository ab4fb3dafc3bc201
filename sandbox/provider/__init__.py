"""The rehearsal's stand-in for the pulumi-aws provider.

It turns the few resources of this program into AWS API calls on the local AWS, and refuses every
other resource, function and input by name.

What it imitates, as far as a program or a user can tell the difference, is pulumi-aws 7: the
upstream Terraform provider behind the Pulumi bridge. Its word is the source of these two and of the
Go libraries that they use; each module names the files that it follows. Where a library could be
run, such as the one that compares policies, the tests hold the library's own answers. Nothing here
was compared with pulumi-aws running against AWS.
"""
