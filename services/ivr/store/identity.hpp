#pragma once
#include <string>

#include "pg/tx.hpp"

/// How often somebody tried to be a customer, by the way it was tried; no word of what was keyed.
namespace carillon::ivr::store {

/// Counts a try and returns its number; 0 when `most` were made and the last is less than a day ago. Without
/// a try for a day the count begins anew.
int TakeTry(pg::Tx& tx, const std::string& customer, const std::string& method, int most);
/// The count begins anew.
void ForgetTries(pg::Tx& tx, const std::string& customer, const std::string& method);
/// As the worker: drops counts that are over.
void DropTries(pg::Tx& tx);

}  // namespace carillon::ivr::store
