// SPDX-License-Identifier: Apache-2.0
#include "scenario/download.hpp"

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <system_error>

#include "base/error.hpp"
#include "fiber/scheduler.hpp"
#include "http/client.hpp"
#include "http/url.hpp"

namespace cicada::scenario {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const std::string& url, const std::string& why) {
    throw base::Error(url + ": " + why);
}

/// Made when it is first asked for, removed at exit.
class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string pattern = (fs::temp_directory_path() / "cicada-test-XXXXXX").string();
        if (mkdtemp(pattern.data()) == nullptr) {
            throw base::Error("no folder to download to: " +
                              std::generic_category().message(errno));
        }
        path_ = pattern;
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() {
        std::error_code error;
        fs::remove_all(path_, error);
    }

    [[nodiscard]] const fs::path& path() const { return path_; }

private:
    fs::path path_;
};

std::string text_at(const std::string& url) {
    std::string text;
    std::string complaint;
    fiber::Scheduler scheduler{fiber::SchedulerOptions{}};
    scheduler.run([&] {
        http::Network network;
        http::Client client(network, std::make_shared<const http::ClientProfile>());
        http::Exchange exchange;
        client.send({.url = url}, exchange);
        if (!exchange.error().empty()) {
            complaint = exchange.error();
        } else if (exchange.status() != 200) {
            complaint = "the server answers with status " + std::to_string(exchange.status());
        }
        text = exchange.body();
    });
    if (!complaint.empty()) refuse(url, complaint);
    return text;
}

}  // namespace

bool is_url(const std::string& item) {
    return item.starts_with("http://") || item.starts_with("https://");
}

fs::path download_test(const std::string& url) {
    const auto parsed = http::Url::parse(url);
    if (!parsed) refuse(url, parsed.error());
    if (parsed->scheme != "http") refuse(url, "only http:// can be fetched");
    const std::string target = parsed->target();
    const fs::path name = fs::path(target.substr(0, target.find('?'))).filename();
    if (name.extension() != ".cpp") refuse(url, "a test at a URL is a .cpp file");

    const std::string text = text_at(url);
    static const TemporaryFolder folder;
    fs::path file = folder.path() / name;
    std::ofstream stream(file);
    stream << text;
    stream.close();
    if (!stream) refuse(url, "cannot write " + file.string());
    return file;
}

}  // namespace cicada::scenario
