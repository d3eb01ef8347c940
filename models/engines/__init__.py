"""The engines, each a way to look at pictures, and the shelf that picks one."""
