"""Senders of DICOM and DICOS objects. Begin at door.py."""
