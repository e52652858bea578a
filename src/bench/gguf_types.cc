// SPDX-License-Identifier: MIT
#include "bench/gguf_types.h"

#include <array>
#include <cassert>

namespace lf::bench {
namespace {

constexpr std::array kTypes = {
    GgmlTypeInfo{0, "F32", 1, 4},         GgmlTypeInfo{1, "F16", 1, 2},         GgmlTypeInfo{2, "Q4_0", 32, 18},
    GgmlTypeInfo{3, "Q4_1", 32, 20},      GgmlTypeInfo{6, "Q5_0", 32, 22},      GgmlTypeInfo{7, "Q5_1", 32, 24},
    GgmlTypeInfo{8, "Q8_0", 32, 34},      GgmlTypeInfo{9, "Q8_1", 32, 36},      GgmlTypeInfo{10, "Q2_K", 256, 84},
    GgmlTypeInfo{11, "Q3_K", 256, 110},   GgmlTypeInfo{12, "Q4_K", 256, 144},   GgmlTypeInfo{13, "Q5_K", 256, 176},
    GgmlTypeInfo{14, "Q6_K", 256, 210},   GgmlTypeInfo{15, "Q8_K", 256, 292},   GgmlTypeInfo{16, "IQ2_XXS", 256, 66},
    GgmlTypeInfo{17, "IQ2_XS", 256, 74},  GgmlTypeInfo{18, "IQ3_XXS", 256, 98}, GgmlTypeInfo{19, "IQ1_S", 256, 50},
    GgmlTypeInfo{20, "IQ4_NL", 32, 18},   GgmlTypeInfo{21, "IQ3_S", 256, 110},  GgmlTypeInfo{22, "IQ2_S", 256, 82},
    GgmlTypeInfo{23, "IQ4_XS", 256, 136}, GgmlTypeInfo{24, "I8", 1, 1},         GgmlTypeInfo{25, "I16", 1, 2},
    GgmlTypeInfo{26, "I32", 1, 4},        GgmlTypeInfo{27, "I64", 1, 8},        GgmlTypeInfo{28, "F64", 1, 8},
    GgmlTypeInfo{29, "IQ1_M", 256, 56},   GgmlTypeInfo{30, "BF16", 1, 2},       GgmlTypeInfo{34, "TQ1_0", 256, 54},
    GgmlTypeInfo{35, "TQ2_0", 256, 66},   GgmlTypeInfo{39, "MXFP4", 32, 17},    GgmlTypeInfo{40, "NVFP4", 64, 36},
    GgmlTypeInfo{41, "Q1_0", 128, 18},    GgmlTypeInfo{42, "Q2_0", 64, 18},
};

constexpr std::array kFileTypes = {
    FileType{0, "F32"},        FileType{1, "F16"},     FileType{2, "Q4_0"},    FileType{3, "Q4_1"},
    FileType{7, "Q8_0"},       FileType{8, "Q5_0"},    FileType{9, "Q5_1"},    FileType{10, "Q2_K"},
    FileType{11, "Q3_K_S"},    FileType{12, "Q3_K_M"}, FileType{13, "Q3_K_L"}, FileType{14, "Q4_K_S"},
    FileType{15, "Q4_K_M"},    FileType{16, "Q5_K_S"}, FileType{17, "Q5_K_M"}, FileType{18, "Q6_K"},
    FileType{19, "IQ2_XXS"},   FileType{20, "IQ2_XS"}, FileType{21, "Q2_K_S"}, FileType{22, "IQ3_XS"},
    FileType{23, "IQ3_XXS"},   FileType{24, "IQ1_S"},  FileType{25, "IQ4_NL"}, FileType{26, "IQ3_S"},
    FileType{27, "IQ3_M"},     FileType{28, "IQ2_S"},  FileType{29, "IQ2_M"},  FileType{30, "IQ4_XS"},
    FileType{31, "IQ1_M"},     FileType{32, "BF16"},   FileType{36, "TQ1_0"},  FileType{37, "TQ2_0"},
    FileType{38, "MXFP4_MOE"}, FileType{39, "NVFP4"},  FileType{40, "Q1_0"},   FileType{41, "Q2_0"},
};

}  // namespace

std::span<const GgmlTypeInfo> ggml_types() { return kTypes; }
std::span<const FileType> file_types() { return kFileTypes; }

const GgmlTypeInfo* type_info(std::uint32_t number) {
    for (const GgmlTypeInfo& info : kTypes)
        if (info.number == number) return &info;
    return nullptr;
}

const GgmlTypeInfo& type_info(GgmlType type) {
    const GgmlTypeInfo* info = type_info(static_cast<std::uint32_t>(type));
    assert(info != nullptr);
    return *info;
}

std::string_view file_type_name(std::uint64_t number) {
    for (const FileType& type : kFileTypes)
        if (type.number == number) return type.name;
    return "";
}

}  // namespace lf::bench
