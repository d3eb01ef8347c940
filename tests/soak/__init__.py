"""The long versions of tests: ./dev soak NAME. Bounded in count and time, on this machine alone."""
