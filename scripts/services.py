#!/usr/bin/env python3
"""Start and stop the private PostgreSQL cluster and Redis of this checkout. Standard library only.

    services.py start | stop | status

Both listen on 127.0.0.1 alone, on ports of their own, with generated passwords. What was chosen stands in
`services.env` in the state folder, where the settings read it, so that manage.py needs no environment.
"""

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from scripts.state import read_env_file, state_folder

STATE = state_folder()
ENV_FILE = STATE / "services.env"
CLUSTER = STATE / "postgres"
REDIS = STATE / "redis"
WAIT_SECONDS = 60


class SetUpError(Exception):
    """Something the person at the terminal can act on."""


def main(arguments: list[str]) -> int:
    commands = {"start": start, "stop": stop, "status": status}
    if len(arguments) != 1 or arguments[0] not in commands:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        return commands[arguments[0]]()
    except SetUpError as error:
        print(f"services: {error}", file=sys.stderr)
        return 1


def start() -> int:
    STATE.mkdir(parents=True, exist_ok=True)
    STATE.chmod(0o711)
    with locked():
        environment = chosen_environment()
        start_postgres(environment)
        start_redis(environment)
    print(f"services: PostgreSQL on port {environment['DB_PORT']}, Redis on port {redis_port(environment)}, in {STATE}")
    return 0


def stop() -> int:
    if not STATE.exists():
        return 0
    with locked():
        if is_running(CLUSTER / "postmaster.pid"):
            as_database_user([str(postgres_bin() / "pg_ctl"), "-D", str(CLUSTER), "-m", "fast", "-w", "stop"])
        stop_process(REDIS / "redis.pid")
    return 0


def status() -> int:
    up = is_running(CLUSTER / "postmaster.pid") and is_running(REDIS / "redis.pid")
    print(f"services: {'running' if up else 'not running'}, in {STATE}")
    return 0 if up else 3


@contextlib.contextmanager
def locked() -> Iterator[None]:
    """One start or stop at a time for a state folder."""
    import fcntl

    with open(STATE / "lock", "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def chosen_environment() -> dict[str, str]:
    """What an earlier start chose, completed; a port that someone else has taken since is chosen again."""
    environment = read_env_file(ENV_FILE)
    for name in ("SECRET_KEY", "DB_SUPERUSER_PASSWORD", "DB_OWNER_PASSWORD", "DB_PASSWORD", "REDIS_PASSWORD"):
        environment.setdefault(name, secrets.token_urlsafe(32))
    environment |= {"DB_HOST": "127.0.0.1", "DB_NAME": "hotspots", "DB_OWNER": "hotspots_owner", "DB_USER": "hotspots_app"}
    if not is_running(CLUSTER / "postmaster.pid"):
        environment["DB_PORT"] = free_port("PostgreSQL", environment.get("DB_PORT"), 15432)
    if not is_running(REDIS / "redis.pid"):
        port = free_port("Redis", redis_port(environment), 16379)
        environment["REDIS_URL"] = f"redis://:{environment['REDIS_PASSWORD']}@127.0.0.1:{port}/0"
    write_private(ENV_FILE, "".join(f"{name}={value}\n" for name, value in sorted(environment.items())))
    return environment


def redis_port(environment: dict[str, str]) -> str | None:
    url = environment.get("REDIS_URL")
    return url.rsplit(":", 1)[1].split("/")[0] if url else None


def free_port(what: str, wished: str | None, first: int) -> str:
    candidates = [int(wished)] if wished else []
    for port in [*candidates, *range(first, first + 200)]:
        with contextlib.closing(socket.socket()) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                print(f"services: port {port} is taken, {what} uses another")
                continue
            return str(port)
    raise SetUpError(f"no free port for {what} between {first} and {first + 199}")


def start_postgres(environment: dict[str, str]) -> None:
    if is_running(CLUSTER / "postmaster.pid"):
        return
    if not (CLUSTER / "ready").exists():
        make_cluster(environment)
    write_private(CLUSTER / "private.conf", f"port = {environment['DB_PORT']}\n", database_user=True)
    control = [str(postgres_bin() / "pg_ctl"), "-D", str(CLUSTER), "-l", str(CLUSTER / "postgres.log"), "-w", "-t", str(WAIT_SECONDS), "start"]
    as_database_user(control, why=f"PostgreSQL did not start; its log is {CLUSTER / 'postgres.log'}")
    prepare_database(environment)


def make_cluster(environment: dict[str, str]) -> None:
    """A cluster is ready once its settings are written; a half-made one is made again."""
    shutil.rmtree(CLUSTER, ignore_errors=True)
    CLUSTER.mkdir(mode=0o700)
    give_to_database_user(CLUSTER)
    password = STATE / "superuser-password"
    write_private(password, environment["DB_SUPERUSER_PASSWORD"], database_user=True)
    initdb = [str(postgres_bin() / "initdb"), "-D", str(CLUSTER), "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--auth=scram-sha-256", f"--pwfile={password}"]
    as_database_user(initdb, why="the PostgreSQL cluster could not be made")
    password.unlink()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    settings = f"""
# Written by scripts/services.py
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
shared_buffers = {min(2048, memory // 8)}MB
effective_cache_size = {memory // 2}MB
work_mem = 64MB
maintenance_work_mem = 256MB
max_wal_size = 4GB
random_page_cost = 1.1
jit = off
include 'private.conf'
"""
    with open(CLUSTER / "postgresql.conf", "a", encoding="utf-8") as handle:
        handle.write(settings)
    (CLUSTER / "ready").touch()


def prepare_database(environment: dict[str, str]) -> None:
    """Two roles: the owner migrates; the application reads and writes rows and owns nothing."""
    owner, app, name = environment["DB_OWNER"], environment["DB_USER"], environment["DB_NAME"]
    psql(environment, "template1", "CREATE EXTENSION IF NOT EXISTS postgis; CREATE EXTENSION IF NOT EXISTS btree_gist; CREATE EXTENSION IF NOT EXISTS pg_trgm;")
    for role, password, rights in ((owner, environment["DB_OWNER_PASSWORD"], "CREATEDB"), (app, environment["DB_PASSWORD"], "NOCREATEDB")):
        psql(
            environment,
            "postgres",
            f"DO $$ BEGIN CREATE ROLE {role} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;"
            f"ALTER ROLE {role} {rights} PASSWORD '{password}';",
        )
    psql(environment, "postgres", f"GRANT {app} TO {owner};")
    # In the template, so that the databases tests make have them too.
    psql(
        environment,
        "template1",
        f"ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app};"
        f"ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT USAGE, SELECT ON SEQUENCES TO {app};",
    )
    if not psql(environment, "postgres", f"SELECT 1 FROM pg_database WHERE datname = '{name}'").strip():
        psql(environment, "postgres", f"CREATE DATABASE {name} OWNER {owner};")


def psql(environment: dict[str, str], database: str, sql: str) -> str:
    command = [str(postgres_bin() / "psql"), "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", environment["DB_PORT"], "-U", "postgres", "-d", database]
    done = subprocess.run(command, input=sql, text=True, capture_output=True, env={**os.environ, "PGPASSWORD": environment["DB_SUPERUSER_PASSWORD"]})
    if done.returncode:
        raise SetUpError(f"PostgreSQL refused: {done.stderr.strip()}")
    return done.stdout


def start_redis(environment: dict[str, str]) -> None:
    if is_running(REDIS / "redis.pid"):
        return
    server = shutil.which("redis-server")
    if not server:
        raise SetUpError("redis-server is not installed; `make services` installs it")
    REDIS.mkdir(mode=0o700, exist_ok=True)
    port = redis_port(environment)
    settings = f"""
bind 127.0.0.1
port {port}
requirepass {environment["REDIS_PASSWORD"]}
dir "{REDIS}"
pidfile "{REDIS / "redis.pid"}"
logfile "{REDIS / "redis.log"}"
daemonize yes
appendonly yes
"""
    write_private(REDIS / "redis.conf", settings)
    if subprocess.run([server, str(REDIS / "redis.conf")]).returncode:
        raise SetUpError(f"Redis did not start; its log is {REDIS / 'redis.log'}")
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", int(port or 0)), 1):
            return
        time.sleep(0.05)
    raise SetUpError(f"Redis does not answer; its log is {REDIS / 'redis.log'}")


def postgres_bin() -> Path:
    """The newest installed server; Debian keeps it off the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    if on_path := shutil.which("initdb"):
        return Path(on_path).resolve().parent
    raise SetUpError("PostgreSQL is not installed; `make services` installs it")


def as_database_user(command: list[str], why: str = "PostgreSQL said no") -> None:
    """PostgreSQL refuses to run as root, so root runs it as `postgres`."""
    prefix = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] if os.geteuid() == 0 else []
    done = subprocess.run([*prefix, *command], cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env={**os.environ, "LC_ALL": "C.UTF-8"})
    if done.returncode:
        raise SetUpError(f"{why}: {done.stderr.strip()}")


def give_to_database_user(path: Path) -> None:
    if os.geteuid() == 0:
        user = pwd.getpwnam("postgres")
        os.chown(path, user.pw_uid, user.pw_gid)


def write_private(path: Path, text: str, database_user: bool = False) -> None:
    new = path.with_name(path.name + ".new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as handle:
        handle.write(text)
    if database_user:
        give_to_database_user(new)
    new.replace(path)


def is_running(pid_file: Path) -> bool:
    try:
        os.kill(int(pid_file.read_text().split()[0]), 0)
    except (FileNotFoundError, ProcessLookupError, IndexError, ValueError):
        return False
    except PermissionError:
        return True
    return True


def stop_process(pid_file: Path) -> None:
    if not is_running(pid_file):
        return
    os.kill(int(pid_file.read_text().split()[0]), signal.SIGTERM)
    deadline = time.monotonic() + WAIT_SECONDS
    while is_running(pid_file) and time.monotonic() < deadline:
        time.sleep(0.05)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
