// Arguments of the test's own: typed, with a default, choices or an environment variable, or required.
//   cicada -f examples/custom_arguments/cicadafile.cpp --help
//   SHOP_TOKEN=secret cicada -f examples/custom_arguments/cicadafile.cpp --host http://127.0.0.1:8000
//       --product coffee --pages 5 --think 250ms -u 10 -t 10s --headless
#include <cicada/cicada.hpp>
using namespace cicada;

static const auto product = argument<std::string>("--product", {
    .default_value = "tea",
    .help = "What to look for.",
    .choices = {"tea", "coffee", "cocoa"},
});
static const auto pages = argument<std::int64_t>("--pages", {.default_value = 3, .help = "How many pages to look at."});
static const auto think = argument<Duration>("--think", {.default_value = 500ms, .help = "Pause between two pages."});
static const auto impatient = argument<bool>("--impatient", {.help = "No pauses at all."});
static const auto token = argument<std::string>("--token", {
    .help = "What the shop wants to see.",
    .environment = "SHOP_TOKEN",
    .required = true,
    .secret = true,
});

class Visitor : public HttpUser {
public:
    void browse() {
        for (std::int64_t page = 1; page <= pages.value(); ++page) {
            client.get("/echo", {
                .name = "/search",
                .headers = {{"Authorization", "Bearer " + token.value()}},
                .query = {{"product", product.value()}, {"page", page}},
            });
            if (!impatient.value()) sleep(think.value());
        }
    }
};

static const auto visitors = users<Visitor>().task<&Visitor::browse>();
