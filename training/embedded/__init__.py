"""The tiny models that live in this repository: the pool they learn from, their making and their figures."""
