import os

from returns_platform.stack import runfile
from returns_platform.stack.processes import Process
from returns_platform.stack.runfile import Run

GONE = Process(1, "long ago")
HERE = Process.of(os.getpid())


def test_what_runs_is_read_back(tmp_path):
    run = Run(keeper=HERE, postgres=HERE, sockets="/run/x", address="http://here", stand_ins={"sf": "http://there"})
    runfile.write(tmp_path, run)
    assert runfile.read(tmp_path) == run


def test_what_is_gone_is_left_out(tmp_path):
    runfile.write(tmp_path, Run(keeper=GONE, postgres=HERE, children={"web": GONE, "beat": HERE}))
    run = runfile.read(tmp_path)
    assert (run.keeper, run.postgres, run.children) == (None, HERE, {"beat": HERE})


def test_stand_ins_are_history_once_their_up_is_gone(tmp_path):
    runfile.write(tmp_path, Run(keeper=GONE, address="http://here", stand_ins={"sf": "http://there"}))
    assert runfile.read(tmp_path) == Run()


def test_a_broken_file_reads_as_nothing(tmp_path):
    for text in ("", "{", "[]", '{"postgres": 7}', '{"children": {"web": {}}}'):
        (tmp_path / "run.json").write_text(text)
        assert runfile.read(tmp_path) == Run()
