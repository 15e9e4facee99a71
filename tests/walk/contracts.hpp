#pragma once
#include <google/protobuf/compiler/importer.h>
#include <google/protobuf/dynamic_message.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "carillon/options/v1/options.pb.h"

/// The platform's contracts as the gateway knows them: whatever lies under proto/carillon/*/v1, read at run
/// time, so that a new service or method is walked without a line written here.
namespace carillon::walk {

namespace protobuf = google::protobuf;
namespace options = carillon::options::v1;

struct Method {
  const protobuf::MethodDescriptor* descriptor;
  std::string service;  ///< "customer"
  std::string path;     ///< "/carillon.customer.v1.CustomerService/GetCustomer"
  std::string permission;
  bool read_only;
  bool streaming() const { return descriptor->server_streaming(); }
  const protobuf::Descriptor* request() const { return descriptor->input_type(); }
};

class Contracts {
 public:
  static const Contracts& The();
  const std::vector<Method>& methods() const { return methods_; }
  /// Every service that has a method.
  std::vector<std::string> services() const;
  /// By "carillon.customer.v1.CustomerService/GetCustomer"; throws when there is none.
  const Method& Find(const std::string& name) const;
  /// Every message of a file *_events.proto of `service`.
  std::vector<const protobuf::Descriptor*> Events(const std::string& service) const;
  std::unique_ptr<protobuf::Message> New(const protobuf::Descriptor* type) const;
  std::unique_ptr<protobuf::Message> FromJson(const protobuf::Descriptor* type,
                                              const std::string& json) const;

 private:
  Contracts();
  protobuf::DescriptorPool pool_;
  mutable protobuf::DynamicMessageFactory factory_{&pool_};
  std::vector<Method> methods_;
  std::vector<const protobuf::FileDescriptor*> files_;
};

std::string ToJson(const protobuf::Message& message);

inline const options::FieldRule& RuleOf(const protobuf::FieldDescriptor* field) {
  return field->options().GetExtension(options::rule);
}
inline bool IsSensitive(const protobuf::FieldDescriptor* field) {
  return field->options().HasExtension(options::sensitive);
}

}  // namespace carillon::walk
