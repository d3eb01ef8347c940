"""What officers work with: scans, the queue, their word on a scan, and who looks at what."""
