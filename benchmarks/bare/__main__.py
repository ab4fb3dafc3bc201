"""Register one resource that needs no provider."""

import pulumi

pulumi.ComponentResource("bare:index:Resource", "bare")
