#pragma once
#include <functional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace carillon::simulator {

/// Hands every line of a text file to `take`; a file that ends in .xz is unpacked on the way, so that a log
/// of any length is read in constant memory. NOT_FOUND FILE_UNREADABLE; INVALID_ARGUMENT FILE_DAMAGED.
Result<void> ForEachLine(const std::string& path, const std::function<void(std::string_view)>& take);

/// The whole file as text. NOT_FOUND FILE_UNREADABLE.
Result<std::string> ReadText(const std::string& path);

/// Written beside and renamed. INTERNAL when the disk refuses.
Result<void> WriteText(const std::string& path, std::string_view text);

}  // namespace carillon::simulator
