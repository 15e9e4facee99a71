#pragma once
#include <chrono>
#include <map>
#include <string>
#include <string_view>

#include "base/result.hpp"

/// A program of the operator's machine as a port: text-to-speech, a carrier of short messages, a fax server.
namespace carillon::ivr::clients {

/// Runs `command` (words apart by spaces, no shell; "{name}" in a word is replaced by `values`), gives it
/// `input` and returns what it wrote. UNAVAILABLE PROGRAM_MISSING, PROGRAM_BUSY (exit code 75, "try again",
/// and longer than `limit`: it is killed); FAILED_PRECONDITION PROGRAM_FAILED for any other exit, with its
/// last words; at most `most` bytes are taken. Blocks; thread-safe.
Result<std::string> Run(const std::string& command, const std::map<std::string, std::string>& values,
                        std::string_view input, std::chrono::milliseconds limit, std::size_t most);

}  // namespace carillon::ivr::clients
