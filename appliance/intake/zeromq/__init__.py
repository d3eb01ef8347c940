"""Scanner software that sends over ZeroMQ. Begin at feed.py."""
