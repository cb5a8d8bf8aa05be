// SPDX-License-Identifier: Apache-2.0
#include "scenario/digest.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <vector>

#include "base/expects.hpp"

namespace cicada::scenario {
namespace {

constexpr std::size_t kReadAtOnce = 64UL * 1024;

using Sum = std::array<unsigned char, 32>;

std::string hex_of(const Sum& sum) {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (const unsigned char byte : sum) {
        text += kDigits[byte >> 4U];
        text += kDigits[byte & 15U];
    }
    return text;
}

}  // namespace

struct Digest::State {
    EVP_MD_CTX* context = EVP_MD_CTX_new();

    State() {
        base::expects(context != nullptr && EVP_DigestInit_ex(context, EVP_sha256(), nullptr) == 1,
                      "SHA-256 is part of every OpenSSL");
    }
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() { EVP_MD_CTX_free(context); }

    void update(const void* bytes, std::size_t size) const {
        base::expects(EVP_DigestUpdate(context, bytes, size) == 1, "hashing memory cannot fail");
    }
};

Digest::Digest() : state_(std::make_unique<State>()) {}
Digest::~Digest() = default;

Digest& Digest::add(std::string_view text) {
    const std::size_t size = text.size();
    state_->update(&size, sizeof size);
    state_->update(text.data(), size);
    return *this;
}

std::string Digest::hex() {
    Sum sum{};
    unsigned int size = 0;
    base::expects(EVP_DigestFinal_ex(state_->context, sum.data(), &size) == 1 && size == sum.size(),
                  "SHA-256 gives 32 bytes");
    return hex_of(sum);
}

std::string digest_of_text(std::string_view text) {
    Sum sum{};
    unsigned int size = 0;
    base::expects(
        EVP_Digest(text.data(), text.size(), sum.data(), &size, EVP_sha256(), nullptr) == 1,
        "SHA-256 is part of every OpenSSL");
    return hex_of(sum);
}

std::optional<std::string> digest_of_file(const std::filesystem::path& file) {
    const int descriptor = open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return std::nullopt;
    std::string content;
    std::vector<char> buffer(kReadAtOnce);
    ssize_t got = 0;
    do {
        got = read(descriptor, buffer.data(), buffer.size());
        if (got > 0) content.append(buffer.data(), static_cast<std::size_t>(got));
    } while (got > 0 || (got < 0 && errno == EINTR));
    close(descriptor);
    if (got < 0) return std::nullopt;
    return digest_of_text(content);
}

}  // namespace cicada::scenario
