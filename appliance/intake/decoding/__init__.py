"""Untrusted bytes to clean pictures, in children that can do nothing else. Begin at decoder.py."""
