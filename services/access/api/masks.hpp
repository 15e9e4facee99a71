#pragma once
#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "rpc/page.hpp"

namespace carillon::access::api {

/// Copies to `target` the fields of `patch` that the mask names, if they are among `changeable`: empty mask =
/// those that are set, "*" = all changeable. INVALID_ARGUMENT UPDATE_MASK_INVALID for any other path.
template <class Message>
Result<void> Patch(const google::protobuf::FieldMask& mask, const Message& patch, Message& target,
                   std::initializer_list<std::string_view> changeable) {
  const auto may_change = [&](std::string_view path) {
    return std::find(changeable.begin(), changeable.end(), path) != changeable.end();
  };
  google::protobuf::FieldMask effective;
  if (mask.paths_size() == 0) {
    std::vector<const google::protobuf::FieldDescriptor*> set;
    patch.GetReflection()->ListFields(patch, &set);
    for (const auto* field : set)
      if (may_change(field->name())) effective.add_paths(field->name());
    if (effective.paths_size() == 0) return Ok();
  } else if (mask.paths_size() == 1 && mask.paths(0) == "*") {
    for (const auto path : changeable) effective.add_paths(std::string(path));
  } else {
    for (const auto& path : mask.paths()) {
      if (!may_change(path))
        return InvalidArgument("UPDATE_MASK_INVALID", "The update mask names a field that cannot be changed.",
                               {{"update_mask", path + " cannot be changed"}});
      effective.add_paths(path);
    }
  }
  return rpc::ApplyMask(effective, patch, target);
}

/// One page: asks for one row more than fits, and leads on after the last that did. `key` says after which
/// key.
template <class Response, class Message, class Key>
void FillPage(Response& response, google::protobuf::RepeatedPtrField<Message>* field,
              std::vector<Message> rows, int page_size, std::string_view filter, Key key) {
  const auto fits = std::min(rows.size(), static_cast<std::size_t>(page_size));
  for (std::size_t i = 0; i < fits; ++i) field->Add(std::move(rows[i]));
  if (rows.size() > fits && fits > 0)
    response.set_next_page_token(rpc::PageToken(key(field->Get(static_cast<int>(fits) - 1)), filter));
}

}  // namespace carillon::access::api
