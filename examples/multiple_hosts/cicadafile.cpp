// Several hosts: the shop itself, which --host names, and a server of pictures, which is an argument of
// the test. A whole URL goes where it says; connections to both are kept.
//   cicada -f examples/multiple_hosts/cicadafile.cpp --host http://127.0.0.1:8000
//       --pictures http://127.0.0.1:8001 -u 10 -r 10 -t 10s --headless
#include <cicada/cicada.hpp>
using namespace cicada;

static const auto pictures = argument<std::string>("--pictures", {.default_value = "http://127.0.0.1:8001", .help = "URL of the server of pictures."});

class Visitor : public HttpUser {
public:
    void look() {
        client.get("/items/7", {.name = "/items/[id]"});
        Fiber large = spawn([this] { client.get(pictures.value() + "/bytes/50000", {.name = "large picture", .discard_body = true}); });
        Fiber small = spawn([this] { client.get(pictures.value() + "/bytes/2000", {.name = "small picture", .discard_body = true}); });
        join(large, small);
    }
};

// Where classes go to different places, each has a .host(): `users<Editor>().host("http://admin:8080")`.
static const auto visitors = users<Visitor>().wait_time(between(0.2s, 0.6s)).task<&Visitor::look>();
