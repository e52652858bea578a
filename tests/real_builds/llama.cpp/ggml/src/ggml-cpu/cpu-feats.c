// SPDX-License-Identifier: MIT
// How well this CPU suits the library that this is compiled into: 0 when it lacks a feature, else one bit a feature. As
// ggml's, it asks CPUID alone and not the operating system.
#include <cpuid.h>
#include <stddef.h>

enum { kEax, kEbx, kEcx, kEdx };
typedef struct {
    unsigned leaf, subleaf;
    int word;
    unsigned bits;
    int score;
} feature;

static const feature needed[] = {
#ifdef GGML_FMA
    {1, 0, kEcx, 1u << 12, 1 << 0},
#endif
#ifdef GGML_F16C
    {1, 0, kEcx, 1u << 29, 1 << 1},
#endif
#ifdef GGML_SSE42
    {1, 0, kEcx, 1u << 20, 1 << 2},
#endif
#ifdef GGML_BMI2
    {7, 0, kEbx, 1u << 8, 1 << 3},
#endif
#ifdef GGML_AVX
    {1, 0, kEcx, 1u << 28, 1 << 4},
#endif
#ifdef GGML_AVX2
    {7, 0, kEbx, 1u << 5, 1 << 5},
#endif
#ifdef GGML_AVX_VNNI
    {7, 1, kEax, 1u << 4, 1 << 6},
#endif
#ifdef GGML_AVX512  // F, DQ, CD, BW and VL
    {7, 0, kEbx, 1u << 16 | 1u << 17 | 1u << 28 | 1u << 30 | 1u << 31, 1 << 7},
#endif
#ifdef GGML_AVX512_VBMI
    {7, 0, kEcx, 1u << 1, 1 << 8},
#endif
#ifdef GGML_AVX512_BF16
    {7, 1, kEax, 1u << 5, 1 << 9},
#endif
#ifdef GGML_AVX512_VNNI
    {7, 0, kEcx, 1u << 11, 1 << 10},
#endif
#ifdef GGML_AMX_INT8
    {7, 0, kEdx, 1u << 25, 1 << 11},
#endif
    {1, 0, kEdx, 1u << 26, 0},  // SSE2: the table is never empty
};

int ggml_backend_score(void);
int ggml_backend_score(void) {
    int score = 1;
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        unsigned words[4] = {0, 0, 0, 0};
        const feature* f = &needed[i];
        if (!__get_cpuid_count(f->leaf, f->subleaf, &words[kEax], &words[kEbx], &words[kEcx], &words[kEdx])) return 0;
        if ((words[f->word] & f->bits) != f->bits) return 0;
        score += f->score;
    }
    return score;
}
