// SPDX-License-Identifier: MIT
// undo() where the repository is no longer as fit left it. What holds after every fit: cases_test.cc.
#include "flake/undo.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "flake/squeezed.h"
#include "flake/undo_fleet_for_test.h"

namespace lf::flake {
namespace {

TEST(Undo, of_two_fits_gives_what_was_there_before_the_first) {
    const TestFiles first = fitted(kFleet, "llama-cpp-cpu");
    const TestFiles second = fitted(first, "llama-cpp-cuda");
    EXPECT_NE(first, second);
    expect_undone(kFleet, second);
}

TEST(Undo, of_two_fits_with_the_owner_at_work_between_and_after_them) {
    TestFiles wanted = kFleet;
    TestFiles files = fitted(kFleet, "llama-cpp-cpu");
    for (TestFiles* both : {&files, &wanted}) {
        replace(*both, "carbon.nix", "    git\n", "    git\n    tmux\n");
        replace(*both, "flake.nix", "  outputs =", "  # What comes of it.\n  outputs =");
    }
    files = fitted(files, "llama-cpp-cuda");
    EXPECT_NE(files["carbon.nix"].find("llama-cpp-cuda"), std::string::npos);
    for (TestFiles* both : {&files, &wanted}) {
        replace(*both, "carbon.nix", "    vim\n", "    nano\n    vim\n");
        replace(*both, "boron.nix", "  networking", "  imports = [ ];\n  networking");
    }
    const FitResult result = undo_of(files);
    EXPECT_EQ(told(result), "");
    expect_same(undone(files, result), wanted);
}

TEST(Undo, of_a_record_whose_edits_git_has_taken_back_and_fit_done_again) {
    TestFiles files = kFleet;
    files[std::string(kRecordFile)] = fitted(kFleet).at(std::string(kRecordFile));
    expect_same(undone(files, undo_of(files)), kFleet);
    files = fitted(files);
    expect_undone(kFleet, files);
}

TEST(Undo, keeps_what_the_owner_wrote_around_our_edits) {
    TestFiles files = fitted(kFleet);
    TestFiles wanted = kFleet;
    // Directly beside them, and on their lines.
    replace(files, "carbon.nix", "llama-cpp-cuda # answers", "llama-cpp-cuda # answers at once");
    replace(wanted, "carbon.nix", "llama-cpp # answers", "llama-cpp # answers at once");
    replace(files, "boron.nix", "    htop\n", "    htop\n    btop\n");
    replace(wanted, "boron.nix", "    htop\n", "    htop\n    btop\n");
    replace(files, "flake.nix", "self, nixpkgs, llama-cpp }", "self, nixpkgs, llama-cpp, ... }");
    replace(wanted, "flake.nix", "self, nixpkgs }", "self, nixpkgs, ... }");
    replace(files, "flake.nix",
            "  outputs =", "  inputs.nixos-hardware.url = \"github:NixOS/nixos-hardware\";\n\n  outputs =");
    replace(wanted, "flake.nix",
            "  outputs =", "  inputs.nixos-hardware.url = \"github:NixOS/nixos-hardware\";\n\n  outputs =");
    const FitResult result = undo_of(files);
    EXPECT_EQ(told(result), "");
    expect_same(undone(files, result), wanted);
}

TEST(Undo, takes_the_place_that_the_record_knows_when_a_host_was_copied) {
    TestFiles files = fitted(kFleet);
    TestFiles wanted = kFleet;
    files["carbon.nix"] += "# was:\n# environment.systemPackages = with pkgs; [\n#   llama-cpp-cuda # answers\n";
    wanted["carbon.nix"] += "# was:\n# environment.systemPackages = with pkgs; [\n#   llama-cpp-cuda # answers\n";
    expect_same(undone(files, undo_of(files)), wanted);
}

TEST(Undo, says_what_the_owner_has_taken_out_already) {
    TestFiles files = fitted(kFleet);
    TestFiles wanted = kFleet;
    replace(files, "boron.nix", "    llama-cpp-cpu\n", "");
    const FitResult result = undo_of(files);
    expect_same(undone(files, result), wanted);
    replace(files, "carbon.nix", "llama-cpp-cuda", "koboldcpp");
    replace(wanted, "carbon.nix", "llama-cpp", "koboldcpp");
    const FitResult other = undo_of(files);
    EXPECT_EQ(told(other), "note: carbon.nix: you have taken this out already: llama-cpp-cuda\n");
    expect_same(undone(files, other), wanted);
}

TEST(Undo, leaves_to_the_owner_what_the_owner_changed) {
    TestFiles files = fitted(kFleet);
    replace(files, "flake.nix", "github:ggml-org/llama.cpp\"", "github:ggml-org/llama.cpp/b6000\"");
    const FitResult result = undo_of(files);
    EXPECT_TRUE(result.changes.empty());
    ASSERT_EQ(result.instructions.size(), 1U) << told(result);
    EXPECT_EQ(result.instructions[0].file, "flake.nix");
    EXPECT_EQ(result.instructions[0].why, "take this out, which fit put in; it was changed since");
    EXPECT_EQ(result.instructions[0].text.substr(0, 20), "inputs.llama-cpp.url");
    const FitResult forced = undo_of(files, true);
    EXPECT_TRUE(forced.instructions.empty());
    EXPECT_NE(undone(files, forced)["flake.nix"].find("b6000"), std::string::npos);
}

TEST(Undo, does_not_choose_between_two_places) {
    TestFiles files = fitted(kFleet);
    const std::string text = files["boron.nix"];
    // The same file twice over, so that nothing tells one from the other.
    const std::size_t at = text.find("  environment.");
    files["boron.nix"].insert(
        text.rfind('}'), "\n  specialisation.b.configuration = {\n" + text.substr(at, text.rfind('}') - at) + "  };\n");
    const std::size_t package = files["boron.nix"].find("networking");
    files["boron.nix"].insert(package, "# mine\n  ");
    const FitResult result = undo_of(files);
    EXPECT_TRUE(result.changes.empty());
    EXPECT_NE(told(result).find("it can be in more than one place: llama-cpp-cpu"), std::string::npos) << told(result);
}

TEST(Undo, an_edited_overlay_file_stays) {
    TestFiles files = fitted(kFleet);
    TestFiles wanted = kFleet;
    files[kOverlayFile] += "# mine\n";
    wanted[kOverlayFile] = files[kOverlayFile];
    const FitResult result = undo_of(files);
    EXPECT_EQ(told(result), "note: overlays/llama-cpp.nix: edited by you, so it stays (--force deletes it)\n");
    expect_same(undone(files, result), wanted);
    expect_same(undone(files, undo_of(files, true)), kFleet);
    EXPECT_TRUE(undo_of(wanted).changes.empty());
}

TEST(Undo, the_owner_came_to_need_the_overlay_file) {
    TestFiles files = fitted(kFleet);
    files["boron.nix"] = "{ pkgs, ... }:\n{\n  nixpkgs.overlays = [ (import ./overlays/llama-cpp.nix { }) ];\n}\n";
    const FitResult result = undo_of(files);
    EXPECT_TRUE(result.changes.empty());
    EXPECT_NE(told(result).find("boron.nix:3: names overlays/llama-cpp.nix, which fit made"), std::string::npos)
        << told(result);
}

TEST(Undo, the_owner_came_to_need_the_input) {
    TestFiles files = fitted(kFleet);
    replace(files, "flake.nix", "  in {\n", "  in {\n    packages.x86_64-linux = llama-cpp.packages.x86_64-linux;\n");
    files["boron.nix"] = "{ inputs, ... }:\n{\n  environment.etc.a.source = inputs.llama-cpp;\n}\n";
    const FitResult result = undo_of(files);
    EXPECT_TRUE(result.changes.empty());
    const std::string text = told(result);
    EXPECT_NE(text.find("boron.nix:3 uses the input that fit added and that goes: inputs.llama-cpp"), std::string::npos)
        << text;
    const std::string head = files["flake.nix"].substr(0, files["flake.nix"].find("llama-cpp.packages"));
    const std::string place = "flake.nix:" + std::to_string(1 + std::count(head.begin(), head.end(), '\n'));
    EXPECT_NE(text.find(place + ": needs what fit put in and what would go"), std::string::npos) << text;
}

TEST(Undo, a_file_that_is_gone_or_moved) {
    TestFiles files = fitted(kFleet);
    TestFiles wanted = kFleet;
    const std::string text = files["carbon.nix"];
    files.erase("carbon.nix");
    wanted.erase("carbon.nix");
    const FitResult gone = undo_of(files);
    EXPECT_EQ(told(gone), "note: carbon.nix is gone, and the edits of fit with it\n");
    expect_same(undone(files, gone), wanted);
    files["machines/carbon.nix"] = text;
    const FitResult moved = undo_of(files);
    EXPECT_TRUE(moved.changes.empty());
    EXPECT_NE(told(moved).find("machines/carbon.nix:6: put this back in the place of `llama-cpp-cuda`"),
              std::string::npos)
        << told(moved);
}

/// Lines deleted, doubled and swapped, ours and theirs.
std::string mangled(const std::string& text, std::mt19937& random) {
    std::vector<std::string> parts;
    for (const std::string_view line : lines(text)) parts.emplace_back(line);
    for (unsigned n = 0; n <= random() % 2 && parts.size() > 2; ++n) {
        const std::size_t at = random() % parts.size();
        const std::size_t other = random() % parts.size();
        switch (random() % 3) {
            case 0: parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(at)); break;
            case 1: parts.insert(parts.begin() + static_cast<std::ptrdiff_t>(other), parts[at]); break;
            default: std::swap(parts[at], parts[other]);
        }
    }
    return join(parts, "\n") + "\n";
}

/// Could this edit be one of the record's, or two that touch, taken out?
bool is_recorded(const std::vector<RecordedEdit>& all, const std::string& ours, const std::string& theirs) {
    // White space may be another where lines of ours were moved.
    const auto same = [](const std::string& a, const std::string& b) { return squeezed(a).text == squeezed(b).text; };
    for (const RecordedEdit& one : all) {
        if (same(one.inserted, ours) && same(one.removed, theirs)) return true;
        for (const RecordedEdit& two : all)
            if (same(one.inserted + two.inserted, ours) && same(one.removed + two.removed, theirs)) return true;
    }
    return false;
}

TEST(Undo, changes_nothing_but_our_edits_whatever_the_owner_did) {
    const TestFiles whole = fitted(kFleet);
    const auto record = record_from_json(whole.at(std::string(kRecordFile)), "edits.json");
    ASSERT_TRUE(record);
    std::vector<RecordedEdit> all;
    for (const RecordedFile& file : record->layers[0].files)
        all.insert(all.end(), file.edits.begin(), file.edits.end());
    int undone_runs = 0;
    for (unsigned seed = 1; seed <= 800; ++seed) {
        std::mt19937 random(seed);
        TestFiles files = whole;
        const char* const paths[] = {"flake.nix", "carbon.nix", "boron.nix"};
        const std::string mangled_path = paths[random() % std::size(paths)];
        files[mangled_path] = mangled(files[mangled_path], random);
        const auto result = undo({}, MemoryFiles(files));
        EXPECT_TRUE(result || result.error().id.starts_with("nix-")) << seed;
        if (!result || !result->instructions.empty()) continue;
        ++undone_runs;
        for (const auto& [path, edits] : result->edits)
            for (const nixsyntax::Edit& edit : edits)
                EXPECT_TRUE(is_recorded(all, files[path].substr(edit.span.begin, edit.span.size()), edit.text))
                    << "seed " << seed << " " << path << ": " << edit.text;
    }
    EXPECT_GT(undone_runs, 20);
    EXPECT_LT(undone_runs, 800);
}

TEST(Undo, without_a_record) {
    TestFiles files = fitted(kFleet);
    files.erase(std::string(kRecordFile));
    const auto result = undo({}, MemoryFiles(files));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().id, "undo-no-record");
    EXPECT_EQ(result.error().kind, ErrorKind::owner);
    EXPECT_TRUE(undo_of(kFleet).changes.empty());
}

TEST(Undo, what_is_left_has_to_parse) {
    TestFiles files = fitted(kFleet);
    // The owner hung the rest of an expression on our text.
    replace(files, "flake.nix", "self, nixpkgs, llama-cpp }", "self, nixpkgs, llama-cpp ? null }");
    const FitResult result = undo_of(files);
    EXPECT_TRUE(result.changes.empty());
    EXPECT_NE(told(result).find("flake.nix"), std::string::npos);
    EXPECT_FALSE(result.instructions.empty());
}

}  // namespace
}  // namespace lf::flake
