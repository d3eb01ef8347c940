"""Model files, looked at before any library loads them: only plain weights, graphs and words may go further."""
