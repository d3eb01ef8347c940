"""Keeping the box well: disk, figures, child processes."""
