"""The routes described for tools, and held against the routes by a test."""
