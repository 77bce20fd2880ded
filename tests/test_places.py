"""Where the course and the learner keep their files."""

from netbasics.places import home, lessons


def test_the_lessons_are_those_of_the_checkout():
    assert (lessons() / "01_socket_programming.py").is_file()


def test_where_the_learners_folder_is(monkeypatch, tmp_path):
    monkeypatch.setenv("NETBASICS_HOME", str(tmp_path))
    assert home() == tmp_path
    monkeypatch.setenv("NETBASICS_HOME", "relative")
    assert home().is_absolute()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETBASICS_HOME", "~/mine")
    assert home() == tmp_path / "mine"
    monkeypatch.delenv("NETBASICS_HOME")
    assert home() == tmp_path / ".netbasics"
