// What the streams of chat and completions have in common: chunks that begin and end alike, and what follows them.
#pragma once

#include <string>

#include "serve/answer_format.h"

namespace r1v {

class ChunkFormat : public AnswerFormat {
 public:
  void progress(const AnswerProgress& progress, std::string& out) final;
  void error(const HttpError& error, std::string& out) final;

 protected:
  /// id_front stands before the request's id; object names a chunk.
  ChunkFormat(FormatOptions options, const char* id_front, const char* object);
  /// The usage, where it is asked for, and [DONE].
  void append_done(const Usage& usage, std::string& out) const;

  const FormatOptions options_;
  // Everything of a chunk but its text is the same for all chunks: it is written once.
  const std::string start_;  // to "choices":[
  const std::string stop_;   // behind the choices' ]
};

}  // namespace r1v
