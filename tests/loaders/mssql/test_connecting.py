"""Connecting by Microsoft's driver and by mssql-python: what goes wrong is told, and the password never."""

from __future__ import annotations

import traceback
from urllib.parse import quote

import pytest

from loaders.database.address import DatabaseAddress, parse_address
from loaders.errors import LoaderError, TransientError, UnavailableError, UsageError
from loaders.mssql.connect import MSSQL_PYTHON, READERS, TURBODBC, connect, options_of, reader_of
from tests.loaders.mssql.answers import Refusal, only_master
from tests.servers.tds_endpoint import Login
from tests.servers.tds_process import TdsProcess

PASSWORD = "p}a;s{s'w\"o@r/d:%=ä"
pytest.importorskip("mssql_python")


def address(port: int, options: str = "encrypt=optional") -> DatabaseAddress:
    password = quote(PASSWORD, safe="")
    return parse_address(f"mssql://sa:{password}@127.0.0.1:{port}/loans?login_timeout=3&{options}")


@pytest.fixture(params=READERS)
def reader(request: pytest.FixtureRequest) -> str:
    if request.param == TURBODBC:
        pytest.importorskip("turbodbc")
    return str(request.param)


def test_a_login_arrives_as_the_url_says_it(reader: str) -> None:
    with TdsProcess() as server:
        connection = connect(address(server.port), reader=reader, memory=1_000_000)
        connection.close()
        connection.close()
        login = server.logins[0]
    assert (login.user, login.password, login.database) == ("sa", PASSWORD, "loans")
    assert isinstance(login, Login)


@pytest.mark.parametrize(
    ("number", "message", "kind", "hint"),
    [
        (18456, "Login failed for user 'sa'.", UnavailableError, "check user and password"),
        (
            18487,
            "Login failed for user 'sa'.  Reason: The password of the account has expired.",
            UnavailableError,
            "expired",
        ),
        (
            18488,
            "Login failed for user 'sa'. Reason: The password of the account must be changed.",
            UnavailableError,
            "expired",
        ),
        (18486, "Login failed for user 'sa' because the account is currently locked out.", UnavailableError, "locked"),
        (
            4060,
            'Cannot open database "loans" requested by the login. The login failed.',
            UsageError,
            "database in the URL",
        ),
        (
            18401,
            "Login failed for user 'sa'. Reason: Server is in script upgrade mode.",
            TransientError,
            "whether the server",
        ),
        (40613, "Database 'loans' on server 's' is not currently available.", TransientError, "whether the server"),
        (40615, "Client with IP address '1.2.3.4' is not allowed to access the server.", UnavailableError, "firewall"),
    ],
)
def test_a_refused_login_says_why(reader: str, number: int, message: str, kind: type[LoaderError], hint: str) -> None:
    with TdsProcess(login=Refusal(number, message)) as server, pytest.raises(LoaderError) as told:
        connect(address(server.port), reader=reader, memory=1_000_000)
    assert type(told.value) is kind
    assert message.split(".", maxsplit=1)[0] in told.value.message
    assert hint in told.value.hint
    assert_no_secret(told.value)


def test_a_database_that_is_not_there_is_told_from_a_wrong_password(reader: str) -> None:
    """The server says both, and that the login failed is all that mssql-python tells of it."""
    with TdsProcess(login=only_master) as server, pytest.raises(UsageError) as told:
        connect(address(server.port), reader=reader, memory=1_000_000)
    assert "annot open" in told.value.message
    assert "database in the URL" in told.value.hint
    assert_no_secret(told.value)


def test_a_server_without_tls_where_tls_is_asked_for(reader: str) -> None:
    with TdsProcess() as server, pytest.raises(UnavailableError) as told:
        connect(address(server.port, "encrypt=yes"), reader=reader, memory=1_000_000)
    assert "ncryption not supported" in told.value.message
    assert "encrypt=optional" in told.value.hint
    assert_no_secret(told.value)


@pytest.mark.parametrize("options", ["encrypt=perhaps", "encrypt=optional&authentication=Nonsense"])
def test_what_the_driver_does_not_know_is_a_mistake_in_the_url(reader: str, options: str) -> None:
    with TdsProcess() as server, pytest.raises(UsageError) as told:
        connect(address(server.port, options), reader=reader, memory=1_000_000)
    assert "nvalid value specified" in told.value.message
    assert_no_secret(told.value)


@pytest.mark.slow
def test_a_port_where_nobody_listens(reader: str) -> None:
    with TdsProcess() as server:
        port = server.port
    with pytest.raises(TransientError) as told:
        connect(address(port), reader=reader, memory=1_000_000)
    assert "whether the server runs" in told.value.hint
    assert_no_secret(told.value)


def test_a_host_that_is_none() -> None:
    """turbodbc tells the first thing only that the driver says, which is that time is over."""
    wrong = parse_address("mssql://sa:secret@nowhere.invalid/loans?login_timeout=3")
    with pytest.raises(UnavailableError) as told:
        connect(wrong, reader=MSSQL_PYTHON, memory=1_000_000)
    assert "host in the URL" in told.value.hint


def assert_no_secret(error: LoaderError) -> None:
    text = "".join(traceback.format_exception(error)) + error.hint + repr(error.__dict__)
    for piece in (PASSWORD, quote(PASSWORD, safe=""), "a;s{s"):
        assert piece not in text


def test_the_reader_is_the_one_that_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    here = address(1)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert reader_of(here) == MSSQL_PYTHON
    assert reader_of(here, TURBODBC) == TURBODBC
    with pytest.raises(UsageError, match="needs mssql-python"):
        connect(here, memory=1_000_000)


def test_the_job_and_then_the_url_say_which_reader() -> None:
    assert reader_of(address(1, "reader=mssql-python")) == MSSQL_PYTHON
    assert reader_of(address(1, "reader=mssql-python"), TURBODBC) == TURBODBC
    assert reader_of(address(1, "authentication=ActiveDirectoryDefault")) == MSSQL_PYTHON
    with pytest.raises(UsageError, match="no reader 'pyodbc'"):
        reader_of(address(1), "pyodbc")


@pytest.mark.parametrize(
    ("options", "keywords"),
    [
        ("trust_server_certificate=yes", {"TrustServerCertificate": "yes"}),
        (
            "ApplicationIntent=ReadOnly&MultiSubnetFailover=yes",
            {"ApplicationIntent": "ReadOnly", "MultiSubnetFailover": "yes"},
        ),
        ("authentication=ActiveDirectoryMsi", {"Authentication": "ActiveDirectoryMsi"}),
        ("integrated=true", {"Trusted_Connection": "yes"}),
        ("trusted_connection=yes", {"Trusted_Connection": "yes"}),
        ("TrustServerCertificate=true&encrypt=False", {"TrustServerCertificate": "yes", "Encrypt": "no"}),
        ("encrypt=strict", {"Encrypt": "strict"}),
    ],
)
def test_options_are_the_drivers_own_words(options: str, keywords: dict[str, str]) -> None:
    assert dict(options_of(address(1, options)).keywords) == keywords


def test_nobody_in_the_url_is_whoever_runs_it() -> None:
    assert options_of(parse_address("mssql://host/loans")).keywords == {"Trusted_Connection": "yes"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("encypt=yes", "no option 'encypt'"),
        ("lock_timeout=soon", "lock_timeout=soon"),
        ("login_timeout=0", "login_timeout=0"),
        ("isolation=nolock", "isolation=nolock"),
    ],
)
def test_options_that_are_none_are_refused(options: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        options_of(address(1, options))
