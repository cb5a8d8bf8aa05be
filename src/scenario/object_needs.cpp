// SPDX-License-Identifier: Apache-2.0
#include "scenario/object_needs.hpp"

#include <dlfcn.h>
#include <elf.h>
#include <fmt/format.h>
#include <link.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <optional>

namespace cicada::scenario {
namespace {

constexpr std::string_view kHeadersSymbol = "_ZN6cicada6detail8headers_";
constexpr std::size_t kMostItems = 4'096;  // of a list in an object

std::string machine_name(unsigned number) {
    switch (number) {
        case EM_X86_64:
            return "x86_64";
        case EM_AARCH64:
            return "aarch64";
        case EM_RISCV:
            return "riscv64";
        case EM_PPC64:
            return "ppc64";
        case EM_S390:
            return "s390x";
        default:
            return fmt::format("machine {}", number);
    }
}

/// Bytes of which nothing is believed.
class Image {
public:
    explicit Image(std::string_view bytes) : bytes_(bytes) {}

    /// Nothing: it does not lie within the image.
    template <class Struct>
    [[nodiscard]] std::optional<Struct> at(std::uint64_t offset) const {
        if (offset > bytes_.size() || bytes_.size() - offset < sizeof(Struct)) return std::nullopt;
        Struct value;
        std::memcpy(&value, bytes_.data() + offset, sizeof value);
        return value;
    }

    /// Empty if it does not lie within the image.
    [[nodiscard]] std::string text(const Elf64_Shdr& strings, std::uint64_t at) const {
        if (strings.sh_offset > bytes_.size() || at >= strings.sh_size) return {};
        const std::string_view table = bytes_.substr(strings.sh_offset, strings.sh_size);
        if (at >= table.size()) return {};
        return std::string(table.substr(at, table.find('\0', at) - at));
    }

private:
    std::string_view bytes_;
};

/// The sections of an object that say what it needs.
class Sections {
public:
    Sections(const Image& image, const Elf64_Ehdr& head) : image_(image) {
        for (unsigned i = 0; i < head.e_shnum; ++i) {
            const auto section = image.at<Elf64_Shdr>(head.e_shoff + i * sizeof(Elf64_Shdr));
            if (!section) break;
            all_.push_back(*section);
        }
    }

    [[nodiscard]] const Elf64_Shdr* find(std::uint32_t type) const {
        const auto found = std::ranges::find(all_, type, &Elf64_Shdr::sh_type);
        return found == all_.end() ? nullptr : &*found;
    }

    /// The texts that `section` refers to.
    [[nodiscard]] const Elf64_Shdr* strings(const Elf64_Shdr& section) const {
        return section.sh_link < all_.size() ? &all_[section.sh_link] : nullptr;
    }

private:
    const Image& image_;
    std::vector<Elf64_Shdr> all_;
};

std::vector<LibraryNeed> libraries_in(const Image& image, const Sections& sections) {
    std::vector<LibraryNeed> libraries;
    const Elf64_Shdr* const dynamic = sections.find(SHT_DYNAMIC);
    const Elf64_Shdr* const strings = dynamic == nullptr ? nullptr : sections.strings(*dynamic);
    if (strings == nullptr) return libraries;
    for (std::uint64_t i = 0;
         i < std::min<std::uint64_t>(dynamic->sh_size / sizeof(Elf64_Dyn), kMostItems);
         ++i) {
        const auto entry = image.at<Elf64_Dyn>(dynamic->sh_offset + i * sizeof(Elf64_Dyn));
        if (!entry || entry->d_tag == DT_NULL) break;
        if (entry->d_tag == DT_NEEDED) {
            libraries.push_back({image.text(*strings, entry->d_un.d_val), {}});
        }
    }
    return libraries;
}

void add_versions(const Image& image,
                  const Sections& sections,
                  std::vector<LibraryNeed>& libraries) {
    const Elf64_Shdr* const section = sections.find(SHT_GNU_verneed);
    const Elf64_Shdr* const strings = section == nullptr ? nullptr : sections.strings(*section);
    if (strings == nullptr) return;
    std::uint64_t at = section->sh_offset;
    for (std::size_t i = 0; i < kMostItems; ++i) {
        const auto need = image.at<Elf64_Verneed>(at);
        if (!need) return;
        const std::string soname = image.text(*strings, need->vn_file);
        auto library = std::ranges::find(libraries, soname, &LibraryNeed::soname);
        if (library == libraries.end())
            library = libraries.insert(libraries.end(), LibraryNeed{soname, {}});
        std::uint64_t version_at = at + need->vn_aux;
        for (std::size_t n = 0; n < std::min<std::size_t>(need->vn_cnt, kMostItems); ++n) {
            const auto version = image.at<Elf64_Vernaux>(version_at);
            if (!version) return;
            if ((version->vna_flags & VER_FLG_WEAK) == 0) {
                library->versions.push_back(image.text(*strings, version->vna_name));
            }
            version_at += version->vna_next;
        }
        if (need->vn_next == 0) return;
        at += need->vn_next;
    }
}

std::string headers_in(const Image& image, const Sections& sections) {
    const Elf64_Shdr* const symbols = sections.find(SHT_DYNSYM);
    const Elf64_Shdr* const strings = symbols == nullptr ? nullptr : sections.strings(*symbols);
    if (strings == nullptr) return {};
    for (std::uint64_t i = 0; i < symbols->sh_size / sizeof(Elf64_Sym); ++i) {
        const auto symbol = image.at<Elf64_Sym>(symbols->sh_offset + i * sizeof(Elf64_Sym));
        if (!symbol) break;
        if (symbol->st_shndx != SHN_UNDEF) continue;
        std::string name = image.text(*strings, symbol->st_name);
        if (name.starts_with(kHeadersSymbol)) return name;
    }
    return {};
}

/// The versions a library that is loaded here defines.
std::vector<std::string> versions_of(void* library) {
    std::vector<std::string> versions;
    link_map* map = nullptr;
    if (dlinfo(library, RTLD_DI_LINKMAP, &map) != 0 || map == nullptr) return versions;
    const char* strings = nullptr;
    const char* definitions = nullptr;
    std::uint64_t count = 0;
    const auto address = [map](const ElfW(Dyn) * entry) {  // glibc has relocated it mostly
        const ElfW(Addr) at = entry->d_un.d_ptr;
        return reinterpret_cast<const char*>(at < map->l_addr ? at + map->l_addr : at);
    };
    for (const ElfW(Dyn)* entry = map->l_ld; entry->d_tag != DT_NULL; ++entry) {
        if (entry->d_tag == DT_STRTAB) strings = address(entry);
        if (entry->d_tag == DT_VERDEF) definitions = address(entry);
        if (entry->d_tag == DT_VERDEFNUM) count = entry->d_un.d_val;
    }
    if (strings == nullptr || definitions == nullptr) return versions;
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto* const definition = reinterpret_cast<const ElfW(Verdef)*>(definitions);
        const auto* const name =
            reinterpret_cast<const ElfW(Verdaux)*>(definitions + definition->vd_aux);
        versions.emplace_back(strings + name->vda_name);
        if (definition->vd_next == 0) break;
        definitions += definition->vd_next;
    }
    return versions;
}

std::string why_it_cannot_be_loaded(const std::string& soname) {
    const char* const said = dlerror();  // NOLINT(concurrency-mt-unsafe): kept per thread by glibc
    std::string text = said == nullptr ? "it cannot be loaded" : said;
    const std::string prefix = soname + ": ";
    return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
}

}  // namespace

std::string_view machine_here() {
#if defined(__x86_64__)
    return "x86_64";
#elif defined(__aarch64__)
    return "aarch64";
#elif defined(__riscv)
    return "riscv64";
#elif defined(__powerpc64__)
    return "ppc64";
#elif defined(__s390x__)
    return "s390x";
#else
    return "unknown";
#endif
}

base::Result<ObjectNeeds> needs_of(std::string_view object) {
    const Image image(object);
    const auto head = image.at<Elf64_Ehdr>(0);
    if (!head || std::memcmp(head->e_ident, ELFMAG, SELFMAG) != 0 || head->e_type != ET_DYN ||
        head->e_ident[EI_CLASS] != ELFCLASS64) {
        return base::failure(std::string("this is not a shared object of 64 bits"));
    }
    const Sections sections(image, *head);
    ObjectNeeds needs{.machine = machine_name(head->e_machine)};
    needs.headers = headers_in(image, sections);
    needs.libraries = libraries_in(image, sections);
    add_versions(image, sections, needs.libraries);
    return needs;
}

std::vector<std::string> missing_here(const ObjectNeeds& needs) {
    if (needs.machine != machine_here()) {
        return {fmt::format(
            "it is compiled for {}, this machine is {}", needs.machine, machine_here())};
    }
    if (!needs.headers.empty() && dlsym(RTLD_DEFAULT, needs.headers.c_str()) == nullptr) {
        return {"it is compiled against other headers of Cicada than this program's"};
    }
    std::vector<std::string> missing;
    for (const LibraryNeed& need : needs.libraries) {
        void* const library = dlopen(need.soname.c_str(), RTLD_LAZY | RTLD_LOCAL);
        if (library == nullptr) {
            missing.push_back(
                fmt::format("{}: {}", need.soname, why_it_cannot_be_loaded(need.soname)));
            continue;
        }
        const std::vector<std::string> here = versions_of(library);
        for (const std::string& version : need.versions) {
            if (std::ranges::find(here, version) != here.end()) continue;
            missing.push_back(fmt::format("{} here has no {}", need.soname, version));
        }
    }
    return missing;
}

}  // namespace cicada::scenario
