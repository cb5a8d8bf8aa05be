# SPDX-License-Identifier: Apache-2.0
"""What the command line, the environment and config files make the real program do."""
import json

import pytest

from rig import SCENARIOS, expect_served

OWN = SCENARIOS / "own_arguments.cpp"


def test_arguments_of_the_test(run, demo):
    """From the command line, a variable and a config file; classes by their names."""
    done = run("-f", OWN, "--headless", "-H", demo.url, "Buyer", "--product", "cake", "--tok", "x",
               environment={"AMOUNT": "7"})
    assert done.code == 0, done.told
    assert "bought cake" in done.told
    assert demo.requests("GET /items/[n]") == demo.total == 1
    expect_served(done, demo)


def test_arguments_of_the_test_in_a_config_file(run, demo, tmp_path):
    (tmp_path / "cicada.conf").write_text(
        f"locustfile = {OWN}\nhost = {demo.url}\nheadless\ntoken = x\nproduct: milk  # whole\n")
    done = run("Buyer")
    assert done.code == 0, done.told
    assert "bought milk" in done.told


@pytest.mark.parametrize("arguments, code, told", [
    ([], 2, "cicada: error: the following arguments are required: --token\n"),
    (["--amount", "x", "--token", "t"], 2, "cicada: error: argument --amount: "),
    (["--produkt", "x"], 2,
     "cicada: error: unrecognized arguments: --produkt x\nDid you mean '--product'?\n"),
    (["--token", "t", "Byer"], 1, "there is no user class Byer\nDid you mean 'Buyer'?\n"),
])
def test_what_is_wrong_is_said_once_the_test_is_loaded(run, arguments, code, told):
    done = run("-f", OWN, "--headless", *arguments)
    assert done.code == code
    assert done.err.startswith(told), done.err


def test_an_unknown_option_is_reported_before_a_missing_file(run):
    """The test could have declared it; without a test it is what is wrong."""
    done = run("-f", "none.cpp", "--no-such-option")
    assert done.code == 2
    assert done.err.startswith("cicada: error: unrecognized arguments: --no-such-option")
    assert run("-f", "none.cpp").code == 1


def test_help_shows_what_the_test_declares(run):
    done = run("-f", OWN, "--help")
    assert done.code == 0
    assert "Arguments of the test:" in done.out
    assert "--product TEXT" in done.out and "What to buy; default: tea." in done.out
    assert "variable: AMOUNT." in done.out
    assert done.err == ""
    assert "Arguments of the test" not in run("-f", "none.cpp", "--help").out


def test_a_bad_config_file_is_named(run, tmp_path):
    (tmp_path / "locust.conf").write_text("headless\n\nusres = 5\n")
    done = run("-f", OWN, "--token", "x")
    assert done.code == 2
    assert done.err == ("cicada: error: locust.conf:3: unknown key 'usres'\n"
                        "Did you mean 'users'?\n")


def test_a_misspelt_command_is_named(run, tmp_path):
    """Beside a test file and without one. A word that is near a class means the class."""
    done = run("chek", "shop.cpp")
    assert done.code == 2
    assert done.err.endswith("-f shop.cpp\nDid you mean 'cicada check'?\n"), done.err
    done = run("chek")
    assert done.code == 1
    assert done.err == ("there is no cicadafile.cpp here: name a test file with -f, or see --help\n"
                        "Did you mean 'cicada check'?\n")
    assert "Did you mean" not in run("Shopper").err
    (tmp_path / "cicadafile.cpp").write_text(CLASSES.replace(".HOST", ""))
    done = run("chek")
    assert (done.code, done.err) == (1, "there is no user class chek\nDid you mean 'cicada check'?\n")
    assert run("Thre").err == "there is no user class Thre\nDid you mean 'Three'?\n"


def test_new_writes_a_test_that_runs(run, demo, tmp_path):
    done = run("new", "parts/shop")
    assert done.code == 0, done.told
    assert done.out == "wrote parts/shop.cpp\nwrote parts/compile_flags.txt\n"
    flags = (tmp_path / "parts" / "compile_flags.txt").read_text().splitlines()
    assert flags[0] == "-std=c++20" and flags[1].startswith("-I/")
    checked = run("check", "parts/shop.cpp")
    assert (checked.code, checked.err) == (0, "")
    assert checked.out == "parts/shop.cpp\n    WebsiteUser: 2 tasks\n"
    done = run("-f", "parts/shop.cpp", "--headless", "-H", demo.url, "-u", "3", "-t", "1s")
    assert done.code == 0, done.told
    expect_served(done, demo)

    again = run("new", "parts/shop.cpp")
    assert (again.code, again.err) == (1, "parts/shop.cpp is there already\n")
    other = run("new", "parts/other")
    assert other.out == "wrote parts/other.cpp\nkept parts/compile_flags.txt\n"
    assert run("new").code == 2


def test_check_says_what_is_wrong(run, tmp_path):
    (tmp_path / "shop.cpp").write_text("""#include <cicada/cicada.hpp>
using namespace cicada;
class Shopper : public HttpUser {
public:
    void browse() { int unused_count; client.get("/"); }
};
static const auto shoppers = users<Shopper>().task<&Shopper::browse>();
""")
    done = run("check", "shop.cpp")
    assert done.code == 0, done.told
    assert done.out == "shop.cpp\n    Shopper: 1 task\n"
    assert "shop.cpp:5:25: warning: unused variable 'unused_count'" in done.err
    text = (tmp_path / "shop.cpp").read_text()
    (tmp_path / "shop.cpp").write_text(text.replace(".task<", ".weight(-1).task<"))
    done = run("check", "shop.cpp")
    assert done.code == 1
    assert done.err.startswith("shop.cpp:7: user class Shopper: .weight(-1)"), done.err
    assert run("check", "--fast").code == 2


CLASSES = """#include <cicada/cicada.hpp>
using namespace cicada;
template <int number>
class Numbered : public HttpUser {
public:
    void look() { client.get("/items/" + std::to_string(number)); sleep(10s); }
};
static const auto one = users<Numbered<1>>().name("One").HOST.task<&Numbered<1>::look>();
static const auto two = users<Numbered<2>>().name("Two").task<&Numbered<2>::look>();
static const auto three = users<Numbered<3>>().name("Three").task<&Numbered<3>::look>();
"""


def test_users_divide_among_the_classes_that_are_named(run, demo, tmp_path):
    """Five users of two classes are three and two, whoever names them."""
    (tmp_path / "shop.cpp").write_text(CLASSES.replace(".HOST", ""))
    for arguments, environment in ((["Two", "Three"], {}), ([], {"LOCUST_USER_CLASSES": "Two Three"})):
        done = run("-f", "shop.cpp", "--headless", "-H", demo.url, "-u", "5", "-r", "50", "-t", "1s",
                   *arguments, environment=environment)
        assert done.code == 0, done.told
        assert 'All users spawned: {"Three": 3, "Two": 2} (5 total users)' in done.told, done.told


def test_a_host_of_a_class_that_cannot_be_tested(run, demo, tmp_path):
    """One line, before there is any load; --host replaces it."""
    (tmp_path / "shop.cpp").write_text(CLASSES.replace("HOST", 'host("https://localhost")'))
    done = run("-f", "shop.cpp", "--headless", "-u", "3", "-t", "1s")
    assert (done.code, done.err) == (
        1, "user class One: host https://localhost: only http:// can be tested\n")
    done = run("-f", "shop.cpp", "--headless", "-u", "3", "-t", "1s", "-H", demo.url)
    assert done.code == 0, done.told


def test_a_bad_user_configuration(run, tmp_path):
    (tmp_path / "shop.cpp").write_text(CLASSES.replace(".HOST", ""))
    done = run("-f", "shop.cpp", "--headless", "--config-users", '{"user_class_name": "Ones"}')
    assert (done.code, done.err) == (255, "there is no user class Ones\nDid you mean 'One'?\n")


def test_a_run_has_a_label(run, demo):
    done = run(demo.url, "-t", "300ms", "--json", "--profile", "nightly")
    assert "Profile: nightly" in done.err
    assert json.loads(done.out)[-1]["run"]["profile"] == "nightly"
