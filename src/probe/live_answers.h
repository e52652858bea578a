// SPDX-License-Identifier: MIT
/// \file
/// \brief The answers of the machine that this program runs on to what no file tells.
#pragma once

#include <optional>
#include <string>

#include "probe/question.h"

namespace lf::probe {

/// In the text form of question.h; nullopt where there is nobody to ask.
std::optional<std::string> live_answer(Question question);

}  // namespace lf::probe
