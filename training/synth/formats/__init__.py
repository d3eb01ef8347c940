"""Simulated scans as the data sets people train on, one format per file. `shelf.py` lists them."""
