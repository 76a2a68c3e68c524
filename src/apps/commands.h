// Every command of the program: takes the words after its name, gives the exit status.
#pragma once

#include "base/options.h"

namespace r1v {

int run_ask(Args args);
int run_assemble(Args args);
int run_bench(Args args);
int run_chat(Args args);
int run_gym(Args args);
int run_inspect(Args args);
int run_pairs(Args args);
int run_preprocess(Args args);
int run_quantize(Args args);
int run_render(Args args);
int run_report(Args args);
int run_tokenize(Args args);
int run_trace(Args args);
int run_score(Args args);
int run_serve(Args args);
int run_train(Args args);
int run_verify(Args args);

}  // namespace r1v
