import os
import socket
import subprocess
import sys

import pytest

from scripts import services
from scripts.state import CHECKOUT, read_env_file, state_folder


@pytest.fixture
def listener():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


def test_free_port_when_wished_one_is_taken_says_which_and_picks_another(listener, capsys):
    chosen = services.free_port("Redis", str(listener), 42000)
    assert int(chosen) >= 42000
    assert f"port {listener} is taken, Redis uses another" in capsys.readouterr().out


def test_free_port_keeps_the_wished_one(listener):
    free = next(port for port in range(42100, 42200) if services.is_free(port))
    assert services.free_port("Redis", str(free), 42000) == str(free)


def test_process_of_pid_file_of_another_program_is_nobody(tmp_path):
    """After a reboot the number in a pid file may be that of anything."""
    pid_file = tmp_path / "redis.pid"
    pid_file.write_text(f"{os.getpid()}\n")
    assert services.process_of(pid_file, "redis-server 127.0.0.1:") is None
    services.forget_reused_pid(pid_file)
    assert not pid_file.exists()


def test_process_of_own_process_is_found(tmp_path):
    pid_file = tmp_path / "x.pid"
    command = [sys.executable, "-c", "print('up', flush=True); input()", "marker of ours"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"up\n"
        pid_file.write_text(f"{process.pid}\n")
        assert services.process_of(pid_file, "marker of ours") == process.pid
        process.communicate(b"\n")
    assert services.process_of(pid_file, "marker of ours") is None


@pytest.mark.parametrize("content", ["", "\n", "not a number\n"])
def test_process_of_broken_pid_file_is_nobody(tmp_path, content):
    (tmp_path / "x.pid").write_text(content)
    assert services.process_of(tmp_path / "x.pid", "x") is None


def test_write_private_is_readable_by_the_owner_alone(tmp_path):
    services.write_private(tmp_path / "secret", "x")
    services.write_private(tmp_path / "secret", "y")
    assert ((tmp_path / "secret").stat().st_mode & 0o777, (tmp_path / "secret").read_text()) == (0o600, "y")
    assert len(list(tmp_path.iterdir())) == 1


def test_state_folder_is_outside_the_checkout(monkeypatch):
    monkeypatch.delenv("HOTSPOTS_STATE", raising=False)
    assert CHECKOUT not in state_folder().parents


def test_state_folder_named_by_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("HOTSPOTS_STATE", str(tmp_path / "a b"))
    assert state_folder() == tmp_path / "a b"


def test_env_file_passes_over_comments_and_quotes(tmp_path):
    (tmp_path / "x.env").write_text("# NO=1\n\nA=1\nB = 'two words'\nC=a=b\n")
    assert read_env_file(tmp_path / "x.env") == {"A": "1", "B": "two words", "C": "a=b"}
    assert read_env_file(tmp_path / "absent.env") == {}


def test_state_folder_with_characters_that_shells_read_is_refused(tmp_path):
    done = subprocess.run(
        [sys.executable, CHECKOUT / "scripts/services.py", "start"],
        env={**os.environ, "HOTSPOTS_STATE": str(tmp_path / "a$b")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "choose another" in done.stderr
