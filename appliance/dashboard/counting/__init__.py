"""Figures: what the scans of a time come to, with how sure that is, and what an officer did in a shift."""
