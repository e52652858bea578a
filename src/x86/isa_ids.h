// SPDX-License-Identifier: MIT
/// \file
/// \brief The rows of isa_sets() by name, for code of this layer: id::AVX2.
#pragma once

#include "x86/isa.h"

namespace lf::x86::id {

// As in the table, not as our constants: they are the field's names.
enum Name : IsaId {
#define ISA_BASE(name) name,
#define ISA_SET(name, features) name,
#define ISA_HARMLESS(name, features, why) name,
#define ISA_DIFFERS(name, features, why) name,
#define ISA_SYSTEM(name) name,
#define ISA_NONE(name, why) name,
#define ISA_UNRECORDED(name, feature, sure, only) name,
#include "x86/isa_sets.def"
    kCount,
};

/// The row of `isa` with APX's registers or forms: needs apx too. Baseline sets become APX_F.
IsaId with_apx(IsaId isa);

}  // namespace lf::x86::id
