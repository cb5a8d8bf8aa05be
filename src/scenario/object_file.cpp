// SPDX-License-Identifier: Apache-2.0
#include "scenario/object_file.hpp"

#include <cxxabi.h>
#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/shown_path.hpp"

namespace cicada::scenario {
namespace {

// What the terminate handler, which takes no arguments, has to know while a file is loaded.
const ObjectFile* loading = nullptr;
const std::function<void()>* call_before_exit = nullptr;

std::string text_of_current_exception() {
    try {
        if (const std::exception_ptr thrown = std::current_exception()) {
            std::rethrow_exception(thrown);
        }
    } catch (const std::exception& error) {
        return error.what();
    } catch (const std::string& text) {
        return text;
    } catch (const char* text) {
        return text;
    } catch (...) {
        int status = 0;
        const std::unique_ptr<char, decltype(&std::free)> name(
            abi::__cxa_demangle(
                abi::__cxa_current_exception_type()->name(), nullptr, nullptr, &status),
            &std::free);
        return std::string("an exception of type ") + (status == 0 ? name.get() : "unknown");
    }
    return "terminate() was called";
}

[[noreturn]] void end_for_throwing_variable() {
    const std::string text = text_of_current_exception();
    std::fprintf(stderr,
                 "%s: a variable at namespace scope threw while the test was loaded: %s\n",
                 base::shown(loading->test).c_str(),
                 text.c_str());
    (*call_before_exit)();
    std::fflush(nullptr);
    std::_Exit(static_cast<int>(base::ExitCode::Failed));
}

/// Says whose exception it was if one escapes while the file is loaded.
class TerminateNaming {
public:
    TerminateNaming(const ObjectFile& file, const std::function<void()>& before_exit)
        : previous_(std::set_terminate(end_for_throwing_variable)) {
        loading = &file;
        call_before_exit = &before_exit;
    }
    TerminateNaming(const TerminateNaming&) = delete;
    TerminateNaming& operator=(const TerminateNaming&) = delete;
    ~TerminateNaming() { std::set_terminate(previous_); }

private:
    std::terminate_handler previous_;
};

std::string demangled(const std::string& symbol) {
    int status = 0;
    const std::unique_ptr<char, decltype(&std::free)> name(
        abi::__cxa_demangle(symbol.c_str(), nullptr, nullptr, &status), &std::free);
    return status == 0 ? name.get() : symbol;
}

// dlerror() says "FILE: undefined symbol: MANGLED" and the like.
std::string why_not(const ObjectFile& file, const std::string& said) {
    static constexpr std::string_view kUndefined = "undefined symbol: ";
    const std::size_t at = said.find(kUndefined);
    if (at == std::string::npos) {
        const std::string object = file.object.string() + ": ";
        return said.starts_with(object) ? said.substr(object.size()) : said;
    }
    std::string symbol = said.substr(at + kUndefined.size());
    symbol.erase(std::min(symbol.find_first_of(" \t,"), symbol.size()));
    const std::string name = demangled(symbol);
    if (name.starts_with("cicada::detail::headers_")) {
        return file.object == file.test
                   ? "built against other headers of Cicada than this program; build it again"
                   : "the headers it was compiled against are not this program's; see "
                     "CICADA_INCLUDE";
    }
    return "nothing defines " + name;
}

}  // namespace

void load_object(const ObjectFile& file, const std::function<void()>& before_exit) {
    const TerminateNaming naming(file, before_exit);
    if (dlopen(file.object.c_str(), RTLD_NOW | RTLD_LOCAL) != nullptr) return;
    // NOLINTNEXTLINE(concurrency-mt-unsafe): glibc's dlerror() is kept per thread
    const char* said = dlerror();
    throw base::Error(base::shown(file.test) + ": " +
                      why_not(file, said == nullptr ? "cannot be loaded" : said));
}

}  // namespace cicada::scenario
