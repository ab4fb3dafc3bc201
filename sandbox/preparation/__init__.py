"""From the user's stack file to a stack that can be rehearsed: what is read, replaced and made up."""
