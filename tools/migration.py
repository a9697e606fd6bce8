"""Write the next migration: what the models say against what the migrations so far build.

    make migration m="Weekend: hold a seat for ten minutes"

Builds an empty SQLite database with the migrations so far, lets Alembic compare, numbers the new file and
writes the number to migrations/HEAD, so that two branches with a new migration conflict there in git.
Read the result before you commit it: Alembic does not see renames, triggers or data.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from alembic import command
from sqlalchemy import create_engine

from fieldops import migrate
from fieldops.kit.db import Database
from fieldops.settings import ROOT


def main() -> None:
    message = " ".join(sys.argv[1:]).strip()
    if not message:
        sys.exit('migration: say what it does: make migration m="Weekend: hold a seat for ten minutes"')
    number = f"{int(migrate.head()) + 1:04d}"
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/empty.db"
        migrate.upgrade(Database(url))
        configuration = migrate.config()
        engine = create_engine(url)
        with engine.connect() as connection:
            configuration.attributes["connection"] = connection
            command.revision(configuration, message, autogenerate=True, rev_id=number)
        engine.dispose()
    (ROOT / "migrations" / "HEAD").write_text(f"{number}\n")
    made = next((ROOT / "migrations" / "versions").glob(f"{number}_*.py"))
    ruff = Path(sys.executable).with_name("ruff")  # there after `make test` or `make check`
    if ruff.exists():
        subprocess.run([ruff, "format", "--quiet", made], check=True)
    print(f"migration: {made.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
