#include "rpc/page.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/util/field_mask_util.h>

#include "base/ids.hpp"

namespace carillon::rpc {
namespace {

std::string FilterHash(std::string_view filter) { return DerivedId("page", filter).substr(0, 8); }

std::string FromHex(std::string_view hex) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    out += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  return out;
}

}  // namespace

std::string PageToken(std::string_view last_key, std::string_view filter) {
  return "1" + FilterHash(filter) + Hex(last_key);
}

Result<std::string> PageKey(std::string_view token, std::string_view filter) {
  if (token.empty()) return std::string();
  const auto refused = [](const char* why) {
    return InvalidArgument("PAGE_TOKEN_INVALID", "The page token cannot be used.", {{"page_token", why}});
  };
  if (token.size() < 9 || token[0] != '1' || token.size() % 2 == 0 ||
      token.substr(9).find_first_not_of("0123456789abcdef") != std::string_view::npos)
    return refused("is not a token of this method");
  if (token.substr(1, 8) != FilterHash(filter)) return refused("was made for another filter");
  return FromHex(token.substr(9));
}

Result<void> RequireFresh(std::string_view current, std::string_view given) {
  if (given.empty() || given == current) return Ok();
  auto error = Aborted("ETAG_MISMATCH", "The resource was changed since it was read; read it again.");
  error.metadata["current_etag"] = current;
  return error;
}

Result<void> ApplyMask(const google::protobuf::FieldMask& mask, const google::protobuf::Message& patch,
                       google::protobuf::Message& target) {
  using google::protobuf::util::FieldMaskUtil;
  google::protobuf::FieldMask effective;
  const auto* type = patch.GetDescriptor();
  if (mask.paths_size() == 0) {
    std::vector<const google::protobuf::FieldDescriptor*> fields;
    patch.GetReflection()->ListFields(patch, &fields);
    for (const auto* field : fields) effective.add_paths(field->name());
  } else if (mask.paths_size() == 1 && mask.paths(0) == "*") {
    for (int i = 0; i < type->field_count(); ++i) effective.add_paths(type->field(i)->name());
  } else {
    for (const auto& path : mask.paths()) {
      if (!FieldMaskUtil::GetFieldDescriptors(type, path, nullptr))
        return InvalidArgument("UPDATE_MASK_INVALID", "The update mask names a field that does not exist.",
                               {{"update_mask", "no field " + path}});
      effective.add_paths(path);
    }
  }
  FieldMaskUtil::MergeOptions how;
  how.set_replace_message_fields(true);
  how.set_replace_repeated_fields(true);
  FieldMaskUtil::MergeMessageTo(patch, effective, how, &target);
  return Ok();
}

}  // namespace carillon::rpc
