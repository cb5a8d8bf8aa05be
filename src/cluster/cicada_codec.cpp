// SPDX-License-Identifier: Apache-2.0
#include "cluster/cicada_codec.hpp"

#include <fmt/format.h>

#include "cluster/engine_codec.hpp"
#include "cluster/record.hpp"

namespace cicada::cluster {

template <>
struct Codec<run::EngineReport> {
    static void write(Packer& packer, const run::EngineReport& report) {
        write_engine_report(packer, report);
    }
    static void read(Value value, run::EngineReport& into, Reader& reader) {
        read_engine_report(value, into, reader);
    }
};

template <>
struct Codec<Command> {
    static void write(Packer& packer, const Command& command) { write_command(packer, command); }
    static void read(Value value, Command& into, Reader& reader) {
        read_command(value, into, reader);
    }
};

template <>
struct Layout<from_worker::Hello> {
    using T = from_worker::Hello;
    static constexpr std::string_view name = "hello";
    static constexpr auto fields = std::tuple(&T::incarnation,
                                              &T::reign,
                                              &T::last_acknowledged,
                                              &T::last_command,
                                              &T::protocol,
                                              &T::version,
                                              &T::processors,
                                              &T::test_hash,
                                              &T::test_complaint,
                                              &T::classes,
                                              &T::status);
};

template <>
struct Layout<from_worker::Report> {
    using T = from_worker::Report;
    static constexpr std::string_view name = "data";
    static constexpr auto fields = std::tuple(&T::incarnation, &T::number, &T::report);
};

template <>
struct Layout<from_worker::CommandsDone> {
    using T = from_worker::CommandsDone;
    static constexpr std::string_view name = "data";
    static constexpr auto fields = std::tuple(&T::reign, &T::number);
};

template <>
struct Layout<from_worker::WorkerLog> {
    using T = from_worker::WorkerLog;
    static constexpr std::string_view name = "data";
    static constexpr auto fields = std::tuple(&T::first, &T::lines);
};

template <>
struct Layout<from_master::Welcome> {
    using T = from_master::Welcome;
    static constexpr std::string_view name = "welcome";
    static constexpr auto fields = std::tuple(&T::reign,
                                              &T::incarnation,
                                              &T::last_report,
                                              &T::master_time,
                                              &T::seed,
                                              &T::worker_index,
                                              &T::worker_count,
                                              &T::settings);
};

template <>
struct Layout<from_master::Refused> {
    using T = from_master::Refused;
    static constexpr std::string_view name = "data";
    static constexpr auto fields = std::tuple(&T::incarnation, &T::why);
};

template <>
struct Layout<from_master::Commands> {
    using T = from_master::Commands;
    static constexpr std::string_view name = "data";
    static constexpr auto fields = std::tuple(&T::reign, &T::first, &T::commands);
};

template <>
struct Layout<from_master::ReportDone> {
    using T = from_master::ReportDone;
    static constexpr std::string_view name = "data";
    static constexpr auto fields = std::tuple(&T::incarnation, &T::number);
};

template <>
struct Codec<Bytes> {
    static void write(Packer& packer, const Bytes& bytes) { packer.binary(bytes.text); }
    static void read(Value value, Bytes& into, Reader& reader) {
        const auto bytes = value.binary();
        if (!bytes) return reader.expected("bytes", value);
        if (reader.take_memory(bytes->size())) into.text = *bytes;
    }
};

template <>
struct Layout<from_worker::AskForPart> {
    using T = from_worker::AskForPart;
    static constexpr std::string_view name = "data";
    static constexpr auto fields = std::tuple(&T::digest, &T::offset);
};

template <>
struct Layout<from_worker::TestMisfit> {
    using T = from_worker::TestMisfit;
    static constexpr std::string_view name = "data";
    static constexpr auto fields = std::tuple(&T::why);
};

template <>
struct Layout<from_master::TestOffer> {
    using T = from_master::TestOffer;
    static constexpr std::string_view name = "data";
    static constexpr auto fields = std::tuple(&T::list);
};

template <>
struct Layout<from_master::TestPart> {
    using T = from_master::TestPart;
    static constexpr std::string_view name = "data";
    static constexpr auto fields = std::tuple(&T::digest, &T::offset, &T::bytes);
};

void write_data(Packer& packer, const from_worker::AskForPart& ask) {
    write_record(packer, ask);
}
void write_data(Packer& packer, const from_worker::TestMisfit& misfit) {
    write_record(packer, misfit);
}
void write_data(Packer& packer, const from_master::TestOffer& offer) {
    write_record(packer, offer);
}
void write_data(Packer& packer, const from_master::TestPart& part) {
    write_record(packer, part);
}
void write_data(Packer& packer, const from_worker::Hello& hello) {
    write_record(packer, hello);
}
void write_data(Packer& packer, const from_worker::Report& report) {
    write_record(packer, report);
}
void write_data(Packer& packer, const from_worker::CommandsDone& done) {
    write_record(packer, done);
}
void write_data(Packer& packer, const from_worker::WorkerLog& log) {
    write_record(packer, log);
}
void write_data(Packer& packer, const from_master::Welcome& welcome) {
    write_record(packer, welcome);
}
void write_data(Packer& packer, const from_master::Refused& refused) {
    write_record(packer, refused);
}
void write_data(Packer& packer, const from_master::Commands& commands) {
    write_record(packer, commands);
}
void write_data(Packer& packer, const from_master::ReportDone& done) {
    write_record(packer, done);
}

namespace {

constexpr std::string_view kPrefix = "cicada_";

// Whether `type` is that of the message One, whose place in the variant says it; then it is read.
template <class One, class Message>
bool read_if_typed(std::string_view type, Value data, Message& into, Reader& reader) {
    if (type != type_of(Message(One{}))) return false;
    read_record(data, into.template emplace<One>(), reader);
    return true;
}

template <class... All, class Message>
bool read_any(std::string_view type, Value data, Message& into, Reader& reader) {
    if (!type.starts_with(kPrefix)) return false;
    if (!(read_if_typed<All>(type, data, into, reader) || ...)) {
        reader.complain("is not known here; the sender may be of another version");
    }
    return true;
}

}  // namespace

bool read_cicada(std::string_view type, Value data, FromWorker& into, Reader& reader) {
    return read_any<from_worker::Report,
                    from_worker::CommandsDone,
                    from_worker::WorkerLog,
                    from_worker::Hello,
                    from_worker::AskForPart,
                    from_worker::TestMisfit>(type, data, into, reader);
}

bool read_cicada(std::string_view type, Value data, FromMaster& into, Reader& reader) {
    return read_any<from_master::Commands,
                    from_master::ReportDone,
                    from_master::Welcome,
                    from_master::Refused,
                    from_master::TestOffer,
                    from_master::TestPart>(type, data, into, reader);
}

}  // namespace cicada::cluster
