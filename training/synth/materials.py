"""What things are made of: attenuation per centimetre at the two energies of the scanner.

The figures are the linear coefficients (density included) at effective 60 and 110 keV, from the Elam tables.
Leaves shapes to `shapes.py` and colours to `colour.py`.
"""

from dataclasses import dataclass

from training.synth.values import Group

# The ratio low / high tells the kind of matter, whatever its thickness.
ORGANIC_BELOW = 1.35
METAL_FROM = 2.6
HEAVIEST = 10.0  # 1/cm at the high energy; what takes more is lead, whose ratio says nothing


@dataclass(frozen=True, slots=True)
class Material:
    low: float  # 1/cm at 60 keV
    high: float  # 1/cm at 110 keV

    @property
    def group(self) -> Group:
        if self.high > HEAVIEST:
            return "metal"
        ratio = self.low / self.high
        if ratio < ORGANIC_BELOW:
            return "organic"
        return "mixed" if ratio < METAL_FROM else "metal"


TEXTILE = Material(0.0481, 0.0394)
PAPER = Material(0.1346, 0.1103)  # wood too
LEATHER = Material(0.1711, 0.1424)
PLASTIC = Material(0.1967, 0.1661)
NYLON = Material(0.2201, 0.1844)
RUBBER = Material(0.1826, 0.1549)
LIQUID = Material(0.2059, 0.1657)
POWDER = Material(0.1737, 0.1422)
DENSE_ORGANIC = Material(0.2982, 0.2432)
PVC = Material(0.4588, 0.2436)
CERAMIC = Material(0.876, 0.577)
GLASS = Material(0.6725, 0.4070)
ALUMINIUM = Material(0.7501, 0.4342)
BOARD = Material(0.8133, 0.3626)  # glass fibre with its parts
CELL = Material(1.8366, 0.5699)  # lithium ion
TITANIUM = Material(3.447, 1.062)
STEEL = Material(9.4828, 2.4536)
BRASS = Material(13.97, 3.282)
COPPER = Material(14.27, 3.378)
LEAD = Material(57.0, 49.5)  # told by its blackness: between the two energies it absorbs anew
