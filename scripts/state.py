"""Where this checkout keeps its database, queue and generated secrets.

Read by the settings and, before anything is installed, by the set-up scripts: standard library only.
"""

import hashlib
import os
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent


def state_folder() -> Path:
    """The folder named by HOTSPOTS_STATE, else one of this checkout's own outside it.

    Outside, because the database's user must be able to enter it even where it cannot enter the checkout.
    """
    if named := os.environ.get("HOTSPOTS_STATE"):
        return Path(named).expanduser().resolve()
    name = hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:12]
    if os.geteuid() == 0:
        return Path("/var/lib/hotspots") / name
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(base) / "hotspots" / name


def read_env_file(path: Path) -> dict[str, str]:
    """NAME=value lines; blank lines and comments are passed over."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.lstrip().startswith("#"))
    return {name.strip(): value.strip().strip("\"'") for name, value in pairs}


def environment() -> dict[str, str]:
    """What is set: the environment wins over .env, which wins over what `make services` chose."""
    chosen = read_env_file(state_folder() / "services.env")
    return {**chosen, **read_env_file(CHECKOUT / ".env"), **os.environ}
