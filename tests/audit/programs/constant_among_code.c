// SPDX-License-Identifier: MIT
// A constant lies among the code, under a name; read as code it would be VXORPS of 64 bytes.
#include "kernels.h"

__asm__(
    ".text\n.globl reads_it\n.type reads_it,@function\n"
    "reads_it: movdqa constant(%rip),%xmm0\n movd %xmm0,%eax\n ret\n.size reads_it,.-reads_it\n"
    ".p2align 4\n"
    "constant: .byte 0x62,0xf1,0x7c,0x48,0x57,0xc0,0xc3,0x90,0x90,0x90,0x90,0x90,0x90,0x90,0x90,0x90\n"
    ".p2align 4\n");
int reads_it(void);
int main(void) { return reads_it() == 0; }
