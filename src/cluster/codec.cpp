// SPDX-License-Identifier: Apache-2.0
#include "cluster/codec.hpp"

#include <fmt/format.h>

#include <utility>

#include "cluster/cicada_codec.hpp"
#include "cluster/key_store.hpp"
#include "cluster/locust_codec.hpp"
#include "cluster/packer.hpp"
#include "cluster/reader.hpp"
#include "cluster/tape.hpp"
#include "cluster/utf8.hpp"

namespace cicada::cluster {
namespace {

constexpr std::size_t kLongestId = 255;    // of a ZeroMQ socket
constexpr std::size_t kLongestType = 255;  // of a message

template <class Message>
std::string encoded(const Message& message, std::string_view node_id) {
    Packer packer;
    packer.array(3);
    packer.text(type_of(message));
    std::visit([&](const auto& one) { write_data(packer, one); }, message);
    packer.text(node_id);
    return packer.take();
}

}  // namespace

std::string encode(const FromWorker& message, std::string_view node_id) {
    return encoded(message, node_id);
}

std::string encode(const FromMaster& message, std::string_view node_id) {
    return encoded(message, node_id);
}

struct Decoder::Impl {
    Tape tape{};
    KeyStore keys{};
    std::vector<stats::Histogram::Bucket> buckets{};

    // `read` makes a message of its type and its data.
    template <class Message, class Read>
    base::Result<Envelope<Message>> envelope(std::string_view bytes, Read read);
};

template <class Message, class Read>
base::Result<Envelope<Message>> Decoder::Impl::envelope(std::string_view bytes, Read read) {
    const auto whole = tape.read(bytes);
    if (!whole) return base::failure("a message is not understood: " + whole.error());
    if (whole->kind() != ValueKind::Array || whole->size() < 3) {
        return base::failure(
            std::string("a message is not understood: it is no array of type, data and node id"));
    }
    auto part = whole->begin();
    const auto type = (*part).text();
    const Value data = *++part;
    const auto node_id = (*++part).text();
    if (!type || type->size() > kLongestType || !is_utf8(*type)) {
        return base::failure(fmt::format(
            "a message is not understood: its type is no text of at most {} bytes", kLongestType));
    }
    if (!node_id || node_id->size() > kLongestId || !is_utf8(*node_id)) {
        return base::failure(
            fmt::format("{}: the node id is no text of at most {} bytes", *type, kLongestId));
    }
    Reader reader(keys, buckets);
    Envelope<Message> made{.message = {}, .node_id = std::string(*node_id)};
    read(*type, data, made.message, reader);
    if (!reader.ok()) return base::failure(fmt::format("{}: {}", *type, reader.complaint()));
    return made;
}

Decoder::Decoder() : impl_(std::make_unique<Impl>()) {}
Decoder::~Decoder() = default;

base::Result<Envelope<FromWorker>> Decoder::from_worker(std::string_view bytes) {
    return impl_->envelope<FromWorker>(
        bytes, [](std::string_view type, Value data, FromWorker& into, Reader& reader) {
            if (!read_cicada(type, data, into, reader)) read_locust(type, data, into, reader);
        });
}

base::Result<Envelope<FromMaster>> Decoder::from_master(std::string_view bytes) {
    return impl_->envelope<FromMaster>(
        bytes, [](std::string_view type, Value data, FromMaster& into, Reader& reader) {
            if (!read_cicada(type, data, into, reader)) read_locust(type, data, into, reader);
        });
}

}  // namespace cicada::cluster
