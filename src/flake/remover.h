// SPDX-License-Identifier: MIT
/// \file
/// \brief Takes something superseded out of one file, with all that refers to it. Internal to the steps.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "flake/steps.h"

namespace lf::flake {

class Remover {
  public:
    /// `what` is superseded: "overlays/old.nix", "the overlay".
    Remover(Work& work, const Tree& tree, std::string what) : work_(work), tree_(tree), what_(std::move(what)) {}

    /// `node` stands for the overlay, or for the function that gives it: it goes out of the list it stands in, or with
    /// the let that binds it and that name's uses.
    void take_out_use(NodeId node) { remove_use(node, 0); }
    /// A binding of a set, or an item of a list.
    void take_out(NodeId item) { items_.insert(item); }
    bool empty() const { return items_.empty() && stuck_.empty(); }
    /// Does the edits. What cannot be undone with certainty becomes the owner's work, and then nothing is edited.
    Done run();

  private:
    std::string comments_in(NodeId item) const;
    bool has_own_lines(NodeId item) const;
    void remove_use(NodeId use, int steps);
    bool stands_for(NodeId apply, NodeId part) const;
    bool defines_ours(NodeId binding) const;
    void remove_from_list(NodeId item);
    void remove_binding(NodeId binding, int steps);

    Work& work_;
    const Tree& tree_;
    std::string what_;
    std::set<NodeId> items_;
    std::vector<NodeId> stuck_;
};

/// Does the text name an option that llama.cpp has no more?
bool names_retired(std::string_view text);
/// Notes each retired option of llama.cpp that is written below the node, and what does its work now.
void note_retired(Work& work, const Tree& tree, NodeId node);

/// Hosts that a file belongs to and that would lose something of it without getting the overlay, because they are not
/// fitted now, and were not before.
std::vector<std::string> waiting_hosts(const Work& work, const Outline& outline, const Reach& reach,
                                       const std::string& file);

/// Is it a name that the overlay of llama-fleet defines?
bool is_our_name(std::string_view name);

/// `final: prev: { … }`, whatever arguments come before, if they may: the set, or kNone.
NodeId overlay_set(const Tree& tree, NodeId function, bool arguments_before);

}  // namespace lf::flake
