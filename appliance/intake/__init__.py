"""The ways in: folders, feeds, DICOM senders; the decoder; and the one door they all lead to, `receive.py`."""
