"""The rehearsal's stand-in for the pulumi-aws provider.

It translates this program's few resources into API calls to the local AWS, and rejects every other
resource, function and input by name.

It imitates pulumi-aws 7, the upstream Terraform provider behind the Pulumi bridge, as far as a
program or a user can see a difference. It was written from the source code of both and of the Go
libraries that they use; each module names the files that it follows. Where a library could be run,
such as the one that compares policies, the tests contain the library's own results. Nothing here was
compared with pulumi-aws running against AWS.
"""
