// Goal: each call of the public API once, so that none stops compiling unnoticed. test_every_call.py
// loads it, and looks through the headers for what is missing here. It is never run.
#include <cicada/cicada.hpp>
#include <cmath>
#include <utility>
using namespace cicada;

// ---- what the command line and files give --------------------------------------------------------

static const auto product = argument<std::string>("--product", {.default_value = "tea", .help = "what to buy", .choices = {"tea", "coffee"}});
static const auto pages = argument<std::int64_t>("--pages", {.default_value = 3});
static const auto share = argument<double>("--share", {.default_value = 0.5});
static const auto think = argument<Duration>("--think", {.default_value = 1500ms});
static const auto fast = argument<bool>("--fast");
static const auto token = argument<std::string>("--token", {.environment = "SHOP_TOKEN", .required = true, .secret = true});

static const auto photo = asset("everything.cpp");
static const auto accounts = csv_feeder("accounts.csv", Feed::Unique, {.at_end = AtEnd::StopRun, .separator = ';'});
static const auto vouchers = csv_feeder("vouchers.csv", Feed::Unique, {.at_end = AtEnd::Recycle});
static const auto places = csv_feeder("places.csv", Feed::Unique, {.at_end = AtEnd::StopUser});
static const auto searches = json_feeder("searches.jsonl", Feed::Random);
static const auto numbers = range_feeder(1, 1'000'000, Feed::Circular, {.per_user = true});
static const auto made_up = generator_feeder([](std::int64_t n) { return Fields{{"id", n}, {"name", "n" + std::to_string(n)}}; });

// ---- what is counted and has to be reached -------------------------------------------------------

static const auto orders = counter("orders");
static const auto queue_length = gauge("queue length");
static const auto cache_hits = rate("cache hits");
static const auto checkout_time = trend("checkout");
static const auto goals = thresholds({"p95 < 1s", "fail_ratio < 1%"}, {.abort_on_fail = true, .warm_up = 30s});
static const auto more_goals = thresholds(std::vector<std::string>{"p99.9 < 2s"});

static Semaphore all_spawned(0);
static Event warm;
static Mutex only_one;

// ---- users ---------------------------------------------------------------------------------------

class ShopUser : public HttpUser {  // a base without users of its own
public:
    ShopUser()
        : HttpUser({.headers = {{"User-Agent", "cicada"}},
                    .connect_timeout = 2s,
                    .timeout = 5s,
                    .max_redirects = 5,
                    .max_response_bytes = 1'000'000,
                    .max_header_bytes = 10'000,
                    .max_interim_answers = 2}) {}

    void on_start() override {
        listening_ = spawn([this] { client.get("/long-poll", {.timeout = kForever}); });
        const FeedRow account = accounts.next();
        if (!account.has("username")) stop_user();
        client.post("/login", form(account.fields()));
        client.post("/login", form({{"username", account["username"]}, {"age", 7}}));
        client.post("/settings", {.name = "/settings (empty)"});
    }
    void on_stop() override { listening_.cancel(); }

    void methods() {
        client.get("/a", {.query = {{"page", 2}, {"q", "x y"}}, .timeout = kInherited, .discard_body = true});
        client.head("/a");
        client.options("/a");
        client.del("/a/1", {.name = "/a/[id]"});
        client.put("/a", "plain text");
        client.patch("/a", Body(R"({"raw": true})", "application/json"), {.headers = {{"If-Match", "*"}}});
        client.put("/upload", file("picture.png", "image/png"));
        client.put("/upload", file(photo.path(), "text/plain"));
        client.request("PROPFIND", "/dav", {}, {.follow_redirects = false});
        const std::string kept = "kept";
        client.post("/a", kept + "!", {.context = {{"step", "one"}}});
        client.post("/a", json_body(json_array({1, "two", 3.0, true, nullptr, json_object({{"k", 5U}})})));
        client.post("/a", json_body({{"name", "tea"}}));
        const Body body = form({{"a", 1}});
        if (body.kind() == Body::Kind::Text) log::debug(body.content() + body.content_type());
        if (body.kind() == Body::Kind::File || body.kind() == Body::Kind::None) log::debug("odd");
    }

    void answers() {
        auto page = client.get("/item");
        if (page.status() != 200 || page.header("Content-Type") != "application/json") page.fail("odd");
        if (page.json()["a"][0] == 7 && page.json()["a"][1] > 8 && page.json()["a"][1] <= 8.5) page.succeed();
        if (page.json()["on"] == true && page.json()["a"].size() == 2) page.succeed();
        if (page.text().find("stock") == std::string_view::npos) page.fail(page.url() + ": " + page.error());
        if (!page.ok() || page.size() > 10'000 || page.elapsed() > 1s) page.fail("no");
        const JsonView item = page.json();
        log::info(item["name"].text() + item.dump() + item["color"].value_or("none"));
        log::info(std::to_string(item["price"].number() + item["sizes"].value_or(0.5)));
        if (item["stock"].integer() < 1 || item["sold_out"].truth() || !item["x"].exists()) page.fail("sold out");
        const std::string moved = client.get("/temporary").text();
        check("logged in", page.ok());
        if (!check("fresh", true, {{"region", "eu"}})) reschedule(Then::PickAtOnce);
    }

    void counting() {
        orders.add();
        orders.add(2, {{"region", "eu"}});
        queue_length.set(7);
        queue_length.set(7, {{"region", "eu"}});
        cache_hits.add(true);
        cache_hits.add(false, {{"region", "eu"}});
        checkout_time.add(20ms);
        checkout_time.add(20ms, {{"region", "eu"}});
        checkout_time.add(17.5);
        checkout_time.add(17.5, {{"region", "eu"}});
    }

    void images() {
        auto logo = spawn([&] { client.get("/logo.png"); });
        auto style = spawn([this] { client.get("/style.css"); });
        join(logo, style);

        Channel<int> queue(10);
        auto producer = spawn([&] {
            for (int i = 0; i < 3; ++i) queue.send(i);
            queue.close();
        });
        while (auto number = queue.receive()) client.get("/item/" + std::to_string(*number), {.name = "/item/[n]"});
        producer.join();

        try {
            Timeout limit(500ms);
            sleep(10ms);
            sleep(0.5s);
            if (!warm.is_set()) warm.wait();
            warm.clear();
            if (!limit.expired()) all_spawned.acquire();
        } catch (const TimeoutExpired& expired) {
            log::warning(expired.what());
        } catch (const FiberCancelled&) {
            throw;
        }
        only_one.lock();
        only_one.unlock();
    }

    void own_protocol() {
        measure("xml", "add", [] { return 12U; });
        measure("xml", "nothing", [] {});
        const Verdict verdict = measure("line", "echo", [](Measurement& seen) {
            seen.size = 5;
            seen.failure = "said no";
        });
        if (verdict == Verdict::Failed || verdict != Verdict::Passed) log::error("no");
    }

    void later() {
        schedule_task([this] { client.get("/later"); });
        schedule_task([this] { client.get("/sooner"); }, Place::First);
        schedule_task([this] { client.get("/last"); }, Place::Last);
        log::info(std::string(host()) + std::to_string(user_number()));
        log::info(random_choice({"tea", "coffee"}) + std::to_string(random_int(1, 6)));
        reschedule();
    }

    void asking() {
        client.get("/" + product.value() + "/" + token.value(), {.name = "/p"});
        if (fast.value() && share.value() > 0.1 && pages.value() > 1) return;
        sleep(think.value());
        client.get("/n/" + numbers.next()["value"] + made_up.next()["name"] + searches.next()["q"], {.name = "/n"});
        client.get("/n/" + vouchers.next()["code"] + places.next()["seat"], {.name = "/n"});
    }

    Duration pause() const { return std::chrono::duration<double>(-std::log(1 - random_fraction())); }

private:
    Fiber listening_;
};

static void plain_function(ShopUser& user) { user.client.get("/plain"); }

class German : public ShopUser {};
class French : public ShopUser {};

class Meter : public User {  // no client
public:
    void report() { measure("mqtt", "publish", [] { return 3; }); }
};

// ---- task sets -----------------------------------------------------------------------------------

class Forum : public TaskSet<ShopUser> {
public:
    void list() { client.get("/forum", {.query = {{"by", user().user_number()}}}); }
    void leave() { interrupt(); }
    int visits = 0;
};
class Thread : public TaskSet<Forum> {
public:
    void read() { ++parent().visits; }
    void back() { interrupt(Then::WaitFirst); }
};
class Checkout : public SequentialTaskSet<ShopUser> {
public:
    void pay() { client.post("/pay"); }
    void done() { interrupt(Then::PickAtOnce); }
};
class Wiki : public MarkovTaskSet<HttpUser> {  // fits any HttpUser
public:
    void home() { client.get("/wiki"); }
    void article() { client.get("/wiki/article"); }
};

static const auto forum = task_set<Forum>()
    .wait_time(between(1s, 2s))
    .task<&Forum::list>({.weight = 3})
    .task_set<Thread>({.weight = 5, .tags = {"read"}})
    .task<&Forum::leave>();
static const auto thread = task_set<Thread>().task<&Thread::read>({.tags = "read"}).task<&Thread::back>();
static const auto checkout = task_set<Checkout>().task<&Checkout::pay>().task<&Checkout::done>();
static const auto wiki = task_set<Wiki>()
    .task<&Wiki::home>().next<&Wiki::article>(3).next("leave")
    .task<&Wiki::article>().next<&Wiki::home>()
    .task("leave", [] { interrupt(); }).next("home", 2);

// ---- who comes, and how many ---------------------------------------------------------------------

static const auto germans = users<German>()
    .host("http://de.example")
    .weight(2.5)
    .wait_time(&ShopUser::pause)
    .task<&German::methods>({.weight = 2, .tags = {"read", "all"}, .limit = 10, .request_limit = 100, .limit_per_user = 5, .name = "HTTP"})
    .task<&German::answers>()
    .task<&ShopUser::images>()
    .task<&plain_function>()
    .task_set<Forum>({.weight = 10, .limit = 500})
    .task_set<Checkout>()
    .task_set<Wiki>({.name = "encyclopedia"});
static const auto french = users<French>()
    .fixed_count(5)
    .wait_time([] { return 250ms; })
    .task<&French::own_protocol>()
    .task<&French::later>()
    .task<&French::counting>()
    .task("with arguments", [](French& user) { user.asking(); })
    .task("without", [] {});
static const auto canadians = users<French>().name("Canadian").wait_time(exponential(1s)).iterations(1000).iterations_per_user(10).task<&French::later>();
static const auto paced = users<Meter>().wait_time(constant_pacing(2s)).task<&Meter::report>();
static const auto thrifty = users<Meter>().name("Thrifty").wait_time(constant_throughput(0.5)).task<&Meter::report>();
static const auto steady_waits = users<Meter>().name("Steady").wait_time(constant(1s)).task<&Meter::report>();

class DoubleWave : public LoadShape {
public:
    std::optional<Tick> tick() override {
        if (run_time() > common_options().run_time) return {};
        if (user_count() > common_options().users) reset_time();
        return Tick{.users = 10 + user_count(), .spawn_rate = common_options().spawn_rate, .user_classes = {"German"}};
    }
};
static const auto wave = load_shape<DoubleWave>({.use_common_options = true});

// ---- dry runs ------------------------------------------------------------------------------------

static const auto answers = on_dry_run([](const DryRunRequest& request) -> DryRunAnswer {
    if (request.method == "POST" && request.name == "cart" && request.body.empty()) return {.error = "nobody there"};
    if (request.host != "http://shop" || request.task == "German.later") return {.status = 503, .latency = 2s};
    return {.body = std::string(request.path), .headers = {{"Content-Type", "text/plain"}}};
});
static const auto maybe = on_dry_run([](const DryRunRequest&) -> std::optional<DryRunAnswer> { return {}; });

// ---- events --------------------------------------------------------------------------------------

static const auto on_init = events().init += [] { warm.set(); };
static const auto spawned = events().spawning_complete += [](const SpawningCompleteEvent& event) { all_spawned.release(event.user_count); };
static const auto broken = events().user_error += [](const UserErrorEvent& error) {
    log::error(std::string(error.task) + std::string(error.type) + std::string(error.text) + std::to_string(error.user.user_number()));
};
static const auto slow = events().request += [](const RequestEvent& request) {
    if (request.response_time > 10s || request.failure == "fatal" || request.response_length > 1'000'000) runner().exit_code(3);
    if (request.response != nullptr && request.type == "GET" && request.name == "/") log::info(std::string(request.url));
    for (const Field& field : request.context) log::debug(field.name() + field.value());
    log::debug(std::to_string(request.start_time.time_since_epoch().count()));
};
static const auto watch = events().test_start += [] {
    runner().background([] {
        while (runner().totals().failures < 100 && runner().totals().requests_per_second < 1e6) sleep(1s);
        const Runner::Totals totals = runner().totals();
        if (totals.requests > 10 && (totals.median > 1s || totals.p95 > 2s || totals.p99 > 3s)) runner().quit();
    });
    const bool local = runner().role() == Runner::Role::Local || runner().role() == Runner::Role::Master || runner().role() == Runner::Role::Worker;
    if (local && runner().worker_index() == 0 && runner().worker_count() == 1) runner().send_message("hello", json_object({{"numbers", json_array({1, 2})}}));
};
static const auto stopping = events().test_stopping += [] {
    if (runner().state() == Runner::State::Running && runner().user_count() < runner().target_user_count()) log::info("few");
};
static const auto stopped = events().test_stop += [](const TestStopEvent&) { log::info(std::to_string(runner().run_time().seconds())); };
static const auto quitting = events().quitting += [] { slow.remove(); };
static const auto on_quit = events().quit += [](const QuitEvent& event) { log::info(std::to_string(event.exit_code)); };
static const auto reset = events().reset_stats += [](const ResetStatisticsEvent&) {};
static const auto hot = events().cpu_warning += [](const CpuWarningEvent& event) { log::warning(std::to_string(event.cpu_percent)); };
static const auto usage = events().usage_monitor += [](const UsageEvent& event) { log::debug(std::to_string(event.resident_bytes) + std::to_string(event.cpu_percent)); };
static const auto hello = on_message("hello", [](const NodeMessage& message) {
    if (message.data["numbers"][1] == 2 && message.type == "hello" && message.from == "local") runner().stop();
});
