"""A folder that a scanner writes into, in any way. Begin at intake.py."""
