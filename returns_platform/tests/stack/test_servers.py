"""The embedded servers, each test over a data folder of its own."""

import os
import signal
import socket
import subprocess
import sys
import time

from returns_platform.stack import postgres, runfile, servers
from returns_platform.stack.folders import Folders

USE_BOTH = """
import sys
from pathlib import Path
from returns_platform.stack import servers
data = Path(sys.argv[1])
servers.postgres_sockets(data, durable=False), servers.valkey_socket(data)
print("here", flush=True)
sys.stdin.readline()
"""


def somebody(data):
    """A process that uses both servers until its input ends."""
    user = subprocess.Popen(
        [sys.executable, "-c", USE_BOTH, str(data)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert user.stdout.readline() == "here\n"
    return user


def leaves(user):
    user.communicate("", timeout=30)


def test_the_last_to_leave_stops_what_a_command_started(data):
    first, second = somebody(data), somebody(data)
    run = runfile.read(data)
    leaves(first)
    assert run.postgres.alive and run.valkey.alive
    leaves(second)
    assert not run.postgres.alive and not run.valkey.alive
    assert not runfile.exists(data)


def test_after_everything_was_killed_the_next_command_starts_again(data):
    user = somebody(data)
    run = runfile.read(data)
    user.kill()
    user.communicate()
    for server in (run.postgres, run.valkey):
        os.kill(server.pid, signal.SIGKILL)
    again = somebody(data)
    assert runfile.read(data).postgres.alive
    assert runfile.read(data).postgres != run.postgres
    leaves(again)


def test_a_killed_command_leaves_servers_that_the_next_one_takes_over(data):
    user = somebody(data)
    user.kill()
    user.communicate()
    run = runfile.read(data)
    assert run.postgres.alive
    next_one = somebody(data)
    assert runfile.read(data).postgres == run.postgres
    leaves(next_one)
    assert not run.postgres.alive


def test_backends_of_a_killed_postmaster_do_not_block_the_next_start(data):
    sockets = servers.postgres_sockets(data, durable=False)
    with socket.socket(socket.AF_UNIX) as busy:  # a backend that waits for the rest of a greeting
        busy.connect(f"{sockets}/.s.PGSQL.5432")
        os.kill(runfile.read(data).postgres.pid, signal.SIGKILL)
        assert servers.postgres_sockets(data, durable=False) == sockets
        assert runfile.read(data).postgres.alive


def test_a_store_that_valkey_cannot_read_is_set_aside(data, capfd):
    servers.valkey_socket(data)
    servers.leave(data)
    for file in (data / "valkey" / "appendonlydir").glob("*.incr.aof"):
        file.write_bytes(b"not a command\r\n" * 100)
    servers.valkey_socket(data)
    assert runfile.read(data).valkey.alive
    assert len(list(data.glob("valkey-*"))) == 1


def test_a_cluster_is_complete_or_not_there(data):
    folders = Folders(data)
    folders.make()
    (data / "pg.new").mkdir()
    (data / "pg.new" / "half").touch()
    postgres.make_cluster(folders, durable=False)
    assert (data / "pg" / "PG_VERSION").exists() and not (data / "pg.new").exists()


def test_nothing_listens_on_the_network(data):
    servers.postgres_sockets(data, durable=False), servers.valkey_socket(data)
    time.sleep(0.1)
    pids = {runfile.read(data).postgres.pid, runfile.read(data).valkey.pid}
    found = subprocess.run(["cat", *(f"/proc/{pid}/net/tcp" for pid in pids)], capture_output=True, text=True).stdout
    inodes = {line.split()[9] for line in found.splitlines() if line.split()[0] != "sl"}
    held = {os.readlink(link.path) for pid in pids for link in os.scandir(f"/proc/{pid}/fd")}
    assert not {f"socket:[{inode}]" for inode in inodes} & held
