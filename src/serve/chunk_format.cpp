// Server-sent events that hold one chunk each.
#include "serve/chunk_format.h"

#include "serve/token_text.h"

namespace r1v {

ChunkFormat::ChunkFormat(FormatOptions options, const char* id_front, const char* object)
    : options_(std::move(options)),
      start_("data: " + reply_head(options_, id_front, object) + ",\"choices\":["),
      stop_(options_.includes_usage ? ",\"usage\":null}\n\n" : "}\n\n") {}

void ChunkFormat::progress(const AnswerProgress& progress, std::string& out) {
  out += start_;
  out += ']';
  append_progress(progress, out);
  out += stop_;
}

void ChunkFormat::error(const HttpError& error, std::string& out) {
  append_error_event(error, out);
  out += "data: [DONE]\n\n";
}

void ChunkFormat::append_done(const Usage& usage, std::string& out) const {
  if (options_.includes_usage) {
    out += start_;
    out += "],\"usage\":";
    append_usage(usage, out);
    out += "}\n\n";
  }
  out += "data: [DONE]\n\n";
}

}  // namespace r1v
