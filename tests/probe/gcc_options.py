# SPDX-License-Identifier: MIT
"""GCC's -m options as Linux calls the features, and which of them ggml's options make the compiler use."""
_SAME = ("popcnt cx16 avx avx2 f16c fma abm movbe aes adx gfni vaes vpclmulqdq cmpccxadd sha512 sm3 sm4 avx512f avx512cd"
         " avx512vl avx512bw avx512dq avx512ifma avx512vbmi sse4a fma4 xop tbm lwp movrs ssse3 rdseed")
FEATURE_OF = {**{name: name for name in _SAME.split()}, **dict(pair.split("=") for pair in (
    "sse3=pni sse4.1=sse4_1 sse4.2=sse4_2 sahf=lahf_lm bmi=bmi1 bmi2=bmi2 lzcnt=abm pclmul=pclmulqdq rdrnd=rdrand sha=sha_ni"
    " avxvnni=avx_vnni avxifma=avx_ifma avxvnniint8=avx_vnni_int8 avxvnniint16=avx_vnni_int16"
    " avxneconvert=avx_ne_convert raoint=rao_int avx512vbmi2=avx512_vbmi2 avx512vnni=avx512_vnni"
    " avx512bitalg=avx512_bitalg avx512vpopcntdq=avx512_vpopcntdq avx512bf16=avx512_bf16 avx512fp16=avx512_fp16"
    " avx512vp2intersect=avx512_vp2intersect avx512bmm=avx512_bmm apxf=apx avx10.1=avx10_1 avx10.2=avx10_2"
    " amx-tile=amx_tile amx-int8=amx_int8 amx-bf16=amx_bf16 amx-fp16=amx_fp16 amx-complex=amx_complex"
    " amx-avx512=amx_avx512 amx-fp8=amx_fp8 amx-movrs=amx_movrs amx-tf32=amx_tf32").split())}
# src/ggml-cpu/CMakeLists.txt of ggml.
OF_GGML = ("sse4.2 avx f16c fma bmi2 avx2 avxvnni avx512f avx512cd avx512vl avx512dq avx512bw avx512vbmi avx512vnni"
           " avx512bf16 amx-tile amx-int8 amx-bf16").split()
