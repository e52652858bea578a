// SPDX-License-Identifier: MIT
#include "flake/repository.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace lf::flake {
namespace {
namespace fs = std::filesystem;

class RepositoryTest : public testing::Test {
  protected:
    RepositoryTest() {
        std::string pattern = (fs::temp_directory_path() / "lf-repository-XXXXXX").string();
        top_ = fs::canonical(::mkdtemp(pattern.data()));
        root_ = top_ / "repository";
        fs::create_directories(root_);
        put("flake.nix", "{ }\n");
    }
    ~RepositoryTest() override { fs::remove_all(top_); }

    void SetUp() override {
        if (processes_.find("git").empty()) GTEST_SKIP() << "git is not installed";
    }

    void put(const std::string& path, const std::string& bytes) const {
        fs::create_directories((root_ / path).parent_path());
        std::ofstream(root_ / path) << bytes;
    }

    void git(std::vector<std::string> words) {
        Command command;
        command.argv = {"git", "-C", root_.string(), "-c", "user.name=t", "-c", "user.email=t@localhost"};
        command.argv.insert(command.argv.end(), words.begin(), words.end());
        command.environment = {{"GIT_CONFIG_GLOBAL", "/dev/null"}, {"GIT_CONFIG_NOSYSTEM", "1"}};
        const auto finished = processes_.run(command);
        ASSERT_TRUE(finished);
        ASSERT_EQ(finished->exit_code, 0) << finished->err;
    }

    void commit_all() {
        git({"init", "-q", "-b", "main"});
        git({"add", "-A"});
        git({"commit", "-q", "-m", "x"});
    }

    Repository open() {
        auto repository = read_repository(root_.string(), processes_);
        EXPECT_TRUE(repository) << repository.error().message;
        return repository.value_or(Repository());
    }

    std::string error_of(const std::string& path) {
        const auto repository = read_repository(path, processes_);
        return repository ? "ok" : repository.error().id;
    }

    FileState state(const std::string& path) {
        const std::vector<std::string> paths = {path};
        const auto states = file_states(open(), paths, processes_);
        EXPECT_TRUE(states) << states.error().message;
        return states ? states->at(path) : FileState::unknown;
    }

    fs::path top_;
    fs::path root_;
    RealProcesses processes_;
};

TEST_F(RepositoryTest, IsFoundByFolderOrFile) {
    EXPECT_EQ(open().root, root_.string());
    EXPECT_EQ(read_repository((root_ / "flake.nix").string(), processes_)->root, root_.string());
    fs::create_directory_symlink(root_, top_ / "alias");
    EXPECT_EQ(read_repository((top_ / "alias/flake.nix").string(), processes_)->root, root_.string());
}

TEST_F(RepositoryTest, SaysWhatIsMissing) {
    fs::create_directory(root_ / "machines");
    const auto below = read_repository((root_ / "machines").string(), processes_);
    ASSERT_FALSE(below);
    EXPECT_EQ(below.error().id, "flake-missing");
    EXPECT_EQ(below.error().kind, ErrorKind::usage);
    EXPECT_EQ(below.error().hint, "there is one in " + root_.string());
    EXPECT_EQ(error_of((top_ / "nowhere").string()), "flake-missing");
    EXPECT_EQ(error_of(top_.string()), "flake-missing");
    put("other.nix", "{ }");
    EXPECT_EQ(error_of((root_ / "other.nix").string()), "flake-missing");
}

TEST_F(RepositoryTest, AFlakeThatIsALinkStaysInItsFolder) {
    fs::rename(root_ / "flake.nix", root_ / "real.nix");
    fs::create_symlink("real.nix", root_ / "flake.nix");
    EXPECT_EQ(error_of(root_.string()), "ok");
    EXPECT_EQ(read_repository((root_ / "flake.nix").string(), processes_)->root, root_.string());
    fs::rename(root_ / "real.nix", top_ / "real.nix");
    fs::remove(root_ / "flake.nix");
    fs::create_symlink("../real.nix", root_ / "flake.nix");
    EXPECT_EQ(error_of(root_.string()), "flake-outside");
}

TEST_F(RepositoryTest, ReadsOnlyInside) {
    std::ofstream(top_ / "secret") << "secret";
    fs::create_symlink("../secret", root_ / "out");
    fs::create_symlink("flake.nix", root_ / "in");
    const Repository repository = open();
    EXPECT_EQ(read_repository_file(repository, "in").value(), "{ }\n");
    for (const char* path : {"out", "../secret", "/etc/passwd"})
        EXPECT_EQ(read_repository_file(repository, path).error().id, "path-outside") << path;
    EXPECT_EQ(read_repository_file(repository, "none").error().id, "file-missing");
}

TEST_F(RepositoryTest, KnowsWhatGitHolds) {
    EXPECT_EQ(open().git.kind, GitKind::no_work_tree);
    EXPECT_EQ(state("flake.nix"), FileState::unknown);
    put(".gitignore", "*.log\nbuild/\n");
    put("gone.nix", "x");
    put("changed.nix", "x");
    put("odd [name] \"quoted\" ü", "x");
    commit_all();
    put("new.nix", "x");
    put("a.log", "x");
    put("build/x.nix", "x");
    put("changed.nix", "y");
    fs::remove(root_ / "gone.nix");
    const Repository repository = open();
    EXPECT_EQ(repository.git.kind, GitKind::work_tree);
    EXPECT_EQ(repository.git.top, root_.string());
    EXPECT_EQ(repository.git.folder, (root_ / ".git").string());
    EXPECT_EQ(repository.git.busy, "");
    const std::vector<std::string> paths = {"flake.nix",   "new.nix",     "a.log",    "build/x.nix",
                                            "changed.nix", "gone.nix",    "none.nix", "odd [name] \"quoted\" ü",
                                            "build/y.nix", "./flake.nix", "*.nix"};
    const auto states = file_states(repository, paths, processes_).value();
    using S = FileState;
    EXPECT_THAT(states, testing::UnorderedElementsAre(
                            testing::Pair("flake.nix", S::clean), testing::Pair("new.nix", S::untracked),
                            testing::Pair("a.log", S::ignored), testing::Pair("build/x.nix", S::ignored),
                            testing::Pair("changed.nix", S::modified), testing::Pair("gone.nix", S::deleted),
                            testing::Pair("none.nix", S::missing), testing::Pair(paths[7], S::clean),
                            testing::Pair("build/y.nix", S::ignored), testing::Pair("./flake.nix", S::clean),
                            testing::Pair("*.nix", S::missing)));
}

TEST_F(RepositoryTest, AFlakeInAFolderOfARepository) {
    put("sub/flake.nix", "{ }");
    commit_all();
    const Repository repository = read_repository((root_ / "sub").string(), processes_).value();
    EXPECT_EQ(repository.root, (root_ / "sub").string());
    EXPECT_EQ(repository.git.top, root_.string());
    const std::vector<std::string> paths = {"flake.nix"};
    EXPECT_EQ(file_states(repository, paths, processes_)->at("flake.nix"), FileState::clean);
}

TEST_F(RepositoryTest, AddsWhatItIsTold) {
    commit_all();
    put("a b.nix", "x");
    put("other.nix", "x");
    const std::vector<std::string> paths = {"a b.nix"};
    EXPECT_TRUE(git_add(open(), paths, processes_));
    EXPECT_EQ(state("a b.nix"), FileState::clean);
    EXPECT_EQ(state("other.nix"), FileState::untracked);
    fs::remove(root_ / "a b.nix");
    EXPECT_EQ(state("a b.nix"), FileState::deleted);
    EXPECT_TRUE(git_add(open(), paths, processes_));
    EXPECT_EQ(state("a b.nix"), FileState::missing);
    const std::vector<std::string> outside = {"../x"};
    EXPECT_EQ(git_add(open(), outside, processes_).error().id, "path-outside");
    const std::vector<std::string> none = {"none.nix"};
    EXPECT_EQ(git_add(open(), none, processes_).error().id, "git-failed");
}

TEST_F(RepositoryTest, NothingIsDeletedThatIsNotInGit) {
    const std::vector<std::string> paths = {"flake.nix"};
    EXPECT_EQ(may_delete(open(), paths, false, processes_).error().id, "delete-not-in-git");  // no git at all
    EXPECT_TRUE(may_delete(open(), paths, true, processes_));
    commit_all();
    EXPECT_TRUE(may_delete(open(), paths, false, processes_));
    put("flake.nix", "edited");
    const Done edited = may_delete(open(), paths, false, processes_);
    ASSERT_FALSE(edited);
    EXPECT_EQ(edited.error().kind, ErrorKind::owner);
    EXPECT_THAT(edited.error().message, testing::HasSubstr("flake.nix"));
}

TEST_F(RepositoryTest, SeesAMergeAndARebase) {
    commit_all();
    for (const auto& [file, busy] : {std::pair("MERGE_HEAD", "merge"), std::pair("CHERRY_PICK_HEAD", "cherry-pick")}) {
        put(std::string(".git/") + file, "x");
        EXPECT_EQ(open().git.busy, busy);
        fs::remove(root_ / ".git" / file);
    }
    fs::create_directory(root_ / ".git/rebase-merge");
    EXPECT_EQ(open().git.busy, "rebase");
}

TEST_F(RepositoryTest, AFileInConflictIsNotClean) {
    commit_all();
    git({"checkout", "-q", "-b", "other"});
    put("flake.nix", "other");
    git({"commit", "-q", "-am", "other"});
    git({"checkout", "-q", "main"});
    put("flake.nix", "main");
    git({"commit", "-q", "-am", "main"});
    Command merge;
    merge.argv = {"git", "-C", root_.string(), "-c", "user.name=t", "-c", "user.email=t@localhost", "merge", "other"};
    ASSERT_EQ(processes_.run(merge)->exit_code, 1);
    EXPECT_EQ(open().git.busy, "merge");
    EXPECT_EQ(state("flake.nix"), FileState::modified);
}

// Everything that a stranger's repository can make `git status` run, must not run.
TEST_F(RepositoryTest, LookingStartsNothingOfTheRepository) {
    put("tracked.nix", "x");
    put(".gitattributes", "*.nix filter=evil diff=evil\n");
    commit_all();
    const std::string touch = "touch " + (top_ / "ran").string() + "; cat";
    put("evil.sh", "#!/bin/sh\n" + touch + "\n");
    fs::permissions(root_ / "evil.sh", fs::perms::owner_all);
    for (const char* key : {"core.fsmonitor", "filter.evil.clean", "filter.evil.smudge", "filter.evil.process",
                            "diff.evil.textconv", "diff.external", "core.sshCommand", "core.pager"})
        git({"config", key, (root_ / "evil.sh").string()});
    put(".git/hooks/post-index-change", "#!/bin/sh\n" + touch + "\n");
    fs::permissions(root_ / ".git/hooks/post-index-change", fs::perms::owner_all);
    put("tracked.nix", "changed");
    EXPECT_EQ(state("tracked.nix"), FileState::modified);
    EXPECT_EQ(state("flake.nix"), FileState::clean);
    EXPECT_FALSE(fs::exists(top_ / "ran"));
    // The trap is a real one: git itself, asked the usual way, runs it.
    Command status;
    status.argv = {"git", "-C", root_.string(), "status"};
    ASSERT_TRUE(processes_.run(status));
    EXPECT_TRUE(fs::exists(top_ / "ran"));
}

TEST_F(RepositoryTest, AWorkTreeElsewhereIsRefused) {
    commit_all();
    fs::create_directory(top_ / "elsewhere");
    git({"config", "core.worktree", (top_ / "elsewhere").string()});
    EXPECT_NE(open().git.kind, GitKind::work_tree);
}

TEST_F(RepositoryTest, ARepositoryOfSomebodyElseIsRefusedWithGitsReason) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can give a folder away";
    commit_all();
    for (const char* path : {"repository", "repository/.git"})
        ASSERT_EQ(::chown((top_ / path).c_str(), 12345, 12345), 0);
    ::setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
    const Git git = open().git;
    EXPECT_EQ(git.kind, GitKind::refused);
    EXPECT_THAT(git.reason, testing::HasSubstr("safe.directory"));
    EXPECT_EQ(state("flake.nix"), FileState::unknown);
    ::unsetenv("GIT_CONFIG_GLOBAL");
}

/// A machine without git.
class NoProcesses final : public ProcessRunner {
  public:
    Result<Finished> run(const Command&) override { return fail(world_error("program-missing", "")); }
    std::string find(const std::string&) const override { return {}; }
};

TEST_F(RepositoryTest, WithoutGitItSaysSo) {
    NoProcesses none;
    const Repository repository = read_repository(root_.string(), none).value();
    EXPECT_EQ(repository.git.kind, GitKind::no_program);
    const std::vector<std::string> paths = {"flake.nix"};
    EXPECT_EQ(file_states(repository, paths, none)->at("flake.nix"), FileState::unknown);
    EXPECT_EQ(git_add(repository, paths, none).error().id, "git-missing");
}

}  // namespace
}  // namespace lf::flake
