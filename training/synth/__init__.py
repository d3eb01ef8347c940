"""The scan simulator: dual-energy X-ray pictures of packed bags, drawn from a seed, with the truth about each.

Start reading at `simulator.py`; `write.py` lays scans into a folder the way scanners do, `formats/` as data
sets do. What can be in a bag is in `things/`.
"""
