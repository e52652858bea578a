// SPDX-License-Identifier: MIT
#include "base/process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "base/files.h"
#include "base/text.h"

namespace lf {
namespace {
namespace fs = std::filesystem;
using namespace std::chrono_literals;

Command shell(const std::string& script) {
    Command command;
    command.argv = {"sh", "-c", script};
    command.time_limit = 20s;
    return command;
}

Result<Finished> run(const Command& command) { return RealProcesses().run(command); }

TEST(Process, GivesOutputAndExitCode) {
    const auto finished = run(shell("echo out; echo err >&2; exit 3"));
    ASSERT_TRUE(finished);
    EXPECT_EQ(finished->out, "out\n");
    EXPECT_EQ(finished->err, "err\n");
    EXPECT_EQ(finished->exit_code, 3);
    EXPECT_EQ(finished->signal, 0);
    EXPECT_GT(finished->seconds, 0);
    EXPECT_GT(finished->max_rss_kib, 0);
}

TEST(Process, TellsTheSignal) {
    const auto finished = run(shell("kill -SEGV $$"));
    ASSERT_TRUE(finished);
    EXPECT_EQ(finished->signal, SIGSEGV);
    EXPECT_EQ(finished->exit_code, 128 + SIGSEGV);
}

TEST(Process, FeedsStandardInput) {
    Command command = shell("cat");
    command.input = std::string(3'000'000, 'x') + "end";  // more than a pipe holds, both ways
    EXPECT_EQ(run(command)->out, command.input);
    EXPECT_EQ(run(shell("cat"))->out, "");  // none: an empty one, not ours
    command.argv = {"true"};
    EXPECT_EQ(run(command)->exit_code, 0);  // it did not read it
    command.argv = {"sh", "-c", "exec <&-; sleep 0.1; echo done"};
    EXPECT_EQ(run(command)->out, "done\n");
}

TEST(Process, NoShellSeesTheWords) {
    Command command;
    command.argv = {"printf", "%s|", "$HOME", "a b", "*", ""};
    EXPECT_EQ(run(command)->out, "$HOME|a b|*||");
}

TEST(Process, SetsAndDropsTheEnvironment) {
    ::setenv("LF_TEST_KEPT", "kept", 1);
    ::setenv("LF_TEST_DROPPED", "dropped", 1);
    Command command = shell("echo $LF_TEST_KEPT,$LF_TEST_DROPPED,$LF_TEST_SET");
    command.without = {"LF_TEST_DROPPED"};
    command.environment = {{"LF_TEST_SET", "set"}};
    EXPECT_EQ(run(command)->out, "kept,,set\n");
    command.environment["LF_TEST_KEPT"] = "replaced";
    EXPECT_EQ(run(command)->out, "replaced,,set\n");
    ::unsetenv("LF_TEST_KEPT");
    ::unsetenv("LF_TEST_DROPPED");
}

TEST(Process, SaysWhatIsMissing) {
    Command command;
    EXPECT_EQ(run(command).error().id, "program-missing");
    for (const char* name : {"no-such-program-anywhere", "/no/such/program", "/etc/passwd", "/", ""}) {
        command.argv = {name};
        EXPECT_EQ(run(command).error().id, "program-missing") << name;
        EXPECT_EQ(RealProcesses().find(name), "") << name;
    }
    EXPECT_TRUE(RealProcesses().find("sh").ends_with("/sh"));
    command = shell("true");
    command.directory = "/no/such/folder";
    EXPECT_EQ(run(command).error().id, "program-missing");
    EXPECT_THAT(run(command).error().message, testing::HasSubstr("/no/such/folder"));
}

class ProcessFolder : public testing::Test {
  protected:
    ProcessFolder() {
        std::string pattern = (fs::temp_directory_path() / "lf-process-XXXXXX").string();
        folder_ = fs::canonical(::mkdtemp(pattern.data()));
    }
    ~ProcessFolder() override { fs::remove_all(folder_); }
    void script(const std::string& name, const std::string& text) const {
        std::ofstream(folder_ / name) << text;
        fs::permissions(folder_ / name, fs::perms::owner_all);
    }
    fs::path folder_;
};

TEST_F(ProcessFolder, WorksInAFolder) {
    Command command = shell("pwd -P");
    command.directory = folder_.string();
    EXPECT_EQ(run(command)->out, folder_.string() + "\n");
}

TEST_F(ProcessFolder, ARelativeProgramIsRelativeToUs) {
    fs::create_directory(folder_ / "elsewhere");
    script("tool", "#!/bin/sh\necho ours\n");
    script("elsewhere/tool", "#!/bin/sh\necho another\n");
    const fs::path was = fs::current_path();
    fs::current_path(folder_);
    Command command;
    command.argv = {"./tool"};
    command.directory = (folder_ / "elsewhere").string();
    const auto finished = run(command);
    fs::current_path(was);
    ASSERT_TRUE(finished);
    EXPECT_EQ(finished->out, "ours\n");
}

TEST_F(ProcessFolder, AFileThatIsNoProgramIsAnError) {
    script("broken", "\x01\x02");
    Command command;
    command.argv = {(folder_ / "broken").string()};
    EXPECT_EQ(run(command).error().id, "program-missing");
}

bool alive(const std::string& pid_file) {
    const auto text = read_file(pid_file);
    const auto pid = text ? parse_unsigned(trim(*text)) : std::nullopt;
    if (!pid) return true;  // never started: the test is wrong
    const auto status = read_file("/proc/" + std::to_string(*pid) + "/stat");
    return status && status->find(") Z ") == std::string::npos;
}

TEST_F(ProcessFolder, ATimeoutEndsTheWholeGroup) {
    const std::string file = (folder_ / "pid").string();
    Command command = shell("sleep 60 & echo $! > " + file + "; wait");
    command.time_limit = 300ms;
    const auto begin = std::chrono::steady_clock::now();
    const auto result = run(command);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().id, "program-timeout");
    EXPECT_THAT(result.error().message, testing::HasSubstr("0.3 s"));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
    for (int i = 0; i < 100 && alive(file); ++i) ::usleep(20'000);
    EXPECT_FALSE(alive(file));
}

TEST_F(ProcessFolder, ATimeoutEndsWhoDoesNotListen) {
    const std::string file = (folder_ / "pid").string();
    Command command = shell("trap '' TERM; echo $$ > " + file + "; while :; do sleep 0.1; done");
    command.time_limit = 300ms;
    EXPECT_EQ(run(command).error().id, "program-timeout");
    EXPECT_FALSE(alive(file));
}

TEST_F(ProcessFolder, AServiceLeftBehindIsNotWaitedFor) {
    const std::string file = (folder_ / "pid").string();
    const auto begin = std::chrono::steady_clock::now();
    const auto finished = run(shell("sleep 15 & echo $! > " + file + "; echo done"));
    ASSERT_TRUE(finished);
    EXPECT_EQ(finished->out, "done\n");
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
    const auto pid = parse_unsigned(trim(read_file(file).value()));
    ASSERT_TRUE(pid);
    ::kill(static_cast<pid_t>(*pid), SIGKILL);
}

TEST(Process, ClosedOutputsDoNotEndTheWait) {
    const auto finished = run(shell("exec >&- 2>&-; sleep 0.2; exit 4"));
    ASSERT_TRUE(finished);
    EXPECT_EQ(finished->exit_code, 4);
    Command command = shell("exec >&- 2>&-; sleep 60");
    command.time_limit = 300ms;
    EXPECT_EQ(run(command).error().id, "program-timeout");
}

TEST(Process, TooMuchOutputEndsIt) {
    Command command = shell("yes");
    command.output_limit = 100'000;
    EXPECT_EQ(run(command).error().id, "program-output-limit");
    command = shell("yes >&2");
    command.output_limit = 100'000;
    EXPECT_EQ(run(command).error().id, "program-output-limit");
}

TEST(Process, WorksWhereOurOwnStreamsAreClosed) {
    const pid_t pid = ::fork();
    if (pid == 0) {
        for (const int fd : {0, 1, 2}) ::close(fd);
        Command command = shell("read line; echo $line; echo err >&2");
        command.input = "in\n";
        const auto finished = run(command);
        ::_exit(finished && finished->out == "in\n" && finished->err == "err\n" ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(pid, &status, 0), pid);
    EXPECT_EQ(status, 0);
}

TEST(Process, LeavesNoDescriptorsOpen) {
    const auto open_files = [] {
        return std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator());
    };
    const auto before = open_files();
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(run(shell("true")));
    Command missing;
    missing.argv = {"/no/such/program"};
    EXPECT_FALSE(run(missing));
    EXPECT_EQ(open_files(), before);
}

// In a process of its own: the flag stays set for good.
TEST(Process, AnInterruptEndsTheProgram) {
    const pid_t pid = ::fork();
    if (pid == 0) {
        watch_interrupts();
        if (interrupted()) ::_exit(10);
        Command command = shell("kill -INT $PPID; sleep 60");
        const auto result = run(command);
        ::_exit(!result && result.error().id == "interrupted" && interrupted() ? 0 : 11);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(pid, &status, 0), pid);
    EXPECT_EQ(status, 0);
}

TEST(Process, AnInterruptEndsWorkThatLeavesNothingBehind) {
    for (const bool within : {true, false}) {
        const pid_t pid = ::fork();
        if (pid == 0) {
            watch_interrupts();
            {
                const InterruptsEnd outer;
                const InterruptsEnd at_once;
                if (within) ::raise(SIGINT);
            }
            ::raise(SIGINT);  // behind it the flag alone is set
            ::_exit(interrupted() ? 7 : 8);
        }
        int status = 0;
        ASSERT_EQ(::waitpid(pid, &status, 0), pid);
        ASSERT_TRUE(WIFEXITED(status));
        EXPECT_EQ(WEXITSTATUS(status), within ? 130 : 7);
    }
}

}  // namespace
}  // namespace lf
