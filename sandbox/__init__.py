"""The local rehearsal: deploys the stack with the real Pulumi engine to an AWS on this machine."""
