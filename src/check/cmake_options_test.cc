// SPDX-License-Identifier: MIT
#include "check/cmake_options.h"

#include <gtest/gtest.h>

#include "check/cmake_text.h"

namespace lf::check {
namespace {

CmakeOptions read(std::string_view text) {
    CmakeOptions options;
    read_cmake(text, "CMakeLists.txt", options);
    return options;
}

std::vector<std::string> declared(std::string_view text) {
    std::vector<std::string> names;
    for (const auto& [name, option] : read(text).declared) names.push_back(name);
    return names;
}

using Names = std::vector<std::string>;

TEST(CmakeText, CommandsArgumentsAndLines) {
    CmakeText text("# c\nproject(x)\n\n  Set ( A \"b;${c}\" [=[d]]=]\n e(f \"g)\") \\) h) # i\nend()");
    const auto project = text.next();
    ASSERT_TRUE(project);
    EXPECT_EQ(project->name, "project");
    EXPECT_EQ(project->line, 2U);
    const auto set = text.next();
    ASSERT_TRUE(set);
    EXPECT_EQ(set->name, "Set");
    EXPECT_EQ(set->line, 4U);
    std::vector<std::string> words;
    for (const CmakeArgument& one : set->arguments) words.emplace_back(one.text);
    EXPECT_EQ(words, (Names{"A", "b;${c}", "d]", "e", "(", "f", "g)", ")", "\\)", "h"}));
    EXPECT_EQ(set->arguments[2].quoting, CmakeQuoting::bracket);
    EXPECT_EQ(text.next()->name, "end");
    EXPECT_FALSE(text.next());
}

TEST(CmakeOptions, EveryWayToDeclareOne) {
    const CmakeOptions options = read(R"(
        option(GGML_AVX2 "ggml: enable AVX2" ${INS_ENB})
        OPTION (GGML_CUDA "ggml: use CUDA")
        set   (GGML_BLAS_VENDOR ${GGML_BLAS_VENDOR_DEFAULT} CACHE STRING
                                "ggml: BLAS library vendor")
        set(GGML_SWITCH ON CACHE BOOL "a switch" FORCE)
        set(GGML_FOUND_IT "" CACHE INTERNAL "")
        set(GGML_PLAIN 1)
        cmake_dependent_option(GGML_DEPENDS "of others" ON "GGML_CUDA;NOT GGML_STATIC" OFF)
        option(ZENDNN_ROOT "path" ""))");
    EXPECT_EQ(options.declared.size(), 6U);
    EXPECT_EQ(options.declared.at("GGML_AVX2").fallback, "${INS_ENB}");
    EXPECT_EQ(options.declared.at("GGML_AVX2").line, 2U);
    EXPECT_EQ(options.declared.at("GGML_CUDA").fallback, "OFF");
    EXPECT_EQ(options.declared.at("GGML_BLAS_VENDOR").kind, plan::OptionKind::text);
    EXPECT_EQ(options.declared.at("GGML_SWITCH").kind, plan::OptionKind::boolean);
    EXPECT_TRUE(options.declared.contains("GGML_DEPENDS"));
    EXPECT_FALSE(options.knows("GGML_FOUND_IT"));
    EXPECT_FALSE(options.knows("GGML_PLAIN"));
    EXPECT_TRUE(options.read.contains("GGML_STATIC")) << "named by a dependent option";
    EXPECT_TRUE(options.read.contains("GGML_BLAS_VENDOR_DEFAULT"));
    EXPECT_FALSE(options.computed);
}

TEST(CmakeOptions, WhatIsOnlyReadIsKnown) {
    const CmakeOptions options = read(R"(
        if (GGML_RV_ZBA AND NOT (DEFINED GGML_ONE OR DEFINED CACHE{GGML_TWO}))
        elseif("GGML_QUOTED" STREQUAL "${GGML_THREE}${GGML_${GGML_FOUR}}")
        endif()
        foreach(x IN LISTS GGML_FIVE)
        message("$ENV{GGML_SIX} $CACHE{GGML_SEVEN} [${OTHER}]")
        ggml_add_backend(Cann)
        message([[${GGML_EIGHT}]]) )");
    EXPECT_EQ(options.read, (std::set<std::string, std::less<>>{"GGML_RV_ZBA", "GGML_ONE", "GGML_TWO", "GGML_THREE",
                                                                "GGML_FOUR", "GGML_FIVE", "GGML_CANN", "GGML_SEVEN"}));
    EXPECT_TRUE(options.declared.empty());
}

TEST(CmakeOptions, RetiredNamesAndTheVersion) {
    const CmakeOptions options = read(R"(
        macro(llama_option_depr TYPE OLD NEW)
            if (${OLD})
                message(${TYPE} "${OLD} is deprecated, use ${NEW}")
            endif()
        endmacro()
        llama_option_depr(FATAL_ERROR LLAMA_CUBLAS GGML_CUDA)
        llama_option_depr(WARNING     LLAMA_NATIVE GGML_NATIVE)
        set(GGML_VERSION_MAJOR 0)
        set(GGML_VERSION_MINOR 21)
        set(GGML_VERSION_PATCH 3)
        set(GGML_VERSION "${GGML_VERSION_MAJOR}.${GGML_VERSION_MINOR}"))");
    EXPECT_EQ(options.ggml_version, "0.21.3");
    EXPECT_EQ(options.replaced.at("LLAMA_CUBLAS").instead, "GGML_CUDA");
    EXPECT_TRUE(options.replaced.at("LLAMA_CUBLAS").fatal);
    EXPECT_FALSE(options.replaced.at("LLAMA_NATIVE").fatal);
    EXPECT_FALSE(options.knows("LLAMA_CUBLAS"));
}

TEST(CmakeOptions, CommentsAndQuotesHideNothingAndShowNothing) {
    EXPECT_EQ(declared("# option(GGML_A \"\" ON)\noption(GGML_B \"# ) option(GGML_C)\" ON)"), Names{"GGML_B"});
    EXPECT_EQ(declared("#[[ option(GGML_A) \n ]] option(GGML_B)"), Names{"GGML_B"});
    EXPECT_EQ(declared("#[==[ ]] ]=] option(GGML_A) ]==]option(GGML_B)"), Names{"GGML_B"});
    EXPECT_EQ(declared("#[ option(GGML_A)\noption(GGML_B)"), Names{"GGML_B"});
    EXPECT_EQ(declared("message(\"option(GGML_A)\")\nmessage([=[ option(GGML_C) ]] ]=])option(GGML_B)"),
              Names{"GGML_B"});
    EXPECT_EQ(declared("option(GGML_B # why\n \"help\" # more )\n ON)"), Names{"GGML_B"});
    EXPECT_EQ(declared("message(-Da=\"b c) option(GGML_A)\")option(GGML_B)"), Names{"GGML_B"});
    EXPECT_EQ(declared("message(\"a\\\") option(GGML_A)\")option(GGML_B)"), Names{"GGML_B"});
}

TEST(CmakeOptions, NamesThatOnlyARunWouldTellAreSaid) {
    EXPECT_TRUE(read("option(GGML_${x} \"\" ON)").computed);
    EXPECT_FALSE(read("option(${prefix}_TESTS \"\" ON)").computed) << "some other library's";
    EXPECT_TRUE(declared("option(GGML_${x} \"\" ON)").empty());
}

TEST(CmakeOptions, RubbishYieldsNothing) {
    for (const char* text : {"",
                             "(",
                             ")",
                             "option",
                             "option(",
                             "option()",
                             "option(GGML_A",
                             "option(\"GGML A\")",
                             "option(1A)",
                             "set(A CACHE)",
                             "set(CACHE STRING x)",
                             "set()",
                             "#[[",
                             "[[",
                             "message([==[",
                             "\"",
                             "message(\"",
                             "message(\"\\",
                             "message(\\",
                             "llama_option_depr(x)",
                             "\xff\xfe(",
                             "set(GGML_VERSION_MAJOR x)",
                             "set(GGML_VERSION_MAJOR 99999999999999999999)"}) {
        const CmakeOptions options = read(text);
        EXPECT_TRUE(options.declared.empty() && options.replaced.empty() && options.ggml_version.empty()) << text;
    }
    EXPECT_TRUE(declared("option(" + std::string(200, 'A') + ")").empty()) << "no such long name";
}

TEST(CmakeOptions, LimitsAreSaid) {
    const CmakeOptions large = read(std::string(kCmakeFileLimit + 1, '#'));
    ASSERT_EQ(large.skipped.size(), 1U);
    EXPECT_NE(large.skipped[0].find("1024 KiB"), std::string::npos);
    std::map<std::string, std::string> files;
    for (int file = 0; file < 4; ++file) {
        std::string text;
        for (int i = 0; i < 20'000; ++i) text += "option(GGML_" + std::to_string(file * 20'000 + i) + " \"\" ON)\n";
        files["f" + std::to_string(file)] = text;
    }
    const CmakeOptions many = read_cmake_files(files);
    EXPECT_EQ(many.declared.size(), kCmakeNamesLimit);
    EXPECT_EQ(many.skipped.size(), 1U);
}

TEST(CmakeOptions, DeepNestingIsNoRecursion) {
    const std::string deep(200'000, '(');
    EXPECT_TRUE(declared("if" + deep).empty());
    EXPECT_EQ(declared("if" + deep + std::string(200'000, ')') + "option(GGML_B)"), Names{"GGML_B"});
}

}  // namespace
}  // namespace lf::check
