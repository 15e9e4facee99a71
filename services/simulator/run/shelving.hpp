#pragma once
#include <functional>
#include <string>

#include "simulator/clients/user.hpp"

/// What the bank's agents look things up in.
namespace carillon::simulator {

/// Puts the articles of a JSON file (a list of CreateArticleRequest) into the knowledge base: `editor` writes
/// and submits each, `approver` approves and publishes it. What is there already stays as it is, wherever an
/// earlier run left it. `run` makes request ids for the retries of this run alone. Fails with the first
/// refusal.
Result<void> ShelveArticles(User& editor, User& approver, const std::string& file, const std::string& run,
                            const std::function<void(const std::string&)>& say);

}  // namespace carillon::simulator
