#include "contracts.hpp"

#include <google/api/annotations.pb.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/util/json_util.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace carillon::walk {

Contracts::Contracts() {
  const auto path =
      std::filesystem::canonical("/proc/self/exe").parent_path().parent_path() / "descriptor.binpb";
  std::ifstream in(path, std::ios::binary);
  protobuf::FileDescriptorSet set;
  if (!in || !set.ParseFromIstream(&in)) throw std::runtime_error("cannot read " + path.string());
  for (auto& file : *set.mutable_file()) {
    file.clear_source_code_info();
    const auto* built = pool_.BuildFile(file);
    if (built == nullptr) throw std::runtime_error("cannot build " + file.name());
    if (!built->package().starts_with("carillon.")) continue;
    files_.push_back(built);
    const auto service = built->package().substr(9, built->package().rfind('.') - 9);
    for (int i = 0; i < built->service_count(); ++i) {
      for (int j = 0; j < built->service(i)->method_count(); ++j) {
        const auto* method = built->service(i)->method(j);
        methods_.push_back({method, service, "/" + built->service(i)->full_name() + "/" + method->name(),
                            method->options().GetExtension(options::permission),
                            method->options().GetExtension(options::read_only)});
      }
    }
  }
}

const Contracts& Contracts::The() {
  static const Contracts contracts;
  return contracts;
}

std::vector<std::string> Contracts::services() const {
  std::set<std::string> out;
  for (const auto& method : methods_) out.insert(method.service);
  return {out.begin(), out.end()};
}

const Method& Contracts::Find(const std::string& name) const {
  for (const auto& method : methods_)
    if (method.path == "/" + name) return method;
  throw std::runtime_error("no method " + name);
}

std::vector<const protobuf::Descriptor*> Contracts::Events(const std::string& service) const {
  std::vector<const protobuf::Descriptor*> out;
  for (const auto* file : files_) {
    if (file->package() != "carillon." + service + ".v1" || !file->name().ends_with("_events.proto"))
      continue;
    for (int i = 0; i < file->message_type_count(); ++i) out.push_back(file->message_type(i));
  }
  return out;
}

std::unique_ptr<protobuf::Message> Contracts::New(const protobuf::Descriptor* type) const {
  return std::unique_ptr<protobuf::Message>(factory_.GetPrototype(type)->New());
}

std::unique_ptr<protobuf::Message> Contracts::FromJson(const protobuf::Descriptor* type,
                                                       const std::string& json) const {
  auto out = New(type);
  const auto status = protobuf::util::JsonStringToMessage(json, out.get());
  if (!status.ok()) throw std::runtime_error(type->full_name() + ": " + status.ToString() + " in " + json);
  return out;
}

std::string ToJson(const protobuf::Message& message) {
  std::string out;
  protobuf::util::JsonPrintOptions print;
  print.preserve_proto_field_names = true;
  const auto status = protobuf::util::MessageToJsonString(message, &out, print);
  return status.ok() ? out : message.DebugString();
}

}  // namespace carillon::walk
