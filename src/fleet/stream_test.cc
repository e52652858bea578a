// SPDX-License-Identifier: MIT
#include "fleet/stream.h"

#include <gtest/gtest.h>

#include "fleet/remote.h"
#include "probe/probe.h"

namespace lf::fleet {
namespace {

constexpr const char* kBegin = "llama-fleet stream 1\n";

std::string error_of(const std::string& text) {
    const auto files = parse_stream(text);
    return files ? "" : files.error().id;
}

TEST(Stream, IsAMachinesFiles) {
    const auto files = parse_stream(std::string("Welcome to boron!\n") + kBegin +
                                    "f /proc/meminfo\n MemTotal: 4096 kB\n\nl /sys/a/driver\n ../../drivers/nouveau\n"
                                    "e /dev/dxg\nx /sys/b\n 00 ff\n 0a\na store\n free 5\nd /sys/firmware/DMI\n"
                                    "a unfree\n environment 1\nc config.nix\n { allowUnfree = true; }\nend\nrubbish");
    ASSERT_TRUE(files.has_value()) << files.error().message;
    EXPECT_EQ((*files)->read("/proc/meminfo").value(), "MemTotal: 4096 kB\n");
    EXPECT_EQ((*files)->read_link("/sys/a/driver").value(), "../../drivers/nouveau");
    EXPECT_EQ((*files)->read("/sys/b").value(), std::string("\0\xff\n", 3));
    EXPECT_EQ((*files)->read("/answers/store").value(), "free 5\n");
    EXPECT_EQ((*files)->read("/answers/unfree").value(), "environment 1\nconfiguration true\n");
    EXPECT_TRUE((*files)->exists("/dev/dxg"));
    EXPECT_EQ((*files)->list("/").value(), (std::vector<std::string>{"answers", "dev", "proc", "sys"}));
    EXPECT_EQ((*files)->read("/sys/firmware/DMI").error().message, "cannot read: Permission denied");
}

TEST(Stream, FollowsTalkWithoutANewline) {
    const auto files = parse_stream(std::string("hi\n\x1b]0;title\x07") + kBegin + "f /a\n x\nend\n");
    ASSERT_TRUE(files.has_value()) << files.error().message;
    EXPECT_EQ((*files)->read("/a").value(), "x\n");
    EXPECT_EQ(error_of("llama-fleet stream 10\nend\n"), "stream-missing");
}

TEST(Stream, RefusesWhatNoMachineWrites) {
    EXPECT_EQ(error_of(""), "stream-missing");
    EXPECT_EQ(error_of("sh: not found\n"), "stream-missing");
    EXPECT_EQ(error_of(std::string(kBegin) + "f /a\n x\n"), "stream-cut-off");
    EXPECT_EQ(error_of(std::string(9 << 20, 'x')), "stream-too-large");
    for (const char* line : {"f a", "f /../etc/passwd", "f /a/./b", "f //a", "f /a b", "f /a\x1b[2J", "q /a", "f", "f ",
                             "a ../x", "a ", "x /a\n zz", "x /a\n 1", "f /a\\..\nf /..", "a .x"})
        EXPECT_EQ(error_of(std::string(kBegin) + line + "\nend\n"), "stream-form") << line;
    std::string many = kBegin;
    for (int i = 0; i < 200'000; ++i) many += "e /a\n";
    EXPECT_EQ(error_of(many + "end\n"), "stream-too-large");
    std::string deep = "f ";
    for (int i = 0; i < 40; ++i) deep += "/a";
    EXPECT_EQ(error_of(kBegin + deep + "\nend\n"), "stream-form");
}

TEST(Stream, OfRubbishGivesFactsAllTheSame) {
    auto files =
        parse_stream(std::string(kBegin) +
                     "f /proc/cpuinfo\n processor : 0\n flags : lm avx2 \x1b[2J\nf /proc/self/cgroup\n 0::/\x01\n"
                     "f /cpuid/all.cpuid\n rubbish\nf /index\n link\t/nix/var/nix/profiles/system\tsystem-x\n"
                     "a vulkan\n \xff\xfe\nend\n");
    ASSERT_TRUE(files.has_value());
    const probe::CapturedMachine machine(std::move(*files));
    EXPECT_TRUE(probe::probe(machine, "h").has_value());
}

TEST(Destination, IsAWordThatSshCannotMistake) {
    EXPECT_EQ(parse_destination("root@boron")->host, "boron");
    EXPECT_EQ(parse_destination("ssh://a@boron.lan:2222")->host, "boron.lan");
    EXPECT_EQ(parse_destination("boron=root@10.0.0.2")->ssh, "root@10.0.0.2");
    for (const char* word : {"", "-oProxyCommand=x", "a=-oProxyCommand=x", "a=", "b\x1b", "[fe80::1]", "=x", "../x=y"})
        EXPECT_EQ(parse_destination(word).error().id, "ssh-destination") << word;
}

}  // namespace
}  // namespace lf::fleet
