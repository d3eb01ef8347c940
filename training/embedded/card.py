"""Figures as the table of a model card.

Takes what `figures.py` gives, gives Markdown.
"""

from typing import Any

TOLD = {
    "items": "items, F1",
    "places": "place, of the items that were right",
    "hiding": "concealed or not, F1",
    "questions": "questions about one thing, exact",
    "presence": "presence",
    "location": "place of one thing",
    "occlusion": "level of hiding and what hides",
    "specific": "all of one kind",
    "detailed": "description, to the letter",
    "valid": "answers within the grammar, which nothing enforced here",
    "items, hinted": "items, F1, with hints",
    "places, hinted": "place, with hints",
    "hiding, hinted": "concealed or not, F1, with hints",
    "follows the picture: general": "another picture, another answer: what is in it",
    "follows the picture: specific": "another picture, another answer: all of one kind",
    "follows the picture: presence": "another picture, another answer: presence",
}
BAGS = {"detector": "detector alone", "reader": "reader alone", "both": "both together"}


def card(figures: dict[str, Any]) -> str:
    detector, reader, bags = figures["detector"], figures["reader"], figures["bags"]
    rows = [
        f"Of {figures['scans']} simulated scans, each share with the bounds of its 95 % interval.",
        "",
        "| figure | share | bounds |",
        "|---|---|---|",
        f"| detector, mAP50 | {detector['map50']:.3f} | |",
        *(
            f"| detector, {level} ({of['of']}): mAP50; found | {of['map50']:.3f}; {of['found']:.3f} | |"
            for level, of in detector["by_level"].items()
        ),
        f"| detector, calibration error | {detector['calibration_error']:.3f} | |",
        *(_row(f"reader, {told}", reader[name]) for name, told in TOLD.items() if name in reader),
        f"| reader, calibration error | {figures['reader_calibration_error']:.3f} | |",
        *(
            _row(f"{told}: {what}", bags[who][share])
            for who, told in BAGS.items()
            for share, what in (("detected", "bags stopped"), ("false_alarms", "false alarms"))
        ),
        "",
        "| thing | AP50 |",
        "|---|---|",
        *(f"| {name} | {precision:.3f} |" for name, precision in detector["by_class"].items()),
    ]
    return "\n".join(rows) + "\n"


def _row(name: str, told: dict[str, float]) -> str:
    return f"| {name} | {told['share']:.3f} | {told['low']:.3f} to {told['high']:.3f} |"
