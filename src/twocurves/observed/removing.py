"""Taking an imported table away again."""

from __future__ import annotations

from pathlib import Path

from twocurves.errors import BadFileError, unknown
from twocurves.observed.tables import IMPORTED, table_files, user_data_folder


def remove_table(name: str, folder: Path | None = None) -> tuple[Path, ...]:
    """Remove an imported table, whatever is in it, and return the files that are gone.

    Parameters
    ----------
    name
        Its name, with or without the ending of its file.
    folder
        The user's data folder; :func:`twocurves.observed.tables.user_data_folder` when left out.

    Raises
    ------
    BadInputError
        No imported table has this name; the nearest is suggested.
    BadFileError
        The file cannot be removed.
    """
    home = user_data_folder() if folder is None else folder
    files = table_files(home / IMPORTED)
    found = tuple(path for path in files if name in (path.stem, path.name))
    if not found:
        raise unknown("imported table", name, {path.stem for path in files}, field="name")
    for path in found:
        try:
            path.unlink()
        except OSError as error:
            raise BadFileError(f"{path} cannot be removed: {error.strerror}.", field=str(path)) from error
    return found
