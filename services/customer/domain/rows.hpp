#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "carillon/customer/v1/record.pb.h"

/// Rows of a source's CSV file as records. Pure.
namespace carillon::customer::domain {

namespace pb = carillon::customer::v1;

/// The rows of a piece, as many as are whole; RFC 4180: quoted cells may hold commas, quotes and line breaks.
struct Rows {
  std::vector<std::vector<std::string>> cells;
  std::vector<std::size_t> ends;  ///< after each row's line break
};
/// At most `most` rows. `last`: what follows the last line break is a row too.
Rows RowsOf(std::string_view piece, bool last, std::size_t most);

/// COLUMNS_INVALID: an attribute that there is not, one given twice, no name at all.
Result<void> RequireColumns(const std::vector<std::string>& columns);
/// What the row says. ROW_MALFORMED with the columns that do not read; numbers are left as they were written.
Result<pb::RawRecord> RecordOfRow(const std::vector<std::string>& columns,
                                  const std::vector<std::string>& cells);

}  // namespace carillon::customer::domain
