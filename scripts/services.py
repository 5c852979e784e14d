#!/usr/bin/env python3
"""Start and stop the private PostgreSQL cluster and Redis of this checkout. Standard library only.

    services.py start | stop | status

Both listen on 127.0.0.1 alone, on ports of their own, with generated passwords. What was chosen stands in
`services.env` in the state folder, where the settings read it, so that manage.py needs no environment.
Every step can be repeated: a start that was killed half-way is completed by the next one.
"""

import contextlib
import fcntl
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from scripts.state import CHECKOUT, read_env_file, state_folder

STATE = state_folder()
ENV_FILE = STATE / "services.env"
CLUSTER = STATE / "postgres"
REDIS = STATE / "redis"
SERVERS = Path("/usr/lib/postgresql")
LEAST_POSTGRES = 15
WAIT_SECONDS = 120
GENERATED = (
    *("SECRET_KEY", "INTAKE_SECRET_KEY", "REDIS_PASSWORD"),
    *("DB_SUPERUSER_PASSWORD", "DB_OWNER_PASSWORD", "DB_PASSWORD", "DB_INTAKE_PASSWORD"),
)


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
    make_state_folder()
    with locked():
        for attempts_left in (2, 1, 0):
            environment = chosen_environment()
            try:
                start_postgres(environment)
                prepare_database(environment)
                start_redis(environment)
                break
            except SetUpError:
                if not attempts_left or not port_was_snatched(environment):
                    raise
    print(f"services: PostgreSQL on port {environment['DB_PORT']}, Redis on port {redis_port(environment)}, in {STATE}")
    return 0


def stop() -> int:
    if not STATE.exists():
        return 0
    with locked():
        stop_postgres()
        stop_redis()
    return 0


def status() -> int:
    up = postgres_is_running() and redis_is_running()
    print(f"services: {'running' if up else 'not running'}, in {STATE}")
    return 0 if up else 3


def make_state_folder() -> None:
    if set(str(STATE)) & set("\"'$`\\\n"):
        raise SetUpError(f"the folder {STATE} has a quote, $, backslash or line break in its name; choose another")
    try:
        STATE.mkdir(parents=True, exist_ok=True)
        STATE.chmod(0o711)  # the database's user passes through to its own folder and can list nothing here
    except OSError as error:
        raise SetUpError(f"{STATE} cannot be written ({error.strerror}); HOTSPOTS_STATE names another folder") from None
    if subprocess.run([*database_user(), "test", "-x", str(STATE)], cwd="/").returncode:
        raise SetUpError(f"PostgreSQL's user cannot enter {STATE}; HOTSPOTS_STATE names a folder that it can enter")


@contextlib.contextmanager
def locked() -> Iterator[None]:
    """One start or stop at a time for a state folder."""
    with (STATE / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


# What is chosen


def chosen_environment() -> dict[str, str]:
    """What an earlier start chose, completed; a port that someone else has taken since is chosen again."""
    environment = read_env_file(ENV_FILE)
    if CLUSTER.exists() and "DB_SUPERUSER_PASSWORD" not in environment:
        environment["DB_SUPERUSER_PASSWORD"] = secrets.token_urlsafe(32)
        replace_superuser_password(environment["DB_SUPERUSER_PASSWORD"])
    for name in GENERATED:
        environment.setdefault(name, secrets.token_urlsafe(48))
    environment |= {
        "DB_HOST": "127.0.0.1",
        "DB_NAME": "hotspots",
        "DB_OWNER": "hotspots_owner",
        "DB_USER": "hotspots_app",
        "DB_INTAKE_USER": "hotspots_intake",
    }
    if not postgres_is_running():
        environment["DB_PORT"] = free_port("PostgreSQL", environment.get("DB_PORT"), 15432)
    if not redis_is_running() or not redis_port(environment):
        stop_redis()
        port = free_port("Redis", redis_port(environment), 16379)
        environment["REDIS_URL"] = f"redis://:{environment['REDIS_PASSWORD']}@127.0.0.1:{port}/0"
    write_private(ENV_FILE, "".join(f"{name}={value}\n" for name, value in sorted(environment.items())))
    return environment


def redis_port(environment: dict[str, str]) -> str | None:
    url = environment.get("REDIS_URL")
    return url.rsplit(":", 1)[1].split("/")[0] if url else None


def free_port(what: str, wished: str | None, first: int) -> str:
    for port in [*([int(wished)] if wished else []), *range(first, first + 200)]:
        if is_free(port):
            return str(port)
        print(f"services: port {port} is taken, {what} uses another")
    raise SetUpError(f"no free port for {what} between {first} and {first + 199}")


def is_free(port: int) -> bool:
    with contextlib.closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def port_was_snatched(environment: dict[str, str]) -> bool:
    """Whether somebody took a port between our look at it and the server's."""
    return (not postgres_is_running() and not is_free(int(environment["DB_PORT"]))) or (
        not redis_is_running() and not is_free(int(redis_port(environment) or 0))
    )


# PostgreSQL


def start_postgres(environment: dict[str, str]) -> None:
    if postgres_is_running():
        return
    if not CLUSTER.exists():
        make_cluster(environment["DB_SUPERUSER_PASSWORD"])
    forget_reused_pid(CLUSTER / "postmaster.pid")
    write_private(CLUSTER / "private.conf", f"port = {environment['DB_PORT']}\n", of_database_user=True)
    log = CLUSTER / "postgres.log"
    as_database_user(
        [*postgres("pg_ctl"), "-l", str(log), "-w", "-t", str(WAIT_SECONDS), "start"],
        why=f"PostgreSQL did not start; its log is {log}",
    )


def stop_postgres() -> None:
    if postgres_is_running():
        as_database_user([*postgres("pg_ctl"), "-m", "fast", "-w", "-t", str(WAIT_SECONDS), "stop"])


def postgres_is_running() -> bool:
    return process_of(CLUSTER / "postmaster.pid", str(CLUSTER)) is not None


def make_cluster(superuser_password: str) -> None:
    """Made aside and moved into place whole, so that there is never a half-made one to start from."""
    for left_over in STATE.glob("making-*"):
        shutil.rmtree(left_over, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix="making-", dir=STATE))
    give_to_database_user(folder)
    password = folder / "password"
    write_private(password, superuser_password, of_database_user=True)
    data = folder / "data"
    as_database_user(
        [
            str(postgres_bin() / "initdb"),
            *("-D", str(data), "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8"),
            *("--auth=scram-sha-256", f"--pwfile={password}"),
        ],
        why="the PostgreSQL cluster could not be made",
    )
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
    with (data / "postgresql.conf").open("a", encoding="utf-8") as handle:
        handle.write(settings)
    data.rename(CLUSTER)
    shutil.rmtree(folder)


def replace_superuser_password(password: str) -> None:
    """For a cluster whose services.env was lost: in single-user mode PostgreSQL asks for none."""
    print(f"services: {ENV_FILE} was lost; the cluster gets new passwords")
    stop_postgres()
    forget_reused_pid(CLUSTER / "postmaster.pid")
    write_private(CLUSTER / "private.conf", "", of_database_user=True)
    as_database_user(
        [postgres("postgres")[0], "--single", *postgres("postgres")[1:], "postgres"],
        sql=f"ALTER ROLE postgres PASSWORD '{password}'",
    )


def prepare_database(environment: dict[str, str]) -> None:
    run_psql(environment, "postgres", ["-f", str(CHECKOUT / "scripts/database.sql")])


def run_psql(environment: dict[str, str], database: str, what: list[str]) -> str:
    done = subprocess.run(
        [
            str(postgres_bin() / "psql"),
            *("-X", "-q", "-At", "-h", "127.0.0.1", "-p", environment["DB_PORT"], "-U", "postgres", "-d", database),
            *what,
        ],
        stdin=subprocess.DEVNULL,
        text=True,
        capture_output=True,
        env={**os.environ, **environment, "PGPASSWORD": environment["DB_SUPERUSER_PASSWORD"]},
    )
    if done.returncode:
        raise SetUpError(f"PostgreSQL refused: {done.stderr.strip()}")
    return done.stdout.strip()


def postgres(program: str) -> list[str]:
    return [str(postgres_bin() / program), "-D", str(CLUSTER)]


def postgres_bin() -> Path:
    """The programs that fit the cluster, else the newest installed with PostGIS; Debian keeps them off the PATH."""
    with contextlib.suppress(FileNotFoundError):
        version = (CLUSTER / "PG_VERSION").read_text().strip()
        if not (SERVERS / version / "bin/postgres").exists():
            raise SetUpError(f"the database in {CLUSTER} needs PostgreSQL {version}, which is not installed")
        return SERVERS / version / "bin"
    versions = sorted(int(path.parts[-3]) for path in SERVERS.glob("*/bin/initdb"))
    usable = [v for v in versions if v >= LEAST_POSTGRES and has_postgis(v)]
    if usable:
        return SERVERS / str(usable[-1]) / "bin"
    found = f" (found: {', '.join(map(str, versions))})" if versions else ""
    raise SetUpError(
        f"PostgreSQL {LEAST_POSTGRES} or newer with PostGIS is not installed{found}; `make services` installs it"
    )


def has_postgis(version: int) -> bool:
    return Path(f"/usr/share/postgresql/{version}/extension/postgis.control").exists()


# Redis


def start_redis(environment: dict[str, str]) -> None:
    if redis_is_running():
        return
    server = shutil.which("redis-server")
    if not server:
        raise SetUpError("redis-server is not installed; `make services` installs it")
    REDIS.mkdir(mode=0o700, exist_ok=True)
    settings = f"""
bind 127.0.0.1
port {redis_port(environment)}
requirepass "{environment["REDIS_PASSWORD"]}"
dir "{REDIS}"
pidfile "{REDIS / "redis.pid"}"
logfile "{REDIS / "redis.log"}"
daemonize yes
appendonly yes
save ""
"""
    write_private(REDIS / "redis.conf", settings)
    if subprocess.run([server, str(REDIS / "redis.conf")]).returncode:
        raise SetUpError(f"Redis did not start; its log is {REDIS / 'redis.log'}")
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        if redis_answers(environment):
            return
        if not redis_is_running() and not is_free(int(redis_port(environment) or 0)):
            break
        time.sleep(0.05)
    raise SetUpError(f"Redis does not answer; its log is {REDIS / 'redis.log'}")


def redis_answers(environment: dict[str, str]) -> bool:
    """Whether it is ours (it knows the password) and has loaded its data."""
    try:
        with socket.create_connection(("127.0.0.1", int(redis_port(environment) or 0)), 2) as connection:
            connection.sendall(f"AUTH {environment['REDIS_PASSWORD']}\r\nPING\r\nQUIT\r\n".encode())
            with connection.makefile("rb") as answers:
                return b"+PONG" in answers.read()
    except OSError:
        return False


def redis_is_running() -> bool:
    return process_of(REDIS / "redis.pid", "redis-server 127.0.0.1:") is not None


def stop_redis() -> None:
    process = process_of(REDIS / "redis.pid", "redis-server 127.0.0.1:")
    if process is None:
        return
    os.kill(process, signal.SIGTERM)
    deadline = time.monotonic() + WAIT_SECONDS
    while redis_is_running():
        if time.monotonic() > deadline:
            raise SetUpError(f"Redis (process {process}) does not stop")
        time.sleep(0.05)


# Processes and files


def process_of(pid_file: Path, marker: str) -> int | None:
    """The process that a pid file names, if it still is that one: after a reboot its number may be another's."""
    try:
        process = int(pid_file.read_text().split()[0])
        command = Path(f"/proc/{process}/cmdline").read_bytes().decode(errors="replace")
    except (FileNotFoundError, ProcessLookupError, IndexError, ValueError):
        return None
    return process if marker in command else None


def forget_reused_pid(pid_file: Path) -> None:
    """PostgreSQL refuses to start when the number in its pid file is alive, whoever that is."""
    with contextlib.suppress(FileNotFoundError, IndexError, ValueError):
        if Path(f"/proc/{int(pid_file.read_text().split()[0])}").exists():
            pid_file.unlink()


def database_user() -> list[str]:
    """PostgreSQL refuses to run as root, so root runs it as `postgres`."""
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] if os.geteuid() == 0 else []


def as_database_user(command: list[str], why: str = "PostgreSQL said no", sql: str = "") -> None:
    done = subprocess.run(
        [*database_user(), *command],
        cwd="/",
        input=sql,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )
    if done.returncode:
        raise SetUpError(f"{why}: {done.stderr.strip()}")


def give_to_database_user(path: Path) -> None:
    if os.geteuid() == 0:
        user = pwd.getpwnam("postgres")
        os.chown(path, user.pw_uid, user.pw_gid)


def write_private(path: Path, text: str, of_database_user: bool = False) -> None:
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    new.touch(mode=0o600)
    with new.open("w", encoding="utf-8") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    if of_database_user:
        give_to_database_user(new)
    new.replace(path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
