// SPDX-License-Identifier: MIT
/// \file
/// \brief A fitted host, carbon, as a Nix that is played answers for it: everything is as planned until a test changes
/// it.
#pragma once

#include <string>

#include "check/check.h"
#include "check/fake_nix_test.h"
#include "plan/plan.h"

namespace lf::check {

plan::Plan some_plan(const std::string& host);
facts::Machine some_facts();

/// JSON of one package whose flags are as planned, and of a host that has all of them.
std::string good_package_json(const plan::Build& build, const std::string& name);
std::string good_host_json(const plan::Plan& plan);

/// The whole answer for hosts (an object by name), without any source at hand.
std::string answer_json(const std::string& hosts);

class FakeFlake {
  public:
    FakeFlake();
    ~FakeFlake();
    FakeFlake(const FakeFlake&) = delete;
    FakeFlake& operator=(const FakeFlake&) = delete;

    Result<CheckReport> run() { return check(request_, fake_, elsewhere(folder_ + "/store")); }
    /// The report if Nix answers so for carbon.
    CheckReport report_if(const std::string& host_json);
    static const PackageReport& cuda(const CheckReport& report) { return report.hosts.at(0).packages.at(1); }
    static const std::vector<Difference>& differences(const CheckReport& report, Layer layer = Layer::derivation) {
        return layer_of(cuda(report), layer)->differences;
    }

  protected:
    std::string folder_;
    CheckRequest request_;
    FakeNix fake_;
};

}  // namespace lf::check
