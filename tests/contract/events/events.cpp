// Events that were published once must be readable for ever.
//
//   carillon-event-samples --write DIR    makes a sample, every field set, for each event type that has none
//   yet carillon-event-samples --check DIR    decodes every sample with today's contract and fails when a
//   type has none,
//                                         a field is lost, or a value reads differently

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "carillon/access/v1/access_events.pb.h"
#include "carillon/campaign/v1/campaign_events.pb.h"
#include "carillon/customer/v1/customer_events.pb.h"
#include "carillon/ivr/v1/message_events.pb.h"
#include "carillon/ivr/v1/session_events.pb.h"
#include "carillon/knowledge/v1/knowledge_events.pb.h"
#include "carillon/qa/v1/qa_events.pb.h"
#include "carillon/routing/v1/routing_events.pb.h"
#include "carillon/telephony/v1/call_events.pb.h"
#include "carillon/type/v1/audit_events.pb.h"
#include "carillon/workorder/v1/workorder_events.pb.h"

namespace {

namespace protobuf = google::protobuf;
using protobuf::FieldDescriptor;

std::vector<const protobuf::Descriptor*> EventTypes() {
  std::vector<const protobuf::Descriptor*> out;
  for (const auto* name : {"type/v1/audit", "access/v1/access", "customer/v1/customer", "telephony/v1/call",
                           "routing/v1/routing", "ivr/v1/session", "ivr/v1/message", "workorder/v1/workorder",
                           "qa/v1/qa", "campaign/v1/campaign", "knowledge/v1/knowledge"}) {
    const auto* file = protobuf::DescriptorPool::generated_pool()->FindFileByName(std::string("carillon/") +
                                                                                  name + "_events.proto");
    for (int i = 0; file != nullptr && i < file->message_type_count(); ++i)
      out.push_back(file->message_type(i));
  }
  return out;
}

// Every field set to a value that its number determines; message types are entered three deep.
void Fill(protobuf::Message& message, int depth) {
  const auto* reflection = message.GetReflection();
  const auto* type = message.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const auto* field = type->field(i);
    const int n = field->number();
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      if (depth == 0) continue;
      Fill(field->is_repeated() ? *reflection->AddMessage(&message, field)
                                : *reflection->MutableMessage(&message, field),
           depth - 1);
      continue;
    }
    const auto text = field->name() + "-" + std::to_string(n);
    const bool list = field->is_repeated();
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        list ? reflection->AddString(&message, field, text) : reflection->SetString(&message, field, text);
        break;
      case FieldDescriptor::CPPTYPE_ENUM: {
        const int last = field->enum_type()->value(field->enum_type()->value_count() - 1)->number();
        list ? reflection->AddEnumValue(&message, field, last)
             : reflection->SetEnumValue(&message, field, last);
        break;
      }
      case FieldDescriptor::CPPTYPE_BOOL:
        list ? reflection->AddBool(&message, field, true) : reflection->SetBool(&message, field, true);
        break;
      case FieldDescriptor::CPPTYPE_INT32:
        list ? reflection->AddInt32(&message, field, n) : reflection->SetInt32(&message, field, n);
        break;
      case FieldDescriptor::CPPTYPE_INT64:
        list ? reflection->AddInt64(&message, field, n) : reflection->SetInt64(&message, field, n);
        break;
      case FieldDescriptor::CPPTYPE_UINT32: {
        const auto value = static_cast<std::uint32_t>(n);
        list ? reflection->AddUInt32(&message, field, value) : reflection->SetUInt32(&message, field, value);
        break;
      }
      case FieldDescriptor::CPPTYPE_UINT64: {
        const auto value = static_cast<std::uint64_t>(n);
        list ? reflection->AddUInt64(&message, field, value) : reflection->SetUInt64(&message, field, value);
        break;
      }
      case FieldDescriptor::CPPTYPE_DOUBLE:
        list ? reflection->AddDouble(&message, field, n + 0.5)
             : reflection->SetDouble(&message, field, n + 0.5);
        break;
      case FieldDescriptor::CPPTYPE_FLOAT: {
        const auto value = static_cast<float>(n) + 0.5F;
        list ? reflection->AddFloat(&message, field, value) : reflection->SetFloat(&message, field, value);
        break;
      }
      case FieldDescriptor::CPPTYPE_MESSAGE:
        break;
    }
  }
}

std::unique_ptr<protobuf::Message> New(const protobuf::Descriptor* type) {
  return std::unique_ptr<protobuf::Message>(
      protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
}

std::string JsonOf(const protobuf::Message& message) {
  std::string json;
  protobuf::util::JsonPrintOptions how;
  how.preserve_proto_field_names = true;
  how.add_whitespace = true;
  if (!protobuf::util::MessageToJsonString(message, &json, how).ok()) return message.DebugString();
  return json;
}

std::string Read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

bool HoldsUnknown(const protobuf::Message& message) {
  const auto* reflection = message.GetReflection();
  if (!reflection->GetUnknownFields(message).empty()) return true;
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const auto* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated() && HoldsUnknown(reflection->GetMessage(message, field))) return true;
    for (int i = 0; field->is_repeated() && i < reflection->FieldSize(message, field); ++i)
      if (HoldsUnknown(reflection->GetRepeatedMessage(message, field, i))) return true;
  }
  return false;
}

int Check(const protobuf::Descriptor* type, const std::filesystem::path& stem) {
  const auto bytes = Read(stem.string() + ".binpb");
  const auto expected = Read(stem.string() + ".json");
  if (bytes.empty() || expected.empty()) {
    std::printf("%s has no sample: run carillon-event-samples --write\n", type->full_name().c_str());
    return 1;
  }
  const auto message = New(type);
  if (!message->ParseFromString(bytes) || HoldsUnknown(*message)) {
    std::printf("%s no longer reads all of its sample\n", type->full_name().c_str());
    return 1;
  }
  if (JsonOf(*message) != expected) {
    std::printf("%s reads its sample differently:\n%s\n", type->full_name().c_str(),
                JsonOf(*message).c_str());
    return 1;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const bool write = std::string(argv[1]) == "--write";
  // The links to the generated types must not be dropped.
  carillon::type::v1::AuditRecorded::descriptor();
  carillon::access::v1::UserCreated::descriptor();
  carillon::customer::v1::CustomerCreated::descriptor();
  carillon::ivr::v1::SessionCompleted::descriptor();
  carillon::ivr::v1::MessageCompleted::descriptor();
  carillon::routing::v1::InteractionCompleted::descriptor();
  carillon::telephony::v1::CallCleared::descriptor();
  carillon::workorder::v1::WorkOrderClosed::descriptor();
  carillon::qa::v1::EvaluationDrawn::descriptor();
  carillon::campaign::v1::AttemptEnded::descriptor();
  carillon::knowledge::v1::ArticlePublished::descriptor();
  int wrong = 0;
  const auto types = EventTypes();
  for (const auto* type : types) {
    const auto stem = std::filesystem::path(argv[2]) / type->full_name();
    if (write) {
      if (std::filesystem::exists(stem.string() + ".binpb")) continue;
      std::filesystem::create_directories(argv[2]);
      const auto message = New(type);
      Fill(*message, 3);
      std::ofstream(stem.string() + ".binpb", std::ios::binary) << message->SerializeAsString();
      std::ofstream(stem.string() + ".json") << JsonOf(*message);
    } else {
      wrong += Check(type, stem);
    }
  }
  std::printf("%zu event types, %d wrong\n", types.size(), wrong);
  return types.empty() || wrong > 0 ? 1 : 0;
}
