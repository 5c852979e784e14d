"""References of a table that is written by the ten thousand: looked up for all rows of a statement at once.

A foreign key looks up row by row, which took two thirds of the time that publishing a run's scores takes. Storing
incidents gains alike. These triggers refuse the same (docs/adr/0004-references-without-foreign-keys.md).
"""

import pgtrigger


def insert_refers(name: str, references: dict[str, str], keys: dict[str, str] | None = None) -> pgtrigger.Trigger:
    """Refuse new rows whose columns name a row that does not exist. references: table by column; keys: its key, if not id."""
    return _refers(name, pgtrigger.Insert, pgtrigger.Referencing(new="new_rows"), references, keys or {})


def update_refers(name: str, references: dict[str, str], keys: dict[str, str] | None = None) -> pgtrigger.Trigger:
    """The same for rows that are changed."""
    return _refers(
        name, pgtrigger.Update, pgtrigger.Referencing(old="old_rows", new="new_rows"), references, keys or {}
    )


def _refers(
    name: str,
    operation: pgtrigger.Operation,
    referencing: pgtrigger.Referencing,
    references: dict[str, str],
    keys: dict[str, str],
) -> pgtrigger.Trigger:
    named = {column: f"{column}_row.{keys.get(column, 'id')}" for column in references}
    joins = " ".join(
        f"LEFT JOIN {table} AS {column}_row ON {named[column]} = new_rows.{column}"
        for column, table in references.items()
    )
    missing = " OR ".join(f"(new_rows.{column} IS NOT NULL AND {key} IS NULL)" for column, key in named.items())
    return pgtrigger.Trigger(
        name=name,
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=operation,
        referencing=referencing,
        # Counted, since for EXISTS the planner would look up row by row, in hope of finding one soon.
        func=refuse_if(
            f"SELECT FROM (SELECT count(*) AS missing FROM new_rows {joins} WHERE {missing}) AS counted"  # noqa: S608
            " WHERE missing > 0",
            "a row refers to one that does not exist",
        ),
    )


def delete_leaves_none(name: str, table: str, column: str, key: str = "id") -> pgtrigger.Trigger:
    """Refuse to delete rows that a column of another table still names."""
    still = f"SELECT FROM old_rows JOIN {table} AS referring ON referring.{column} = old_rows.{key}"
    return pgtrigger.Trigger(
        name=name,
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Delete,
        referencing=pgtrigger.Referencing(old="old_rows"),
        func=refuse_if(still, f"{table} still refers to the row"),
    )


def refuse_if(found: str, why: str) -> str:
    return f"IF EXISTS ({found}) THEN RAISE EXCEPTION '{why}' USING ERRCODE = 'foreign_key_violation'; END IF; RETURN NULL;"
