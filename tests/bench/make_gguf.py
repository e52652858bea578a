# SPDX-License-Identifier: MIT
"""What llama.cpp's own Python library (Debian's python3-gguf) says and makes; runs in sid's Python, started by models.py.

make_gguf.py types              the library's tables of tensor and file types
make_gguf.py sparse DIR < LIST  a model in F16 of every shape of `model_tool list`, its weights a hole in the file
make_gguf.py full DIR SHAPE < LIST  one with random weights
"""
import pathlib
import sys

import gguf
import numpy
from gguf import MODEL_TENSOR as T


def types():
    for number, (block, size) in gguf.GGML_QUANT_SIZES.items():
        print("type", int(number), number.name, block, size)
    for number in gguf.LlamaFileType:
        if number.name != "GUESSED":
            print("file", int(number), number.name.replace("MOSTLY_", "").replace("ALL_", ""))


def shape_of(line):
    names = ("architecture layers width feed_forward heads kv_heads vocabulary context rope_base epsilon tied factors"
             " experts experts_used").split()
    words = line.split()[1:]
    shape = {name: word if name == "architecture" else float(word) for name, word in zip(names, words[1:], strict=True)}
    return words[0], {name: int(v) if isinstance(v, float) and v.is_integer() else v for name, v in shape.items()}


def tensors_of(s):
    """(name, dimensions as numpy has them, single precision?)"""
    width, ff, kv = s["width"], s["feed_forward"], s["kv_heads"] * (s["width"] // s["heads"])
    name = lambda tensor, layer=0: gguf.TENSOR_NAMES[tensor].format(bid=layer) + ".weight"
    yield name(T.TOKEN_EMBD), (s["vocabulary"], width), False
    yield name(T.OUTPUT_NORM), (width,), True
    if not s["tied"]:
        yield name(T.OUTPUT), (s["vocabulary"], width), False
    if s["factors"]:
        yield name(T.ROPE_FREQS), (width // s["heads"] // 2,), True
    for i in range(s["layers"]):
        yield name(T.ATTN_NORM, i), (width,), True
        yield name(T.ATTN_Q, i), (width, width), False
        yield name(T.ATTN_K, i), (kv, width), False
        yield name(T.ATTN_V, i), (kv, width), False
        yield name(T.ATTN_OUT, i), (width, width), False
        yield name(T.FFN_NORM, i), (width,), True
        if s["experts"]:
            yield name(T.FFN_GATE_INP, i), (s["experts"], width), True
            yield name(T.FFN_GATE_EXP, i), (s["experts"], ff, width), False
            yield name(T.FFN_UP_EXP, i), (s["experts"], ff, width), False
            yield name(T.FFN_DOWN_EXP, i), (s["experts"], width, ff), False
        else:
            yield name(T.FFN_GATE, i), (ff, width), False
            yield name(T.FFN_UP, i), (ff, width), False
            yield name(T.FFN_DOWN, i), (width, ff), False


def writer_of(path, s):
    writer = gguf.GGUFWriter(path, s["architecture"])
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    writer.add_context_length(s["context"])
    writer.add_embedding_length(s["width"])
    writer.add_block_count(s["layers"])
    writer.add_feed_forward_length(s["feed_forward"])
    writer.add_head_count(s["heads"])
    writer.add_head_count_kv(s["kv_heads"])
    writer.add_rope_dimension_count(s["width"] // s["heads"])
    writer.add_rope_freq_base(float(s["rope_base"]))
    writer.add_layer_norm_rms_eps(s["epsilon"])
    writer.add_vocab_size(s["vocabulary"])
    if s["experts"]:
        writer.add_expert_count(s["experts"])
        writer.add_expert_used_count(s["experts_used"])
        writer.add_attention_scale(0.015625)
        writer.add_embedding_scale(12.0)
        writer.add_residual_scale(0.22)
        writer.add_logit_scale(6.0)
    tokens = [b"<unk>", b"<s>", b"</s>"] + [b"<0x%02X>" % i for i in range(256)]
    tokens += [b"word%d" % i for i in range(s["vocabulary"] - len(tokens))]
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * len(tokens))
    writer.add_token_types([2, 3, 3] + [6] * 256 + [1] * (len(tokens) - 259))
    return writer


def sparse(folder, name, s):
    writer = writer_of(folder / f"{name}.gguf", s)
    for tensor, dimensions, single in tensors_of(s):
        kind = numpy.float32 if single else numpy.float16
        writer.add_tensor_info(tensor, dimensions, numpy.dtype(kind), int(numpy.prod(dimensions)) * kind().itemsize)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    file = writer.fout[0]
    end = file.tell() + sum(-(-t.nbytes // 32) * 32 for part in writer.tensors for t in part.values()) + 64
    file.truncate(end)
    writer.close()


def full(folder, name, s):
    writer = writer_of(folder / f"{name}.gguf", s)
    random = numpy.random.default_rng(7)
    for tensor, dimensions, single in tensors_of(s):
        if single and len(dimensions) == 1:
            weights = numpy.ones(dimensions, numpy.float32)
        else:
            weights = random.standard_normal(dimensions, numpy.float32) * numpy.float32(s["width"] ** -0.5)
        writer.add_tensor(tensor, weights if single else weights.astype(numpy.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main():
    if sys.argv[1] == "types":
        return types()
    for line in sys.stdin:
        if line.startswith("shape "):
            name, s = shape_of(line)
            if sys.argv[1] == "sparse":
                sparse(pathlib.Path(sys.argv[2]), name, s)
            elif name == sys.argv[3]:
                full(pathlib.Path(sys.argv[2]), name, s)


main()
