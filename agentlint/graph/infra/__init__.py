"""Infrastructure linked across files: stacks, values of properties, identities and what they may do."""
