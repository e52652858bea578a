// SPDX-License-Identifier: MIT
// AMD before Bulldozer. Sources: AMD's revision guides for families 0Fh to 14h (tables of models and brands).
#include "probe/codename.h"

namespace lf::probe {
namespace {

constexpr CodenameRow kFamily5[] = {
    {0x0, 0x0, "", "SSA/5"},       {0x1, 0x3, "", "5k86"},          {0x6, 0x6, "", "K6"},
    {0x7, 0x7, "", "Little Foot"}, {0x8, 0x8, "", "Chomper", 0, 7}, {0x8, 0x8, "", "Chomper Extended", 8, 15},
    {0x9, 0x9, "", "Sharptooth"},  {0xa, 0xa, "", "Geode LX"},      {0xd, 0xd, "III", "K6-III+"},
    {0xd, 0xd, "", "K6-2+"},
};

constexpr CodenameRow kFamily6[] = {
    {0x1, 0x1, "", "Argon"},          {0x2, 0x2, "", "Pluto/Orion"},  {0x3, 0x3, "", "Spitfire"},
    {0x4, 0x4, "", "ThunderBird"},    {0x6, 0x6, "", "Palomino"},     {0x7, 0x7, "", "Morgan"},
    {0x8, 0x8, "Duron", "Applebred"}, {0x8, 0x8, "", "Thoroughbred"}, {0xa, 0xa, "", "Thorton", 0, 15, 256},
    {0xa, 0xa, "", "Barton"},
};

constexpr CodenameRow kFamilyF[] = {
    {0x04, 0x04, "", "ClawHammer"},
    {0x05, 0x05, "", "SledgeHammer"},
    {0x07, 0x07, "", "ClawHammer"},
    {0x08, 0x08, "Sempron", "Dublin"},
    {0x08, 0x08, "", "ClawHammer"},
    {0x0c, 0x0f, "Sempron", "Paris"},
    {0x0c, 0x0f, "", "Newcastle"},
    {0x14, 0x14, "", "Winchester"},
    {0x15, 0x15, "", "Troy"},
    {0x17, 0x17, "", "San Diego"},
    {0x1c, 0x1c, "Mobile AMD Sempron", "Sonora"},
    {0x18, 0x1c, "", "Palermo"},
    {0x1f, 0x1f, "", "Winchester"},
    {0x21, 0x21, "", "Egypt"},
    {0x23, 0x23, "Opteron", "Denmark"},
    {0x23, 0x23, "", "Toledo"},
    {0x24, 0x24, "", "Lancaster"},
    {0x25, 0x25, "", "Troy"},
    {0x27, 0x27, "Opteron", "Venus"},
    {0x27, 0x27, "", "San Diego"},
    {0x2b, 0x2b, "", "Manchester"},
    {0x2c, 0x2c, "Mobile AMD Sempron", "Albany"},
    {0x2c, 0x2f, "Sempron", "Palermo"},
    {0x2c, 0x2f, "", "Venice"},
    {0x37, 0x37, "", "San Diego"},
    {0x41, 0x41, "", "Santa Rosa"},
    {0x43, 0x43, "Opteron", "Santa Ana"},
    {0x43, 0x43, "", "Windsor"},
    {0x48, 0x48, "", "Taylor", 0, 15, 256},
    {0x48, 0x48, "", "Trinidad"},
    {0x4b, 0x4b, "", "Windsor"},
    {0x4c, 0x4c, "Sempron", "Keene"},
    {0x4c, 0x4c, "", "Richmond"},
    {0x4f, 0x5f, "Sempron", "Manila"},
    {0x4f, 0x5f, "", "Orleans"},
    {0x68, 0x68, "", "Tyler"},
    {0x6b, 0x6b, "Sempron", "Sherman"},
    {0x6b, 0x6b, "", "Brisbane"},
    {0x6c, 0x6f, "", "Huron"},
    {0x7c, 0x7c, "", "Sherman"},
    {0x7f, 0x7f, "Sempron", "Sparta"},
    {0x7f, 0x7f, "", "Lima"},
};

constexpr CodenameRow kFamily10[] = {
    {0x02, 0x02, "13##", "Budapest"},
    {0x02, 0x02, "Opteron", "Barcelona"},
    {0x02, 0x02, "Athlon", "Kuma"},
    {0x02, 0x02, "", "Toliman", 0, 15, 0, 3},
    {0x02, 0x02, "", "Agena"},
    {0x04, 0x04, "13##", "Suzuka"},
    {0x04, 0x04, "Opteron", "Shanghai"},
    {0x04, 0x04, "Sempron", "Sargas"},
    {0x04, 0x04, "", "Callisto", 0, 15, 0, 2},
    {0x04, 0x04, "", "Heka", 0, 15, 0, 3},
    {0x04, 0x04, "", "Deneb"},
    {0x05, 0x05, "Phenom", "Deneb"},
    {0x05, 0x05, "X3", "Rana"},
    {0x05, 0x05, "", "Propus"},
    {0x06, 0x06, "Sempron", "Sargas"},
    {0x06, 0x06, "X2", "Regor"},
    {0x06, 0x06, "Neo", "Geneva"},
    {0x06, 0x06, "", "Champlain"},
    {0x08, 0x08, "41##", "Lisbon"},
    {0x08, 0x08, "", "Istanbul"},
    {0x09, 0x09, "", "Magny-Cours"},
    {0x0a, 0x0a, "", "Zosma", 0, 15, 0, 4},
    {0x0a, 0x0a, "", "Thuban"},
};

constexpr CodenameRow kFamily11[] = {{0x03, 0x03, "", "Griffin"}};
constexpr CodenameRow kFamily12[] = {{0x00, 0xff, "", "Llano"}};
constexpr CodenameRow kFamily14[] = {
    {0x01, 0x02, "C-", "Ontario"}, {0x01, 0x02, "Z-", "Desna"}, {0x01, 0x02, "", "Zacate"}};

constexpr CodenameTable kTables[] = {{"AuthenticAMD", 0x05, kFamily5},  {"AuthenticAMD", 0x06, kFamily6},
                                     {"AuthenticAMD", 0x0f, kFamilyF},  {"AuthenticAMD", 0x10, kFamily10},
                                     {"AuthenticAMD", 0x11, kFamily11}, {"AuthenticAMD", 0x12, kFamily12},
                                     {"AuthenticAMD", 0x14, kFamily14}};

}  // namespace

std::span<const CodenameTable> amd_old_codenames() { return kTables; }

}  // namespace lf::probe
