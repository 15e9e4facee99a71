#pragma once
#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "base/result.hpp"

/// Pages, freshness and masks of the standard methods (AIP-158, AIP-154, AIP-134).
namespace carillon::rpc {

constexpr int kMaxPage = 200;
/// The page size to use: 50 for 0, at most 200; the (rule) refuses a negative one.
inline int PageSize(int asked) { return asked <= 0 ? 50 : std::min(asked, kMaxPage); }

/// An opaque token that leads on after `last_key`; it holds a hash of `filter` (whatever else selects the
/// rows).
std::string PageToken(std::string_view last_key, std::string_view filter);
/// The key in the token, "" for an empty token; INVALID_ARGUMENT PAGE_TOKEN_INVALID when it is not one of
/// ours or was made for another filter.
Result<std::string> PageKey(std::string_view token, std::string_view filter);

/// ABORTED ETAG_MISMATCH when `given` is not empty and differs from `current`.
Result<void> RequireFresh(std::string_view current, std::string_view given);

/// Copies the fields named by `mask` from `patch` to `target`; an empty mask means the fields that are set,
/// "*" all. INVALID_ARGUMENT UPDATE_MASK_INVALID for a path that is not a field of the type.
Result<void> ApplyMask(const google::protobuf::FieldMask& mask, const google::protobuf::Message& patch,
                       google::protobuf::Message& target);

}  // namespace carillon::rpc
