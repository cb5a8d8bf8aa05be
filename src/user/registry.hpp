// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cicada/dry_run.hpp>
#include <cicada/events.hpp>
#include <deque>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "user/arguments.hpp"
#include "user/declaration.hpp"
#include "user/feeders.hpp"
#include "user/measures.hpp"
#include "user/task_checks.hpp"
#include "user/task_tree.hpp"

namespace cicada::user {

using detail::Place;
struct LoadPlan;

/// A file that the test needs.
struct AssetDeclaration {
    std::string path{};  ///< absolute
    Place place{};
};

/// What a test has declared: filled while its files are loaded, then sealed.
///
/// Declaring never throws, opens a file or parses: it happens in initialisers at namespace scope,
/// from where an exception would end the process.
/// Threads: the main thread until it is sealed; then it does not change, and any may read it.
class Registry {
public:
    Registry();
    ~Registry();
    Registry(const Registry&) = delete;
    Registry& operator=(const Registry&) = delete;

    /// What is declared from here on stands in the test file `file`, until end_file().
    void begin_file(const std::filesystem::path& file) { file_ = file; }
    void end_file() { file_.clear(); }

    [[nodiscard]] Declaration& declare(const detail::ClassInfo& user, const Place& place);
    [[nodiscard]] Declaration& declare_task_set(const detail::ClassInfo& task_set,
                                                detail::TaskOrder order,
                                                const Place& place);

    ArgumentSlot& add(std::unique_ptr<ArgumentSlot> argument);

    /// In the order they were declared in. Their values are assigned between loading and running.
    [[nodiscard]] const std::vector<std::unique_ptr<ArgumentSlot>>& arguments() const {
        return arguments_;
    }

    /// It belongs to the file that is being loaded.
    FeederSource& add(std::unique_ptr<FeederSource> feeder);
    [[nodiscard]] const std::vector<std::unique_ptr<FeederSource>>& feeders() const {
        return feeders_;
    }

    /// Returns its absolute path, which lives as long as this; see cicada::asset().
    const std::string& add_asset(std::string_view path, const Place& place);
    [[nodiscard]] const std::deque<AssetDeclaration>& assets() const { return assets_; }

    /// Notes the course that the number of users takes.
    void add_load_plan(LoadPlan plan);
    [[nodiscard]] const LoadPlan* load_plan() const;  ///< null: the command line or the page says

    /// Who answers requests in a dry run, in the order they were declared in.
    void add(detail::DryRunFunction answers) { dry_run_.push_back(std::move(answers)); }
    [[nodiscard]] const std::vector<detail::DryRunFunction>& dry_run() const { return dry_run_; }

    /// Notes that something said at `place` is wrong. Error: std::logic_error once sealed.
    void complain(const Place& place, std::string_view what);

    /// Throws std::logic_error if sealed: "users<Shopper>() at FILE:LINE: ...".
    void expect_unsealed(std::string_view what, const Place& place) const;

    /// All complaints, in the order of their places, with those that only the whole shows (two
    /// classes of one name, a class without tasks, weights that are all zero). Each is one line,
    /// "FILE:LINE: what". Empty: the test can run. A registry without users has no complaint.
    [[nodiscard]] std::vector<std::string> check() const;

    /// What is odd but may be meant: a task set that nobody uses, a task that cannot be reached.
    [[nodiscard]] std::vector<std::string> warnings() const;

    /// Nothing can be declared any more; a builder that is called then throws std::logic_error.
    void seal();
    [[nodiscard]] bool is_sealed() const { return sealed_; }

    /// Once sealed and before the first user: leaves out tasks and levels weights. Returns what is
    /// wrong with that for `classes`, those that will have users: one line each, e.g. that no task
    /// is left.
    [[nodiscard]] std::vector<std::string> select_tasks(
        const TaskSelection& selection, const std::vector<const Declaration*>& classes);

    [[nodiscard]] bool has_users() const { return !declarations_.empty(); }

    /// In the order they were declared in.
    [[nodiscard]] const std::vector<std::unique_ptr<Declaration>>& declarations() const {
        return declarations_;
    }
    [[nodiscard]] const std::vector<std::unique_ptr<Declaration>>& task_sets() const {
        return task_sets_;
    }
    [[nodiscard]] const Declaration* find(std::string_view class_name) const;  ///< null: no such

    // What the test counts and what it has to reach; see measures.hpp.
    const detail::MetricDeclaration& declare_metric(stats::MetricKind kind,
                                                    std::string_view name,
                                                    const Place& place);
    void declare_threshold(ThresholdDeclaration threshold);
    [[nodiscard]] const std::vector<ThresholdDeclaration>& thresholds() const {
        return thresholds_;
    }
    [[nodiscard]] std::vector<stats::MetricKey> metrics() const;

    /// Empty again, for tests; what pointed into it dangles.
    void clear();

private:
    [[nodiscard]] std::unique_ptr<Declaration> declaration_of(const detail::ClassInfo& info,
                                                              const Place& place) const;
    void check_classes(std::vector<Complaint>& found) const;
    void check_task_sets(std::vector<Complaint>& found) const;
    void check_thresholds(std::vector<Complaint>& found) const;
    void check_assets(std::vector<Complaint>& found) const;
    void check_load_plans(std::vector<Complaint>& found) const;

    std::filesystem::path file_;
    std::vector<std::unique_ptr<Declaration>> declarations_;
    std::vector<std::unique_ptr<Declaration>> task_sets_;
    std::vector<std::unique_ptr<detail::MetricDeclaration>> metrics_;
    std::vector<ThresholdDeclaration> thresholds_;
    std::vector<std::unique_ptr<ArgumentSlot>> arguments_;
    std::vector<std::unique_ptr<FeederSource>> feeders_;
    std::deque<AssetDeclaration> assets_;
    std::vector<std::unique_ptr<const LoadPlan>> load_plans_;
    std::vector<detail::DryRunFunction> dry_run_;
    std::vector<Complaint> complaints_;
    bool sealed_ = false;
};

/// The program's one registry.
Registry& registry();

}  // namespace cicada::user
