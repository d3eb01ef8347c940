"""Every kind of thing by name: what sort it is, how it is drawn and what declarations call it.

Threats are prohibited. Other targets (tools, electronics, liquids) are worth finding and may be declared, as plain
goods are. The five OPIXray classes are `folding_knife`, `straight_knife`, `scissors`, `utility_knife` and
`multi_tool_knife`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from training.synth.shapes import Parts, Rng
from training.synth.things import blades, containers, electronics, guns, hazards, household, tools, wear
from training.synth.values import Category


@dataclass(frozen=True, slots=True)
class Kind:
    name: str
    category: Category
    build: Callable[[Rng], Parts]
    words: tuple[str, ...]  # as declarations say it
    threat: bool = False


def _threat(category: Category, build: Callable[[Rng], Parts]) -> Kind:
    return Kind(build.__name__, category, build, (build.__name__.replace("_", " "),), threat=True)


def _kind(category: Category, build: Callable[[Rng], Parts], *words: str) -> Kind:
    return Kind(build.__name__, category, build, (build.__name__.replace("_", " "), *words))


KINDS: tuple[Kind, ...] = (
    _threat("blade", blades.folding_knife),
    _threat("blade", blades.straight_knife),
    _threat("blade", blades.scissors),
    _threat("blade", blades.utility_knife),
    _threat("blade", blades.multi_tool_knife),
    _threat("weapon", guns.handgun),
    _threat("weapon", guns.printed_gun),
    _threat("ammunition", guns.ammunition),
    _threat("explosive", hazards.explosive),
    _threat("flammable", hazards.lighter),
    _threat("flammable", hazards.spray_can),
    _kind("tool", tools.hammer, "claw hammer", "hand tool"),
    _kind("tool", tools.pliers, "pincers", "hand tool"),
    _kind("tool", tools.wrench, "spanner", "hand tool"),
    _kind("tool", tools.screwdriver, "hand tool"),
    _kind("electronics", electronics.laptop, "notebook computer", "electronics"),
    _kind("electronics", electronics.tablet, "tablet computer", "electronics"),
    _kind("electronics", electronics.phone, "mobile phone", "smartphone", "electronics"),
    _kind("electronics", electronics.powerbank, "portable charger", "electronics"),
    _kind("electronics", electronics.battery, "batteries"),
    _kind("liquid", containers.bottle, "drink", "water bottle", "beverage"),
    _kind("other", containers.cosmetics, "make-up", "cream"),
    _kind("other", containers.mug, "cup", "kitchenware"),
    _kind("other", containers.tin, "canned food", "food"),
    _kind("other", containers.toiletries, "toilet articles", "shampoo and cream"),
    _kind("other", electronics.cable, "charging cable", "wire"),
    _kind("other", electronics.headphones, "headset", "electronics"),
    _kind("other", electronics.hair_dryer, "hairdryer", "household appliance"),
    _kind("other", wear.clothes, "clothing", "garments", "apparel"),
    _kind("other", wear.shoe, "shoes", "footwear"),
    _kind("other", wear.belt, "leather belt", "accessories"),
    _kind("other", wear.glasses, "spectacles", "sunglasses"),
    _kind("other", wear.umbrella, "folding umbrella"),
    _kind("other", household.book, "books", "printed matter"),
    _kind("other", household.coins, "change", "money"),
    _kind("other", household.keys, "bunch of keys"),
    _kind("other", household.food, "snacks", "groceries"),
    _kind("other", household.medicine, "tablets", "pharmaceuticals"),
    _kind("other", household.toy, "stuffed toy", "toys"),
    _kind("other", household.powder_pack, "flour", "washing powder"),
    _kind("other", household.iron_pan, "frying pan", "kitchenware"),
)
CATALOGUE: dict[str, Kind] = {kind.name: kind for kind in KINDS}
THREATS: tuple[str, ...] = tuple(kind.name for kind in KINDS if kind.threat)
GOODS: tuple[str, ...] = tuple(kind.name for kind in KINDS if not kind.threat)
TARGETS: tuple[str, ...] = tuple(kind.name for kind in KINDS if kind.category != "other")
"""The classes of the data sets, in the order of their numbers."""
HEAVY: tuple[str, ...] = ("iron_pan", "powerbank", "powder_pack", "book", "bottle", "laptop", "hair_dryer", "tin")
"""Goods that hide what lies under them."""
