"""Figures, each as a ratio against a reference measured in the same run: ./dev bench NAME."""
