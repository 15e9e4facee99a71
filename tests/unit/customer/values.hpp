#pragma once
#include <catch2/catch.hpp>
#include <string>

#include "carillon/customer/v1/customer.pb.h"

/// What a ValueSource points to.
namespace carillon::customer {

namespace pb = carillon::customer::v1;

/// The value at a path of ValueSource, alone in a message.
inline pb::Customer ValueAt(const pb::Customer& customer, const std::string& path) {
  pb::Customer one;
  const auto* reflection = customer.GetReflection();
  const std::string field_name = path.substr(0, path.find_first_of(".["));
  const auto* field = pb::Customer::descriptor()->FindFieldByName(field_name);
  REQUIRE(field != nullptr);
  if (path.find('[') != std::string::npos) {
    const int item = std::stoi(path.substr(path.find('[') + 1));
    if (field_name == "special_needs") {
      one.add_special_needs(customer.special_needs(item));
    } else {
      one.GetReflection()
          ->AddMessage(&one, field)
          ->CopyFrom(reflection->GetRepeatedMessage(customer, field, item));
      for (auto& medium : *one.mutable_contacts()) medium.clear_primary();
    }
  } else if (field_name == "person") {
    const auto* part = field->message_type()->FindFieldByName(path.substr(path.find('.') + 1));
    REQUIRE(part->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_STRING);
    const auto& person = customer.person();
    one.mutable_person()->GetReflection()->SetString(one.mutable_person(), part,
                                                     person.GetReflection()->GetString(person, part));
  } else {
    one.GetReflection()->SetString(&one, field, reflection->GetString(customer, field));
  }
  return one;
}

}  // namespace carillon::customer
