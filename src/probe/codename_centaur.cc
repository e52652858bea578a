// SPDX-License-Identifier: MIT
// VIA and Zhaoxin. Sources: VIA's data sheets, GCC's and Linux' tables of Zhaoxin's models, Zhaoxin's product pages.
#include "probe/codename.h"

namespace lf::probe {
namespace {

constexpr CodenameRow kFamily6[] = {
    {0x06, 0x06, "", "Samuel"},         {0x07, 0x07, "Ezra", "Ezra"},   {0x07, 0x07, "", "Samuel 2", 0, 7},
    {0x07, 0x07, "", "Ezra", 8, 15},    {0x08, 0x08, "", "Ezra-T"},     {0x09, 0x09, "", "Nehemiah"},
    {0x0a, 0x0a, "", "Esther"},         {0x0d, 0x0d, "", "Esther"},     {0x0f, 0x0f, "", "Isaiah", 0, 13},
    {0x0f, 0x0f, "QuadCore", "Isaiah"}, {0x0f, 0x0f, "Eden", "Isaiah"}, {0x0f, 0x0f, "", "ZhangJiang", 14, 15},
    {0x19, 0x19, "", "ZhangJiang"},
};

constexpr CodenameRow kFamily7[] = {
    {0x0f, 0x0f, "", "ZhangJiang"}, {0x1b, 0x1b, "", "WuDaoKou"},   {0x3b, 0x3b, "", "LuJiaZui"},
    {0x5b, 0x5b, "", "Yongfeng"},   {0x6b, 0x6b, "", "Shijidadao"},
};

constexpr CodenameTable kTables[] = {
    {"CentaurHauls", 6, kFamily6}, {"Shanghai", 6, kFamily6}, {"CentaurHauls", 7, kFamily7}, {"Shanghai", 7, kFamily7}};

}  // namespace

std::span<const CodenameTable> centaur_codenames() { return kTables; }

}  // namespace lf::probe
