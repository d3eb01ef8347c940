"""The central side: makes scans, data sets and releases. Imported by nothing on the box."""
