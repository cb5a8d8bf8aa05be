// A page and what is on it: the images are fetched at the same time, as a browser would.
//   cicada -f examples/page_and_images/cicadafile.cpp --host http://127.0.0.1:8000 -u 5 -r 5 -t 20s --headless
#include <cicada/cicada.hpp>
#include <vector>
using namespace cicada;

class Browser : public HttpUser {
public:
    // A long poll beside all tasks: a fiber in a member lives as long as the user, at most.
    void on_start() override {
        news_ = spawn([this] {
            while (true) client.get("/slow?ms=400", {.name = "/news"});
        });
    }

    void page() {
        measure("PAGE", "/", [&] {  // one row for the page with all that is on it
            client.get("/");
            std::vector<Fiber> images;
            for (int i = 0; i < 6; ++i) {
                images.push_back(spawn([this] { client.get("/bytes/10000", {.name = "/image", .discard_body = true}); }));
            }
            for (Fiber& image : images) image.join();  // throws what the fiber threw
        });
    }

    // Whatever has not come after 100 ms is not waited for: leaving the block ends the fibers.
    void impatient_page() {
        client.get("/");
        Fiber slow = spawn([this] { client.get("/slow?ms=1000", {.name = "/advertisement"}); });
        Fiber quick = spawn([this] { client.get("/bytes/10000", {.name = "/image", .discard_body = true}); });
        quick.join();
        sleep(100ms);
    }

private:
    Fiber news_;
};

static const auto browsers = users<Browser>()
    .wait_time(between(0.1s, 0.3s))
    .task<&Browser::page>({.weight = 3})
    .task<&Browser::impatient_page>();
