"""`lanewatch rules`: read, test and compare rulebooks before they judge anything. Nothing here changes the box."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple, cast

from cyclopts import Parameter

from appliance.commands.common import (
    DEFAULT_CONFIG,
    Config,
    Json,
    UnreachableError,
    UsageError,
    printable,
    reading,
    show_json,
    show_table,
)
from appliance.commands.telling import when

if TYPE_CHECKING:
    from appliance.rules.reading import Names, Parts
    from appliance.rules.texts import Texts

Book = Annotated[Path, Parameter(help="The rulebook; its taxonomy stands beside it, as it says.")]
Sheet = Annotated[Path | None, Parameter(name="--site", help="The site's sheet over it.")]
WithoutSite = Annotated[bool, Parameter(name="--without-site", negative="", help="Lay the site's sheet aside.")]


def check(
    book: Book,
    /,
    *,
    site: Sheet = None,
    without_site: WithoutSite = False,
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> int:
    """Check a rulebook as activating it would, under the sheet in force; faults come as file:line:column."""
    from appliance.errors import RulebookError

    refuse_both(site, without_site)
    texts, names = read_texts(book, site)
    there = texts_in_force(config)
    sheet = there.site if there and not (site or without_site) else None
    if sheet is not None:
        texts, names = texts.model_copy(update={"site": sheet}), names._replace(site="site in force")
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    try:
        notes = checked(texts, names, config, there).notes(names)
    except RulebookError as problem:
        faults = problem.faults
    if json:
        show_json({"rulebook": str(book), "ok": not faults, "faults": list(faults), "notes": list(notes)})
    elif faults:
        print("\n".join(faults), file=sys.stderr)
    else:
        print(f"{book}: ok{', under the sheet in force here' if sheet else ''}", *notes, sep="\n")
    return 1 if faults else 0


def try_(book: Book, /, *, site: Sheet = None, json: Json = False) -> int:
    """Run a rulebook's own tests and show what came out of each."""
    from datetime import UTC, datetime

    from appliance.rules import reading, trial

    texts, names = read_texts(book, site)
    parts = reading.parse(texts, names)
    results = trial.results(parts.book, parts.site, parts.at, datetime.now(UTC).date())
    if json:
        show_json([result._asdict() for result in results])
    else:
        rows = [("ok" if result.ok else "WRONG", result.name, result.action, result.told) for result in results]
        show_table(("", "test", "action", "rules"), rows)
    return 0 if all(result.ok for result in results) else 1


def diff(
    first: Annotated[str, Parameter(help="A rulebook's file, or the digest (its beginning) of one that was in force.")],
    second: Annotated[str, Parameter(help="The same.")],
    /,
    *,
    site_a: Annotated[Path | None, Parameter(help="A site's sheet over the first.")] = None,
    site_b: Annotated[Path | None, Parameter(help="A site's sheet over the second.")] = None,
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """Say in words how the second rulebook differs from the first; a file beside a digest stands under its sheet."""
    from appliance.rules import difference

    one, other = _named(first, site_a, config), _named(second, site_b, config)
    changes = difference.between(one.read(other), other.read(one))
    if json:
        show_json(list(changes))
    else:
        print("\n".join(map(printable, changes)) or "they say the same")


def list_(*, config: Config = DEFAULT_CONFIG, json: Json = False) -> None:
    """List what is and was in force, newest first."""
    from appliance.store.rulebooks import listing

    with reading(config) as db:
        found = listing(db)
    if json:
        show_json([each._asdict() for each in found])
        return
    rows = [(when(a.at), a.digest[:12], a.name, a.level, a.origin, a.who, a.supervisor or "-", a.why) for a in found]
    show_table(("since", "digest", "rulebook", "level", "from", "who", "supervisor", "why"), rows)


def show(
    digest: Annotated[str, Parameter(help="Of one that was in force, or its beginning.")],
    /,
    *,
    into: Annotated[Path, Parameter(help="The folder to write it to.")],
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Write the texts of a rulebook of this box to a folder, as they were."""
    texts = kept_texts(digest, config)
    into.mkdir(parents=True, exist_ok=True)
    named = {"customs.yaml": texts.book, "taxonomy.yaml": texts.taxonomy, "site.yaml": texts.site}
    for path in (into / name for name in named):
        if path.exists() and read_text(path) != named[path.name]:
            raise UnreachableError(f"{path}: is there already and says something else", hint="name another folder")
    for path, text in ((into / name, text) for name, text in named.items() if text is not None):
        path.write_text(text, encoding="utf-8")
        print(path)


def read_texts(book: Path, site: Path | None) -> tuple[Texts, Names]:
    """The texts of a rulebook that stands in files."""
    from appliance.errors import ConfigError
    from appliance.located import Document
    from appliance.rules.book import Book as Content
    from appliance.rules.reading import Names
    from appliance.rules.texts import Texts

    text = read_text(book)
    try:
        said = Document(text, str(book)).plain()
    except ConfigError:
        said = None  # told with all other faults when it is read
    name = cast("dict[str, object]", said).get("taxonomy") if isinstance(said, dict) else None
    taxonomy = book.parent / (name if isinstance(name, str) else Content.model_fields["taxonomy"].default)
    names = Names(str(book), str(taxonomy), str(site) if site else "site")
    if not taxonomy.is_file() and isinstance(said, dict) and "over" in said and "profile" not in said:
        raise UsageError(f"{book}: a site's sheet, and no book", hint="give it with --site, and the book before it")
    if not taxonomy.is_file():
        raise UnreachableError(f"{taxonomy}: no such file", hint=f"{book} names it under taxonomy, to stand beside it")
    return Texts(book=text, taxonomy=read_text(taxonomy), site=read_text(site) if site else None), names


def read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as problem:
        raise UnreachableError(f"{path}: not UTF-8", hint="save it as UTF-8 in your editor") from problem


def checked(texts: Texts, names: Names, config: Path, there: Texts | None = None) -> Parts:
    """Read a rulebook as the box would that is configured here, or a box of the embedded release."""
    from datetime import UTC, datetime

    from appliance.config import read_settings
    from appliance.errors import ConfigMissingError
    from appliance.rules import reading
    from appliance.settings import EngineSettings
    from models.profile import names_of
    from models.release import profile_of

    try:
        release = read_settings(config).engine.release
    except ConfigMissingError:
        release = EngineSettings().release  # on a desk far from any box
    return reading.checked(texts, names_of(profile_of(release)), datetime.now(UTC).date(), names, known=there)


class _Named(NamedTuple):
    """A rulebook that somebody named: a file, or one that was in force here."""

    texts: Texts
    names: Names | None
    """Of the files; nothing where it was in force."""

    def read(self, beside: _Named) -> Parts:
        """As it would stand in the place of the other: activating a file keeps the sheet that is there."""
        from appliance.rules import reading

        texts = self.texts
        if self.names and not beside.names and texts.site is None:
            texts = texts.model_copy(update={"site": beside.texts.site})
        return reading.parse(texts, self.names or reading.UNNAMED)


def _named(name: str, site: Path | None, config: Path) -> _Named:
    path = Path(name)
    if path.is_file():
        return _Named(*read_texts(path, site))
    kept = kept_texts(name, config)
    return _Named(kept.model_copy(update={"site": read_text(site)}) if site else kept, None)


def refuse_both(site: Path | None, without_site: bool) -> None:
    """Refuse a sheet that is given and laid aside in one."""
    if site is not None and without_site:
        raise UsageError("--site FILE and --without-site contradict each other: give one of them")


def texts_in_force(config: Path) -> Texts | None:
    """The texts in force at the box that is configured here, if there is one."""
    from appliance.config import read_settings
    from appliance.errors import ConfigMissingError
    from appliance.store.rulebooks import Shelf, in_force

    try:
        root = read_settings(config).storage.root
    except ConfigMissingError:
        return None
    if not (root / "lanewatch.db").exists():
        return None
    with reading(config) as db:
        now = in_force(db)
    return Shelf(root / "rulebooks").read(now.digest) if now else None


def kept_texts(digest: str, config: Path) -> Texts:
    """A rulebook of this box by its digest or the beginning of it."""
    from appliance.config import read_settings
    from appliance.store.rulebooks import Shelf

    folder = read_settings(config).storage.root / "rulebooks"
    found = sorted(path.stem for path in folder.glob("*.json") if path.stem.startswith(digest))
    if len(found) != 1:
        there = "no" if not found else "more than one"
        hint = "see: lanewatch rules list; a file must exist"
        raise UnreachableError(f"{digest}: {there} rulebook of this box begins so, and no file is called so", hint=hint)
    return Shelf(folder).read(found[0])
