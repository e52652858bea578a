// SPDX-License-Identifier: MIT
// Models: AMD's revision guides and processor programming references, Linux arch/x86/kernel/cpu/amd.c. Which product
// line has which name: AMD's product pages; where one die has several names the brand string tells them apart.
#include "probe/codename.h"

namespace lf::probe {
namespace {

constexpr CodenameRow kFamily15[] = {
    {0x00, 0x01, "Opteron(TM) Processor 32##", "Zurich"},
    {0x00, 0x01, "42##", "Valencia"},
    {0x00, 0x01, "Opteron", "Interlagos"},
    {0x00, 0x01, "", "Zambezi"},
    {0x02, 0x02, "33##", "Delhi"},
    {0x02, 0x02, "43##", "Seoul"},
    {0x02, 0x02, "63##", "Abu Dhabi"},
    {0x02, 0x02, "", "Vishera"},
    {0x10, 0x12, "", "Trinity"},
    {0x13, 0x1f, "", "Richland"},
    {0x30, 0x37, "RX-", "Bald Eagle"},
    {0x30, 0x37, "", "Kaveri"},
    {0x38, 0x3f, "", "Godavari"},
    {0x60, 0x64, "X3###", "Toronto"},
    {0x60, 0x64, "RX-", "Merlin Falcon"},
    {0x60, 0x64, "", "Carrizo"},
    {0x65, 0x6f, "", "Bristol Ridge"},
    {0x70, 0x7f, "RX-", "Prairie Falcon"},
    {0x70, 0x7f, "GX-", "Prairie Falcon"},
    {0x70, 0x7f, "", "Stoney Ridge"},
};

constexpr CodenameRow kFamily16[] = {
    {0x00, 0x0f, "X1###", "Kyoto"},    {0x00, 0x0f, "X2###", "Kyoto"},      {0x00, 0x0f, "GX-", "Kabini"},
    {0x00, 0x0f, "A4-1###", "Temash"}, {0x00, 0x0f, "A6-1###", "Temash"},   {0x00, 0x0f, "", "Kabini"},
    {0x30, 0x3f, "Micro", "Mullins"},  {0x30, 0x3f, "GX-", "Steppe Eagle"}, {0x30, 0x3f, "-7###", "Carrizo-L"},
    {0x30, 0x3f, "", "Beema"},
};

constexpr CodenameRow kFamily17[] = {
    {0x01, 0x01, "Threadripper", "Whitehaven"},
    {0x01, 0x01, "EPYC 3", "Snowy Owl"},
    {0x01, 0x01, "EPYC", "Naples"},
    {0x01, 0x01, "", "Summit Ridge"},
    {0x08, 0x08, "Threadripper", "Colfax"},
    {0x08, 0x08, "", "Pinnacle Ridge"},
    {0x11, 0x11, "V1###", "Great Horned Owl"},
    {0x11, 0x11, "", "Raven Ridge"},
    {0x18, 0x18, "R1###", "Banded Kestrel"},
    {0x18, 0x18, "", "Picasso"},
    {0x20, 0x20, "", "Dali"},
    {0x31, 0x31, "Threadripper", "Castle Peak"},
    {0x31, 0x31, "", "Rome"},
    {0x47, 0x47, "", "Zen 2"},
    {0x60, 0x60, "V2###", "Grey Hawk"},
    {0x60, 0x60, "", "Renoir"},
    {0x68, 0x68, "", "Lucienne"},
    {0x71, 0x71, "", "Matisse"},
    {0x84, 0x84, "", "Zen 2"},
    {0x90, 0x91, "", "Van Gogh"},
    {0x98, 0x98, "", "Mero"},
    {0xa0, 0xa0, "", "Mendocino"},
};

constexpr CodenameRow kFamily18[] = {{0x00, 0x03, "", "Dhyana"}};
// Hygon's later designs have no public name of their own: models 4 and 6 are sold as 7300 and 7400.

constexpr CodenameRow kFamily19[] = {
    {0x00, 0x01, "7##3X", "Milan-X"},
    {0x00, 0x01, "", "Milan"},
    {0x08, 0x08, "", "Chagall"},
    {0x10, 0x11, "9##4X", "Genoa-X"},
    {0x10, 0x11, "", "Genoa"},
    {0x18, 0x18, "", "Storm Peak"},
    {0x20, 0x21, "", "Vermeer"},
    {0x40, 0x44, "Ryzen # 7###", "Rembrandt-R"},
    {0x40, 0x44, "Ryzen # PRO 7###", "Rembrandt-R"},
    {0x40, 0x44, "Ryzen # 1##", "Rembrandt-R"},
    {0x40, 0x44, "", "Rembrandt"},
    {0x50, 0x50, "5##5U", "Barceló"},
    {0x50, 0x50, "5##5C", "Barceló"},
    {0x50, 0x50, "7#30U", "Barceló-R"},
    {0x50, 0x50, "", "Cezanne"},
    {0x61, 0x61, "HX", "Dragon Range"},
    {0x61, 0x61, "EPYC", "Raphael"},
    {0x61, 0x61, "", "Raphael"},
    {0x70, 0x74, "", "Phoenix"},
    {0x75, 0x75, "8###F", "Phoenix"},
    {0x75, 0x75, "8###G", "Phoenix"},
    {0x75, 0x75, "8###U", "Hawk Point"},
    {0x75, 0x75, "8###H", "Hawk Point"},
    {0x75, 0x75, "Ryzen # 2##", "Hawk Point"},
    {0x75, 0x75, "", "Phoenix"},
    {0x78, 0x78, "", "Phoenix 2"},
    {0x7c, 0x7c, "", "Hawk Point 2"},
    {0x90, 0x9f, "", "MI300A"},
    {0xa0, 0xa0, "8##4P", "Siena"},
    {0xa0, 0xaf, "", "Bergamo"},
};

constexpr CodenameRow kFamily1a[] = {
    {0x00, 0x07, "", "Turin"},         {0x08, 0x0f, "", "Shimada Peak"},  {0x10, 0x1f, "", "Turin Dense"},
    {0x20, 0x2f, "", "Strix Point"},   {0x40, 0x4f, "HX", "Fire Range"},  {0x40, 0x4f, "EPYC", "Grado"},
    {0x40, 0x4f, "", "Granite Ridge"}, {0x60, 0x67, "", "Krackan Point"}, {0x68, 0x6f, "", "Krackan Point 2"},
    {0x70, 0x77, "", "Strix Halo"},    {0x50, 0x5f, "", "Venice"},
};

constexpr CodenameTable kTables[] = {{"AuthenticAMD", 0x15, kFamily15}, {"AuthenticAMD", 0x16, kFamily16},
                                     {"AuthenticAMD", 0x17, kFamily17}, {"AuthenticAMD", 0x19, kFamily19},
                                     {"AuthenticAMD", 0x1a, kFamily1a}, {"HygonGenuine", 0x18, kFamily18}};

}  // namespace

std::span<const CodenameTable> amd_codenames() { return kTables; }

}  // namespace lf::probe
