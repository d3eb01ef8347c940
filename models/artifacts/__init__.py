"""Model files, looked at before any library loads them: only weights, graphs, words and pictures may go further."""
