"""The local rehearsal: the stack deployed by the real engine to an AWS that lives on this machine."""
