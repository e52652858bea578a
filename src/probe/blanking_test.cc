// SPDX-License-Identifier: MIT
#include "probe/blanking.h"

#include <gtest/gtest.h>

#include "probe/live_answers.h"
#include "probe/nix_settings.h"

namespace lf::probe {
namespace {

struct Case {
    const char* before;
    const char* after;
};

TEST(Blanking, TakesIdentifiersOut) {
    const Case cases[] = {
        {"GPU-6cfe1a2b-93dd-4b1e-8f00-0123456789ab", "GPU-00000000-0000-0000-0000-000000000000"},
        {"root=UUID=6CFE1A2B-93dd-4b1e-8f00-0123456789ab ro", "root=UUID=00000000-0000-0000-0000-000000000000 ro"},
        {"eth0:5e:a1:7b:22:0c:d4", "eth0:00:00:00:00:00:00"},
        {"id 4f1c0e9ab37d52864f1c0e9ab37d5286", "id 00000000000000000000000000000000"},
        {"guid 5e:a1:7b:22:0c:d4:00:01", "guid 00:00:00:00:00:00:00:00"},
        // These are none.
        {"0000:c4:00.0 and 0000:01:00.0", "0000:c4:00.0 and 0000:01:00.0"},
        {"/nix/store/00fpnyaw4p8yf3yi3czm2c0gnzawjd02-nix-2.34.8",
         "/nix/store/00fpnyaw4p8yf3yi3czm2c0gnzawjd02-nix-2.34.8"},
        {"0-3,8-11", "0-3,8-11"},
        {"ffffffff,ffffffff,ffffffff", "ffffffff,ffffffff,ffffffff"},
    };
    for (const Case& one : cases) {
        EXPECT_EQ(blanked_text(one.before, ""), one.after);
        EXPECT_EQ(blanked_text(one.after, ""), one.after) << "blanked twice";
    }
}

TEST(Blanking, TakesTheHostNameOutAsAWordOnly) {
    EXPECT_EQ(blanked_text("carbon carbonate x-Carbon.lan CARBON\n", "carbon"), "host carbonate x-host.lan host\n");
    EXPECT_EQ(telling_host_name("carbon.example.org\n"), "carbon");
    EXPECT_EQ(telling_host_name("pi\n"), "pi");
    for (const char* usual : {"nixos", "localhost", "x", "12345", "host", "WSL2", ""})
        EXPECT_EQ(telling_host_name(usual), "");
}

TEST(Blanking, NoFactChangesByWhatAHostIsCalled) {
    const char* cpuinfo = "cpu family : 25\nmodel : 97\nmodel name : AMD Ryzen 9\nflags : fpu erms\ncpu cores : 16\n";
    for (const char* host : {"cpu", "model", "family", "core", "ryzen", "erms", "processor"})
        EXPECT_EQ(blanked_file("/proc/cpuinfo", cpuinfo, host), cpuinfo) << host;
    EXPECT_EQ(blanked_nix_conf("system-features = cuda kvm\n", "cuda"), "system-features = cuda kvm\n");
    EXPECT_EQ(blanked_file("/etc/os-release", "ID=arch\nPRETTY_NAME=\"Arch of zaphod\"\n", "zaphod"),
              "ID=arch\nPRETTY_NAME=\"Arch of host\"\n");
    EXPECT_EQ(blanked_file("/etc/os-release", "ID=zaphod\n", "zaphod"), "ID=zaphod\n");
    EXPECT_EQ(blanked_file("/proc/sys/kernel/osrelease", "6.12.1-Zaphod\n", "zaphod"), "6.12.1-host\n");
}

TEST(Blanking, KeepsOfWhatPeopleWroteOnlyWhatIsRead) {
    EXPECT_EQ(blanked_file("/proc/driver/nvidia/version",
                           "NVRM version: NVIDIA UNIX x86_64 Kernel Module  580.82.07  Release Build  "
                           "(alice@zaphodbox.corp.example.com)\nGCC version: 14\n",
                           "zaphodbox"),
              "NVRM version: 580.82.07\n");
    EXPECT_EQ(blanked_file("/proc/driver/nvidia/version", "NVRM version: rubbish (alice@corp)\n", ""), "\n");
    const std::string dmi = "/sys/class/dmi/id/";
    EXPECT_EQ(blanked_file(dmi + "product_name", "Alice's ZAPHODBOX\n", ""), "\n");
    EXPECT_EQ(blanked_file(dmi + "product_name", "VMware7,1 of alice\n", ""), "VMware\n");
    EXPECT_EQ(blanked_file(dmi + "bios_vendor", "KubeVirt of alice\n", ""), "KubeVirt\n");
    EXPECT_EQ(blanked_file(dmi + "product_name", "vServer\n", ""), "vServer\n");
    EXPECT_EQ(blanked_file(dmi + "sys_vendor", "Amazon EC2\n", ""), "Amazon EC2\n");
    EXPECT_EQ(blanked_file(dmi + "product_name", "c7g.metal-48xl\n", ""), ".metal\n");
    EXPECT_EQ(blanked_file("/proc/sysinfo", "LPAR Name: ALICE\nLPAR Number: 3\nVM00 Name: ZAPHOD\n", ""),
              "LPAR Number: 3\n");
    EXPECT_EQ(blanked_paths("/home/alice/x and /home/bob", ""), "/home/user/x and /home/user");
}

TEST(Blanking, ALoneWordIsNoSecret) {
    EXPECT_EQ(blanked_text("26.05.secret-garden\n", ""), "26.05.secret-garden\n");
    EXPECT_EQ(blanked_text("secret garden\nsecret=x\n", ""), "");
}

TEST(Blanking, KeepsOnlyTheLinesThatAreRead) {
    EXPECT_EQ(blanked_nix_conf("  system-features = kvm # carbon\nfoo = bar\naccess-tokens = x\ninclude a.conf\n", ""),
              "system-features = kvm\ninclude a.conf\n");
    EXPECT_EQ(blanked_file("/proc/cmdline", "root=UUID=1 amd_iommu=on password=x ttm.pages_limit=5\n", ""),
              "amd_iommu=on ttm.pages_limit=5\n");
    EXPECT_EQ(blanked_file("/etc/os-release", "ID=debian\nHOME_URL=x\n", ""), "ID=debian\n");
    EXPECT_EQ(blanked_file("/proc/device-tree/serial-number", "x", ""), std::nullopt);
    EXPECT_EQ(blanked_file("/sys/class/dmi/id/product_uuid", "x", ""), std::nullopt);
}

TEST(Unfree, IsReadAsWritten) {
    EXPECT_EQ(allow_unfree_in("{ allowUnfree = true; }"), "true");
    EXPECT_EQ(allow_unfree_in("{ allowUnfree=false; # allowUnfree = true;\n}"), "false");
    EXPECT_EQ(allow_unfree_in("{ allowUnfreePredicate = _: true; }"), std::nullopt);
    EXPECT_EQ(allow_unfree_in("{ x = \"allowUnfree = true;\"; /* allowUnfree = true; */ }"), std::nullopt);
    EXPECT_EQ(allow_unfree_in("{ allowUnfree = builtins.getEnv \"X\" == \"1\"; }"), "unclear");
    EXPECT_EQ(allow_unfree_in("{ allowUnfree = true; } // { allowUnfree = false; }"), "unclear");
    EXPECT_EQ(allow_unfree_in("{ nixpkgs.config.allowUnfree = true; }"), std::nullopt) << "has no effect there";
    EXPECT_EQ(allow_unfree_in("{ allowUnfree = true; y. allowUnfree = false; }"), "true");
    EXPECT_EQ(allow_unfree_in("allowUnfree"), "unclear");
    EXPECT_EQ(allow_unfree_in("\"never closed allowUnfree = true"), std::nullopt);
}

TEST(StorePath, GivesTheVersion) {
    const std::string store = "/nix/store/" + std::string(32, 'a') + "-";
    EXPECT_EQ(version_of_store_path(store + "nix-2.34.8/bin/nix"), "2.34.8");
    EXPECT_EQ(version_of_store_path(store + "determinate-nix-3.11.2/bin/nix"), "3.11.2");
    EXPECT_EQ(version_of_store_path(store + "lix-2.93.0-pre20260101"), "2.93.0-pre20260101");
    EXPECT_EQ(version_of_store_path(store + "system-path/bin/nix"), std::nullopt);
    EXPECT_EQ(version_of_store_path("/nix/store/short"), std::nullopt);
    EXPECT_EQ(version_of_store_path("/usr/bin/nix"), std::nullopt);
}

TEST(LiveAnswers, HaveTheirForm) {
    const auto store = live_answer(Question::store);
    ASSERT_TRUE(store.has_value());
    EXPECT_EQ(store->find("free "), 0U);
    const auto states = live_answer(Question::xcomp);
    if (states) {
        EXPECT_EQ(states->find("supported "), 0U);
    }
    const std::string unfree = live_answer(Question::unfree).value_or("");
    EXPECT_EQ(unfree.find('='), std::string::npos) << "never the text of the file";
}

}  // namespace
}  // namespace lf::probe
