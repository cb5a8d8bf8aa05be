// SPDX-License-Identifier: Apache-2.0
#include "cluster/locust_codec.hpp"

#include <fmt/format.h>

#include <array>
#include <limits>
#include <utility>

#include "cluster/engine_codec.hpp"

namespace cicada::cluster {
namespace {

constexpr std::string_view kCicada = "cicada";  // the field that is ours
constexpr std::string_view kProtocolField = "protocol";

void read_required(Value map, std::string_view key, Reader& reader, auto read) {
    if (!read_field(map, key, reader, read) && reader.ok()) {
        reader.complain(fmt::format("has no \"{}\"", key));
    }
}

std::optional<run::State> state_of(std::string_view word) {
    using enum run::State;
    for (const run::State state : {Ready, Spawning, Running, Cleanup, Stopping, Stopped, Missing}) {
        if (run::name_of(state) == word) return state;
    }
    return std::nullopt;
}

}  // namespace

void write_counts(Packer& packer, const ClassCounts& counts) {
    packer.map(counts.size());
    for (const auto& [name, users] : counts) {
        packer.text(name);
        packer.integer(users);
    }
}

void read_counts(Value value, ClassCounts& into, Reader& reader) {
    into.clear();
    if (!reader.map(value)) return;
    for (auto part = value.begin(); part != value.end() && reader.ok(); ++part) {
        std::string name = reader.text(*part);
        ++part;
        into[std::move(name)] = reader.integer(*part, 0, Reader::kMostInteger);
    }
}

// From workers, in the order of the header.

void write_data(Packer& packer, const from_worker::ClientReady& ready) {
    if (ready.unchecked) return packer.integer(-1);
    if (ready.version.empty()) return packer.nil();
    packer.text(ready.version);
}

void write_data(Packer& packer, const from_worker::AskForTest& ask) {
    packer.map(ask.protocol ? 2 : 1);
    packer.text("version");
    packer.text(ask.version);
    if (ask.protocol) {
        packer.text("cicada");
        packer.count(*ask.protocol);
    }
}

void write_data(Packer& packer, const from_worker::Heartbeat& heartbeat) {
    packer.map(2U + (heartbeat.memory_bytes ? 1U : 0U) + (heartbeat.beat ? 1U : 0U));
    packer.text("state");
    packer.text(run::name_of(heartbeat.state.value_or(run::State::Ready)));
    packer.text("current_cpu_usage");
    packer.number(heartbeat.cpu_percent);
    if (heartbeat.memory_bytes) {
        packer.text("current_memory_usage");
        packer.integer(*heartbeat.memory_bytes);
    }
    if (heartbeat.beat) {
        packer.text(kCicada);
        write_beat(packer, *heartbeat.beat);
    }
}

void write_data(Packer& packer, const from_worker::Spawning&) {
    packer.nil();
}

void write_data(Packer& packer, const from_worker::SpawningComplete& complete) {
    packer.map(2);
    packer.text("user_classes_count");
    write_counts(packer, complete.user_classes_count);
    packer.text("user_count");
    packer.integer(complete.user_count);
}

void write_data(Packer& packer, const from_worker::ExceptionRaised& raised) {
    packer.map(2);
    packer.text("msg");
    packer.text(raised.message);
    packer.text("traceback");
    packer.text(raised.traceback);
}

void write_data(Packer& packer, const from_worker::Logs& logs) {
    packer.map(2);
    packer.text("worker_id");
    packer.text(logs.worker_id);
    packer.text("logs");
    packer.array(logs.lines.size());
    for (const std::string& line : logs.lines) packer.text(line);
}

void write_data(Packer& packer, const from_worker::ClientStopped&) {
    packer.nil();
}
void write_data(Packer& packer, const from_worker::Quit&) {
    packer.nil();
}
void write_data(Packer& packer, const from_worker::Custom& custom) {
    packer.json(custom.json);
}

// From masters.

void write_data(Packer& packer, const from_master::Ack& ack) {
    if (!ack.index && !ack.protocol) return packer.nil();
    packer.map((ack.index ? 1U : 0U) + (ack.protocol ? 1U : 0U));
    if (ack.index) {
        packer.text("index");
        packer.integer(*ack.index);
    }
    if (ack.protocol) {
        packer.text(kCicada);
        packer.map(1);
        packer.text(kProtocolField);
        packer.count(*ack.protocol);
    }
}

void write_data(Packer& packer, const from_master::Spawn& spawn) {
    packer.map(5);
    packer.text("timestamp");
    packer.number(spawn.timestamp);
    packer.text("user_classes_count");
    write_counts(packer, spawn.user_classes_count);
    packer.text("host");
    spawn.host ? packer.text(*spawn.host) : packer.nil();
    packer.text("stop_timeout");
    packer.number(spawn.stop_timeout_s);
    packer.text("parsed_options");
    packer.json(spawn.parsed_options_json);
}

void write_data(Packer& packer, const from_master::SpawningComplete& complete) {
    packer.map(1);
    packer.text("user_count");
    packer.integer(complete.user_count);
}

void write_data(Packer& packer, const from_master::Stop&) {
    packer.nil();
}
void write_data(Packer& packer, const from_master::Quit&) {
    packer.nil();
}

void write_data(Packer& packer, const from_master::Heartbeat& heartbeat) {
    if (!heartbeat.beat) return packer.nil();
    packer.map(1);
    packer.text(kCicada);
    write_beat(packer, *heartbeat.beat);
}

void write_data(Packer& packer, const from_master::Reconnect&) {
    packer.nil();
}
void write_data(Packer& packer, const from_master::UpdateUserClass& update) {
    packer.json(update.json);
}

void write_data(Packer& packer, const from_master::TestFiles& files) {
    packer.map(1);
    packer.text("locustfiles");
    packer.array(files.files.size());
    for (const auto& file : files.files) {
        if (const auto* url = std::get_if<std::string>(&file)) {
            packer.text(*url);
            continue;
        }
        const auto& text = std::get<from_master::TestFile>(file);
        packer.map(2);
        packer.text("filename");
        packer.text(text.filename);
        packer.text("contents");
        packer.text(text.contents);
    }
}

void write_data(Packer& packer, const from_master::TestRefused& refused) {
    packer.map(1);
    packer.text("error");
    packer.text(refused.why);
}

void write_data(Packer& packer, const from_master::Custom& custom) {
    packer.json(custom.json);
}

// Reading: one function for each message that says more than its type.

namespace {

from_worker::ClientReady read_ready(Value data, Reader& reader) {
    if (data.is_nil()) return {};
    if (data.integer() == -1) return {.unchecked = true};
    return {.version = reader.text(data)};
}

from_worker::AskForTest read_ask(Value data, Reader& reader) {
    from_worker::AskForTest ask;
    if (!reader.map(data)) return ask;
    read_field(data, "version", reader, [&](Value value) { ask.version = reader.text(value); });
    read_field(data, "cicada", reader, [&](Value value) {
        ask.protocol = static_cast<std::uint32_t>(reader.count(value, UINT32_MAX));
    });
    return ask;
}

from_worker::Heartbeat read_heartbeat(Value data, Reader& reader) {
    from_worker::Heartbeat heartbeat;
    if (!reader.map(data)) return heartbeat;
    read_required(data, "state", reader, [&](Value value) {
        heartbeat.state = state_of(reader.raw_text(value));
    });
    read_field(data, "current_cpu_usage", reader, [&](Value value) {
        if (!value.is_nil()) heartbeat.cpu_percent = reader.number(value);
    });
    read_field(data, "current_memory_usage", reader, [&](Value value) {
        if (value.is_nil()) return;
        heartbeat.memory_bytes = reader.integer(value, 0, Reader::kMostInteger);
    });
    read_field(data, kCicada, reader, [&](Value value) {
        read_beat(value, heartbeat.beat.emplace(), reader);
    });
    return heartbeat;
}

from_worker::SpawningComplete read_complete(Value data, Reader& reader) {
    from_worker::SpawningComplete complete;
    if (!reader.map(data)) return complete;
    read_required(data, "user_classes_count", reader, [&](Value value) {
        read_counts(value, complete.user_classes_count, reader);
    });
    read_required(data, "user_count", reader, [&](Value value) {
        complete.user_count = reader.integer(value, 0, Reader::kMostInteger);
    });
    return complete;
}

from_worker::ExceptionRaised read_raised(Value data, Reader& reader) {
    from_worker::ExceptionRaised raised;
    if (!reader.map(data)) return raised;
    read_required(data, "msg", reader, [&](Value value) { raised.message = reader.text(value); });
    read_required(
        data, "traceback", reader, [&](Value value) { raised.traceback = reader.text(value); });
    return raised;
}

from_worker::Logs read_logs(Value data, Reader& reader) {
    from_worker::Logs logs;
    if (!reader.map(data)) return logs;
    read_field(
        data, "worker_id", reader, [&](Value value) { logs.worker_id = reader.text(value); });
    read_required(data, "logs", reader, [&](Value value) {
        if (!reader.array(value) || !reader.take_memory(value.size() * sizeof(std::string))) return;
        for (const Value line : value) logs.lines.push_back(reader.text(line));
    });
    return logs;
}

from_master::Ack read_ack(Value data, Reader& reader) {
    from_master::Ack ack;
    if (data.is_nil() || !reader.map(data)) return ack;
    read_field(data, "index", reader, [&](Value value) {
        ack.index = reader.integer(value, 0, Reader::kMostInteger);
    });
    read_field(data, kCicada, reader, [&](Value value) {
        if (!reader.map(value)) return;
        read_required(value, kProtocolField, reader, [&](Value number) {
            constexpr auto kMost = std::numeric_limits<std::uint32_t>::max();
            ack.protocol = static_cast<std::uint32_t>(reader.count(number, kMost));
        });
    });
    return ack;
}

from_master::Spawn read_spawn(Value data, Reader& reader) {
    from_master::Spawn spawn;
    if (!reader.map(data)) return spawn;
    read_required(
        data, "timestamp", reader, [&](Value value) { spawn.timestamp = reader.number(value); });
    read_required(data, "user_classes_count", reader, [&](Value value) {
        read_counts(value, spawn.user_classes_count, reader);
    });
    read_field(data, "host", reader, [&](Value value) {
        if (!value.is_nil()) spawn.host = reader.text(value);
    });
    read_field(data, "stop_timeout", reader, [&](Value value) {
        if (!value.is_nil()) spawn.stop_timeout_s = reader.number(value);
    });
    read_field(data, "parsed_options", reader, [&](Value value) {
        if (reader.map(value)) spawn.parsed_options_json = value.json();
    });
    return spawn;
}

from_master::SpawningComplete read_all_complete(Value data, Reader& reader) {
    from_master::SpawningComplete complete;
    if (!reader.map(data)) return complete;
    read_required(data, "user_count", reader, [&](Value value) {
        complete.user_count = reader.integer(value, 0, Reader::kMostInteger);
    });
    return complete;
}

from_master::Heartbeat read_answer(Value data, Reader& reader) {
    from_master::Heartbeat heartbeat;
    if (data.is_nil() || !reader.map(data)) return heartbeat;
    read_field(data, kCicada, reader, [&](Value value) {
        read_beat(value, heartbeat.beat.emplace(), reader);
    });
    return heartbeat;
}

from_master::UpdateUserClass read_update(Value data, Reader& reader) {
    if (!reader.map(data)) return {};
    return {.json = data.json()};
}

std::variant<from_master::TestFile, std::string> read_file(Value value, Reader& reader) {
    if (value.text()) return reader.whole_text(value);
    from_master::TestFile file;
    if (!reader.map(value)) return file;
    read_required(
        value, "filename", reader, [&](Value name) { file.filename = reader.text(name); });
    read_required(
        value, "contents", reader, [&](Value text) { file.contents = reader.whole_text(text); });
    return file;
}

void read_files(Value data, FromMaster& into, Reader& reader) {
    if (!reader.map(data)) return;
    const bool refused = read_field(data, "error", reader, [&](Value value) {
        into = from_master::TestRefused{.why = reader.text(value)};
    });
    if (refused) return;
    from_master::TestFiles files;
    read_required(data, "locustfiles", reader, [&](Value value) {
        if (!reader.array(value) || !reader.take_memory(value.size() * 2 * sizeof(std::string))) {
            return;
        }
        for (const Value file : value) files.files.push_back(read_file(file, reader));
    });
    into = std::move(files);
}

}  // namespace

void read_locust(std::string_view type, Value data, FromWorker& into, Reader& reader) {
    if (type == "stats") {
        read_stats(data, into.emplace<from_worker::LocustStats>(), reader);
    } else if (type == "heartbeat") {
        into = read_heartbeat(data, reader);
    } else if (type == "spawning_complete") {
        into = read_complete(data, reader);
    } else if (type == "spawning") {
        into = from_worker::Spawning{};
    } else if (type == "exception") {
        into = read_raised(data, reader);
    } else if (type == "logs") {
        into = read_logs(data, reader);
    } else if (type == "client_ready") {
        into = read_ready(data, reader);
    } else if (type == "client_stopped") {
        into = from_worker::ClientStopped{};
    } else if (type == "locustfile") {
        into = read_ask(data, reader);
    } else if (type == "quit") {
        into = from_worker::Quit{};
    } else {
        into = from_worker::Custom{.type = std::string(type), .json = data.json()};
    }
}

void read_locust(std::string_view type, Value data, FromMaster& into, Reader& reader) {
    if (type == "heartbeat") {
        into = read_answer(data, reader);
    } else if (type == "spawn") {
        into = read_spawn(data, reader);
    } else if (type == "spawning_complete") {
        into = read_all_complete(data, reader);
    } else if (type == "ack") {
        into = read_ack(data, reader);
    } else if (type == "stop") {
        into = from_master::Stop{};
    } else if (type == "quit") {
        into = from_master::Quit{};
    } else if (type == "reconnect") {
        into = from_master::Reconnect{};
    } else if (type == "update_user_class") {
        into = read_update(data, reader);
    } else if (type == "locustfile") {
        read_files(data, into, reader);
    } else {
        into = from_master::Custom{.type = std::string(type), .json = data.json()};
    }
}

}  // namespace cicada::cluster
