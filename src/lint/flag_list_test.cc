// SPDX-License-Identifier: MIT
// What is read out of a list of flags, in the forms that people write. Each case is the value of cmakeFlags, with the
// names of `let` in front of it where it needs some.
#include "lint/flag_list.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "nixsyntax/query.h"

namespace lf::lint {
namespace {

/// "NAME=VALUE", "NAME=?" where the text does not tell; a `~` behind what is conditional, a `*` behind what cannot be
/// edited for itself. Then "old", "partly" and how many filters there are.
std::string read(const std::string& expression) {
    const auto tree = nixsyntax::parse(expression, "flags.nix");
    if (!tree) return "does not parse: " + tree.error().message;
    FlagList list;
    read_flag_list(*tree, tree->root(), list);
    std::string out;
    for (const Flag& flag : list.flags)
        out += fmt::format("{}={}{}{} ", flag.name, flag.value.value_or("?"), flag.conditional ? "~" : "",
                           flag.written_out ? "" : "*");
    if (list.keeps_old) out += "old ";
    if (!list.whole) out += "partly ";
    if (!list.filters.empty()) out += fmt::format("filters:{} ", list.filters.size());
    if (!out.empty()) out.pop_back();
    return out;
}

struct Case {
    const char* name;
    const char* text;
    const char* found;
};

constexpr Case kCases[] = {
    {"strings", R"([ "-DGGML_AVX2=ON" "-DGGML_FMA:BOOL=on" "-DCMAKE_CUDA_ARCHITECTURES=75;86" ])",
     "GGML_AVX2=ON GGML_FMA=on CMAKE_CUDA_ARCHITECTURES=75;86"},
    {"indented_string", "[ ''-DGGML_AVX2=ON'' ]", "GGML_AVX2=ON"},
    {"an_equals_sign_in_the_value", R"([ "-DCMAKE_C_FLAGS=-march=znver4" ])", "CMAKE_C_FLAGS=-march=znver4"},
    {"other_arguments", R"([ "-GNinja" "--trace" "-D" "-DALONE" "-D=ON" ])", ""},
    {"a_name_without_a_value", R"([ "-DGGML_AVX2:BOOL" ])", "GGML_AVX2=?"},
    {"rendered", R"([ (lib.cmakeBool "GGML_AVX2" true) (lib.cmakeFeature "GGML_CUDA_FA_QUANTS" "all")
                      (lib.cmakeOptionType "string" "CMAKE_HIP_ARCHITECTURES" "gfx1100") ])",
     "GGML_AVX2=TRUE GGML_CUDA_FA_QUANTS=all CMAKE_HIP_ARCHITECTURES=gfx1100"},
    {"rendered_below_with_lib", R"(with lib; [ (cmakeBool "GGML_AVX2" false) ])", "GGML_AVX2=FALSE"},
    {"rendered_with_a_value_that_is_not_written", R"([ (lib.cmakeBool "GGML_CUDA" useCuda) ])", "GGML_CUDA=?"},
    {"rendered_with_a_name_that_is_not_written", R"([ (lib.cmakeBool name true) ])", "partly"},
    {"rendered_without_its_value", R"([ (lib.cmakeBool "GGML_AVX2") ])", "partly"},
    {"appended", R"(old.cmakeFlags ++ [ "-DGGML_AVX2=ON" ])", "GGML_AVX2=ON old"},
    {"appended_to_what_may_be_missing", R"((old.cmakeFlags or [ ]) ++ [ "-DGGML_AVX2=ON" ])", "GGML_AVX2=ON old"},
    {"appended_to_the_package_s", R"(prev.llama-cpp.cmakeFlags ++ [ "-DGGML_AVX2=ON" ])", "GGML_AVX2=ON old"},
    {"appended_to_another_attribute", R"(old.buildInputs ++ [ "-DGGML_AVX2=ON" ])", "GGML_AVX2=ON partly"},
    {"chains", R"([ "-DA=1" ] ++ old.cmakeFlags ++ ([ "-DB=2" ] ++ [ "-DC=3" ]))", "A=1 B=2 C=3 old"},
    {"another_operator", R"(old // [ "-DA=1" ])", "partly"},
    {"optionals", R"(lib.optionals cuda [ "-DGGML_CUDA=ON" ] ++ lib.optional avx "-DGGML_AVX2=ON")",
     "GGML_CUDA=ON~ GGML_AVX2=ON~"},
    {"an_if", R"(if cuda then [ "-DGGML_CUDA=ON" ] else [ "-DGGML_VULKAN=ON" ])", "GGML_CUDA=ON~ GGML_VULKAN=ON~"},
    {"map", R"(map (set: "-DGGML_${set}=ON") [ "AVX" "AVX2" ])", "GGML_AVX=ON* GGML_AVX2=ON*"},
    {"map_with_a_renderer", R"(map (set: lib.cmakeBool "GGML_${set}" true) [ "AVX" "AVX2" ])",
     "GGML_AVX=TRUE* GGML_AVX2=TRUE*"},
    {"map_of_whole_names", R"(builtins.map (name: lib.cmakeBool name false) [ "GGML_BLAS" ])", "GGML_BLAS=FALSE*"},
    {"map_of_names_that_are_not_written", R"(map (set: "-DGGML_${set}=ON") sets)", "partly"},
    {"map_with_two_holes", R"(map (set: "-DGGML_${set}=${on}") [ "AVX" ])", "partly"},
    {"map_with_a_function_of_another_file", R"(map enable [ "AVX" ])", "partly"},
    {"a_set", R"(lib.mapAttrsToList lib.cmakeBool { GGML_AVX2 = true; GGML_BLAS = false; })",
     "GGML_AVX2=TRUE GGML_BLAS=FALSE"},
    {"a_set_by_a_function", R"(lib.mapAttrsToList (name: value: lib.cmakeFeature name value) { GGML_X = "y"; })",
     "GGML_X=y"},
    {"a_set_by_a_function_that_turns_it_round", R"(lib.mapAttrsToList (a: b: lib.cmakeFeature b a) { GGML_X = "y"; })",
     "partly"},
    {"a_set_with_an_inherit", R"(lib.mapAttrsToList lib.cmakeBool { inherit (x) GGML_AVX2; GGML_FMA = true; })",
     "GGML_FMA=TRUE partly"},
    {"let", R"(let simd = [ "-DGGML_AVX2=ON" ]; in old.cmakeFlags ++ simd)", "GGML_AVX2=ON old"},
    {"let_of_let", R"(let a = [ "-DA=1" ]; b = a ++ [ "-DB=2" ]; in b ++ b)", "A=1 B=2 A=1 B=2"},
    {"let_that_is_its_own", R"(let a = a; in a)", "partly"},
    {"let_that_grows_from_itself", R"(let a = a ++ [ "-DA=1" ]; in [ "-DB=2" ])", "B=2"},
    {"an_item_of_let", R"(let avx = "-DGGML_AVX2=ON"; in [ avx ])", "GGML_AVX2=ON"},
    {"an_argument", R"(extra: old.cmakeFlags ++ extra)", "partly"},
    {"filter", R"(builtins.filter (f: f != "-DGGML_NATIVE=OFF") old.cmakeFlags ++ [ "-DA=1" ])", "A=1 old filters:1"},
    {"filter_by_prefix", R"(lib.filter (f: !lib.hasPrefix "-DGGML_NATIVE" f) old.cmakeFlags)", "old filters:1"},
    {"filter_by_a_function_of_another_file", R"(builtins.filter keep old.cmakeFlags)", "old partly"},
    {"subtractLists", R"(lib.subtractLists [ "-DGGML_NATIVE=OFF" ] old.cmakeFlags)", "old filters:1"},
    {"remove", R"(lib.remove "-DGGML_NATIVE=OFF" old.cmakeFlags)", "old filters:1"},
    {"nested", R"(lib.flatten [ old.cmakeFlags [ "-DA=1" ] "-DB=2" ])", "A=1 B=2 old"},
    {"concatLists", R"(builtins.concatLists [ [ "-DA=1" ] old.cmakeFlags ])", "A=1 old"},
    {"an_interpolation", R"([ "-DCMAKE_CUDA_ARCHITECTURES=${archs}" ])", "CMAKE_CUDA_ARCHITECTURES=?"},
    {"an_interpolation_that_is_known", R"(let archs = "86"; in [ "-DCMAKE_CUDA_ARCHITECTURES=${archs}-real" ])",
     "CMAKE_CUDA_ARCHITECTURES=86-real"},
    {"an_interpolated_name", R"([ "-D${name}=ON" ])", "partly"},
    {"a_call_of_another_file", R"(import ./flags.nix ++ [ "-DA=1" ])", "A=1 partly"},
    {"parentheses_everywhere", R"(((old.cmakeFlags)) ++ ([ ("-DA=1") ]))", "A=1 old"},
    {"no_list", R"("-DA=1")", "partly"},
};

TEST(FlagList, is_read) {
    for (const Case& one : kCases) EXPECT_EQ(read(one.text), one.found) << one.name;
}

TEST(FlagList, what_names_itself_ends) {
    EXPECT_NE(read("let a = a ++ a; in a").find("partly"), std::string::npos);
    EXPECT_NE(read("let a = if x then a else b; b = a ++ b; in a ++ b").find("partly"), std::string::npos);
}

TEST(FlagList, the_last_one_counts) {
    const auto tree = nixsyntax::parse(R"([ "-DA=ON" "-DA=OFF" "-DB=0" "-DB=yes" "-DC:BOOL" ])", "flags.nix");
    ASSERT_TRUE(tree);
    FlagList list;
    read_flag_list(*tree, tree->root(), list);
    ASSERT_NE(list.find("A"), nullptr);
    EXPECT_EQ(list.find("A")->value, "OFF");
    EXPECT_FALSE(list.on("A"));
    EXPECT_TRUE(list.on("B"));
    EXPECT_FALSE(list.on("C"));
    EXPECT_EQ(list.find("D"), nullptr);
}

TEST(FlagList, flags_are_added_to_the_last_unconditional_literal) {
    const std::string text = R"([ "-DA=1" ] ++ [ "-DB=2" ] ++ lib.optionals x [ "-DC=3" ])";
    const auto tree = nixsyntax::parse(text, "flags.nix");
    ASSERT_TRUE(tree);
    FlagList list;
    read_flag_list(*tree, tree->root(), list);
    ASSERT_NE(list.literal, kNone);
    EXPECT_EQ(tree->text(list.literal), R"([ "-DB=2" ])");
}

TEST(FlagList, x86_options_are_those_of_ggml) {
    EXPECT_TRUE(is_x86_option("GGML_AVX512_VNNI"));
    EXPECT_FALSE(is_x86_option("GGML_CUDA"));
    const auto tree = nixsyntax::parse(R"([ "-DGGML_AVX=ON" "-DGGML_AVX2=OFF" "-DGGML_CUDA=ON" ])", "flags.nix");
    ASSERT_TRUE(tree);
    FlagList list;
    read_flag_list(*tree, tree->root(), list);
    const auto on = x86_flags_on(list);
    ASSERT_EQ(on.size(), 1U);
    EXPECT_EQ(on.front()->name, "GGML_AVX");
}

}  // namespace
}  // namespace lf::lint
