"""The box's own door, for its own commands: a Unix socket that only the box's user can open."""
