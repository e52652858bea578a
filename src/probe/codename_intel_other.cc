// SPDX-License-Identifier: MIT
// Intel's small cores, and the CPUs before Core 2. Sources as codename_intel_core.cc.
#include "probe/codename.h"

namespace lf::probe {
namespace {

constexpr CodenameRow kFamily6[] = {
    // Bonnell to Tremont
    {0x1c, 0x1c, "Z5##", "Silverthorne"},
    {0x1c, 0x1c, "Z6##", "Lincroft"},
    {0x1c, 0x1c, "N2##", "Diamondville"},
    {0x1c, 0x1c, "CPU 2##", "Diamondville"},
    {0x1c, 0x1c, "CPU 3##", "Diamondville"},
    {0x1c, 0x1c, "", "Pineview"},
    {0x26, 0x26, "E6##C", "Stellarton"},
    {0x26, 0x26, "Z6##", "Lincroft"},
    {0x26, 0x26, "", "Tunnel Creek"},
    {0x27, 0x27, "", "Penwell"},
    {0x35, 0x35, "", "Cloverview"},
    {0x36, 0x36, "S12##", "Centerton"},
    {0x36, 0x36, "", "Cedarview"},
    {0x37, 0x37, "Z3###", "Bay Trail-T"},
    {0x37, 0x37, "E3###", "Bay Trail-I"},
    {0x37, 0x37, "J1###", "Bay Trail-D"},
    {0x37, 0x37, "J2###", "Bay Trail-D"},
    {0x37, 0x37, "", "Bay Trail-M"},
    {0x4a, 0x4a, "", "Merrifield"},
    {0x4d, 0x4d, "C2##6", "Rangeley"},
    {0x4d, 0x4d, "C2##8", "Rangeley"},
    {0x4d, 0x4d, "", "Avoton"},
    {0x5a, 0x5a, "", "Moorefield"},
    {0x5d, 0x5d, "", "SoFIA"},
    {0x4c, 0x4c, "Z8###", "Cherry Trail"},
    {0x4c, 0x4c, "", "Braswell"},
    {0x75, 0x75, "Spreadtrum", "Airmont"},
    {0x75, 0x75, "", "Lightning Mountain"},
    {0x5c, 0x5c, "", "Apollo Lake"},
    {0x5f, 0x5f, "", "Denverton"},
    {0x7a, 0x7a, "", "Gemini Lake"},
    {0x86, 0x86, "C5###", "Parker Ridge"},
    {0x86, 0x86, "", "Snow Ridge"},
    {0x96, 0x96, "", "Elkhart Lake"},
    {0x9c, 0x9c, "", "Jasper Lake"},
    {0xbe, 0xbe, "N#5#", "Twin Lake-N"},
    {0xbe, 0xbe, "x7###RE", "Amston Lake"},
    {0xbe, 0xbe, "x7###C", "Amston Lake"},
    {0xbe, 0xbe, "", "Alder Lake-N"},
    {0xb6, 0xb6, "", "Grand Ridge"},
    // P6 and Pentium M
    {0x01, 0x01, "", "P6"},
    {0x03, 0x03, "", "Klamath"},
    {0x05, 0x05, "Celeron", "Covington"},
    {0x05, 0x05, "", "Deschutes"},
    {0x06, 0x06, "Celeron", "Mendocino"},
    {0x06, 0x06, "", "Dixon"},
    {0x07, 0x07, "", "Katmai"},
    {0x08, 0x08, "", "Coppermine"},
    {0x0a, 0x0a, "Xeon", "Cascades"},
    {0x0a, 0x0a, "", "Coppermine"},
    {0x0b, 0x0b, "", "Tualatin"},
    {0x09, 0x09, "Celeron", "Shelton", 0, 15, -1},
    {0x09, 0x09, "", "Banias"},
    {0x0d, 0x0d, "", "Dothan"},
    {0x15, 0x15, "", "Tolapai"},
    {0x0e, 0x0e, "Celeron(R) CPU 2##", "Yonah-512"},
    {0x0e, 0x0e, "Celeron(R) M", "Yonah-1024"},
    {0x0e, 0x0e, "Xeon", "Sossaman"},
    {0x0e, 0x0e, "", "Yonah"},
};

constexpr CodenameRow kFamily5[] = {
    {0x01, 0x01, "", "P5"},   {0x02, 0x02, "", "P54C"},      {0x04, 0x04, "", "P55C"},
    {0x07, 0x07, "", "P54C"}, {0x08, 0x08, "", "Tillamook"}, {0x09, 0x09, "", "Quark X1000"},
};

constexpr CodenameRow kFamily15[] = {
    {0x00, 0x01, "Xeon", "Foster"},
    {0x00, 0x01, "", "Willamette"},
    {0x02, 0x02, "Xeon(TM) MP", "Gallatin"},
    {0x02, 0x02, "Xeon", "Prestonia"},
    {0x02, 0x02, "", "Northwood"},
    {0x03, 0x03, "Xeon", "Nocona"},
    {0x04, 0x04, "Xeon(TM) MP", "Potomac", 9, 9},
    {0x04, 0x04, "Xeon", "Cranford", 1, 1, 1024},
    {0x04, 0x04, "Xeon", "Irwindale", 3, 3},
    {0x04, 0x04, "Xeon", "Irwindale", 10, 10},
    {0x04, 0x04, "Xeon", "Paxville", 8, 8},
    {0x04, 0x04, "Xeon", "Nocona"},
    {0x04, 0x04, "Pentium(R) D", "SmithField"},
    {0x03, 0x04, "", "Prescott"},
    {0x06, 0x06, "Pentium(R) D", "Presler"},
    {0x06, 0x06, "Xeon", "Dempsey", 2, 4},
    {0x06, 0x06, "Xeon", "Tulsa", 5, 8},
    {0x06, 0x06, "Extreme", "Presler"},
    {0x06, 0x06, "Genuine", "Presler", 0, 4},
    {0x06, 0x06, "Genuine", "Tulsa", 5, 8},
    {0x06, 0x06, "", "Cedar Mill"},
};

constexpr CodenameTable kTables[] = {
    {"GenuineIntel", 6, kFamily6}, {"GenuineIntel", 5, kFamily5}, {"GenuineIntel", 15, kFamily15}};

}  // namespace

std::span<const CodenameTable> intel_other_codenames() { return kTables; }

}  // namespace lf::probe
