#include "wire.hpp"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include "rpc/status.hpp"

namespace carillon::walk {
namespace {

std::string Joined(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string out;
  if (buffer.Dump(&slices).ok())
    for (const auto& slice : slices) out.append(slice.begin(), slice.end());
  return out;
}

}  // namespace

Line::Line(const std::string& target) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  channel_ = grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments);
}

Answer Line::Ask(const std::string& path, const std::string& bytes, const std::string& token,
                 const std::string& tenant, std::chrono::milliseconds patience, bool stream) const {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + patience);
  if (!token.empty()) context.AddMetadata("authorization", "Bearer " + token);
  if (!tenant.empty()) context.AddMetadata("x-carillon-tenant", tenant);
  grpc::GenericStub stub(channel_);
  grpc::CompletionQueue queue;
  const auto next = [&queue] {
    void* tag = nullptr;
    bool ok = false;
    return queue.Next(&tag, &ok) && ok;
  };
  Answer answer;
  const auto call = stub.PrepareCall(&context, path, &queue);
  call->StartCall(nullptr);
  const grpc::Slice slice(bytes);
  if (next()) {
    call->WriteLast(grpc::ByteBuffer(&slice, 1), grpc::WriteOptions(), nullptr);
    next();
    for (;;) {
      grpc::ByteBuffer buffer;
      call->Read(&buffer, nullptr);
      if (!next()) break;
      answer.messages.push_back(Joined(buffer));
    }
  }
  grpc::Status status;
  call->Finish(&status, nullptr);
  next();
  queue.Shutdown();
  while (next()) {
  }
  const bool cut = stream && status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED;
  if (!status.ok() && !cut) answer.error = rpc::FromStatus(status);
  return answer;
}

}  // namespace carillon::walk
