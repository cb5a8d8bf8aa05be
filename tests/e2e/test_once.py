# SPDX-License-Identifier: Apache-2.0
"""--once: one user runs each task once, and all that is sent and received is printed."""
import json
import re

from rig import SCENARIOS, expect_served

TEST = """#include <cicada/cicada.hpp>
using namespace cicada;

class Shopper : public HttpUser {
public:
    void on_start() override { client.post("/login", form({{"username", "ellen"}, {"password", "x"}})); }
    void on_stop() override { client.post("/logout"); }
    void browse() {
        auto item = client.get("/items/7", {.name = "/items/[id]"});
        if (item.status() == 200) item.fail("seven is sold out");
    }
    void away() { spawn([this] { client.get("/redirect/1"); }).join(); }
};

class Basket : public TaskSet<Shopper> {
public:
    void add() { client.post("/cart", json_body({{"item", 7}})); }
    void leave() { interrupt(); }
    void look() { client.get("/cart"); }
};
static const auto basket = task_set<Basket>()
    .task<&Basket::add>().task<&Basket::leave>().task<&Basket::look>();

static const auto prepare = events().test_start += [] {
    HttpClient client;
    client.get("/bytes/10");
};

static const auto goals = thresholds({"count > 1000"});
static const auto plan = stages({{.duration = 1h, .users = 50, .spawn_rate = 1}});

static const auto shoppers = users<Shopper>()
    .wait_time(constant(1h))
    .task<&Shopper::browse>({.weight = 9})
    .task_set<Basket>({.tags = {"basket"}})
    .task<&Shopper::away>();
"""


def test_each_task_runs_once_and_is_shown(run, demo, tmp_path):
    """In order, without waits, inside a set too; with verdicts; recorded as JSON lines. Thresholds and
    stages do not count."""
    (tmp_path / "shop.cpp").write_text(TEST)
    done = run("-f", "shop.cpp", "-H", demo.url, "--once", "--record", "seen.jsonl")
    assert done.code == 1, done.told  # the test failed a request
    assert done.seconds < 20
    assert demo.count()["requests"] == {
        "GET /bytes/[n]": 1, "POST /login": 1, "GET /items/[n]": 1, "POST /cart": 1, "GET /cart": 1,
        "GET /redirect/[n]": 2, "POST /logout": 1}, demo.count()
    expect_served(done, demo)
    place = 0
    for text in (
        "---- test_start ----", "> GET /bytes/10 HTTP/1.1\n", "---- Shopper.on_start ----", "> POST /login HTTP/1.1\n", "> username=ellen&password=x\n",
        "---- Shopper.browse ----", "> GET /items/7 HTTP/1.1\n", "< HTTP/1.1 200 OK\n",
        '<   "id": 7,\n', "= GET /items/[id]: FAILED: seven is sold out, ",
        "> POST /cart HTTP/1.1\n", "> GET /cart HTTP/1.1\n",
        "---- Shopper.away ----", "< HTTP/1.1 302 Found\n", "> GET /redirect/0 HTTP/1.1\n",
        "---- Shopper.on_stop ----", "> POST /logout HTTP/1.1\n"):
        place = done.out.find(text, place)
        assert place >= 0, (text, done.out)

    assert "----  ----" not in done.out
    records = [json.loads(line) for line in (tmp_path / "seen.jsonl").read_text().splitlines()]
    assert len(records) == demo.total
    assert records[2]["task"] == "Shopper.browse" and records[2]["status"] == 200
    assert json.loads(records[2]["body"])["id"] == 7
    assert {record["task"] for record in records[-3:-1]} == {"Shopper.away"}
    assert records[1]["request_body"] == "username=ellen&password=x"


def test_one_task_by_name_and_tag(run, demo, tmp_path):
    (tmp_path / "shop.cpp").write_text(TEST)
    done = run("-f", "shop.cpp", "-H", demo.url, "--once", "Shopper.away")
    assert done.code == 0, done.told
    assert demo.requests("GET /redirect/[n]") == 2 and demo.total == 5
    demo.reset()
    done = run("-f", "shop.cpp", "-H", demo.url, "--once", "--tags", "basket")
    assert demo.requests("GET /cart") == demo.requests("POST /cart") == 1
    assert demo.requests("GET /redirect/[n]") == 0


def test_a_record_needs_once_and_a_place(run, demo):
    done = run("-f", SCENARIOS / "shopper.cpp", "--record", "x")
    assert (done.code, done.err) == (2, "cicada: error: argument --record: it needs --once\n")
    done = run("-f", SCENARIOS / "shopper.cpp", "-H", demo.url, "--once", "--record", "/none/x")
    assert done.code == 1
    assert done.err == "argument --record: /none/x cannot be written\n"


def test_task_ratios_are_shown(run, tmp_path):
    (tmp_path / "shop.cpp").write_text(TEST)
    done = run("-f", "shop.cpp", "--show-task-ratio")
    assert (done.code, done.err) == (0, "")
    assert re.search(r"81\.8 +browse", done.out), done.out
    done = run("-f", "shop.cpp", "--show-task-ratio-json", "--equal-weights")
    ratios = json.loads(done.out)
    assert abs(ratios["per_class"]["Shopper"]["tasks"]["browse"]["ratio"] - 1 / 3) < 1e-9
    assert set(ratios) == {"per_class", "total"}
