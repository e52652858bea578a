// SPDX-License-Identifier: MIT
#include "flake/transaction.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/files.h"
#include "base/text.h"

namespace lf::flake {
namespace {
namespace fs = std::filesystem;

class TransactionTest : public testing::Test {
  protected:
    TransactionTest() {
        std::string pattern = (fs::temp_directory_path() / "lf-transaction-XXXXXX").string();
        top_ = fs::canonical(::mkdtemp(pattern.data()));
        root_ = top_ / "repository";
        fs::create_directories(root_ / ".git");
        put(".git/HEAD", "ref: refs/heads/main\n");
        put("flake.nix", "before");
    }
    ~TransactionTest() override { fs::remove_all(top_); }

    void put(const std::string& path, const std::string& bytes) const {
        fs::create_directories((root_ / path).parent_path());
        std::ofstream(root_ / path) << bytes;
    }
    std::string get(const std::string& path) const { return read_file((root_ / path).string()).value_or("(none)"); }
    /// The error's id, or "ok".
    std::string apply(const std::vector<FileChange>& changes) const {
        const Done done = apply_changes(root_.string(), changes);
        return done ? "ok" : done.error().id;
    }
    /// Everything there is, folders too, except git's own.
    std::vector<std::string> names() const {
        std::vector<std::string> found;
        for (fs::recursive_directory_iterator it(root_), end; it != end; ++it) {
            const std::string name = it->path().lexically_relative(root_).string();
            if (name != ".git" && name != ".git/HEAD") found.push_back(name);
        }
        std::sort(found.begin(), found.end());
        return found;
    }

    fs::path top_;
    fs::path root_;
};

using testing::ElementsAre;

TEST_F(TransactionTest, MakesReplacesAndDeletes) {
    put("nixos/pkgs/old.nix", "old");
    EXPECT_EQ(apply({{"flake.nix", "before", "after"},
                     {"nixos/pkgs/old.nix", "old", std::nullopt},
                     {"llama-fleet/plan/carbon.json", std::nullopt, "{}"}}),
              "ok");
    EXPECT_EQ(get("flake.nix"), "after");
    EXPECT_EQ(get("llama-fleet/plan/carbon.json"), "{}");
    // Folders that the deletion left empty are gone, and so is everything of the transaction's own.
    EXPECT_THAT(names(), ElementsAre("flake.nix", "llama-fleet", "llama-fleet/plan", "llama-fleet/plan/carbon.json"));
}

TEST_F(TransactionTest, KeepsModeAndOtherFilesInAFolder) {
    put("a/one", "1");
    put("a/two", "2");
    fs::permissions(root_ / "flake.nix", fs::perms(0640));
    EXPECT_EQ(apply({{"flake.nix", "before", "after"}, {"a/one", "1", std::nullopt}}), "ok");
    EXPECT_EQ(fs::status(root_ / "flake.nix").permissions(), fs::perms(0640));
    EXPECT_THAT(names(), ElementsAre("a", "a/two", "flake.nix"));
}

TEST_F(TransactionTest, NothingToDoTouchesNothing) {
    struct stat was {
    }, is{};
    ASSERT_EQ(::stat((root_ / "flake.nix").c_str(), &was), 0);
    EXPECT_EQ(apply({}), "ok");
    EXPECT_EQ(apply({{"flake.nix", "before", "before"}, {"none", std::nullopt, std::nullopt}}), "ok");
    ASSERT_EQ(::stat((root_ / "flake.nix").c_str(), &is), 0);
    EXPECT_EQ(was.st_ino, is.st_ino);
    EXPECT_EQ(was.st_ctim.tv_nsec, is.st_ctim.tv_nsec);
}

TEST_F(TransactionTest, ChangedMeanwhileWritesNothing) {
    put("b.nix", "edited by its owner");
    EXPECT_EQ(apply({{"flake.nix", "before", "after"}, {"b.nix", "as it was read", "x"}}), "file-changed");
    EXPECT_EQ(apply({{"flake.nix", "before", "after"}, {"b.nix", std::nullopt, "x"}}), "file-changed");
    EXPECT_EQ(apply({{"flake.nix", "before", "after"}, {"gone.nix", "x", "y"}}), "file-changed");
    EXPECT_EQ(apply({{"flake.nix", "before", "after"}, {"gone.nix", "x", std::nullopt}}), "file-changed");
    EXPECT_EQ(get("flake.nix"), "before");
    EXPECT_THAT(names(), ElementsAre("b.nix", "flake.nix"));
}

TEST_F(TransactionTest, StaysInsideTheRepository) {
    fs::create_directory(top_ / "outside");
    fs::create_directory_symlink(top_ / "outside", root_ / "absolute");
    fs::create_directory_symlink("../outside", root_ / "relative");
    fs::create_directory_symlink("loop", root_ / "loop");
    fs::create_directory_symlink(".git", root_ / "harmless");
    fs::create_directory_symlink("nowhere", root_ / "dangling");
    const std::pair<const char*, const char*> cases[] = {{"../x", "path-outside"},
                                                         {"a/../../x", "path-outside"},
                                                         {"/etc/x", "path-outside"},
                                                         {"absolute/x", "path-outside"},
                                                         {"relative/x", "path-outside"},
                                                         {".", "path-outside"},
                                                         {"a/..", "path-outside"},
                                                         {"", "path-odd"},
                                                         {"a\nb", "path-odd"},
                                                         {"a\x80", "path-odd"},
                                                         {".git/hooks/x", "path-in-git"},
                                                         {"harmless/hooks/x", "path-in-git"},
                                                         {"loop/x", "file-unreadable"},
                                                         {"dangling/x", "path-not-folder"},
                                                         {"flake.nix/x", "path-not-folder"},
                                                         {"sub/.git/hooks/x", "path-in-git"}};
    for (const auto& [path, id] : cases) {
        EXPECT_EQ(apply({{"flake.nix", "before", "after"}, {path, std::nullopt, "x"}}), id) << printable(path);
        EXPECT_EQ(get("flake.nix"), "before");
    }
    EXPECT_TRUE(fs::is_empty(top_ / "outside"));
}

TEST_F(TransactionTest, FollowsFolderLinksThatStayInside) {
    fs::create_directory(root_ / "real");
    fs::create_directory_symlink("real", root_ / "alias");
    EXPECT_EQ(apply({{"alias/new.nix", std::nullopt, "x"}}), "ok");
    EXPECT_EQ(get("real/new.nix"), "x");
    EXPECT_EQ(apply({{"alias/new.nix", "x", "y"}, {"real/new.nix", "x", "z"}}), "change-twice");
    EXPECT_EQ(get("real/new.nix"), "x");
}

TEST_F(TransactionTest, RefusesWhatIsNoPlainFile) {
    fs::create_symlink("flake.nix", root_ / "link.nix");
    fs::create_directory(root_ / "folder.nix");
    ASSERT_EQ(::mkfifo((root_ / "fifo.nix").c_str(), 0644), 0);
    for (const char* path : {"link.nix", "folder.nix", "fifo.nix"})
        EXPECT_EQ(apply({{path, "before", "after"}}), "file-not-regular") << path;
    EXPECT_EQ(get("flake.nix"), "before");
}

TEST_F(TransactionTest, OneWriterAtATime) {
    fs::create_directory(root_ / ".git/llama-fleet");
    const int other = ::open((root_ / ".git/llama-fleet/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    ASSERT_EQ(::flock(other, LOCK_EX), 0);
    EXPECT_EQ(apply({{"flake.nix", "before", "after"}}), "fit-locked");
    EXPECT_EQ(recover(root_.string()).error().id, "fit-locked");
    EXPECT_EQ(get("flake.nix"), "before");
    ::close(other);
    EXPECT_EQ(apply({{"flake.nix", "before", "after"}}), "ok");  // the dead one's lock file is no obstacle
    EXPECT_FALSE(fs::exists(root_ / ".git/llama-fleet"));
}

TEST_F(TransactionTest, WorksInAWorkTreeWhoseGitFolderIsElsewhere) {
    fs::remove_all(root_ / ".git");
    fs::create_directory(top_ / "git folder");
    std::ofstream(top_ / "git folder/HEAD") << "x";
    put(".git", "gitdir: ../git folder\n");
    fs::create_directory(top_ / "git folder/llama-fleet");
    std::ofstream(top_ / "git folder/llama-fleet/journal") << "not JSON";
    EXPECT_EQ(apply({{"flake.nix", "before", "after"}}), "journal-damaged");  // so that is where it looked
    EXPECT_EQ(get("flake.nix"), "before");
}

TEST_F(TransactionTest, WorksWithoutGitAndInAFolderOfARepository) {
    put("sub/flake.nix", "sub before");
    const std::vector<FileChange> changes = {{"flake.nix", "sub before", "sub after"}};
    EXPECT_TRUE(apply_changes((root_ / "sub").string(), changes));
    EXPECT_EQ(get("sub/flake.nix"), "sub after");
    EXPECT_EQ(get("flake.nix"), "before");
    fs::remove_all(root_ / ".git");
    EXPECT_EQ(apply({{"flake.nix", "before", "after"}}), "ok");
    EXPECT_THAT(names(), ElementsAre("flake.nix", "sub", "sub/flake.nix"));
}

class RecoverTest : public TransactionTest {
  protected:
    /// A journal as a killed run leaves it, about flake.nix: before → after.
    void leave_journal(bool committed, const std::string& path = "flake.nix", const std::string& root = ".") const {
        put(".git/llama-fleet/journal", R"({"committed": )" + std::string(committed ? "true" : "false") +
                                            R"(, "files": [{"path": ")" + path + R"(", "before": ")" +
                                            sha256_hex("before") + R"(", "after": ")" + sha256_hex("after") +
                                            R"("}], "folders": [], "id": "0123456789abcdef", "root": ")" + root +
                                            R"(", "schema": "llama-fleet/journal", "version": 1})");
    }
    std::string recovered() const {
        const auto result = recover(root_.string());
        return result ? std::to_string(static_cast<int>(result->outcome)) : result.error().id;
    }
    const std::string staged_ = ".llama-fleet-0123456789abcdef-0";
};

TEST_F(RecoverTest, NothingToRecoverMakesNothing) {
    EXPECT_EQ(recovered(), "0");
    EXPECT_FALSE(fs::exists(root_ / ".git/llama-fleet"));
}

TEST_F(RecoverTest, GoesBackBeforeTheCommitEvenIfTheOwnerEdited) {
    leave_journal(false);
    put(staged_ + ".new", "after");
    put("flake.nix", "edited since");
    EXPECT_EQ(recovered(), "1");
    EXPECT_EQ(get("flake.nix"), "edited since");
    EXPECT_THAT(names(), ElementsAre("flake.nix"));
}

TEST_F(RecoverTest, GoesForwardAfterTheCommit) {
    leave_journal(true);
    put(staged_ + ".new", "after");
    put(staged_ + ".old", "before");
    EXPECT_EQ(recovered(), "2");
    EXPECT_EQ(get("flake.nix"), "after");
    EXPECT_THAT(names(), ElementsAre("flake.nix"));
}

TEST_F(RecoverTest, GoesBackWhereForwardIsGone) {
    leave_journal(true);
    put(staged_ + ".old", "before");
    EXPECT_EQ(recovered(), "1");
    EXPECT_EQ(get("flake.nix"), "before");
    EXPECT_THAT(names(), ElementsAre("flake.nix"));
}

TEST_F(RecoverTest, LeavesAFileAloneThatWasEditedSince) {
    leave_journal(true);
    put("flake.nix", "edited since");
    put(staged_ + ".new", "after");
    put(staged_ + ".old", "before");
    const auto result = recover(root_.string());
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().id, "journal-conflict");
    EXPECT_EQ(result.error().kind, ErrorKind::owner);
    EXPECT_THAT(result.error().hint, testing::HasSubstr("flake.nix: before in " + staged_ + ".old"));
    EXPECT_EQ(get("flake.nix"), "edited since");
    EXPECT_EQ(get(staged_ + ".new"), "after");
    EXPECT_EQ(apply({{"flake.nix", "edited since", "x"}}), "journal-conflict");
}

TEST_F(RecoverTest, StagedBytesThatAreNotOursAreNotPutInPlace) {
    leave_journal(true);
    put(staged_ + ".new", "something else");
    EXPECT_EQ(recovered(), "1");
    EXPECT_EQ(get("flake.nix"), "before");
}

TEST_F(RecoverTest, AHostileJournalReachesNothingOutside) {
    std::ofstream(top_ / "victim") << "before";
    std::ofstream(top_ / (staged_ + ".new")) << "after";
    for (const bool committed : {false, true}) {
        leave_journal(committed, "../victim");
        EXPECT_EQ(recovered(), "journal-damaged");
        leave_journal(committed, "victim", "..");
        EXPECT_EQ(recovered(), "journal-damaged");
        leave_journal(committed, ".git/hooks/post-checkout");
        EXPECT_EQ(recovered(), "journal-damaged");
    }
    EXPECT_EQ(read_file((top_ / "victim").string()).value(), "before");
    EXPECT_TRUE(fs::exists(top_ / (staged_ + ".new")));
}

TEST_F(RecoverTest, ADamagedJournalIsTheOwners) {
    for (const char* bytes : {"", "{", "[]", "{}", R"({"schema": "llama-fleet/journal", "version": 9})"}) {
        put(".git/llama-fleet/journal", bytes);
        const auto result = recover(root_.string());
        ASSERT_FALSE(result) << bytes;
        EXPECT_EQ(result.error().id, "journal-damaged");
        EXPECT_EQ(result.error().kind, ErrorKind::owner);
    }
    EXPECT_EQ(get("flake.nix"), "before");
}

TEST_F(RecoverTest, AJournalFolderThatIsALinkIsRefused) {
    fs::create_directory(top_ / "elsewhere");
    fs::create_directory_symlink(top_ / "elsewhere", root_ / ".git/llama-fleet");
    EXPECT_EQ(apply({{"flake.nix", "before", "after"}}), "file-unwritable");
    EXPECT_TRUE(fs::is_empty(top_ / "elsewhere"));
}

}  // namespace
}  // namespace lf::flake
