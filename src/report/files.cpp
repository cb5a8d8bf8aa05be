// SPDX-License-Identifier: Apache-2.0
#include "report/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

namespace cicada::report {

std::string cannot_write(const std::string& path, int error) {
    return fmt::format("cannot write {}: {}", path, std::generic_category().message(error));
}

base::Result<void> make_folders_of(const std::string& path) {
    const std::filesystem::path folder = std::filesystem::path(path).parent_path();
    std::error_code error;
    if (!folder.empty()) std::filesystem::create_directories(folder, error);
    if (error) {
        return base::failure(
            fmt::format("cannot make the folder {}: {}", folder.string(), error.message()));
    }
    return {};
}

int write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0 && errno == EAGAIN) {  // somebody made the pipe non-blocking
            pollfd ready{.fd = fd, .events = POLLOUT, .revents = 0};
            (void)::poll(&ready, 1, -1);
            continue;
        }
        if (written < 0) return errno;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return 0;
}

base::Result<void> replace_file(const std::string& path, std::string_view bytes) {
    struct stat status {};
    const bool ordinary = ::stat(path.c_str(), &status) != 0 || S_ISREG(status.st_mode);
    const std::string written = ordinary ? path + ".part" : path;
    const int fd = ::open(written.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0) return base::failure(cannot_write(path, errno));
    int error = write_all(fd, bytes);
    if (::close(fd) != 0 && error == 0) error = errno;
    if (error == 0 && ordinary && std::rename(written.c_str(), path.c_str()) != 0) error = errno;
    if (error != 0 && ordinary) ::unlink(written.c_str());
    if (error != 0) return base::failure(cannot_write(path, error));
    return {};
}

}  // namespace cicada::report
