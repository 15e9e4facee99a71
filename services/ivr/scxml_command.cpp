#include "ivr/scxml_command.hpp"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <optional>
#include <set>
#include <sstream>

#include "ivr/clients/basic_http.hpp"
#include "ivr/domain/interpreter.hpp"

namespace carillon::ivr {
namespace {

namespace fs = std::filesystem;
using google::protobuf::Struct;
using google::protobuf::Value;

// Steps of one document; one that never comes to an end stops here.
constexpr int kMaxSteps = 5000;

Result<std::string> Slurp(const fs::path& path) {
  std::error_code failed;
  if (fs::file_size(path, failed) > 4 * kMaxDocumentBytes || failed) {
    return NotFound("SOURCE_UNKNOWN", path.filename().string() + " cannot be read");
  }
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) return NotFound("SOURCE_UNKNOWN", path.filename().string() + " cannot be read");
  return text.str();
}

std::string Words(const std::set<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return "[" + out + "]";
}

/// One document on its way.
class Walk {
 public:
  Walk(const fs::path& file, clients::BasicHttp& http) : folder_(file.parent_path()) {
    around_.load = [this](std::string_view source) { return Load(source); };
    around_.basic_http = http.location();
    around_.post = [&http](const Effect& effect) { return http.Post(effect); };
  }

  /// Empty when the document passes.
  std::string ByFinalState(const std::string& text) {
    if (auto wrong = Begin(text); !wrong.empty()) return wrong;
    for (int i = 0; i < kMaxSteps; ++i) {
      if (!step_->machine.running()) {
        if (step_->machine.final_state() == "pass") return {};
        return "ended in " + step_->machine.final_state() + Trace();
      }
      const auto due = NextDue(step_->machine);
      if (!due) return "waits for ever" + Trace();
      now_ = std::max(now_, *due);
      if (auto wrong = Take(Advance(document_, around_, Stored(), now_)); !wrong.empty()) return wrong;
    }
    return "does not end" + Trace();
  }

  std::string ByScript(const std::string& text, const Struct& script) {
    if (auto wrong = Begin(text); !wrong.empty()) return wrong;
    if (auto wrong = Compare(script, "initialConfiguration", "at the start"); !wrong.empty()) return wrong;
    const auto events = script.fields().find("events");
    if (events == script.fields().end()) return {};
    int count = 0;
    for (const Value& each : events->second.list_value().values()) {
      const auto& fields = each.struct_value().fields();
      std::int64_t after = 0;
      if (const auto found = fields.find("after"); found != fields.end()) {
        after = static_cast<std::int64_t>(found->second.number_value());
      }
      const TimePoint until = now_ + std::chrono::milliseconds(after);
      for (int i = 0; i < kMaxSteps; ++i) {
        const auto due = NextDue(step_->machine);
        if (!due || *due > until) break;
        now_ = std::max(now_, *due);
        if (auto wrong = Take(Advance(document_, around_, Stored(), now_)); !wrong.empty()) return wrong;
      }
      now_ = until;
      v1::Happening event;
      event.set_kind(v1::Happening::EXTERNAL);
      if (const auto found = fields.find("event"); found != fields.end()) {
        const auto& said = found->second.struct_value().fields();
        event.set_name(found->second.string_value());
        if (const auto name = said.find("name"); name != said.end())
          event.set_name(name->second.string_value());
        if (const auto data = said.find("data"); data != said.end()) {
          (void)google::protobuf::util::MessageToJsonString(data->second, event.mutable_data());
        }
        if (auto wrong = Take(Deliver(document_, around_, Stored(), "", event, now_)); !wrong.empty()) {
          return wrong;
        }
      }
      const std::string place = "after event " + std::to_string(++count) + " (" + event.name() + ")";
      if (auto wrong = Compare(each.struct_value(), "nextConfiguration", place); !wrong.empty()) return wrong;
    }
    return {};
  }

 private:
  std::string Begin(const std::string& text) {
    auto read = ReadDocument(text);
    if (!read) return read.error().message;
    document_ = *read;
    return Take(Start(document_, around_, "session", {}, now_));
  }

  /// Keeps a step, or says why there is none.
  std::string Take(Result<Stepped> stepped) {
    if (!stepped) return stepped.error().message + Trace();
    for (const std::string& line : stepped->log) trace_ += " | " + line;
    step_ = std::move(*stepped);
    return {};
  }

  v1::Machine Stored() const {
    v1::Machine stored;
    CARILLON_CHECK(stored.ParseFromString(step_->machine.SerializeAsString()));
    return stored;
  }

  std::string Compare(const Struct& said, const char* key, const std::string& place) const {
    const auto found = said.fields().find(key);
    if (found == said.fields().end()) return {};
    std::set<std::string> wanted;
    for (const Value& id : found->second.list_value().values()) wanted.insert(id.string_value());
    std::set<std::string> atomic;
    std::set<std::string> all;
    for (const int state : step_->machine.configuration()) {
      all.insert(document_->At(state).id);
      if (document_->At(state).atomic()) atomic.insert(document_->At(state).id);
    }
    if (!step_->machine.running()) {
      atomic = {step_->machine.final_state()};
      all = atomic;
    }
    if (wanted == atomic || wanted == all) return {};
    return place + " active are " + Words(atomic) + " instead of " + Words(wanted) + Trace();
  }

  Result<std::string> Load(std::string_view source) const {
    if (source.starts_with("file:")) source.remove_prefix(5);
    const fs::path inside = fs::path(source).lexically_normal();
    if (inside.is_absolute() || inside.string().starts_with("..") || fs::is_symlink(folder_ / inside)) {
      return NotFound("SOURCE_UNKNOWN", "only files below the document's folder are read");
    }
    return Slurp(folder_ / inside);
  }

  std::string Trace() const { return trace_.substr(0, 600); }

  fs::path folder_;
  Surroundings around_;
  std::shared_ptr<const Document> document_;
  std::optional<Stepped> step_;
  TimePoint now_{std::chrono::hours{24 * 365 * 56}};
  std::string trace_;
};

std::string Outcome(const fs::path& file, const std::string& text, clients::BasicHttp& http) {
  Walk walk(file, http);
  fs::path script = file;
  script.replace_extension(".json");
  if (!fs::exists(script)) return walk.ByFinalState(text);
  auto json = Slurp(script);
  if (!json) return json.error().message;
  Struct said;
  if (const auto read = google::protobuf::util::JsonStringToMessage(*json, &said); !read.ok()) {
    return "the event script: " + std::string(read.message());
  }
  return walk.ByScript(text, said);
}

}  // namespace

Result<std::vector<SuiteCase>> RunSuite(const fs::path& folder, const std::vector<std::string>& allowed) {
  std::error_code failed;
  if (!fs::is_directory(folder, failed)) return NotFound("SUITE_MISSING", folder.string() + " is no folder");
  TRY(const auto http, clients::BasicHttp::Listen(allowed));
  std::map<fs::path, std::string> texts;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".scxml" || !entry.is_regular_file()) continue;
    TRY(texts[entry.path()], Slurp(entry.path()));
  }
  std::vector<SuiteCase> cases;
  for (const auto& [path, text] : texts) {
    const bool part = std::any_of(texts.begin(), texts.end(), [&, &file = path](const auto& other) {
      return other.first != file && other.first.parent_path() == file.parent_path() &&
             other.second.find(file.filename().string()) != std::string::npos;
    });
    if (part) continue;
    std::string why = Outcome(path, text, *http);
    std::replace(why.begin(), why.end(), '\n', ' ');
    cases.push_back({path.lexically_relative(folder).replace_extension().string(), why.empty(), why});
  }
  return cases;
}

int ScxmlCommand(int argc, char** argv) {
  std::vector<std::string> allowed;
  std::string folder;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--allow" && i + 1 < argc) {
      allowed.emplace_back(argv[++i]);
    } else if (folder.empty() && !word.starts_with("-")) {
      folder = word;
    } else {
      folder.clear();
      break;
    }
  }
  if (folder.empty()) {
    std::cerr << "usage: carillon-ivr scxml [--allow HOST:PORT]... FOLDER\n";
    return 2;
  }
  const auto cases = RunSuite(folder, allowed);
  if (!cases) {
    std::cerr << cases.error().message << "\n";
    return 2;
  }
  std::size_t passed = 0;
  for (const SuiteCase& each : *cases) {
    std::cout << each.name << (each.passed ? " passed" : " failed: " + each.why) << "\n";
    passed += each.passed ? 1 : 0;
  }
  std::cout << passed << " passed, " << cases->size() - passed << " failed\n";
  return passed == cases->size() ? 0 : 1;
}

}  // namespace carillon::ivr
