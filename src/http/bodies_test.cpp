// SPDX-License-Identifier: Apache-2.0
// How bodies travel: what is sent, and the ways in which a response may come.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <unistd.h>
#include <zlib.h>

#include <chrono>
#include <cstdio>
#include <vector>

#include "http/test_loopback.hpp"

namespace cicada::http {
namespace {

using namespace std::chrono_literals;

std::string pattern(std::size_t size) {
    std::string text(size, ' ');
    for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i * 31 % 26);
    return text;
}

void echo(const ServerRequest& request, ResponseWriter& writer) {
    writer.reply(200, "", request.body);
}

/// A file that is gone at the end.
class TemporaryFile {
public:
    explicit TemporaryFile(std::string_view content) {
        const int fd = ::mkstemp(name_.data());
        REQUIRE(fd >= 0);
        REQUIRE(::write(fd, content.data(), content.size()) ==
                static_cast<ssize_t>(content.size()));
        ::close(fd);
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    ~TemporaryFile() { std::remove(name_.c_str()); }
    [[nodiscard]] const std::string& name() const { return name_; }

private:
    std::string name_ = "/tmp/cicada-body-XXXXXX";
};

std::string compressed(std::string_view text, int window) {
    z_stream state{};
    deflateInit2(&state, 6, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY);
    std::string out(deflateBound(&state, text.size()) + 64, '\0');
    state.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    state.avail_in = static_cast<uInt>(text.size());
    state.next_out = reinterpret_cast<Bytef*>(out.data());
    state.avail_out = static_cast<uInt>(out.size());
    REQUIRE(deflate(&state, Z_FINISH) == Z_STREAM_END);
    out.resize(out.size() - state.avail_out);
    deflateEnd(&state);
    return out;
}

constexpr int kGzip = 15 + 16;
constexpr int kZlib = 15;
constexpr int kRaw = -15;

}  // namespace

TEST_CASE("bodies of every size arrive whole, in both directions") {
    // Goal: sizes around each buffer's edge. Method: an echo.
    on_every_back_end([] {
        LoopbackServer server(echo);
        TestClient client(server.url());
        for (const std::size_t size :
             {0U, 1U, 16383U, 16384U, 16385U, 131072U, 131073U, 3'000'000U}) {
            const auto body = pattern(size);
            const auto& answer = client.send({.method = "PUT", .url = "/", .body = body});
            CHECK(answer.error() == "");
            CHECK((answer.body() == body));
        }
        CHECK(client.client().idle_connections() == 1);
    });
}

TEST_CASE("a file is sent as a body, and sent again after a redirect") {
    // Goal: streamed file bodies. Method: files around the piece size; one that is not there.
    on_every_back_end([] {
        LoopbackServer server([](const ServerRequest& request, ResponseWriter& writer) {
            if (request.path == "/moved") writer.add_header("Location", "/");
            writer.reply(request.path == "/moved" ? 307 : 200, "", request.body);
        });
        TestClient client(server.url());
        for (const std::size_t size : {0U, 5U, 131072U, 400'000U}) {
            const auto content = pattern(size);
            const TemporaryFile file(content);
            for (const char* path : {"/", "/moved"}) {
                const auto& answer =
                    client.send({.method = "POST", .url = path, .body_file = file.name()});
                CHECK(answer.error() == "");
                CHECK((answer.body() == content));
            }
        }
        CHECK(client.send({.method = "POST", .url = "/", .body_file = "/nowhere/x"}).error() ==
              "cannot read /nowhere/x: No such file or directory");
        CHECK(client.send({.method = "POST", .url = "/", .body_file = "/tmp"}).error() ==
              "cannot read /tmp: it is not a regular file");
        CHECK(client.exchange().counts().exchanges == 0);
    });
}

TEST_CASE("a body waits for 100 Continue when asked to") {
    // Goal: announced, granted, refused and ignored expectations. Method: scripts.
    on_every_back_end([] {
        LoopbackServer server(echo);
        TestClient client(server.url(), {.expect_continue_from_bytes = 10});
        CHECK(client.send({.method = "POST", .url = "/", .body = "0123456789"}).body() ==
              "0123456789");
        CHECK(client.send({.method = "POST", .url = "/", .body = "x", .expect_continue = true})
                  .body() == "x");
        CHECK(client.client().idle_connections() == 1);

        std::string after_head;
        ScriptedServer refusing([&](fiber::Stream& stream, int) {
            const auto head = read_until(stream, "\r\n\r\n");
            CHECK(head.find("\r\nExpect: 100-continue\r\n") != std::string::npos);
            after_head = head.substr(head.find("\r\n\r\n") + 4);
            CHECK(stream.send("HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n", fiber::kNever) == 0);
            after_head += read_until(stream, "never");
        });
        TestClient refused(refusing.url());
        const Request request{
            .method = "POST", .url = "/", .body = "body", .expect_continue = true};
        CHECK(refused.send(request).status() == 417);
        CHECK(refused.client().idle_connections() == 0);
        CHECK(after_head.empty());

        ScriptedServer ignoring([](fiber::Stream& stream, int) {
            read_until(stream, "body");
            CHECK(stream.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", fiber::kNever) == 0);
            read_until(stream, "never");
        });
        TestClient patient(ignoring.url(), {.continue_timeout = 5ms});
        CHECK(patient.send(request).status() == 200);
        CHECK(patient.client().idle_connections() == 1);
    });
}

TEST_CASE("a server may refuse a large body before it has read it") {
    // Goal: the answer is kept though sending fails. Method: answer the head, then close.
    on_every_back_end([] {
        ScriptedServer server([](fiber::Stream& stream, int) {
            read_until(stream, "\r\n\r\n");
            CHECK(stream.send("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nno!",
                              fiber::kNever) == 0);
            fiber::sleep_for(5ms);
            stream.shutdown_send();
            for (int i = 0; i < 40 && !stream.receive(fiber::kNever).bytes.empty(); ++i) {
            }
        });
        TestClient client(server.url());
        const auto body = pattern(20'000'000);
        const auto& answer = client.send({.method = "POST", .url = "/", .body = body});
        CHECK(answer.status() == 413);
        CHECK(answer.body() == "no!");
        CHECK(client.client().idle_connections() == 0);
    });
}

TEST_CASE("a response without a body has none, whatever it says") {
    // Goal: HEAD, 204, 304, 1xx. Method: lengths that are lies; the connection stays in step.
    on_every_back_end([] {
        const std::string lie = "\r\nContent-Length: 5\r\n\r\n";
        for (const char* status : {"204 No Content", "304 Not Modified"}) {
            ScriptedServer server(
                ScriptedServer::answering("HTTP/1.1 " + std::string(status) + lie));
            TestClient client(server.url());
            CHECK(client.get("/").error() == "");
            CHECK(client.get("/").body().empty());
            CHECK(server.connections() == 1);
        }
        ScriptedServer head(
            ScriptedServer::answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"));
        TestClient client(head.url());
        CHECK(client.send({.method = "HEAD", .url = "/"}).status() == 200);
        CHECK(client.send({.method = "HEAD", .url = "/"}).status() == 200);
        CHECK(head.connections() == 1);
    });
}

TEST_CASE("keep-alive follows version and Connection") {
    // Goal: when a connection is used again. Method: one head per rule.
    struct Row {
        std::string head;
        bool kept;
    };
    const std::vector<Row> rows{
        {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", true},
        {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", false},
        {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: x, Close\r\n\r\n", false},
        {"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", false},
        {"HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: Keep-Alive\r\n\r\n", true},
        {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", false},
        {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", true},
    };
    on_every_back_end([&] {
        for (const Row& row : rows) {
            CAPTURE(row.head);
            ScriptedServer server(ScriptedServer::answering(row.head));
            TestClient client(server.url());
            CHECK(client.get("/").error() == "");
            CHECK(client.client().idle_connections() == (row.kept ? 1 : 0));
            const Field close{"Connection", "close"};
            CHECK(client.send({.url = "/", .headers = {&close, 1}}).error() == "");
            CHECK(client.client().idle_connections() == 0);
        }
    });
}

TEST_CASE("chunks, trailers and a body until the end of the connection are put together") {
    // Goal: the three framings of a body. Method: scripts.
    on_every_back_end([] {
        const std::string chunked =
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;name=\"v\"\r\nhello\r\n"
            "A\r\n, world 12\r\n0\r\nSet-Cookie: no=trailer\r\n\r\n";
        ScriptedServer server(ScriptedServer::answering(chunked));
        TestClient client(server.url());
        CHECK(client.get("/").body() == "hello, world 12");
        CHECK(client.exchange().body_size() == 15);
        CHECK(client.get("/").error() == "");
        CHECK(server.connections() == 1);
        CHECK(client.client().cookies().empty());

        ScriptedServer closing(
            ScriptedServer::answering("HTTP/1.1 200 OK\r\n\r\nto the end", true));
        TestClient other(closing.url());
        CHECK(other.get("/").body() == "to the end");
        CHECK(other.client().idle_connections() == 0);
    });
}

TEST_CASE("folded header values are joined") {
    // Goal: RFC 9112 §5.2. Method: a value over three lines.
    on_every_back_end([] {
        ScriptedServer server(ScriptedServer::answering(
            "HTTP/1.1 200 OK\r\nA: one\r\n two\r\n\tthree\r\nContent-Length: 0\r\n\r\n"));
        TestClient client(server.url());
        CHECK(client.get("/").header("A") == "one   two  \tthree");
        CHECK(client.exchange().header("Content-Length") == "0");
    });
}

TEST_CASE("compressed bodies are decoded when they were asked for") {
    // Goal: gzip and both deflates, off by default, errors. Method: bodies made by zlib.
    on_every_back_end([] {
        const auto text = pattern(300'000);
        std::string coding = "gzip";
        std::string body = compressed(text, kGzip);
        std::string accepted;
        LoopbackServer server([&](const ServerRequest& request, ResponseWriter& writer) {
            accepted = request.header("Accept-Encoding").value_or("-");
            writer.add_header("Content-Encoding", coding);
            writer.reply(200, "", body);
        });
        TestClient plain(server.url());
        CHECK((plain.get("/").body() == body));
        CHECK(accepted == "-");
        const Field own{"Accept-Encoding", "gzip"};
        CHECK((plain.send({.url = "/", .headers = {&own, 1}}).body() == text));

        TestClient client(server.url(), {.accept_compressed = true});
        CHECK((client.get("/").body() == text));
        CHECK(accepted == "gzip, deflate");
        CHECK(client.exchange().body_size() == text.size());
        CHECK(client.network().body_budget.used_bytes == text.size());
        body = compressed("a", kGzip) + compressed("b", kGzip);
        CHECK(client.get("/").body() == "ab");
        coding = "deflate";
        for (const int window : {kZlib, kRaw}) {
            body = compressed(text, window);
            CHECK((client.get("/").body() == text));
        }
        coding = "br";
        CHECK((client.get("/").body() == body));
        coding = "gzip";
        body = compressed(text, kGzip);
        body.resize(body.size() / 2);
        CHECK(client.get("/").error() == "cannot decode the gzip body: it ends too early");
        body = "no gzip at all";
        CHECK(client.get("/").error() == "cannot decode the gzip body: incorrect header check");
        body.clear();
        CHECK(client.get("/").error() == "");

        // A bomb: a megabyte in a kilobyte.
        body = compressed(std::string(1'000'000, 'x'), kGzip);
        TestClient careful(server.url(),
                           {.limits = {.body_bytes = 100'000}, .accept_compressed = true});
        CHECK(careful.get("/").error() == "the decoded body exceeds 100000 bytes");
        CHECK(careful.network().body_budget.used_bytes == 0);
    });
}

}  // namespace cicada::http
