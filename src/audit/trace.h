// SPDX-License-Identifier: MIT
/// \file
/// \brief Where the values of one function come from, roughly: may an answer of the CPU be among them? See doubt.h.
#pragma once

#include <array>
#include <cstdint>
#include <set>
#include <vector>

#include "audit/cpu_state.h"
#include "audit/guards.h"

namespace lf::audit {

/// Where a value comes from.
struct Origin {
    enum class Kind : std::uint8_t {
        plain,     ///< neither of memory that may hold answers, nor made of such
        doubtful,  ///< may be an answer of the CPU
        outside,   ///< from the system or another file, and so is the memory behind it
        constant,  ///< `value`
        stack,     ///< `value` from the stack pointer at entry
    };
    Kind kind = Kind::plain;
    std::int64_t value = 0;
    bool operator==(const Origin&) const = default;
    bool doubtful() const { return kind == Kind::doubtful; }
};

/// A place on the stack that is known not to hold an answer.
struct Slot {
    std::int64_t at = 0;
    std::uint8_t size = 8;
    Origin origin;
    bool operator==(const Slot&) const = default;
};

struct Traces {
    bool reached = false;
    std::array<Origin, 16> registers = {};
    bool flags = false;            ///< doubtful
    std::vector<Slot> slots = {};  ///< by address; where there is none, the stack may hold anything
    bool operator==(const Traces&) const = default;
};

/// false = nothing new.
bool join(Traces& into, const Traces& from);

/// Follows origins through the instructions of one function.
class Tracer {
  public:
    /// `globals_lost`: answers were written where we could not follow.
    /// `doubtful`: places of the file, by eight bytes, that such were written to.
    Tracer(const Guards& guards, bool globals_lost, const std::set<std::uint64_t>& doubtful)
        : guards_(guards), lost_(globals_lost), doubtful_(doubtful) {}

    void step(Traces& state, const x86::Operation& operation);
    /// After a call: what it returned; `within` = a function of this file, which may write where it was let.
    void after_call(Traces& state, Origin returned, bool within, std::uint16_t clobbered);
    /// Places on the stack whose address was taken so far.
    std::size_t taken() const { return taken_.size(); }
    /// Places of the file that a value was written to which may be an answer.
    const std::vector<std::uint64_t>& written() const { return written_; }

  private:
    Origin read(const Traces& state, const x86::Operand& o) const;
    Origin address_of(const Traces& state, const x86::Operand& o) const;
    Origin load(const Traces& state, const x86::Operand& o) const;
    Origin load_file(std::uint64_t address, unsigned size) const;
    bool may_hold_answer(std::uint64_t address, unsigned size) const;
    void write(Traces& state, const x86::Operand& o, Origin value);
    void write_all(Traces& state, const x86::Operation& operation, Origin value);
    void store(Traces& state, std::int64_t at, unsigned size, Origin value);
    void take(Origin address);
    void stack(Traces& state, const x86::Operation& operation);
    void arithmetic(Traces& state, const x86::Operation& operation);

    const Guards& guards_;
    bool lost_;
    const std::set<std::uint64_t>& doubtful_;
    std::vector<std::uint64_t> written_;
    std::vector<std::int64_t> taken_;
};

}  // namespace lf::audit
