// SPDX-License-Identifier: MIT
#include "check/cmake_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "base/text.h"
#include "check/cmake_text.h"

namespace lf::check {
namespace {

constexpr std::size_t kNameLimit = 100;

bool is_name(std::string_view text) {
    const auto plain = [](unsigned char c) { return c < 0x80 && (std::isalnum(c) != 0 || c == '_'); };
    return !text.empty() && text.size() <= kNameLimit && std::all_of(text.begin(), text.end(), plain) &&
           std::isdigit(static_cast<unsigned char>(text.front())) == 0;
}

/// The names that people set carry one of these prefixes; anything else is of no interest.
bool is_ours(std::string_view name) { return name.starts_with("GGML_") || name.starts_with("LLAMA_"); }

bool is_plain(const CmakeArgument& argument, std::string_view word) {
    return argument.quoting == CmakeQuoting::unquoted && argument.text == word;
}

/// One file's commands → names.
class Collector {
  public:
    Collector(const std::string& file, CmakeOptions& into) : file_(file), into_(into) {}

    void take(const CmakeCommand& command) {
        const std::string name = lower_case(command.name);
        for (const Reader& reader : kReaders) {
            if (reader.command == name) (this->*reader.read)(command);
        }
        for (const CmakeArgument& argument : command.arguments) {
            if (argument.quoting != CmakeQuoting::bracket) references(argument.text);
        }
    }

  private:
    struct Reader {
        std::string_view command;
        void (Collector::*read)(const CmakeCommand&);
    };
    static const std::array<Reader, 9> kReaders;

    bool room() {
        if (into_.declared.size() + into_.read.size() + into_.replaced.size() < kCmakeNamesLimit) return true;
        if (into_.skipped.empty() || into_.skipped.back() != kTooMany) into_.skipped.emplace_back(kTooMany);
        return false;
    }

    void declare(std::string_view name, plan::OptionKind kind, std::string_view fallback, std::uint32_t line) {
        if (name.find('$') != std::string_view::npos) into_.computed = into_.computed || is_ours(name);
        if (!is_name(name) || !room()) return;
        into_.declared.emplace(name, CmakeOption{kind, std::string(fallback.substr(0, kNameLimit)), file_, line});
    }

    void reads(std::string_view name) {
        if (is_name(name) && is_ours(name) && room()) into_.read.emplace(name);
    }

    /// option(NAME "help" [value]), cmake_dependent_option(NAME "help" value depends force)
    void option(const CmakeCommand& command) {
        const auto& words = command.arguments;
        if (words.empty()) return;
        declare(words[0].text, plan::OptionKind::boolean, words.size() > 2 ? words[2].text : "OFF", command.line);
    }

    void dependent_option(const CmakeCommand& command) {
        option(command);
        if (command.arguments.size() > 3) words_of(command.arguments[3].text);
    }

    /// set(NAME value… CACHE TYPE "help" [FORCE]), set(GGML_VERSION_MAJOR 0)
    void set(const CmakeCommand& command) {
        const auto& words = command.arguments;
        if (words.size() > 1) version_part(words[0].text, words[1].text);
        for (std::size_t i = 1; i + 1 < words.size(); ++i) {
            if (!is_plain(words[i], "CACHE")) continue;
            if (is_plain(words[i + 1], "INTERNAL")) return;  // forced on every run: nobody's to set
            const auto kind = is_plain(words[i + 1], "BOOL") ? plan::OptionKind::boolean : plan::OptionKind::text;
            declare(words[0].text, kind, i > 1 ? words[1].text : "", command.line);
            return;
        }
    }

    void version_part(std::string_view name, std::string_view value) {
        constexpr std::array<std::string_view, 3> kParts{"GGML_VERSION_MAJOR", "GGML_VERSION_MINOR",
                                                         "GGML_VERSION_PATCH"};
        const auto* const part = std::find(kParts.begin(), kParts.end(), name);
        const auto number = parse_unsigned(value);
        if (part == kParts.end() || !number || *number > 9999) return;
        version_[static_cast<std::size_t>(part - kParts.begin())] = fmt::format("{}", *number);
        if (std::none_of(version_.begin(), version_.end(), [](const auto& one) { return one.empty(); }))
            into_.ggml_version = fmt::format("{}.{}.{}", version_[0], version_[1], version_[2]);
    }

    /// llama.cpp's own: llama_option_depr(FATAL_ERROR|WARNING OLD [NEW])
    void replaced(const CmakeCommand& command) {
        const auto& words = command.arguments;
        if (words.size() < 2 || !is_name(words[1].text) || !room()) return;
        const bool has_new = words.size() > 2 && is_name(words[2].text);
        into_.replaced.emplace(
            words[1].text, CmakeReplaced{has_new ? std::string(words[2].text) : "", words[0].text == "FATAL_ERROR"});
    }

    /// if(NAME AND NOT (DEFINED OTHER)), elseif, while
    void condition(const CmakeCommand& command) {
        for (const CmakeArgument& argument : command.arguments) {
            if (argument.quoting != CmakeQuoting::unquoted) continue;
            std::string_view text = argument.text;
            if (text.starts_with("CACHE{") && text.ends_with('}')) text = text.substr(6, text.size() - 7);
            reads(text);
        }
    }

    /// ggml's own: ggml_add_backend(Vulkan) reads GGML_VULKAN, which need not be declared anywhere.
    void backend(const CmakeCommand& command) {
        if (command.arguments.empty()) return;
        std::string name(command.arguments[0].text.substr(0, kNameLimit));
        std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::toupper(c); });
        reads("GGML_" + name);
    }

    /// foreach(x IN LISTS NAME…)
    void loop(const CmakeCommand& command) {
        bool lists = false;
        for (const CmakeArgument& argument : command.arguments) {
            if (lists) reads(argument.text);
            lists = lists || is_plain(argument, "LISTS");
        }
    }

    void words_of(std::string_view text) {
        for (const std::string_view part : split(text, ';')) {
            for (const std::string_view word : split(part, ' ')) reads(trim(word));
        }
    }

    /// ${NAME} and $CACHE{NAME}; $ENV{NAME} is another thing.
    void references(std::string_view text) {
        for (std::size_t at = text.find('{'); at != std::string_view::npos; at = text.find('{', at + 1)) {
            const std::string_view before = text.substr(0, at);
            if (!before.ends_with('$') && !before.ends_with("$CACHE")) continue;
            const std::size_t end = text.find_first_of("}${", at + 1);
            if (end != std::string_view::npos && text[end] == '}') reads(text.substr(at + 1, end - at - 1));
        }
    }

    static constexpr std::string_view kTooMany = "too many names: the rest was left out";
    const std::string& file_;
    CmakeOptions& into_;
    std::array<std::string, 3> version_;
};

const std::array<Collector::Reader, 9> Collector::kReaders{{
    {"option", &Collector::option},
    {"cmake_dependent_option", &Collector::dependent_option},
    {"set", &Collector::set},
    {"llama_option_depr", &Collector::replaced},
    {"if", &Collector::condition},
    {"elseif", &Collector::condition},
    {"while", &Collector::condition},
    {"ggml_add_backend", &Collector::backend},
    {"foreach", &Collector::loop},
}};

}  // namespace

void read_cmake(std::string_view text, const std::string& file, CmakeOptions& into) {
    if (text.size() > kCmakeFileLimit) {
        into.skipped.push_back(fmt::format("{} is larger than {} KiB", printable(file), kCmakeFileLimit >> 10U));
        return;
    }
    ++into.files;
    CmakeText commands(text);
    Collector collector(file, into);
    while (const auto command = commands.next()) collector.take(*command);
}

CmakeOptions read_cmake_files(const std::map<std::string, std::string>& files) {
    CmakeOptions options;
    for (const auto& [file, text] : files) read_cmake(text, file, options);
    return options;
}

}  // namespace lf::check
